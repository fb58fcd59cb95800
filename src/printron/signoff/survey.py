"""A resumable survey in SPICE of the circuits of a stored experiment."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.analysis.pareto import trained_runs
from printron.base.compiled import make_room
from printron.base.files import read_table, write_table
from printron.errors import PrintronError
from printron.results import Runs, load_parameters, stored_problem
from printron.results.extend import goals_in
from printron.results.parameters import arrays_of
from printron.results.problem import NAMED_FILES
from printron.results.store import Store
from printron.signoff.gap import SIMULATED, Hanging, gap_of
from printron.signoff.moved_tables import Places
from printron.training import Goal, WeightedPower
from printron.training.goal import goals_of

FORMAT = 3  # of the kept tables; from 3 on the ideal model is called ideal
KEPT = "simulated"  # folder of the kept tables
# The goals to simulate, unless others are named.
USUAL: dict[type[Goal], str] = {WeightedPower: "0.0,0.5"}


@dataclass(frozen=True, eq=False)
class Part:
    """The circuits of one data set.

    Attributes
    ----------
    runs : all circuits.  missing : positions of the circuits still to be simulated.
    kept : rows of an earlier survey, one per run, or None.  mark : of the kept table.
    """

    dataset: str
    runs: Runs
    missing: NDArray[np.int64]
    kept: pd.DataFrame | None
    mark: dict[str, Any]


@dataclass(frozen=True)
class Survey:
    """Circuits of an experiment to simulate, and where their rows are kept.

    Attributes
    ----------
    folder : of the experiment.  goals : simulate the runs with these goals.
    place : local folder that keeps the finished data sets.
    versions : of the programs that decide results.
    tables, data_dir : current paths of the user's tables, and of the benchmarks' raw files.
    hanging : counts circuits in a row for which ngspice hung, through all data sets.
    """

    folder: str
    goals: Sequence[Goal]
    place: Path
    versions: dict[str, str]
    tables: dict[str, Places] = field(default_factory=dict)
    data_dir: str | None = None
    hanging: Hanging = field(default_factory=Hanging)

    def part(self, dataset: str) -> Part:
        """The circuits of a data set, and which of them an earlier survey has simulated.

        Failed circuits are tried again: ngspice may have been broken, or its time too short.
        """
        runs = chosen_runs(load_parameters(self.folder, dataset), self.goals)
        mark = {**self.versions, "format": FORMAT, "circuits": _checksum(runs)}
        kept = kept_table(self._file(dataset), mark)
        missing = np.arange(len(runs.table))
        if kept is not None:
            missing = np.flatnonzero(kept["status"] != SIMULATED)
        return Part(dataset, runs, missing, kept, mark)

    def simulate(
        self,
        part: Part,
        *,
        workers: int = 1,
        timeout_s: float | None = None,
        on_done: Callable[[], None] | None = None,
        waiting: Callable[[str], None] | None = None,
    ) -> pd.DataFrame:
        """Rows of all circuits of a part; simulates and keeps the missing ones.

        Parameters
        ----------
        workers, timeout_s, on_done, waiting : of `gap_of`.

        Raises
        ------
        PrintronError : files of the data set differ from those used in training.
        NgspiceError : ngspice is missing, or hangs for several circuits in a row.
        """
        if part.kept is not None and not len(part.missing):
            return part.kept
        make_room()
        places = self.tables.get(part.dataset, (None, None))
        problem = stored_problem(self.folder, part.dataset, self.data_dir, *places)
        table = gap_of(
            problem,
            part.runs.take(part.missing),
            workers=workers,
            keep_dir=self.place,
            on_done=on_done,
            timeout_s=timeout_s,
            waiting=waiting,
            hanging=self.hanging,
        ).table
        if part.kept is not None and len(part.missing) < len(part.kept):
            simulated = part.kept[part.kept["status"] == SIMULATED]
            table = pd.concat([simulated, table.set_index(part.missing)]).sort_index()
        write_table(table, self._file(part.dataset), part.mark)
        return table

    def _file(self, dataset: str) -> Path:
        return self.place / KEPT / f"{dataset}.parquet"


def finished_datasets(store: Store, names: list[str] | None) -> tuple[list[str], list[str]]:
    """Data sets to simulate, and unfinished data sets, which are left out.

    Parameters
    ----------
    names : requested data sets; None for all finished ones.

    Raises
    ------
    PrintronError : an unknown data set, one named twice, or one not finished.
    """
    planned = list(store.config["problems"])
    runs = len(goals_of(store.config)) * len(store.config["seeds"])
    counts = store.table()["dataset"].value_counts()
    if names is None:
        done = [name for name in planned if counts.get(name, 0) == runs]
        if not done:
            raise PrintronError("no data set is finished yet; let the experiment continue")
        return done, [name for name in planned if name not in done]
    for k, name in enumerate(names):
        if name not in planned:
            raise PrintronError(
                f"got the data set '{name}'; the experiment has {', '.join(planned)}"
            )
        if name in names[:k]:
            raise PrintronError(f"got the data set '{name}' twice; name each data set once")
        if counts.get(name, 0) < runs:
            raise PrintronError(f"'{name}' is not finished yet; let the experiment continue")
    return names, []


def origins(store: Store) -> dict[str, str]:
    """Of each data set the path of its table, or the name of its benchmark."""
    named = store.config[NAMED_FILES]
    return {name: named.get(name, {}).get("dataset", name) for name in store.config["problems"]}


def nearest_goals(goals: Sequence[Goal], text: str | None = None) -> list[Goal]:
    """The experiment's goals whose first number is nearest to one of a text such as "0.0,0.5".

    Parameters
    ----------
    text : default: `USUAL` for alphas, and for other kinds all goals.

    Raises
    ------
    PrintronError : the text is not a list of numbers that such goals allow.
    """
    text = USUAL.get(type(goals[0])) if text is None else text
    if text is None:
        return list(goals)
    key = goals[0].columns[0].name
    nearest = {
        min((goal.row()[key] for goal in goals), key=lambda number: abs(number - value))
        for value in _numbers(goals[0], key, text)
    }
    return sorted(
        (goal for goal in goals if goal.row()[key] in nearest), key=lambda goal: goal.row()[key]
    )


def _numbers(goal: Goal, key: str, text: str) -> list[float]:
    """The numbers of a text, each allowed as this number of a goal."""
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if not values or not np.isfinite(values).all():
        raise PrintronError(
            f"got the goals '{text}'; write values of {key} with commas between, such as "
            f"{goal.row()[key]:g}"
        )
    for value in values:
        goal.of_row({**goal.row(), key: value})  # refuses what such goals do not allow
    return values


def chosen_runs(runs: Runs, goals: Sequence[Goal]) -> Runs:
    """Trained runs with these goals, without diverged ones."""
    wanted = np.array([goal in goals for goal in goals_in(runs.table)])
    return runs.take(np.flatnonzero(wanted & trained_runs(runs.table)))


def kept_table(path: Path, mark: dict[str, Any]) -> pd.DataFrame | None:
    """Kept rows of exactly these circuits; None without, or if the file is damaged."""
    try:
        table, found = read_table(path)
    except Exception:  # of any damage: the circuits are simulated again
        return None
    return table if found == mark else None


def _checksum(runs: Runs) -> str:
    """Hash of everything that decides what the circuits are."""
    digest = hashlib.sha256(runs.table.to_csv(index=False).encode())
    for name, array in sorted(arrays_of(runs.parameters).items()):
        digest.update(name.encode() + array.tobytes())
    return digest.hexdigest()
