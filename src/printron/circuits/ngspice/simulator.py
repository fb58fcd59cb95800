"""Cells and netlists solved by ngspice: operating points, and sweeps of many designs a deck."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printron.circuits.netlist import GROUND, Netlist, Parameter, cell_netlist
from printron.circuits.ngspice.process import (
    NgspiceError,
    version,
)
from printron.circuits.ngspice.raw_file import Plot
from printron.circuits.ngspice.runner import END, RAW, SHARE, Progress, Runner
from printron.circuits.sweep import CONVERGED, Sweep
from printron.errors import PrintronError
from printron.technology import Cell, Process

GIVE_UP = 3  # processes in a row without any result, before a batch is given up
# A sweep takes 0.1 ms of a core per point; its limits are for slow and busy machines.
LEAST_S, POINT_S = 60.0, 5e-4
LONGEST_PROCESS_S = 120.0  # a stopped sweep continues behind its last result


class NodeVoltages(NamedTuple):
    """The operating point of a netlist.

    Attributes
    ----------
    voltages : V, by node, ground included.
    source_current : A that each voltage source delivers out of its plus end, by its name.
    """

    voltages: dict[str, float]
    source_current: dict[str, float]


def operating_point(
    netlist: Netlist, *, timeout_s: float = 120.0, keep_dir: str | Path | None = None
) -> NodeVoltages:
    """The DC operating point of a netlist, from the file that `Netlist.to_spice` writes.

    Parameters
    ----------
    timeout_s : ngspice is ended after this time, s.
    keep_dir : where a deck that fails is kept; default: the system's folder for temporary files.

    Raises
    ------
    NgspiceError : no result; names the kept deck and the last line of ngspice's output.
    """
    runner, deck = Runner(timeout_s, keep_dir, process_s=timeout_s), netlist.to_spice()
    run = runner.run(deck, "-r", RAW)
    nodes = [node for node in netlist.nodes if node != GROUND]
    sources = [source.name for source in netlist.sources]
    values = run.plots[0] if run.plots else {}
    columns = {f"v({node.lower()})" for node in nodes} | {f"i({s.lower()})" for s in sources}
    if not columns <= set(values) or not all(
        np.isfinite(column).all() and column.size == 1 for column in values.values()
    ):
        raise NgspiceError(
            f"ngspice gave no operating point of '{netlist.title}'; {run.ending}; "
            f"{runner.keep(deck, run)}"
        )
    return NodeVoltages(
        {GROUND: 0.0} | {node: float(values[f"v({node.lower()})"][0]) for node in nodes},
        # ngspice counts the current that enters at plus.
        {name: -float(values[f"i({name.lower()})"][0]) for name in sources},
    )


# -------------------------------------------------------------------------------- sweeps of a cell


@dataclass(frozen=True)
class _Batches:
    """A sweep of one cell, cut into decks.

    Every design of a deck is the same netlist with other values: `alterparam` and `reset` set them,
    and `destroy all` frees the results, since otherwise ngspice slows down and grows.
    """

    cell: Cell
    process: Process
    designs: NDArray[np.float64]
    v_in: NDArray[np.float64]
    runner: Runner

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Saved columns: the output, V, and the current of every source, A."""
        rails = [f"i(v{rail.lower()})" for rail in self.cell.supplies if rail != GROUND]
        return ("v(out)", *rails, "i(vin)")

    @cached_property
    def _dc(self) -> str:
        first, last, points = self.v_in[0], self.v_in[-1], len(self.v_in)
        step = (last - first) / (points - 1) if points > 1 else 1.0
        # A quarter of a step too far, so that rounding cannot lose the last point.
        return f"dc vin {float(first)!r} {float(last + step / 4)!r} {float(step)!r}"

    def deck(self, members: Sequence[int]) -> str:
        """One deck for the designs of these numbers."""
        values = zip(self.cell.variables, self.designs[:, members[0]], strict=True)
        parameters = {name: Parameter(name, float(value)) for name, value in values}
        netlist = cell_netlist(self.cell, self.process, parameters, float(self.v_in[0]))
        saved = " ".join(self.columns)
        lines = [f".save {saved}", ".control", "set filetype=binary", "set appendwrite"]
        for member in members:
            lines += [
                f"alterparam {parameter.spice_name}={float(value)!r}"
                for parameter, value in zip(
                    parameters.values(), self.designs[:, member], strict=True
                )
            ]
            # The number of the design is written beside its results. Where the sweep fails at its
            # first point, `let` and `write` find no v(out) and nothing is written.
            lines += [
                "reset",
                self._dc,
                f"let design={member}+0*v(out)",
                f"write {RAW} design {saved}",
                "destroy all",
            ]
        return netlist.to_spice([*lines, f"echo {END}", "quit", ".endc"])

    def not_converged(self, point: int) -> str:
        """Status of a design that has no result from this point of the sweep on."""
        return f"ngspice did not converge at v_in = {self.v_in[point]:.4g} V"

    def judge(self, plot: Plot) -> str:
        """Status of a design from its results."""
        points = len(plot["design"])
        lost = [column for column in self.columns if column not in plot]
        if lost or points > len(self.v_in):
            what = f"no {lost[0]}" if lost else f"{points} points for {len(self.v_in)} voltages"
            return f"ngspice gave {what}"
        if points < len(self.v_in):
            return self.not_converged(points)
        if not all(np.isfinite(plot[column]).all() for column in self.columns):
            return "ngspice gave a voltage or a current that is not a finite number"
        return CONVERGED

    def solve(self, members: Sequence[int]) -> "_Solved":
        """Sweep the designs of these numbers, continued behind each that ends the process."""
        solved, left, in_vain = _Solved(), list(members), 0
        while left and not self.runner.over:
            deck = self.deck(left)
            run = self.runner.run(deck)
            reached = len(left) if run.reached_end else 0
            for plot in run.plots:
                member = which_of(left, plot.get("design"))
                if member is None:
                    continue
                reached = max(reached, left.index(member) + 1)
                solved.status[member] = self.judge(plot)
                if solved.status[member] == CONVERGED:
                    solved.results[member] = np.array([plot[column] for column in self.columns])
            for member in left[:reached]:  # reached, but without a result
                solved.status.setdefault(member, self.not_converged(0))
            left = left[reached:]
            # A process may end at its time limit: only the first design of a deck can be the cause.
            in_vain = 0 if reached else in_vain + 1
            if in_vain:
                lost = len(left) if in_vain == GIVE_UP else 1
                solved.crash(left[:lost], run.ending, self.runner.keep(deck, run))
                left = left[lost:]
        solved.status.update(dict.fromkeys(left, f"ngspice did not run: {self.runner.late}"))
        return solved


def which_of(
    members: Sequence[int], column: NDArray[np.float64] | None, rows: int | None = None
) -> int | None:
    """The member that all rows of a result name; None without one.

    Parameters
    ----------
    rows : required number of rows; default: 1 or more.
    """
    if column is None or not len(column) or (rows is not None and len(column) != rows):
        return None
    first = column[0]
    right = bool(np.isfinite(first)) and bool((column == first).all()) and first in members
    return int(first) if right else None


@dataclass
class _Solved:
    """Results [columns, points] and status of designs, by number; a sentence for each crash."""

    results: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    status: dict[int, str] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    def crash(self, members: Sequence[int], ending: str, kept: str) -> None:
        """Note that a process gave no result for these designs."""
        sentence = f"ngspice gave no result for this design; {ending}; {kept}"
        self.crashes.append(sentence)
        self.status.update(dict.fromkeys(members, sentence))

    def add(self, other: "_Solved") -> None:
        """Take over the results of another batch."""
        self.results |= other.results
        self.status |= other.status
        self.crashes += other.crashes


def sweep(
    cell: Cell,
    process: Process,
    designs: NDArray[np.float64],
    v_in: NDArray[np.float64],
    *,
    workers: int | None = None,
    batch: int = 250,
    timeout_s: float | None = None,
    keep_dir: str | Path | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Sweep the input of many designs with ngspice.

    Parameters
    ----------
    designs : design vectors, ohm or m, [variables, designs].
    v_in : input voltages, V, [points], equally spaced, in sweep order.
    workers : parallel ngspice processes; default: one per core.
    batch : most designs per process.
    timeout_s : no process runs longer than this after the start, s; default: by the number of
        designs and points, a minute at least. Designs unsolved by then have the reason in `status`.
    keep_dir : where decks that end ngspice are kept; default: the system's folder for temporary
        files.
    progress : called with a sentence while a process takes long; see `Runner`.

    Returns
    -------
    Sweep; a design that does not converge at some point is NaN, and `status` says so.

    Raises
    ------
    NgspiceMissing : ngspice is not installed.
    NgspiceTimeout : no design was solved in the time.
    NgspiceError : no design could be solved, or the first processes all ended without a result.
    PrintronError : arrays of the wrong shape, or voltages that are not equally spaced.
    """
    designs, v_in = _checked(cell, designs, v_in)
    engine_version = version()
    count, workers = designs.shape[1], workers or os.cpu_count() or 1
    limit_s = LEAST_S + POINT_S * count * len(v_in) if timeout_s is None else timeout_s
    process_s = min(limit_s / SHARE, LONGEST_PROCESS_S)
    runner = Runner(limit_s, keep_dir, process_s=process_s, progress=progress)
    job = _Batches(cell, process, designs, v_in, runner)
    size = max(1, min(batch, math.ceil(count / workers)))
    solved = _Solved()
    with runner.workers(workers) as pool:
        starts = range(0, count, size)
        pending = [
            pool.submit(job.solve, range(first, min(first + size, count))) for first in starts
        ]
        for future in pending:
            solved.add(future.result())
            if len(solved.crashes) >= GIVE_UP and not solved.results:
                raise runner.error(f"no design of '{cell.name}' was solved", solved.crashes[0])
    if count and not solved.results:
        none = f"none of the {count} designs of '{cell.name}' was solved"
        raise runner.error(none, solved.status[0])
    return _assembled(job, solved, engine_version)


def _checked(
    cell: Cell, designs: NDArray[np.float64], v_in: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    designs, v_in = np.asarray(designs, np.float64), np.asarray(v_in, np.float64)
    if designs.ndim != 2 or len(designs) != len(cell.variables):
        raise PrintronError(
            f"got designs of shape {designs.shape}; cell '{cell.name}' needs "
            f"[{len(cell.variables)}, designs]: {', '.join(cell.variables)}"
        )
    if not (np.isfinite(designs) & (designs > 0)).all():
        raise PrintronError("got a design with a value that is not a finite number above 0")
    even = v_in.ndim == 1 and len(v_in) > 0 and bool(np.isfinite(v_in).all())
    if even and len(v_in) > 1:
        steps = np.diff(v_in)
        even = bool(steps[0] != 0 and np.allclose(steps, steps.mean(), rtol=1e-6, atol=0))
    if not even:
        raise PrintronError(
            "got input voltages that are not equally spaced; ngspice sweeps need equal steps"
        )
    return designs, v_in


def _assembled(job: _Batches, solved: _Solved, engine_version: str) -> Sweep:
    points, count = len(job.v_in), job.designs.shape[1]
    table = np.full((len(job.columns), points, count), np.nan)
    for member, result in solved.results.items():
        table[:, :, member] = result
    good = np.array([member in solved.results for member in range(count)])
    power = {}
    for rail in job.cell.supplies:
        if rail == GROUND:  # at 0 V it delivers no power, and ngspice has no source there
            power[rail] = np.where(good, 0.0, np.full((points, count), np.nan))
        else:
            power[rail] = -job.process.rail(rail) * table[job.columns.index(f"i(v{rail.lower()})")]
    power["in"] = -job.v_in[:, None] * table[-1]
    status = tuple(solved.status[member] for member in range(count))
    return Sweep(job.v_in, table[0], power, status, "ngspice", engine_version)
