"""The structures that a search tries, cheapest first.

A passive crossbar is a linear classifier without a transistor: argmax does not see a shift that all
outputs have in common, so that weights of one sign suffice. Differential pairs before passive
outputs follow; a budget leaves as many of the pairs as it can feed, so that one width stands for
all smaller ones, and one compiled program serves them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from printron.results import ProblemSpec

PAIRS = 16  # most neurons


@dataclass(frozen=True)
class Candidate:
    """A structure to try.

    Attributes
    ----------
    name : one word, also of a folder.  words : of a sentence.
    hidden, activation, negation : as in `ProblemSpec`.
    """

    name: str
    words: str
    hidden: tuple[int, ...]
    activation: str | tuple[str, ...]
    negation: str = "none"

    def spec(self, asked: ProblemSpec) -> ProblemSpec:
        """The problem with this structure."""
        return replace(
            asked, hidden=self.hidden, activation=self.activation, negation=self.negation
        )


CANDIDATES = (
    Candidate("passive", "a passive crossbar", (), "none"),
    Candidate("pairs", "differential pairs before passive outputs", (PAIRS,), ("pair", "none")),
)


def candidates(asked: ProblemSpec) -> Iterator[tuple[Candidate, ProblemSpec]]:
    """The candidates, each with the problem that it makes of the asked one."""
    for candidate in CANDIDATES:
        yield candidate, candidate.spec(asked)
