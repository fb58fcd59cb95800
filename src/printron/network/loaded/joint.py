"""A Newton step of all layers of a loaded network, and what is read off its operating points.

The output of a nonlinear circuit is a node behind a resistor, and the crossbar that it feeds draws
current from it. Kirchhoff's law at the outputs a_i of the circuits before a layer and n_i of its
negative-weight circuits (section 5 of the method's equations):

    I_a,i(a_i) + I_n,in(a_i, n_i) + sum_j g+_ij (a_i - z_j) = 0
    I_n,i(n_i) + sum_j g-_ij (n_i - z_j) = 0
    z_j (G_j + g_L) = sum_i (g+_ij a_i + g-_ij n_i) + g_b V_b + g_L V_L

and at the inner nodes of every circuit. A Newton step first goes through the stages that lead to
each output (see `ports`); then the two outputs of a row are eliminated, which leaves one small
system a sample in the column voltages z.

Nothing runs back through a gate, but a passive column, which drives a row of the next layer itself
(a_i = z_i), feels what the row draws. So layers hang together both ways, each with its neighbours.
A step first goes from the last layer to the first: each, with all behind it, becomes a linear load
of the columns before it (`behind_of`). Then it goes from the first layer to the last, each with its
load and with what the steps before have just made of the columns that feed it. Where no column is
passive the loads are 0, and layers follow one another.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.circuits.newton import STEP_LIMIT_V, size_of
from printron.network.layers import CellState, Layer
from printron.network.loaded.layer import (
    Behind,
    Drivers,
    Held,
    Known,
    LoadedColumns,
    Nodes,
    Point,
    behind_of,
    columns_of,
    output,
    own_of,
    point_of,
    step_of,
)
from printron.network.loaded.ports import Gates, Voltages, all_nodes, port_of, supplied
from printron.network.loaded.record import Outputs
from printron.network.structure import Structure
from printron.technology import Process


class Track(NamedTuple):
    """Where the operating points of some samples were: a start for those of a circuit nearby.

    Attributes
    ----------
    nodes : of every layer.
    outputs : of the circuits at the network's outputs, V, [N, S] a node; none where these are
        passive.
    """

    nodes: tuple[Nodes, ...]
    outputs: Voltages


def inputs_of(structure: Structure, v: Array, loading: Array) -> Known:
    """What the first layer depends on: sensors, as ideal sources or behind resistors."""
    resistance = structure.conditions.source_resistance
    if not resistance:
        return Known(v, None, loading)
    every = jnp.ones(len(v), bool)
    return Known(None, Drivers(v, every, None, 1 / resistance), loading)


def held_of(layers: tuple[Layer, ...], nodes: tuple[Nodes, ...], k: int) -> Held | None:
    """The columns of a layer that drive rows of the next one themselves; None where none can."""
    if k == len(layers) - 1 or layers[k].paired:
        return None
    layer, rows = layers[k], nodes[k + 1].drivers
    assert rows is not None
    return Held(layer.crossbar.used & ~layer.active, output(layer.activation, rows))


def fed_by(layer: Layer, columns: LoadedColumns, loading: Array) -> Known:
    """What the layer behind a layer depends on: its columns."""
    plus, minus = layer.plus_and_minus(columns.z)
    return Known(None, Drivers(plus, layer.active, layer.activation, minus=minus), loading)


def all_columns(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    nodes: tuple[Nodes, ...],
) -> list[tuple[Known, LoadedColumns]]:
    """What each layer depends on, and its columns, where the nodes are given."""
    found, known = [], inputs_of(structure, v, loading)
    for k, layer in enumerate(layers):
        held = held_of(layers, nodes, k)
        columns = columns_of(structure.process, layer, known, nodes[k], held)
        found.append((known, columns))
        known = fed_by(layer, columns, loading)
    return found


class Moved(NamedTuple):
    """A layer after a step: what it knew, the step, its nodes and columns."""

    known: Known
    step: Nodes
    nodes: Nodes
    columns: LoadedColumns


def joint_step(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    nodes: tuple[Nodes, ...],
    move: Callable[[Any, Any], Any],
    damping: Array | float = 0.0,
) -> list[Moved]:
    """A Newton step of all layers, which has derivatives; see the top of this file.

    Parameters
    ----------
    move : gives the nodes after a step.  damping : see `behind_of`.
    """
    process = structure.process
    held = [held_of(layers, nodes, k) for k in range(len(layers))]
    knowns, owns = [inputs_of(structure, v, loading)], []
    for k, layer in enumerate(layers):
        owns.append(own_of(process, layer, knowns[k], nodes[k], held[k]))
        knowns.append(fed_by(layer, owns[k].columns, loading))
    behind: list[Behind | None] = [None]
    for k in reversed(range(1, len(layers))):
        load = behind_of(
            process, layers[k], knowns[k], nodes[k], owns[k], held[k], behind[0], damping
        )
        behind.insert(0, load)
    moved: list[Moved] = []
    for k, layer in enumerate(layers):
        known = fed_by(layers[k - 1], moved[-1].columns, loading) if k else knowns[0]
        step, dz = step_of(process, layer, known, nodes[k], owns[k], held[k], behind[k])
        there, at = move(nodes[k], step), held[k]
        if at is not None:
            at = at._replace(volts=move(at.volts, dz))
        moved.append(Moved(known, step, there, columns_of(process, layer, known, there, at)))
    return moved


def _limited(nodes: Any, step: Any) -> Any:
    """Nodes after a step that has derivatives; held back where tracking has lost its way."""

    def moved(v: Array, d: Array) -> Array:
        return v + jnp.clip(jnp.where(jnp.isfinite(d), d, 0), -STEP_LIMIT_V, STEP_LIMIT_V)

    return jax.tree.map(moved, nodes, step)


def through(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    track: Track,
) -> tuple[list[Point], Outputs | None, Track, Array]:
    """A Newton step that has derivatives, from where the track was.

    Returns
    -------
    Points, outputs, where they are, and the size of the last step of every sample, V, [S].
    """
    process = structure.process
    moved = joint_step(structure, layers, v, loading, stop_gradient(track.nodes), _limited)
    points = [
        point_of(process, layer, it.known, it.nodes, it.columns)
        for layer, it in zip(layers, moved, strict=True)
    ]
    outputs = _at_outputs(process, layers[-1], points[-1].columns.z, track.outputs)
    errors = [size_of(stop_gradient(it.step), v[0]) for it in moved]
    track = Track(tuple(it.nodes for it in moved), outputs.nodes if outputs else ())
    return points, outputs, track, jnp.stack(errors).max(0)


def read(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    track: Track,
) -> tuple[list[Point], Outputs | None]:
    """Points and outputs at solved operating points, without another step."""
    process = structure.process
    points = [
        point_of(process, layer, known, nodes, columns)
        for layer, nodes, (known, columns) in zip(
            layers,
            track.nodes,
            all_columns(structure, layers, v, loading, track.nodes),
            strict=True,
        )
    ]
    return points, _drawn(process, layers[-1], points[-1].columns.z, track.outputs)


def _at_outputs(process: Process, layer: Layer, z: Array, nodes: Voltages) -> Outputs | None:
    """The activation circuits of the last layer, which nothing loads; as in `through`."""
    state = layer.activation
    if state is None:
        return None
    there = stop_gradient(nodes)
    gates = Gates(*layer.plus_and_minus(z))
    there = _limited(there, output_step(process, state, gates, there))
    return _drawn(process, layer, z, there)


def _drawn(process: Process, layer: Layer, z: Array, nodes: Voltages) -> Outputs | None:
    """The activation circuits of the last layer at given nodes; None where it has none."""
    state = layer.activation
    if state is None:
        return None
    gates = Gates(*layer.plus_and_minus(z))
    return Outputs(nodes, supplied(process, state, gates, nodes, jnp.zeros_like(gates.plus)))


def output_step(process: Process, state: CellState, gates: Gates, nodes: Voltages) -> Voltages:
    """Newton step of activation circuits that nothing loads."""
    port = port_of(process, state, gates, nodes)
    return all_nodes(state.cell, port, None, -port.imbalance[1] / port.slope[1][1])
