"""Nonlinear circuits seen from their ends, their inner nodes eliminated.

Nodes that the output does not act on (`feeding_stages`) are solved stage by stage from the input: a
Newton step each, at the voltages that the stage before has just reached. Printed stages are steep,
and one step for all of them together overshoots: an error of the first is amplified by the rest.
What is left, the output and what it acts on, is linearised.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.circuits import solve_linear
from printron.circuits.operating_point import Stamps, source_range, stamp
from printron.circuits.stages import feeding_stages
from printron.network.layers import CellState
from printron.technology import Cell, Process
from printron.technology.names import MINUS

# Of the nodes of a layer's circuits, V, [k, S] each, in the order of the cell's `unknowns`. They
# stay apart: a compiled loop that takes two out of a slice of one array is six times slower.
Voltages = tuple[Array, ...]


class Port(NamedTuple):
    """A circuit seen from its ends, its inner nodes eliminated; [k, S] each.

    Attributes
    ----------
    imbalance : A that enter it at input and output, less what a Newton step of its inner nodes
        mends.
    slope : S, [to][from] of input and output.
    step : Newton steps of all nodes at fixed ends, V, by name; by : their slopes by input and
        output.
    """

    imbalance: tuple[Array, Array]
    slope: tuple[tuple[Array, Array], tuple[Array, Array]]
    step: dict[str, Array]
    by: dict[str, tuple[Array | float, Array | float]]


class Gates(NamedTuple):
    """The inputs of a layer's circuits, V, [k, S].

    Attributes
    ----------
    plus : "in".  minus : "in_minus" of differential cells; None for others.
    """

    plus: Array
    minus: Array | None = None


def _stamps(process: Process, state: CellState, gates: Gates, nodes: Sequence[Array]) -> Stamps:
    """Kirchhoff's law at the nodes of a layer's circuits, and at their inputs."""
    cell, deviations = state.circuit, state.deviations
    if deviations is not None:
        deviations = jax.tree.map(lambda each: each[:, None], deviations)
    values = {name: state.values[k][:, None] for k, name in enumerate(cell.variables)}
    return stamp(
        cell,
        process,
        values,
        gates.plus,
        nodes,
        input_free=True,
        deviations=deviations,
        supply=state.supply,
        v_minus=gates.minus,
    )


@partial(jax.jit, static_argnums=0)
def port_of(process: Process, state: CellState, gates: Gates, nodes: Voltages) -> Port:
    """Linearise the circuits of a layer at `nodes`; only currents have gradients."""
    cell = state.cell
    index = {name: k for k, name in enumerate((*cell.unknowns, "in"))}
    fed, by_in = _fed(process, state, gates, nodes, index)
    stamps = _stamps(process, state, gates, fed)
    J, F = stop_gradient(stamps.jacobian), stamps.imbalance
    out, end = index["out"], index["in"]
    inner = [k for k, name in enumerate(cell.unknowns) if k != out and name not in by_in]
    block = [[J[i][j] for j in inner] for i in inner]

    def of_input(row: int) -> Array:
        return _by_input(J[row], index, by_in)

    def eliminated(right: list[Array]) -> list[Array]:
        return solve_linear(block, right) if inner else []

    step = eliminated([F[i] for i in inner])
    inner_by_in = eliminated([of_input(i) for i in inner])
    inner_by_out = eliminated([J[i][out] for i in inner])

    def without(row: int, of_row: Array, columns: list[Array]) -> Array:
        for j, x in zip(inner, columns, strict=True):
            of_row = of_row - J[row][j] * x
        return of_row

    def slopes(row: int) -> tuple[Array, Array]:
        return (
            without(row, of_input(row), inner_by_in),
            without(row, J[row][out], inner_by_out),
        )

    imbalance = without(end, F[end], step), without(out, F[out], step)
    steps = {name: fed[index[name]] - nodes[index[name]] for name in by_in}
    by: dict[str, tuple[Array | float, Array | float]] = {n: (s, 0.0) for n, s in by_in.items()}
    for k, d, of_in, of_out in zip(inner, step, inner_by_in, inner_by_out, strict=True):
        steps[cell.unknowns[k]], by[cell.unknowns[k]] = -d, (-of_in, -of_out)
    return Port(imbalance, (slopes(end), slopes(out)), steps, by)


def _fed(
    process: Process, state: CellState, gates: Gates, nodes: Voltages, index: dict[str, int]
) -> tuple[list[Array], dict[str, Array]]:
    """All nodes, those of the feeding stages a Newton step further; and these' slopes by input."""
    cell, volts = state.circuit, list(nodes)
    supply = 1.0 if state.supply is None else state.supply
    low, high = stop_gradient(source_range(cell, process, gates.plus, supply))
    by_in: dict[str, Array] = {}
    for stage in feeding_stages(cell):
        rows = [index[name] for name in stage]
        volts = [stop_gradient(v) if k in rows else v for k, v in enumerate(volts)]
        stamps = _stamps(process, state, gates, volts)
        J = stop_gradient(stamps.jacobian)
        block = [[J[i][j] for j in rows] for i in rows]
        step = solve_linear(block, [stamps.imbalance[i] for i in rows])
        slopes = solve_linear(block, [_by_input(J[i], index, by_in) for i in rows])
        for i, name, d, slope in zip(rows, stage, step, slopes, strict=True):
            volts[i] = jnp.clip(volts[i] - d, low, high)
            by_in[name] = -slope
    return volts, by_in


def _by_input(row: list[Array], index: dict[str, int], by_in: dict[str, Array]) -> Array:
    """Slope of a node's current by the input, through the stages that the input feeds, too."""
    return sum((row[index[name]] * slope for name, slope in by_in.items()), row[index["in"]])


def all_nodes(cell: Cell, port: Port, d_in: Array | None, d_out: Array) -> Voltages:
    """Newton step of all of a cell's unknowns from that of its ends."""
    steps = []
    for name in cell.unknowns:
        if name == "out":
            steps.append(d_out)
            continue
        by_in, by_out = port.by[name]
        of_in = 0.0 if d_in is None else by_in * d_in
        steps.append(port.step[name] + of_in + by_out * d_out)
    return tuple(steps)


class Supplied(NamedTuple):
    """What solved circuits draw, [k, S] each.

    Attributes
    ----------
    current : A out of every supply, by rail.  input : A into the input.  heat : W.
    """

    current: dict[str, Array]
    input: Array
    heat: Array


@partial(jax.jit, static_argnums=0)
def supplied(
    process: Process, state: CellState, gates: Gates, nodes: Voltages, pushed: Array
) -> Supplied:
    """Currents and heat of circuits at their operating points.

    What the rail with most transistors takes follows from Kirchhoff's law for the whole circuit, so
    that few are computed once more: resistors tell most of the other currents.

    Parameters
    ----------
    pushed : A that the load pushes into the output, [k, S].
    """
    cell = state.circuit
    stamps = _stamps(process, state, gates, nodes)
    ends = [node for part in cell.components.values() if part.kind.carded for node in part.ends]
    closing = max((rail for rail in cell.rails if rail in ends), key=ends.count, default=None)
    known = {k: v for k, v in stamps.source_current.items() if k != "in"}
    drawn = stamps.imbalance[-1]
    if closing is not None:
        others = [v for k, v in known.items() if k != closing]
        known[closing] = -sum(others, drawn + pushed)
    heat = drawn * gates.plus + pushed * nodes[cell.unknowns.index("out")]
    if gates.minus is not None and MINUS in known:
        heat = heat + known[MINUS] * gates.minus
    current = {rail: known[rail] for rail in cell.supplies}  # ideal shifts deliver no power
    factor = 1.0 if state.supply is None else state.supply
    for rail, out_of in current.items():
        heat = heat + process.rail(rail) * factor * out_of
    return Supplied(current, drawn, heat)
