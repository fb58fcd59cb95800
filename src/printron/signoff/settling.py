"""The settling time of a circuit: how long a decision takes, and the energy that it takes.

Measured in ngspice: ten steps from reading to reading, each of which changes the class. A step has
settled when all outputs stay within 5 mV of their operating point at the new reading; the slowest
step counts. Gates are the only capacitances: neither wires nor what reads the outputs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.base.quantity import si_text
from printron.circuits.gates import with_gate_capacitances
from printron.circuits.netlist import GROUND, Netlist
from printron.circuits.ngspice.runner import NgspiceStopped, Runner
from printron.circuits.ngspice.transient import Response, step_responses
from printron.errors import PrintronError
from printron.network import PrintedNetwork, winner
from printron.network.names import source_name
from printron.signoff.readings import Floats, Reading
from printron.technology import CAPACITOR, RESISTOR, GateCapacitance, Process

STEPS = 10
WITHIN_V = 5e-3  # of the operating point: settled
AGREE_V = 1e-3  # of the operating point: a transient and operating points agree
# A step is held for so many times the product of the largest resistance and gate capacitance; where
# the circuit has not come to rest by then, longer.
TIME_CONSTANTS, LONGER, MOST_TRIALS = 20, 8, 4

Numbers = NDArray[np.integer[Any]]


class UnsettledError(PrintronError):
    """A settling time cannot be given; the message says why."""


@dataclass(frozen=True, eq=False)
class Settling:
    """The settling time of a circuit.

    Attributes
    ----------
    rows : readings in the order of the steps, [steps + 1].
    times_s : that each step takes to settle, s, [steps].
    capacitance : of gates, per area.
    """

    rows: Numbers
    times_s: Floats
    capacitance: GateCapacitance

    @property
    def settle_s(self) -> float:
        """Time of the slowest step, s."""
        return float(self.times_s.max())

    def record(self) -> dict[str, Any]:
        """As JSON."""
        steps = zip(self.rows[:-1].tolist(), self.rows[1:].tolist(), self.times_s, strict=True)
        return {
            "within_V": WITHIN_V,
            "gate_capacitance_F_per_m2": self.capacitance.value,
            "gate_capacitance_source": self.capacitance.source,
            "steps": [{"from": a, "to": b, "settle_s": float(time)} for a, b, time in steps],
        }


def settling_or_reason(
    process: Process,
    printed: PrintedNetwork,
    netlist: Netlist,
    volts: Floats,
    found: Reading,
    default: int,
    runner: Runner,
) -> tuple[Settling | None, str]:
    """How fast a network is; None, with the reason, where that cannot be measured.

    Parameters
    ----------
    volts : readings at the inputs, V, [inputs, samples].  found : operating points in ngspice.
    default : class that is answered where its output ties with the largest.

    Raises
    ------
    NgspiceStopped : the job was cancelled.
    """
    inputs = {source_name(each.node): v for each, v in zip(printed.inputs, volts, strict=True)}
    outputs = dict(zip((each.node for each in printed.outputs), found.outputs, strict=True))
    try:
        classes = winner(np.where(found.converged, found.outputs, 0), default)
        rows = class_changes(classes, found.converged)
        capacitance = process.gate_capacitance
        return settling_of(netlist, inputs, outputs, rows, capacitance, runner), ""
    except NgspiceStopped:
        raise
    except PrintronError as error:
        return None, str(error)


def class_changes(classes: Numbers, usable: NDArray[np.bool_], count: int = STEPS) -> Numbers:
    """Readings in an order in which every step changes the class, drawn with a fixed seed.

    Parameters
    ----------
    classes : that the circuit answers, [samples].  usable : samples with an operating point.
    count : number of steps.

    Returns
    -------
    Numbers of readings, [count + 1]; a reading may appear again.

    Raises
    ------
    UnsettledError : the circuit answers the same class for all readings.
    """
    rng, rows = np.random.default_rng(0), np.flatnonzero(usable)
    if len(np.unique(classes[rows])) < 2:
        raise UnsettledError(
            "the circuit gives all rows the same class, so that no step changes it"
        )
    order = [int(rng.choice(rows))]
    while len(order) <= count:
        order.append(int(rng.choice(rows[classes[rows] != classes[order[-1]]])))
    return np.array(order)


def settling_of(
    netlist: Netlist,
    inputs: Mapping[str, Floats],
    outputs: Mapping[str, Floats],
    rows: Numbers,
    capacitance: GateCapacitance,
    runner: Runner,
) -> Settling:
    """Measure how long a circuit takes to settle after each step from row to row.

    Parameters
    ----------
    netlist : of operating points, without capacitances.
    inputs : voltages of the sources, V, [samples] each, by name.
    outputs : operating points of the output nodes, V, [samples] each, by node.
    rows : samples in the order of the steps, [steps + 1].

    Raises
    ------
    UnsettledError : a transient does not begin or end at the operating points.
    NgspiceError : ngspice gave no transient.
    """
    moving = with_gate_capacitances(netlist, capacitance.value)
    slowest_s = _time_constant(moving)
    if not slowest_s:  # without gates, all voltages follow at once
        return Settling(rows, np.zeros(len(rows) - 1), capacitance)
    levels = {name: volts[rows] for name, volts in inputs.items()}
    rests = {node: volts[rows] for node, volts in outputs.items() if node != GROUND}
    points = np.array([*rests.values()])
    for hold_s in (TIME_CONSTANTS * slowest_s * LONGER**trial for trial in range(MOST_TRIALS)):
        steps = step_responses(moving, levels, tuple(rests), hold_s, runner)
        apart = _apart(steps, points)
        if apart.max() <= AGREE_V:
            times_s = [
                step.settled_s(rest, WITHIN_V)
                for step, rest in zip(steps, points.T[1:], strict=True)
            ]
            return Settling(rows, np.array(times_s), capacitance)
        if apart[0] > AGREE_V:  # where it begins, no time helps
            break
    raise _unsettled(apart, rows, hold_s)


def _time_constant(netlist: Netlist) -> float:
    """Largest resistance times largest capacitance of a gate, whose halves are two capacitors, s;
    0 without gates."""
    largest = {
        kind: max((float(p.values[key]) for p in netlist.components if p.kind == kind), default=0.0)
        for kind, key in ((RESISTOR, "R"), (CAPACITOR, "C"))
    }
    return 2 * largest[RESISTOR] * largest[CAPACITOR]


def _apart(steps: list[Response], points: Floats) -> Floats:
    """Largest distance of an output from its operating point before the first step and at the end
    of each, V, [steps + 1].

    Parameters
    ----------
    points : operating points, V, [nodes, steps + 1].
    """
    ends = [steps[0].volts[:, 0], *(step.volts[:, -1] for step in steps)]
    return np.array(np.abs(np.array(ends).T - points).max(0))


def _unsettled(apart: Floats, rows: Numbers, hold_s: float) -> UnsettledError:
    worst = int(np.argmax(apart > AGREE_V))
    where = f"{si_text(float(f'{apart[worst]:.2g}'), 'V')} from the operating point"
    if not worst:
        return UnsettledError(
            f"the transient begins {where} of row {rows[0]}: the circuit may have several "
            "operating points"
        )
    return UnsettledError(
        f"an output was {where} {si_text(hold_s, 's')} after the step to row {rows[worst]}: the "
        "circuit oscillates, or has several operating points"
    )
