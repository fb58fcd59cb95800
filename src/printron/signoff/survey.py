"""A resumable survey in SPICE of the circuits of a stored experiment."""

import hashlib
from collections.abc import Callable
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
from printron.results.parameters import arrays_of
from printron.results.problem import NAMED_FILES
from printron.results.store import Store
from printron.signoff.gap import SIMULATED, Hanging, gap_of
from printron.signoff.moved_tables import Places
from printron.training.goal import WeightedPower, listed_in

FORMAT = 3  # of the kept tables; from 3 on the ideal model is called ideal
KEPT = "simulated"  # folder of the kept tables


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
    folder : of the experiment.  alphas : simulate the runs of these alphas.
    place : local folder that keeps the finished data sets.
    versions : of the programs that decide results.
    tables, data_dir : current paths of the user's tables, and of the benchmarks' raw files.
    hanging : counts circuits in a row for which ngspice hung, through all data sets.
    """

    folder: str
    alphas: list[float]
    place: Path
    versions: dict[str, str]
    tables: dict[str, Places] = field(default_factory=dict)
    data_dir: str | None = None
    hanging: Hanging = field(default_factory=Hanging)

    def part(self, dataset: str) -> Part:
        """The circuits of a data set, and which of them an earlier survey has simulated.

        Failed circuits are tried again: ngspice may have been broken, or its time too short.
        """
        runs = chosen_runs(load_parameters(self.folder, dataset), self.alphas)
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
    if listed_in(store.config) is not WeightedPower:
        raise PrintronError(
            f"the experiment has the goal '{listed_in(store.config).kind}'; experiments are signed "
            f"off with the goal '{WeightedPower.kind}' ({WeightedPower.listed}) only: sign off "
            "single circuits with 'printron signoff RUN'"
        )
    planned = list(store.config["problems"])
    runs = len(store.config[WeightedPower.listed]) * len(store.config["seeds"])
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


def nearest_alphas(alphas: list[float], text: str) -> list[float]:
    """The experiment's alphas nearest to those of a text such as "0.0,0.5".

    Raises
    ------
    PrintronError : the text is not a list of values in [0, 1].
    """
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(0 <= value <= 1 for value in values):
        raise PrintronError(
            f"got --alphas '{text}'; write values in [0, 1] with commas between: 0.0,0.5"
        )
    return sorted({min(alphas, key=lambda trained: abs(trained - value)) for value in values})


def chosen_runs(runs: Runs, alphas: list[float]) -> Runs:
    """Trained runs at these alphas, without diverged ones."""
    wanted = runs.table["alpha"].isin(alphas) & trained_runs(runs.table)
    return runs.take(np.flatnonzero(wanted))


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
