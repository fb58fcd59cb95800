"""Operating points of one netlist at many samples of its inputs, by ngspice.

One `.dc` sweep over an index source, with the inputs as piecewise linear functions of it, starts
every sample from the one before: 4 to 18 times faster than one operating point per sample. Samples
that the sweep could not solve are solved alone, without a start, and `one_by_one` solves all that
way, for a cross-check of some.
"""

import math
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.circuits.components import GROUND, Element
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice.process import version
from printron.circuits.ngspice.raw_file import Plot
from printron.circuits.ngspice.runner import END, RAW, Progress, Run, Runner
from printron.circuits.ngspice.simulator import which_of
from printron.circuits.sweep import CONVERGED
from printron.errors import PrintronError

LARGEST_SWEEP = 500  # samples per process; the text of its inputs grows with them
INDEX = "sample_index"
GIVE_UP = 3  # processes in a row without any result, before sweeping is given up
# A sample of 120 nodes takes 10 ms of a core; these limits are for slow and busy machines.
LEAST_S, PART_S = 60.0, 1e-3

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Operating points of a netlist.

    Attributes
    ----------
    voltages : V, by node, [samples] each; NaN where a sample did not converge.
    source_current : A that each voltage source delivers out of its plus end, by name, likewise.
    status : `CONVERGED` or a sentence, [samples].
    engine_version : version of ngspice.
    """

    voltages: dict[str, Array]
    source_current: dict[str, Array]
    status: tuple[str, ...]
    engine_version: str

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which samples have a result, [samples]."""
        return np.array([status == CONVERGED for status in self.status])


def operating_points(
    netlist: Netlist,
    inputs: Mapping[str, Array],
    nodes: Sequence[str],
    *,
    one_by_one: bool = False,
    workers: int | None = None,
    timeout_s: float | None = None,
    keep_dir: str | Path | None = None,
    runner: Runner | None = None,
) -> Samples:
    """Solve a netlist at every sample.

    Parameters
    ----------
    inputs : voltages of the sources that change, V, [samples] each, by the source's name.
    nodes : nodes whose voltages are returned.
    one_by_one : solve every sample alone, instead of starting from the one before.
    workers : parallel ngspice processes; default: one per core.
    timeout_s : no process runs longer than this after the start, s; default: `time_for`. Samples
        unsolved by then have the reason in `status`.
    keep_dir : where decks without results are kept; default: the system's temporary folder.
    runner : runner of a larger job, whose limits replace these two.

    Raises
    ------
    NgspiceMissing : ngspice is not installed.
    NgspiceTimeout : no sample was solved in the time; names the kept deck.
    NgspiceError : no sample could be solved; names the kept deck.
    PrintronError : an input that the netlist does not have, or lists of different length.
    """
    count = _number_of_samples(netlist, inputs)
    engine_version = version()
    workers = workers or os.cpu_count() or 1
    runner = runner or runner_for(netlist, count, timeout_s, keep_dir)
    job = _Job(netlist, dict(inputs), tuple(nodes), runner)
    size = max(1, min(LARGEST_SWEEP, math.ceil(count / workers)))
    pieces = [np.arange(k, min(k + size, count)) for k in range(0, count, size)]
    with runner.workers(workers) as pool:
        done = list(pool.map(job.one_by_one if one_by_one else job.sweep, pieces))
    solved = {k: row for piece in done for k, row in piece.rows.items()}
    status = {k: text for piece in done for k, text in piece.status.items()}
    if count and not solved:
        none = f"none of the {count} samples of '{netlist.title}' was solved"
        raise runner.error(none, status[0])
    table = np.full((len(job.columns), count), np.nan)
    for k, row in solved.items():
        table[:, k] = row
    values = dict(zip(job.columns, table, strict=True))
    return Samples(
        {GROUND: np.where([k in solved for k in range(count)], 0.0, np.nan)}
        | {node: values[f"v({node.lower()})"] for node in nodes if node != GROUND},
        # ngspice counts the current that enters at plus.
        {source.name: -values[f"i({source.name.lower()})"] for source in job.netlist.sources},
        tuple(status.get(k, CONVERGED) for k in range(count)),
        engine_version,
    )


def time_for(netlist: Netlist, count: int) -> float:
    """Default time limit of ngspice for a number of samples of a netlist, s."""
    return LEAST_S + PART_S * count * len(netlist.components)


def runner_for(
    netlist: Netlist,
    count: int,
    timeout_s: float | None = None,
    keep_dir: str | Path | None = None,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Runner:
    """The runner for the decks of `count` samples; `timeout_s`, s, is by default `time_for`."""
    limit_s = time_for(netlist, count) if timeout_s is None else timeout_s
    return Runner(limit_s, keep_dir, progress=progress, stop=stop)


def _number_of_samples(netlist: Netlist, inputs: Mapping[str, Array]) -> int:
    sources = {source.name for source in netlist.sources}
    unknown = sorted(set(inputs) - sources)
    if unknown:
        raise PrintronError(
            f"got voltages for '{unknown[0]}'; the netlist has the sources "
            f"{', '.join(sorted(sources))}"
        )
    counts = {len(values) for values in inputs.values()}
    if len(counts) != 1:
        raise PrintronError(f"got inputs with {sorted(counts)} samples; all need the same number")
    if not all(np.isfinite(values).all() for values in inputs.values()):
        raise PrintronError("got an input voltage that is not a finite number")
    return counts.pop()


@dataclass
class _Solved:
    """Results of a process: a row of all columns per solved sample, and the others' status."""

    rows: dict[int, Array]
    status: dict[int, str]


def _finite_rows(plots: Sequence[Plot], columns: Sequence[str], most: int) -> list[Array]:
    """Rows of the first plot, [columns] each, up to the first that is not finite.

    No rows if the plot lacks columns, has more rows than `most`, or has them in another order.
    """
    if not plots or any(column not in plots[0] for column in columns):
        return []
    index = plots[0].get("v(v-sweep)", np.arange(len(plots[0][columns[0]])))
    if len(index) > most or not np.array_equal(index, np.arange(len(index))):
        return []
    table = np.array([plots[0][column] for column in columns])
    good = np.isfinite(table).all(0)
    stop = len(good) if good.all() else int(np.argmin(good))
    return list(table[:, :stop].T)


@dataclass(frozen=True)
class _Job:
    """A netlist, its inputs, and the nodes to solve."""

    netlist: Netlist
    inputs: dict[str, Array]
    nodes: tuple[str, ...]
    runner: Runner

    @property
    def columns(self) -> list[str]:
        """Saved columns: voltages of the nodes and the current of every source."""
        nodes = [f"v({node.lower()})" for node in self.nodes if node != GROUND]
        return [*nodes, *(f"i({source.name.lower()})" for source in self.netlist.sources)]

    @property
    def _columns_of_sweep(self) -> list[str]:
        """The names of `columns` where the inputs are B sources."""
        renamed = {f"i({name.lower()})": f"i(b{name.lower()})" for name in self.inputs}
        return [renamed.get(column, column) for column in self.columns]

    def sweep(self, members: NDArray[np.int64]) -> _Solved:
        """Solve samples in one sweep, continued behind each sample that ends it."""
        solved, in_vain = _Solved({}, {}), 0
        while len(members):
            if self.runner.over:
                solved.status |= dict.fromkeys(members.tolist(), self._not_run)
                break
            deck = self._sweep_deck(members)
            run = self.runner.run(deck, "-r", RAW)
            rows = _finite_rows(run.plots, self._columns_of_sweep, len(members))
            solved.rows |= dict(zip(members.tolist(), rows, strict=False))
            members = members[len(rows) :]
            in_vain = 0 if rows else in_vain + 1
            if self.runner.over:
                self._lose(solved, members.tolist(), deck, run)
                break
            if in_vain == GIVE_UP or (run.late and not rows):
                alone = self.one_by_one(members)
                return _Solved(solved.rows | alone.rows, solved.status | alone.status)
            if len(members):  # the first of these ended the sweep; alone it may converge
                alone = self.one_by_one(members[:1])
                solved.rows |= alone.rows
                solved.status |= alone.status
                members = members[1:]
        return solved

    def one_by_one(self, members: NDArray[np.int64]) -> _Solved:
        """Solve every sample without a start."""
        solved, left, in_vain = _Solved({}, {}), list(members.tolist()), 0
        while left:
            if self.runner.over:
                solved.status |= dict.fromkeys(left, self._not_run)
                break
            deck = self._loop_deck(left)
            run = self.runner.run(deck)
            done = []
            for plot in run.plots:
                member = which_of(left, plot.get(INDEX), rows=1)
                rows = _finite_rows([plot], self.columns, 1)
                if rows and member is not None:
                    done.append(member)
                    solved.rows[member] = rows[0]
            in_vain = 0 if done or run.reached_end else in_vain + 1
            passed = left if run.reached_end else left[: left.index(done[-1]) + 1 if done else 1]
            if in_vain == GIVE_UP or self.runner.over:
                passed = left
            self._lose(solved, [k for k in passed if k not in solved.rows], deck, run)
            left = left[len(passed) :]
        return solved

    @property
    def _not_run(self) -> str:
        return f"ngspice did not run: {self.runner.late}"

    def _lose(self, solved: _Solved, members: Sequence[int], deck: str, run: Run) -> None:
        """Note that these samples have no result, and keep their deck."""
        if members:
            kept = self.runner.keep(deck, run)
            solved.status |= {
                k: f"ngspice did not solve sample {k}; {run.ending}; {kept}" for k in members
            }

    def _sweep_deck(self, members: NDArray[np.int64]) -> str:
        others = [part for part in self.netlist.components if part.name not in self.inputs]
        lines = [f"V{INDEX} {INDEX} 0 DC 0"]
        for source in self.netlist.sources:
            if source.name in self.inputs:
                lines += self._follows_index(source, self.inputs[source.name][members])
        last = len(members) - 1
        lines += [f".save {' '.join(self._columns_of_sweep)}", f".dc V{INDEX} 0 {last + 0.25} 1"]
        return replace(self.netlist, components=tuple(others)).to_spice([*lines, f"* {END}"])

    def _follows_index(self, source: Element, volts: Array) -> list[str]:
        """A source with the voltage of the sample that the index source selects."""
        plus, minus = ("0" if node == GROUND else node for node in source.nodes)
        # A function needs two points: the last one is repeated.
        points = [f"{k},{float(v)!r}" for k, v in enumerate([*volts, volts[-1]])]
        lines = [f"B{source.name} {plus} {minus} V=pwl(v({INDEX})"]
        lines += [f"+ ,{','.join(points[k : k + 8])}" for k in range(0, len(points), 8)]
        return [*lines, "+ )"]

    def _loop_deck(self, members: Sequence[int]) -> str:
        saved = " ".join(self.columns)
        lines = [f".save {saved}", ".control", "set filetype=binary", "set appendwrite"]
        for k in members:
            lines += [
                f"alter {name.lower()} dc = {float(v[k])!r}" for name, v in self.inputs.items()
            ]
            lines += ["op", f"let {INDEX}={k}+0*{self.columns[-1]}", f"write {RAW} {INDEX} {saved}"]
            lines += ["destroy all"]
        return self.netlist.to_spice([*lines, f"echo {END}", "quit", ".endc"])
