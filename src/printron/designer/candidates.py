"""The structures that a search tries, cheapest first.

A passive crossbar is a linear classifier without a transistor: argmax does not see a shift that all
outputs have in common, so that weights of one sign suffice. Differential pairs before passive
outputs follow; a budget leaves as many of the pairs as it can feed, so that one width stands for
all smaller ones, and one compiled program serves them. Two layers of pairs take three times as long
to compile and train as one: they are tried where a classifier in software shows that there is
something to gain.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from printron.results import ProblemSpec

PAIRS, FIRST, SECOND = 16, 8, 6  # most neurons: of one hidden layer, and of two


@dataclass(frozen=True)
class Candidate:
    """A structure to try.

    Attributes
    ----------
    name : one word, also of a folder.  words : of a sentence.
    hidden, activation, negation : as in `ProblemSpec`.
    last : whether it is tried only where the others stay behind software, with few budgets.
    """

    name: str
    words: str
    hidden: tuple[int, ...]
    activation: str | tuple[str, ...]
    negation: str = "none"
    last: bool = False

    def spec(self, asked: ProblemSpec) -> ProblemSpec:
        """The problem with this structure."""
        return replace(
            asked, hidden=self.hidden, activation=self.activation, negation=self.negation
        )


CANDIDATES = (
    Candidate("passive", "a passive crossbar", (), "none"),
    Candidate("pairs", "differential pairs before passive outputs", (PAIRS,), ("pair", "none")),
    Candidate(
        "two-layers",
        "two layers of differential pairs before passive outputs",
        (FIRST, SECOND),
        ("pair", "pair", "none"),
        last=True,
    ),
)


def candidates(asked: ProblemSpec) -> Iterator[tuple[Candidate, ProblemSpec]]:
    """The candidates, each with the problem that it makes of the asked one."""
    for candidate in CANDIDATES:
        yield candidate, candidate.spec(asked)
