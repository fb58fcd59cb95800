"""The network as it is printed: nonlinear circuits as circuits, and sources that are loaded.

The output of a nonlinear circuit is a node behind a resistor, and the crossbar that it feeds draws
current from it. Layer by layer, Kirchhoff's law at the outputs a_i of the circuits before it and
n_i of its negative-weight circuits (section 5 of the method's equations):

    I_a,i(a_i) + I_n,in(a_i, n_i) + sum_j g+_ij (a_i - z_j) = 0
    I_n,i(n_i) + sum_j g-_ij (n_i - z_j) = 0
    z_j (G_j + g_L) = sum_i (g+_ij a_i + g-_ij n_i) + g_b V_b + g_L V_L

and at the inner nodes of every circuit. Newton for all of them at once: inner nodes are eliminated
circuit by circuit, then the two outputs of a row, which leaves one small system a sample in the
column voltages z. Nothing runs back through a gate, so layers are solved one after another.

One thing does run back: a column without any input has no activation circuit, and the next layer
loads the column itself, and through it a negated bias. Such networks are solved in several passes,
each with the load that the pass before found; gradients leave that out.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.circuits import operating_point
from printron.circuits.operating_point import MAX_STEPS, STEP_LIMIT_V
from printron.network.loaded_layer import Behind, Drivers, Known, Nodes, Point, point_of, printed
from printron.network.loaded_record import Loaded, Outputs, record
from printron.network.netlist import supply_volts
from printron.network.network import CellState, Design, Layer
from printron.network.ports import all_nodes, port_of, values_of
from printron.technology import Cell

PASSES = 100  # over the layers, where a column loads the layer before


def _moved(design: Design, volts: Array | None, nodes: Any, step: Any) -> Any:
    """Nodes after a Newton step, clipped per node and kept between the sources.

    Parameters
    ----------
    volts : of the inputs, V; None where nodes see the supplies alone.
    """
    rails = jnp.asarray([0.0, *supply_volts(design).values()])
    outside = jnp.zeros(1) if volts is None else volts
    low = jnp.minimum(rails.min(), outside.min())
    high = jnp.maximum(rails.max(), outside.max())
    return jax.tree.map(
        lambda v, d: jnp.clip(v + jnp.clip(d, -STEP_LIMIT_V, STEP_LIMIT_V), low, high), nodes, step
    )


def _solve(design: Design, layer: Layer, known: Known, start: Nodes) -> tuple[Nodes, Array]:
    """Newton to the end: nodes, and the size of the last step of every sample, V, [S]."""
    tolerance = 1e-12 if known.behind.current.dtype == jnp.float64 else 2e-6

    def unfinished(state: tuple[Nodes, Array, Array]) -> Array:
        _, error, steps = state
        return (steps < MAX_STEPS) & jnp.any(error > tolerance)

    def step(state: tuple[Nodes, Array, Array]) -> tuple[Nodes, Array, Array]:
        nodes, _, steps = state
        full = point_of(design, layer, known, nodes).step
        return _moved(design, known.volts, nodes, full), _size(full), steps + 1

    samples = known.behind.current.shape[-1]
    infinite = jnp.full(samples, jnp.inf, known.behind.current.dtype)
    nodes, error, _ = jax.lax.while_loop(unfinished, step, (start, infinite, jnp.asarray(0)))
    return nodes, error


def _size(step: Nodes) -> Array:
    sizes = [jnp.abs(each).max((0, 1)) for each in step if each is not None]
    return jnp.stack(sizes).max(0)


class Track(NamedTuple):
    """Where the operating points of some samples were: a start for those of a circuit nearby.

    Attributes
    ----------
    nodes : of every layer.  outputs : of the circuits at the network's outputs, V, [nodes, N, S].
    behind : of every layer, how the next one loads its columns.
    """

    nodes: tuple[Nodes, ...]
    outputs: Array
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
    points, outputs, _ = _through(design, layers, v, loading, track, steps=0)
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
    steps: int = 1,
) -> tuple[Loaded, Track]:
    """As `solve_loaded`, by so many Newton steps and one more from operating points nearby.

    Made for training, where parameters move a little at a time: several times cheaper than solving
    from nothing. How far it is off stands in `error`; nothing is called converged or not.

    Returns
    -------
    The operating points, differentiable, and where they are, for the next call.
    """
    loading, layers = _in_precision_of(v, loading, layers)
    points, outputs, moved = _through(design, layers, v, loading, stop_gradient(track), steps)
    errors = jnp.stack([_size(stop_gradient(point.step)) for point in points]).max(0)
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
    steps: int,
) -> tuple[list[Point], Outputs, Track]:
    """Every layer in turn: `steps` Newton steps without derivatives, then one that has them."""
    points: list[Point] = []
    moved, behind = [], []
    drivers = None
    for k, layer in enumerate(layers):
        known = Known(v if k == 0 else None, drivers, stop_gradient(track.behind[k]), loading)
        there = stop_gradient(track.nodes[k])
        held, known_there = stop_gradient((layer, known))
        for _ in range(steps):
            step = point_of(design, held, known_there, there).step
            there = _moved(design, known_there.volts, there, step)
        there = jax.tree.map(jnp.add, there, point_of(design, layer, known, there).step)
        points.append(point_of(design, layer, known, there))
        if drivers is not None:
            behind.append(_as_load(layer, drivers, points[-1], loading))
        drivers = _next_drivers(layer, points[-1])
        moved.append(there)
    outputs = _at_outputs(design, layers[-1], points[-1].z, track.outputs, steps)
    return points, outputs, Track(tuple(moved), outputs.nodes, (*behind, track.behind[-1]))


def _at_outputs(design: Design, layer: Layer, z: Array, nodes: Array, steps: int) -> Outputs:
    """The activation circuits of the last layer, which nothing loads; as in `_through`."""
    cell, state = design.activation_cell, layer.activation

    def step(state: CellState, z: Array, nodes: Array) -> Array:
        port = port_of(design, cell, state, z, nodes)
        return all_nodes(cell, port, None, -port.imbalance[1] / port.slope[1][1])

    there = stop_gradient(nodes)
    held = stop_gradient((state, z))
    for _ in range(steps):
        there = _moved(design, None, there, step(*held, there))
    there = there + step(state, z, there)
    return Outputs(there, port_of(design, cell, state, z, there))


def _as_load(layer: Layer, drivers: Drivers, point: Point, loading: Array) -> Behind:
    """What a layer is to the columns of the layer before that drive it themselves.

    It draws more than its own columns' voltages let it: the slope is the largest that it can be, so
    that passes settle.
    """
    plus, _ = printed(layer)
    conductance = jnp.where(drivers.active, 0, loading * plus[: len(drivers.active)].sum(1))
    drawn = jnp.where(drivers.active[:, None], 0, loading * point.drawn[:-1])
    return Behind(conductance, conductance[:, None] * point.rows[:-1] - drawn)


def _apart(drivers: Drivers, before: Behind, now: Behind) -> Array:
    """How far two loads leave the columns apart at most, V, [S]."""
    total = drivers.conductance + now.conductance
    moved = now.current - before.current
    first = (now.conductance - before.conductance)[:, None] * drivers.gate
    return (jnp.abs(moved - first) / total[:, None]).max(0)


def _next_drivers(layer: Layer, point: Point) -> Drivers:
    return Drivers(
        point.z, layer.crossbar.has_input, point.conductance, point.current, layer.activation
    )


def _start(design: Design, cell: Cell, k: int, v: Array) -> Array:
    middle = sum(design.process.rail(rail) for rail in cell.rails) / len(cell.rails)
    return jnp.full((len(cell.unknowns), k, v.shape[1]), middle, v.dtype)


def _all_passes(
    design: Design, layers: tuple[Layer, ...], v: Array, loading: Array
) -> tuple[Track, Array]:
    """Operating points from nothing, and the size of their last Newton steps, V, [S]."""
    start = tuple(
        Nodes(
            None if k == 0 else _start(design, design.activation_cell, m, v),
            _start(design, design.negation_cell, m + 1, v),
        )
        for k, m in enumerate(design.topology[:-1])
    )
    nothing = tuple(
        Behind(jnp.zeros(n, v.dtype), jnp.zeros((n, v.shape[1]), v.dtype))
        for n in design.topology[1:]
    )
    settled = 1e-11 if v.dtype == jnp.float64 else 1e-6  # V, between two passes

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
        return tuple(solved), (*loads, nothing[-1]), point.z, worst, moved.max(), number + 1

    def unfinished(state: Any) -> Array:
        *_, change, number = state
        return (number < PASSES) & (change > settled)

    infinite = jnp.asarray(jnp.inf, v.dtype)
    first = (start, nothing, nothing[-1].current, jnp.zeros_like(v[0]), infinite, jnp.asarray(0))
    nodes, behind, z, error, _, _ = jax.lax.while_loop(unfinished, one_pass, first)
    cell, last = design.activation_cell, layers[-1]
    outputs = operating_point(cell, design.process, values_of(cell, last.activation), z)
    at_outputs = jnp.stack([jnp.nan_to_num(outputs.voltages[name]) for name in cell.unknowns])
    theirs = jnp.where(last.crossbar.has_input[:, None], outputs.error, 0).max(0)
    return Track(nodes, at_outputs, behind), jnp.maximum(error, theirs)
