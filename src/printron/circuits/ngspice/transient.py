"""How a circuit follows steps of its inputs, by a transient in ngspice.

All steps stand in one deck, one after the other, so that each begins where the one before has come
to rest: as exact as a deck for each, with one start of ngspice. The step control has the tolerances
of operating points (`OPTIONS`): at ngspice's own, voltages ring by millivolts long after they have
settled. A transient shows how voltages move; where they end, operating points say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from printron.circuits.components import GROUND, Element
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice.process import NgspiceError
from printron.circuits.ngspice.raw_file import Plot
from printron.circuits.ngspice.runner import RAW, Runner

EDGE = 1e-5  # duration of a step, as a share of the time between two steps
LONGEST = 1 / 50  # longest step of time, likewise; ngspice chooses shorter ones

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Response:
    """Voltages after one step of the inputs.

    Attributes
    ----------
    time_s : since the step, s, [points].  volts : V, [nodes, points].
    """

    time_s: Array
    volts: Array

    def settled_s(self, final: Array, within_V: float) -> float:
        """Time after which no node is farther than `within_V` from its final voltage, s.

        Parameters
        ----------
        final : V, [nodes].
        """
        away = np.abs(self.volts - final[:, None]) - within_V
        return max(_last_above_0(self.time_s, node) for node in away)


def _last_above_0(time_s: Array, values: Array) -> float:
    """Time at which values fall below 0 for good, on straight lines between the points, s."""
    above = np.flatnonzero(values > 0)
    if not len(above):
        return 0.0
    k = int(above[-1])
    if k + 1 == len(values):
        return float(time_s[k])
    share = values[k] / (values[k] - values[k + 1])
    return float(time_s[k] + share * (time_s[k + 1] - time_s[k]))


def step_responses(
    netlist: Netlist,
    inputs: Mapping[str, Array],
    nodes: Sequence[str],
    hold_s: float,
    runner: Runner,
) -> list[Response]:
    """Step the inputs from level to level, beginning at the operating point of the first.

    Parameters
    ----------
    netlist : with its capacitances; see `with_gate_capacitances`.
    inputs : V, [steps + 1] each, by the name of the source.
    nodes : whose voltages are returned.
    hold_s : time from one step to the next, s.

    Returns
    -------
    A response for each step; the first point of each is where the step begins.

    Raises
    ------
    NgspiceMissing, NgspiceError : no result, or not for all of the time; names the kept deck.
    """
    steps = len(next(iter(inputs.values()))) - 1
    deck = _deck(netlist, inputs, nodes, hold_s)
    run = runner.run(deck, "-r", RAW)
    columns = [f"v({node.lower()})" for node in nodes]
    plot = run.plots[0] if run.plots else {}
    end_s = steps * hold_s
    if not _complete(plot, columns, end_s):
        raise NgspiceError(
            f"ngspice gave no transient of '{netlist.title}' over {end_s:.3g} s; {run.ending}; "
            f"{runner.keep(deck, run)}"
        )
    time_s, volts = plot["time"], np.array([plot[column] for column in columns])
    # Where a step begins is a point of time, but for the rounding of its number.
    begins = np.searchsorted(time_s, (np.arange(steps + 1) - EDGE / 10) * hold_s)
    pieces = [slice(a, b + 1) for a, b in zip(begins[:-1], begins[1:], strict=True)]
    return [Response(time_s[it] - k * hold_s, volts[:, it]) for k, it in enumerate(pieces)]


def _complete(plot: Plot, columns: Sequence[str], end_s: float) -> bool:
    """Whether a plot has finite voltages up to the end."""
    if not {"time", *columns} <= set(plot) or not len(plot["time"]):
        return False
    finite = all(np.isfinite(plot[column]).all() for column in ("time", *columns))
    return finite and bool(plot["time"][-1] >= end_s * (1 - 1e-6))


def _deck(
    netlist: Netlist, inputs: Mapping[str, Array], nodes: Sequence[str], hold_s: float
) -> str:
    others = [part for part in netlist.components if part.name not in inputs]
    stepped = [source for source in netlist.sources if source.name in inputs]
    lines = [line for each in stepped for line in _follows_time(each, inputs[each.name], hold_s)]
    end_s = hold_s * (len(next(iter(inputs.values()))) - 1)
    lines += [f".save {' '.join(f'v({node.lower()})' for node in nodes)}"]
    lines += [f".tran {hold_s * LONGEST!r} {end_s!r} 0 {hold_s * LONGEST!r}"]
    return replace(netlist, components=tuple(others)).to_spice(lines)


def _follows_time(source: Element, volts: Array, hold_s: float) -> list[str]:
    """A source that goes from level to level."""
    plus, minus = ("0" if node == GROUND else node for node in source.nodes)
    points = [(0.0, float(volts[0]))]
    for k, (before, after) in enumerate(zip(volts[:-1], volts[1:], strict=True)):
        points += [(k * hold_s, float(before))] if k else []
        points += [((k + EDGE) * hold_s, float(after))]
    texts = [f"{time_s!r} {level!r}" for time_s, level in points]
    lines = [f"{source.name} {plus} {minus} PWL("]
    lines += [f"+ {' '.join(texts[k : k + 8])}" for k in range(0, len(texts), 8)]
    return [*lines, "+ )"]
