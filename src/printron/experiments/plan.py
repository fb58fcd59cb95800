"""Which runs an experiment consists of."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from printron.errors import PrintronError
from printron.results.problem import ProblemSpec, is_table
from printron.training import Schedule, check_alphas


@dataclass(frozen=True)
class Plan:
    """The runs on one data set, in the order of the results: every seed of every alpha.

    Attributes
    ----------
    alphas : weights of the power, in [0, 1].  seeds : of the runs.  schedule : of each run.
    """

    alphas: tuple[float, ...]
    seeds: tuple[int, ...]
    schedule: Schedule

    def __post_init__(self) -> None:
        if not self.alphas or not self.seeds:
            raise PrintronError(
                f"got {len(self.alphas)} values of alpha and {len(self.seeds)} seeds; a sweep "
                "needs one of each at least"
            )
        check_alphas(self.alphas)
        for what, values in (("alpha", self.alphas), ("seed", self.seeds)):
            value, times = Counter(values).most_common(1)[0]
            if times > 1:
                raise PrintronError(f"got the {what} {value:g} twice; give each {what} once")
        if min(self.seeds) < 0 or max(self.seeds) >= 2**32:
            raise PrintronError(
                f"got the seeds {min(self.seeds)} ... {max(self.seeds)}; a seed is a whole number "
                "from 0 to 4294967295"
            )

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.alphas) * len(self.seeds)

    @property
    def pairs(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Alpha and seed of every run, [runs] each."""
        alphas = np.repeat(np.asarray(self.alphas, np.float64), len(self.seeds))
        return alphas, np.tile(np.asarray(self.seeds, np.int64), len(self.alphas))


@dataclass(frozen=True)
class OwnTable:
    """A user's table among the data sets of an experiment.

    Attributes
    ----------
    table, label, test : path, label column and table of test rows, as `printron.datasets.load`
        takes them; label None for that of the experiment, if it names one.
    name : what results call it; None for the name of the file.
    """

    table: str
    label: str | None = None
    name: str | None = None
    test: str | None = None


@dataclass(frozen=True)
class Experiment:
    """One plan for circuits that learn several data sets.

    Attributes
    ----------
    name : what a person calls it; decides nothing.
    datasets : names of benchmarks, paths that end in .csv, or tables of which more is known.
    circuit : what is to be printed, with any data set in it.
    plan : the runs on each data set.
    """

    name: str
    datasets: tuple[str | OwnTable, ...]
    circuit: ProblemSpec
    plan: Plan

    @property
    def specs(self) -> tuple[ProblemSpec, ...]:
        """One problem a data set."""
        return tuple(self._spec(it) for it in self.datasets)

    def _spec(self, it: str | OwnTable) -> ProblemSpec:
        if isinstance(it, OwnTable):
            label = it.label or self.circuit.label
            return replace(
                self.circuit, dataset=it.table, label=label, name=it.name, test_table=it.test
            )
        if is_table(it):
            return replace(self.circuit, dataset=it)
        return replace(self.circuit, dataset=it, label=None)  # a benchmark has its own

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.datasets) * self.plan.runs


def alpha_grid(count: int) -> tuple[float, ...]:
    """Values of alpha, evenly in [0, 1].

    Raises
    ------
    PrintronError : fewer than one.
    """
    if count < 1:
        raise PrintronError(
            f"got {count} values of alpha; give a number above 0, or a list: 0,0.5,1"
        )
    return tuple(float(alpha) for alpha in np.linspace(0, 1, count))
