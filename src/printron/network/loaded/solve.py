"""Operating points of a loaded network, solved by Newton (steps: `joint`): from nothing, from
operating points nearby, or by one step from where they were.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient
from jaxtyping import Float

from printron.circuits.newton import STEP_LIMIT_V, Policy, newton, repeated, size_of
from printron.circuits.operating_point import mid_rail
from printron.network.layers import CellState, Layer
from printron.network.loaded.joint import (
    Track,
    all_columns,
    fed_by,
    held_of,
    inputs_of,
    joint_step,
    output_step,
    read,
    through,
)
from printron.network.loaded.layer import (
    Known,
    Nodes,
    Point,
    columns_of,
    own_of,
    step_of,
)
from printron.network.loaded.ports import Gates, Voltages
from printron.network.loaded.record import Loaded, Outputs, record, solved
from printron.network.parts import supply_volts
from printron.network.structure import CellModel, Structure
from printron.technology import Process

# In single precision a Newton step ends at up to 0.3 mV, where circuits are steep; the outputs are
# then within 0.08 mV of those in double precision.
SINGLE_V = 3e-4
# Joint steps: few samples need more than the undamped ones; see `behind_of`.
UNDAMPED_STEPS, DAMPING, DAMPING_LEFT = 8, 10.0, 0.8
# Few need more than 20 steps; those go round in a circle, which smaller and smaller steps break.
POLICY = Policy(most=100, limit_V=STEP_LIMIT_V, free=20, shrink=0.9)


def _kept(
    structure: Structure, layers: tuple[Layer, ...], volts: Array | None
) -> Callable[[Any, Any], Any]:
    """Moves nodes by a step, and keeps them between the sources.

    Parameters
    ----------
    volts : of the inputs, V; None where nodes see the supplies alone.
    """
    rails = layers[0].supplied(jnp.asarray([0.0, *supply_volts(structure).values()]))
    outside = jnp.zeros(1) if volts is None else volts
    low = jnp.minimum(rails.min(), outside.min())
    high = jnp.maximum(rails.max(), outside.max())
    return lambda nodes, step: jax.tree.map(lambda v, d: jnp.clip(v + d, low, high), nodes, step)


def _tolerance(like: Array) -> float:
    """Of the last step, V."""
    return 1e-12 if like.dtype == jnp.float64 else SINGLE_V


def solve_loaded(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Float[Array, "inputs samples"],
    loading: Float[Array, ""] | float = 1.0,
) -> Loaded:
    """Operating points of a network, with all of its loading; differentiable.

    Derivatives come from a Newton step of all layers at the solution, with the slopes held fixed
    (implicit function theorem).

    Parameters
    ----------
    layers : of `build_layers`.
    v : input voltages, V, [inputs, S]. Its dtype is the precision: float64 where microvolts matter.
    loading : 1 for the circuit; 0 for the same nonlinear circuits as ideal sources, which feel none
        of the current that is drawn from them.
    """
    loading, layers = _in_precision_of(v, loading, layers)
    frozen = stop_gradient((layers, v, loading))
    return _finished(structure, layers, v, loading, *_from_nothing(structure, *frozen))


def begin_track(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Float[Array, "inputs samples"],
    loading: Float[Array, ""] | float = 1.0,
) -> Track:
    """Operating points, solved from nothing, to start `track_loaded` from."""
    loading, layers = _in_precision_of(v, loading, layers)
    return _from_nothing(structure, layers, v, loading)[0]


def track_loaded(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Float[Array, "inputs samples"],
    loading: Float[Array, ""] | float,
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
    points, outputs, moved, errors = through(structure, layers, v, loading, track)
    found = record(structure.process, layers, points, outputs, v, errors)
    return found, stop_gradient(moved)


def settle(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Float[Array, "inputs samples"],
    track: Track,
    loading: Float[Array, ""] | float = 1.0,
) -> tuple[Loaded, Track]:
    """As `solve_loaded`, with all layers solved together, and without derivatives.

    A small program: it compiles in a fraction of the time. From operating points nearby it takes
    few steps.

    Parameters
    ----------
    track : where to start; see `middle`.

    Returns
    -------
    The operating points, and where they are, for the next call.
    """
    loading, layers = _in_precision_of(v, loading, layers)
    frozen = stop_gradient((layers, v, loading, track))
    found, errors = _from_nearby(structure, *frozen)
    points, outputs = read(structure, layers, v, loading, found)
    return _known_outputs(structure, layers, points, outputs, v, errors), found


def middle(structure: Structure, v: Float[Array, "inputs samples"]) -> Track:
    """Every circuit's nodes in the middle of its rails: a start for `settle` from nothing."""
    process, found, fed = structure.process, [], None
    halfway = process.crossbar.V_bias / 2

    def nodes_of(model: CellModel | None, count: int) -> Voltages:
        return _start(process, model, jnp.full((count, v.shape[1]), halfway, v.dtype))

    for k, layer in enumerate(structure.layers):
        drivers: Voltages | None = nodes_of(fed, layer.inputs)
        if k == 0:
            drivers = (v,) if structure.conditions.source_resistance else None
        own = nodes_of(layer.negation, layer.inputs + 1) if layer.negation else ()
        found.append(Nodes(drivers, own))
        fed = layer.activation
    outputs = nodes_of(fed, structure.layers[-1].neurons) if fed else ()
    return Track(tuple(found), outputs)


def _finished(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    track: Track,
    errors: Array,
) -> Loaded:
    """What is read off solved operating points, with derivatives; errors as in `_from_nothing`."""
    points, outputs, _, _ = through(structure, layers, v, loading, track)
    return _known_outputs(structure, layers, points, outputs, v, errors)


def _known_outputs(
    structure: Structure,
    layers: tuple[Layer, ...],
    points: list[Point],
    outputs: Outputs | None,
    v: Array,
    errors: Array,
) -> Loaded:
    """The record of operating points; NaN for outputs of samples without one."""
    it = record(structure.process, layers, points, outputs, v, errors)
    return it._replace(out=jnp.where(it.converged, it.out, jnp.nan))


def _in_precision_of(
    v: Array, loading: Array | float, layers: tuple[Layer, ...]
) -> tuple[Array, tuple[Layer, ...]]:
    same = jax.tree.map(
        lambda x: x.astype(v.dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x, layers
    )
    return jnp.asarray(loading, v.dtype), same


def _start(process: Process, of: CellState | CellModel | None, like: Array) -> Voltages:
    """The middle of the rails for all nodes of circuits, one for each entry of `like`; without a
    circuit `like` itself."""
    return (like,) if of is None else tuple(mid_rail(of.cell, process, like))


def _from_nothing(
    structure: Structure, layers: tuple[Layer, ...], v: Array, loading: Array
) -> tuple[Track, Array]:
    """Operating points, and the size of their last Newton steps, V, [S].

    Layer by layer first, passive columns without what they drive; then all layers together, where
    there are any such columns.
    """
    process = structure.process
    found, errors, knowns = [], [], [inputs_of(structure, v, loading)]
    for layer in layers:
        nodes, error = _layer_from_nothing(structure, layers, layer, knowns[-1])
        columns = columns_of(process, layer, knowns[-1], nodes, None)
        knowns.append(fed_by(layer, columns, loading))
        found.append(nodes)
        errors.append(error)
    together, error = tuple(found), jnp.stack(errors).max(0)
    if len(layers) > 1:
        together, error = _settled(structure, layers, v, loading, together, error)
    z = columns_of(process, layers[-1], knowns[-2], together[-1], None).z
    outputs, last = _solve_outputs(structure, layers, z)
    return Track(together, outputs), jnp.maximum(error, last)


def _from_nearby(
    structure: Structure, layers: tuple[Layer, ...], v: Array, loading: Array, track: Track
) -> tuple[Track, Array]:
    """As `_from_nothing`, from operating points nearby: all layers together. Samples that find none
    start again from the middle of the rails."""
    move = _kept(structure, layers, v)

    def joint(nodes: tuple[Nodes, ...], steps: Array) -> tuple[tuple[Nodes, ...], Array]:
        limit = POLICY.limit(steps).astype(v.dtype)

        def limited(nodes: Any, step: Any) -> Any:
            return move(nodes, jax.tree.map(lambda d: jnp.clip(d, -limit, limit), step))

        moved = joint_step(structure, layers, v, loading, nodes, limited)
        return tuple(it.nodes for it in moved), size_of([it.step for it in moved], v[0])

    again = middle(structure, v).nodes

    def attempt(number: Any, found: tuple[Any, Array]) -> tuple[Any, Array]:
        nodes, error = found
        lost = (number > 0) & ~solved(error)
        start = jax.tree.map(lambda there, new: jnp.where(lost, new, there), nodes, again)
        return repeated(joint, start, jnp.where(lost, jnp.inf, error), _tolerance(v), POLICY.most)

    unknown = jnp.full_like(v[0], jnp.inf)
    nodes, error = jax.lax.fori_loop(0, 2, attempt, (track.nodes, unknown))
    _, columns = all_columns(structure, layers, v, loading, nodes)[-1]
    outputs, last = _solve_outputs(structure, layers, columns.z, track.outputs)
    return Track(nodes, outputs), jnp.maximum(error, last)


def _layer_from_nothing(
    structure: Structure, layers: tuple[Layer, ...], layer: Layer, known: Known
) -> tuple[Nodes, Array]:
    """Nodes of a layer at its operating point, and the size of the last step, V, [S]."""
    process = structure.process
    volts = known.volts if known.drivers is None else known.drivers.volts
    assert volts is not None
    zeros = jnp.zeros_like(volts)
    start = Nodes(
        None if known.drivers is None else _start(process, known.drivers.state, zeros),
        _start(process, layer.negation, jnp.concatenate([zeros, zeros[:1]]))
        if layer.negation
        else (),
    )

    def step(nodes: Nodes) -> Nodes:
        own = own_of(process, layer, known, nodes, None)
        return step_of(process, layer, known, nodes, own)[0]

    if not jax.tree.leaves(start):  # a first layer of resistors alone has no unknowns
        return start, jnp.zeros_like(volts[0])
    sensors = known.drivers is not None and known.drivers.source_S is not None
    move = _kept(structure, layers, volts if sensors else known.volts)
    return newton(step, move, start, volts[0], _tolerance(volts), POLICY)


def _settled(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Array,
    loading: Array,
    nodes: tuple[Nodes, ...],
    error: Array,
) -> tuple[tuple[Nodes, ...], Array]:
    """The nodes with all layers solved together, where a column drives a row itself; and the size
    of the last step of every sample, V, [S]: the given `error` where none does."""
    held = [held_of(layers, nodes, k) for k in range(len(layers) - 1)]
    drives = [jnp.any(it.drives) for it in held if it is not None]
    if not drives:
        return nodes, error
    passive = jnp.stack(drives).any()
    move, tolerance = _kept(structure, layers, v), _tolerance(v)

    def joint(nodes: tuple[Nodes, ...], steps: Array) -> tuple[tuple[Nodes, ...], Array]:
        damping = DAMPING * DAMPING_LEFT ** (steps - UNDAMPED_STEPS)
        damping = jnp.where(steps < UNDAMPED_STEPS, 0, damping).astype(v.dtype)
        moved = joint_step(structure, layers, v, loading, nodes, move, damping)
        return tuple(it.nodes for it in moved), size_of([it.step for it in moved], v[0])

    unknown = jnp.where(passive, jnp.full_like(v[0], jnp.inf), 0)
    found, last = repeated(joint, nodes, unknown, tolerance, POLICY.most)
    return found, jnp.where(passive, last, error)


def _solve_outputs(
    structure: Structure, layers: tuple[Layer, ...], z: Array, start: Voltages | None = None
) -> tuple[Voltages, Array]:
    """The activation circuits of the last layer at their operating points, as a layer is.

    Parameters
    ----------
    start : node voltages to start from, V; default: the middle of the rails.
    """
    layer = layers[-1]
    state = layer.activation
    if state is None:
        return (), jnp.zeros_like(z[0])

    def step(nodes: Voltages) -> Voltages:
        full = output_step(structure.process, state, gates, nodes)
        return tuple(jnp.where(active, each, 0) for each in full)

    gates, active = Gates(*layer.plus_and_minus(z)), layer.active[:, None]
    begin = _start(structure.process, state, gates.plus) if start is None else start
    return newton(step, _kept(structure, layers, None), begin, z[0], _tolerance(z), POLICY)
