"""Nonlinear circuits seen from their ends, their inner nodes eliminated."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.circuits import solve_linear
from printron.circuits.operating_point import Stamps, stamp
from printron.network.network import CellState, Design
from printron.technology import Cell


class Port(NamedTuple):
    """A circuit seen from its ends, its inner nodes eliminated; [k, S] each.

    Attributes
    ----------
    imbalance : A that enter it at input and output, less what a Newton step of its inner nodes
        mends.
    slope : S, [to][from] of input and output.
    inner : Newton step of the inner nodes at fixed ends, V; by : its slopes by input and output.
    stamps : of the cell.
    """

    imbalance: tuple[Array, Array]
    slope: tuple[tuple[Array, Array], tuple[Array, Array]]
    inner: list[Array]
    by: tuple[list[Array], list[Array]]
    stamps: Stamps


def values_of(cell: Cell, state: CellState) -> dict[str, Array]:
    return {name: state.values[k][:, None] for k, name in enumerate(cell.variables)}


def port_of(design: Design, cell: Cell, state: CellState, v_in: Array, nodes: Array) -> Port:
    """Linearise the circuits of a layer at `nodes` [nodes, k, S]; only currents have gradients."""
    stamps = stamp(cell, design.process, values_of(cell, state), v_in, nodes, input_free=True)
    names = (*cell.unknowns, "in")
    out, end = names.index("out"), len(names) - 1
    inner = [k for k in range(end) if k != out]
    J = jax.tree.map(stop_gradient, stamps.jacobian)
    F = stamps.imbalance
    block = [[J[i][j] for j in inner] for i in inner]

    def eliminated(right: list[Array]) -> list[Array]:
        return solve_linear(block, right) if inner else []

    step = eliminated([F[i] for i in inner])
    by_in, by_out = (eliminated([J[i][k] for i in inner]) for k in (end, out))

    def without(row: int, of_row: Array, columns: list[Array]) -> Array:
        for j, x in zip(inner, columns, strict=True):
            of_row = of_row - J[row][j] * x
        return of_row

    def slopes(row: int) -> tuple[Array, Array]:
        return without(row, J[row][end], by_in), without(row, J[row][out], by_out)

    imbalance = without(end, F[end], step), without(out, F[out], step)
    return Port(imbalance, (slopes(end), slopes(out)), step, (by_in, by_out), stamps)


def all_nodes(cell: Cell, port: Port, d_in: Array | None, d_out: Array) -> Array:
    """Newton step of all of a cell's unknowns, [nodes, k, S], from that of its ends."""
    inner = iter(range(len(port.inner)))
    steps = []
    for name in cell.unknowns:
        if name == "out":
            steps.append(d_out)
            continue
        k = next(inner)
        of_in = 0.0 if d_in is None else port.by[0][k] * d_in
        steps.append(-(port.inner[k] + of_in + port.by[1][k] * d_out))
    return jnp.stack(steps)
