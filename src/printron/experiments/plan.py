"""The runs of an experiment."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from printron.datasets import FAIL, is_table
from printron.errors import PrintronError
from printron.results.copies import JUDGED
from printron.results.extend import Pair
from printron.results.problem import ProblemSpec
from printron.technology.conditions import ConditionsSpec
from printron.training import Goal, Schedule
from printron.training.goal import check_kind


@dataclass(frozen=True)
class Plan:
    """The runs on one data set, in the order of the results: every seed of every goal.

    Attributes
    ----------
    goals : goals of the runs, of one kind.  seeds : seeds of the runs.
    schedule : schedule of each run.
    copies : splits on whose rows printed copies of each run are judged, where runs are trained
        for them; "valid" for a choice among them.
    """

    goals: tuple[Goal, ...]
    seeds: tuple[int, ...]
    schedule: Schedule
    copies: tuple[str, ...] = JUDGED

    def __post_init__(self) -> None:
        if not self.goals or not self.seeds:
            raise PrintronError(
                f"got {len(self.goals)} goals and {len(self.seeds)} seeds; a sweep needs at least "
                "one of each"
            )
        kind = check_kind(self.goals)
        # As plain numbers: goals of NumPy's would not equal the stored ones.
        object.__setattr__(self, "goals", tuple(kind.of_row(goal.row()) for goal in self.goals))
        for what, values in (("goal", self.goals), ("seed", self.seeds)):
            value, times = Counter(values).most_common(1)[0]
            if times > 1:
                raise PrintronError(f"got the {what} {value} twice; give each {what} once")
        if min(self.seeds) < 0 or max(self.seeds) >= 2**32:
            raise PrintronError(
                f"got the seeds {min(self.seeds)} ... {max(self.seeds)}; a seed is a whole number "
                "from 0 to 4294967295"
            )

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.goals) * len(self.seeds)

    @property
    def pairs(self) -> list[Pair]:
        """Goal and seed of every run."""
        return [(goal, seed) for goal in self.goals for seed in self.seeds]


@dataclass(frozen=True)
class OwnTable:
    """A user's table among the data sets of an experiment.

    Attributes
    ----------
    table, label, test, missing : path, label column, table of test rows and way with missing
        values, as `printron.datasets.load_dataset` takes them; label and missing None for those of
        the experiment, if it names some.
    name : name in the results; None for the name of the file.
    """

    table: str
    label: str | None = None
    name: str | None = None
    test: str | None = None
    missing: str | None = None


@dataclass(frozen=True)
class Experiment:
    """One plan for several data sets.

    Attributes
    ----------
    name : the user's name for the experiment, without effect on results.
    datasets : names of benchmarks, paths that end in .csv, or `OwnTable`s.
    circuit : the circuit to be trained, with any data set.
    plan : the runs on each data set.
    """

    name: str
    datasets: tuple[str | OwnTable, ...]
    circuit: ProblemSpec
    plan: Plan

    @property
    def specs(self) -> tuple[ProblemSpec, ...]:
        """One problem per data set."""
        return tuple(self._spec(each) for each in self.datasets)

    def _spec(self, data: str | OwnTable) -> ProblemSpec:
        if isinstance(data, OwnTable):
            label = data.label or self.circuit.label
            return replace(
                self.circuit,
                dataset=data.table,
                label=label,
                name=data.name,
                test_table=data.test,
                missing=data.missing or self.circuit.missing,
            )
        if is_table(data):
            return replace(self.circuit, dataset=data)
        # A benchmark has a label of its own, and no gaps.
        return replace(self.circuit, dataset=data, label=None, missing=FAIL)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.datasets) * self.plan.runs


def check_sources(conditions: ConditionsSpec, schedule: Schedule) -> None:
    """Refuse conditions that training with ideal sources would ignore.

    Raises
    ------
    PrintronError : copies, supplies, thresholds or sensors are to vary without loaded sources.
    """
    if conditions.loaded and schedule.sources != "loaded":
        raise PrintronError(
            f'got {conditions.text} with sources = "{schedule.sources}", which have neither '
            "printed copies nor sensors; choose loaded sources, or leave these conditions out"
        )


def alpha_grid(count: int) -> tuple[float, ...]:
    """Values of alpha, evenly spaced in [0, 1].

    Raises
    ------
    PrintronError : fewer than one value.
    """
    if count < 1:
        raise PrintronError(
            f"got {count} values of alpha; give a number above 0, or a list: 0,0.5,1"
        )
    return tuple(float(alpha) for alpha in np.linspace(0, 1, count))
