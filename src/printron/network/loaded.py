"""The network as it is printed: nonlinear circuits as circuits, and sources that are loaded.

The output of a nonlinear circuit is a node behind a resistor, and the crossbar that it feeds draws
current from it. Layer by layer, Kirchhoff's law at the outputs a_i of the circuits before it and
n_i of its negative-weight circuits (section 5 of the method's equations):

    I_a,i(a_i) + I_n,in(a_i, n_i) + sum_j g+_ij (a_i - z_j) = 0
    I_n,i(n_i) + sum_j g-_ij (n_i - z_j) = 0
    z_j (G_j + g_L) = sum_i (g+_ij a_i + g-_ij n_i) + g_b V_b + g_L V_L

and at the inner nodes of every circuit. A Newton step first goes through the stages that lead to
each output (see `ports`); then the two outputs of a row are eliminated, which leaves one small
system a sample in the column voltages z. Nothing runs back through a gate, so layers are solved one
after another.

One thing does run back: a column without any input has no activation circuit, and the next layer
loads the column itself, and through it a negated bias. Such networks are solved in several passes,
each with the load that the pass before found; gradients leave that out.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.circuits.operating_point import MAX_STEPS, STEP_LIMIT_V, mid_rail
from printron.network.loaded_layer import (
    Behind,
    Drivers,
    Known,
    Nodes,
    Point,
    point_of,
    printed,
    step_of,
)
from printron.network.loaded_record import Loaded, Outputs, record
from printron.network.netlist import supply_volts
from printron.network.network import CellState, Design, Layer
from printron.network.ports import Voltages, all_nodes, port_of, supplied
from printron.technology import Cell

# In single precision a Newton step ends at up to 0.3 mV, where circuits are steep; the outputs are
# then within 0.08 mV of those in double precision.
SINGLE_V = 3e-4
UNLIMITED_STEPS, SHRINKING = 20, 0.9  # Newton steps, and what their limit shrinks by after them
PASSES = 100  # over the layers, where a column loads the layer before


def _moved(design: Design, volts: Array | None, nodes: Any, step: Any) -> Any:
    """Nodes after a Newton step, kept between the sources.

    Parameters
    ----------
    volts : of the inputs, V; None where nodes see the supplies alone.
    """
    rails = jnp.asarray([0.0, *supply_volts(design).values()])
    outside = jnp.zeros(1) if volts is None else volts
    low = jnp.minimum(rails.min(), outside.min())
    high = jnp.maximum(rails.max(), outside.max())
    return jax.tree.map(lambda v, d: jnp.clip(v + d, low, high), nodes, step)


def _solve(design: Design, layer: Layer, known: Known, start: Nodes) -> tuple[Nodes, Array]:
    """Newton to the end: nodes, and the size of the last step of every sample, V, [S]."""
    return _newton(
        partial(step_of, design, layer, known),
        partial(_moved, design, known.volts),
        start,
        known.behind.current[0],
    )


def _solve_outputs(design: Design, layer: Layer, z: Array) -> tuple[Voltages, Array]:
    """The same for the activation circuits of the last layer."""

    def step(nodes: Voltages) -> Voltages:
        full = _output_step(design, layer.activation, z, nodes)
        return tuple(jnp.where(active, each, 0) for each in full)

    active = layer.crossbar.has_input[:, None]
    start = _start(design, design.activation_cell, z)
    return _newton(step, partial(_moved, design, None), start, z[0])


def _newton(
    step: Callable[[Any], Any], move: Callable[[Any, Any], Any], start: Any, like: Array
) -> tuple[Any, Array]:
    """Repeat a step until it is small, for all samples; `like` is an array of them, [S].

    Parameters
    ----------
    step : from given nodes.  move : gives the nodes after a step.
    """
    tolerance = 1e-12 if like.dtype == jnp.float64 else SINGLE_V

    def unfinished(state: tuple[Any, Array, Array]) -> Array:
        _, error, steps = state
        return (steps < MAX_STEPS) & jnp.any(error > tolerance)

    def further(state: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
        nodes, _, steps = state
        full = step(nodes)
        # Few need more; those go round in a circle, which smaller and smaller steps break.
        limit = STEP_LIMIT_V * SHRINKING ** (steps - UNLIMITED_STEPS)
        limit = jnp.where(steps < UNLIMITED_STEPS, jnp.inf, limit).astype(like.dtype)
        held = jax.tree.map(lambda d: jnp.clip(d, -limit, limit), full)
        return move(nodes, held), _size(full), steps + 1

    infinite = jnp.full_like(like, jnp.inf)
    nodes, error, _ = jax.lax.while_loop(unfinished, further, (start, infinite, jnp.asarray(0)))
    return nodes, error


def _size(step: Any) -> Array:
    """Of the largest move of a node, V, [S]; infinite where it is not a number."""
    sizes = [jnp.abs(each).max(0) for each in jax.tree.leaves(step)]
    return jnp.nan_to_num(jnp.stack(sizes).max(0), nan=jnp.inf)


class Track(NamedTuple):
    """Where the operating points of some samples were: a start for those of a circuit nearby.

    Attributes
    ----------
    nodes : of every layer.  outputs : of the circuits at the network's outputs, V, [N, S] a node.
    behind : of every layer, how the next one loads its columns.
    """

    nodes: tuple[Nodes, ...]
    outputs: Voltages
    behind: tuple[Behind, ...]


def solve_loaded(
    design: Design, layers: tuple[Layer, ...], v: Array, loading: Array | float = 1.0
) -> Loaded:
    """Operating points of a network, with all of its loading; differentiable.

    Derivatives come from a Newton step at the solution, with the slopes held fixed (implicit
    function theorem).

    Parameters
    ----------
    layers : of `build_layers`.
    v : input voltages, V, [inputs, S]. Its dtype is the precision: float64 where microvolts matter.
    loading : 1 for the circuit; 0 for the same nonlinear circuits as ideal sources, which feel none
        of the current that is drawn from them.
    """
    loading, layers = _in_precision_of(v, loading, layers)
    frozen = stop_gradient((layers, v, loading))
    track, errors = _all_passes(design, *frozen)
    points, outputs, _, _ = _through(design, layers, v, loading, track)
    it = record(design, layers, points, outputs, v, errors)
    return it._replace(out=jnp.where(it.converged, it.out, jnp.nan))


def begin_track(
    design: Design, layers: tuple[Layer, ...], v: Array, loading: Array | float = 1.0
) -> Track:
    """Operating points, solved from nothing, to start `track_loaded` from."""
    loading, layers = _in_precision_of(v, loading, layers)
    return _all_passes(design, layers, v, loading)[0]


def track_loaded(
    design: Design,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array | float,
    track: Track,
) -> tuple[Loaded, Track]:
    """As `solve_loaded`, by one Newton step from operating points nearby.

    Made for training, where parameters move a little at a time: several times cheaper than solving
    from nothing. How far it is off stands in `error`; nothing is called converged or not.

    Returns
    -------
    The operating points, differentiable, and where they are, for the next call.
    """
    loading, layers = _in_precision_of(v, loading, layers)
    points, outputs, moved, errors = _through(design, layers, v, loading, track)
    return record(design, layers, points, outputs, v, errors), stop_gradient(moved)


def _in_precision_of(
    v: Array, loading: Array | float, layers: tuple[Layer, ...]
) -> tuple[Array, tuple[Layer, ...]]:
    same = jax.tree.map(
        lambda x: x.astype(v.dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x, layers
    )
    return jnp.asarray(loading, v.dtype), same


def _through(
    design: Design,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    track: Track,
) -> tuple[list[Point], Outputs, Track, Array]:
    """Every layer in turn: a Newton step that has derivatives, from where the track was.

    Returns
    -------
    Points, outputs, where they are, and the size of the last step of every sample, V, [S].
    """
    points: list[Point] = []
    moved, behind, errors = [], [], []
    drivers = None
    for k, layer in enumerate(layers):
        known = Known(v if k == 0 else None, drivers, stop_gradient(track.behind[k]), loading)
        there = stop_gradient(track.nodes[k])
        step = step_of(design, layer, known, there)
        there = _limited(there, step)
        points.append(point_of(design, layer, known, there))
        if drivers is not None:
            behind.append(_as_load(layer, drivers, points[-1], loading))
        drivers = _next_drivers(layer, points[-1])
        moved.append(there)
        errors.append(_size(stop_gradient(step)))
    outputs = _at_outputs(design, layers[-1], points[-1].columns.z, track.outputs)
    behind.append(track.behind[-1])
    return (
        points,
        outputs,
        Track(tuple(moved), outputs.nodes, tuple(behind)),
        jnp.stack(errors).max(0),
    )


def _limited(nodes: Any, step: Any) -> Any:
    """Nodes after a step that has derivatives; held back where tracking has lost its way."""

    def moved(v: Array, d: Array) -> Array:
        return v + jnp.clip(jnp.where(jnp.isfinite(d), d, 0), -STEP_LIMIT_V, STEP_LIMIT_V)

    return jax.tree.map(moved, nodes, step)


def _at_outputs(design: Design, layer: Layer, z: Array, nodes: Voltages) -> Outputs:
    """The activation circuits of the last layer, which nothing loads; as in `_through`."""
    cell, state = design.activation_cell, layer.activation
    there = stop_gradient(nodes)
    there = _limited(there, _output_step(design, state, z, there))
    return Outputs(there, supplied(design, cell, state, z, there, jnp.zeros_like(z)))


def _output_step(design: Design, state: CellState, z: Array, nodes: Voltages) -> Voltages:
    """Newton step of activation circuits that nothing loads."""
    port = port_of(design, design.activation_cell, state, z, nodes)
    return all_nodes(design.activation_cell, port, None, -port.imbalance[1] / port.slope[1][1])


def _as_load(layer: Layer, drivers: Drivers, point: Point, loading: Array) -> Behind:
    """What a layer is to the columns of the layer before that drive it themselves.

    It draws more than its own columns' voltages let it: the slope is the largest that it can be, so
    that passes settle.
    """
    plus, _ = printed(layer)
    conductance = jnp.where(drivers.active, 0, loading * plus[: len(drivers.active)].sum(1))
    drawn = jnp.where(drivers.active[:, None], 0, loading * point.drawn[:-1])
    return Behind(conductance, conductance[:, None] * point.columns.rows[:-1] - drawn)


def _apart(drivers: Drivers, before: Behind, now: Behind) -> Array:
    """How far two loads leave the columns apart at most, V, [S]."""
    total = drivers.conductance + now.conductance
    moved = now.current - before.current
    first = (now.conductance - before.conductance)[:, None] * drivers.gate
    return (jnp.abs(moved - first) / total[:, None]).max(0)


def _next_drivers(layer: Layer, point: Point) -> Drivers:
    it, active = point.columns, layer.crossbar.has_input
    return Drivers(it.z, active, it.conductance, it.current, layer.activation)


def _start(design: Design, cell: Cell, like: Array) -> Voltages:
    """The middle of the rails for all nodes of circuits, one for each entry of `like`."""
    return tuple(mid_rail(cell, design.process, like))


def _all_passes(
    design: Design, layers: tuple[Layer, ...], v: Array, loading: Array
) -> tuple[Track, Array]:
    """Operating points from nothing, and the size of their last Newton steps, V, [S]."""

    def zeros(k: int) -> Array:
        return jnp.zeros((k, v.shape[1]), v.dtype)

    start = tuple(
        Nodes(
            None if k == 0 else _start(design, design.activation_cell, zeros(m)),
            _start(design, design.negation_cell, zeros(m + 1)),
        )
        for k, m in enumerate(design.topology[:-1])
    )
    nothing = tuple(Behind(zeros(n)[:, 0], zeros(n)) for n in design.topology[1:])
    settled = 1e-11 if v.dtype == jnp.float64 else SINGLE_V / 10  # V, between two passes

    def one_pass(state: Any) -> Any:
        nodes, behind, _, _, _, number = state
        solved, errors, loads, moves = [], [], [], [jnp.zeros_like(v[0])]
        drivers = None
        for k, layer in enumerate(layers):
            known = Known(v if k == 0 else None, drivers, behind[k], loading)
            found, error = _solve(design, layer, known, nodes[k])
            point = point_of(design, layer, known, found)
            if drivers is not None:
                loads.append(_as_load(layer, drivers, point, loading))
                moves.append(_apart(drivers, behind[k - 1], loads[-1]))
            drivers = _next_drivers(layer, point)
            solved.append(found)
            errors.append(error)
        moved = jnp.stack(moves).max(0)
        worst = jnp.stack([*errors, moved]).max(0)
        return tuple(solved), (*loads, nothing[-1]), point.columns.z, worst, moved.max(), number + 1

    def unfinished(state: Any) -> Array:
        *_, change, number = state
        return (number < PASSES) & (change > settled)

    infinite = jnp.asarray(jnp.inf, v.dtype)
    first = (start, nothing, nothing[-1].current, jnp.zeros_like(v[0]), infinite, jnp.asarray(0))
    nodes, behind, z, error, _, _ = jax.lax.while_loop(unfinished, one_pass, first)
    at_outputs, theirs = _solve_outputs(design, layers[-1], z)
    return Track(nodes, at_outputs, behind), jnp.maximum(error, theirs)
