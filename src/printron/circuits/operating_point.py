"""Operating points of cells: Kirchhoff's current law solved by Newton, batched, differentiable.

Newton runs on the voltages of a cell's inner nodes, for a whole batch of designs and inputs at
once. The equations are stamped from the cell's component list; no cell is written out here. Each
step is clipped per node (limiting the whole step failed silently on steep inverters) and kept
between the lowest and the highest source, where every node of a passive network with EGTs must lie.
Derivatives come from the implicit function theorem (`jax.lax.custom_root`).

This small Newton measured 2.5 times faster than Optimistix's, which is the reference in the tests.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from printron.circuits.newton import STEP_LIMIT_V, Policy, newton
from printron.circuits.sweep import CONVERGED, Sweep
from printron.technology import Cell, Component, Process, minus_volts
from printron.technology.names import MINUS

MAX_STEPS, CROSSINGS = 100, 5
TILE = 1024  # designs solved together; a tile's arrays stay in the second-level cache


class OperatingPoint(NamedTuple):
    """Solved node voltages and source powers; `...` is the batch.

    Attributes
    ----------
    voltages : V, by node name, inner nodes and output, each [...].
    source_current : A that each supply and the input source ("in") delivers, by name, each [...].
    dissipation : W turned to heat in each component, by name, each [...].
    error : V, size of the last Newton step: how far the solution may still be off, [...].
    converged : bool, [...]; where False the voltages are NaN.
    """

    voltages: dict[str, Float[Array, "*batch"]]
    source_current: dict[str, Float[Array, "*batch"]]
    dissipation: dict[str, Float[Array, "*batch"]]
    error: Float[Array, "*batch"]
    converged: Bool[Array, "*batch"]


class Stamps(NamedTuple):
    """Kirchhoff's current law of a cell at given node voltages."""

    imbalance: list[Array]  # A leaving each free node; zero at the operating point
    jacobian: list[list[Array]]  # S
    source_current: dict[str, Array]  # A leaving each known node that feeds more than gates
    dissipation: dict[str, Array]  # W, by component


def _known(
    cell: Cell,
    process: Process,
    v_in: Array,
    supply: Array | float | None,
    v_minus: Array | None = None,
) -> dict[str, Array]:
    known = {rail: jnp.full_like(v_in, process.rail(rail)) for rail in cell.rails}
    if supply is not None:
        known = {rail: supply * volts for rail, volts in known.items()}
    known["in"] = v_in
    if cell.differential:
        known[MINUS] = jnp.full_like(v_in, minus_volts(process)) if v_minus is None else v_minus
    for target, (gain, offset) in _shifts(cell).items():
        known[target] = gain * known["in"] + offset
    return known


def _shifts(cell: Cell) -> dict[str, tuple[float, float]]:
    """Gain and offset, V, of the nodes that an ideal level shift of the input drives."""
    parts = [part for part in cell.components.values() if part.target is not None]
    return {str(part.target): part.kind.follow(part.constants) for part in parts}


def stamp(
    cell: Cell,
    process: Process,
    design: Mapping[str, Array],
    v_in: Array,
    unknowns: Sequence[Array] | Array,
    *,
    input_free: bool = False,
    deviations: Mapping[str, Mapping[str, Array]] | None = None,
    supply: Array | float | None = None,
    v_minus: Array | None = None,
) -> Stamps:
    """Add up every component's currents and slopes at the node voltages `unknowns` [nodes, ...].

    Parameters
    ----------
    design, v_in : as in `operating_point`.
    input_free : "in" is a free node beside the unknowns, for the current that a cell draws from a
        loaded source.
    deviations : of printed circuits from the design, by component and quantity: factors, and V of
        a threshold; in shapes that broadcast with the voltages.
    supply : factor on the voltages of all rails; None for 1.
    v_minus : second input of a differential cell, V; default: `minus_volts`.
    """
    free = (*cell.unknowns, "in") if input_free else cell.unknowns
    index = {name: k for k, name in enumerate(free)}
    shifts = _shifts(cell)
    known = _known(cell, process, v_in, supply, v_minus)
    voltage = {**known, **{name: unknowns[k] for k, name in enumerate(cell.unknowns)}}
    zero = jnp.zeros_like(v_in)
    imbalance = [zero for _ in index]
    jacobian = [[zero for _ in index] for _ in index]
    source_current = dict.fromkeys((*cell.supplies, "in"), zero)
    dissipation: dict[str, Array] = {}

    def leave(node: str, current: Array, slopes: dict[str, Array]) -> None:
        if node not in cell.unknowns:
            source_current[node] = source_current.get(node, zero) + current
        if node not in index:
            return
        row = index[node]
        imbalance[row] = imbalance[row] + current
        for other, slope in slopes.items():
            of_input = other in shifts
            column = index.get("in" if of_input else other)
            if column is not None:
                gain = shifts[other][0] if of_input else 1.0
                jacobian[row][column] = jacobian[row][column] + gain * slope

    def value(part: Component, key: str) -> Array | float:
        variable, number = cell.value(part, key)
        return number if variable is None else design[variable]

    for name, part in cell.components.items():
        kind, volts = part.kind, [voltage[node] for node in part.nodes]
        own = {} if deviations is None else deviations.get(name, {})
        sizes = {key: value(part, key) for key in part.sizes}
        sizes = {key: size * own[key] if key in own else size for key, size in sizes.items()}
        spread = [_spread(each, zero) for each in kind.coefficients(sizes)]
        seen: Sequence[Array] = volts
        if own and kind.card_varies:
            seen, spread = map(list, kind.deviated(volts, spread, own))
        card = None if part.card is None else process.card(part.card)
        for (a, b), path in zip(kind.paths, kind.currents(seen, spread, card), strict=True):
            leave(part.nodes[a], path.current, _slopes(part.nodes, path.slopes))
            leave(part.nodes[b], -path.current, _slopes(part.nodes, [-s for s in path.slopes]))
            heat = path.current * (volts[a] - volts[b])
            dissipation[name] = dissipation[name] + heat if name in dissipation else heat
    return Stamps(imbalance, jacobian, source_current, dissipation)


def _spread(x: Array | float, like: Array) -> Array:
    """Values common to all samples, [k, 1] or [1, 1], and others that broadcast, in the shape of
    `like`.

    Common values are multiplied by ones: the derivative is then a product, too, which sums over the
    samples several times faster than a compiled sum.
    """
    x = jnp.asarray(x, like.dtype)
    if x.ndim < 2 or x.ndim != like.ndim or x.shape[-1] != 1:
        return jnp.broadcast_to(x, like.shape)
    return jnp.broadcast_to(x, (*like.shape[:-1], 1)) @ jnp.ones((1, like.shape[-1]), like.dtype)


def _slopes(nodes: Sequence[str], slopes: Sequence[Array]) -> dict[str, Array]:
    """Slopes by node; those of terminals on the same node add up."""
    total: dict[str, Array] = {}
    for node, slope in zip(nodes, slopes, strict=True):
        total[node] = total[node] + slope if node in total else slope
    return total


def solve_linear(
    matrix: list[list[Float[Array, "*#batch"]]], right: list[Float[Array, "*#batch"]]
) -> list[Float[Array, "..."]]:
    """Solve A x = b for a batch of small systems by elimination, written out per entry.

    `matrix[i][j]` and `right[i]` are arrays of the batch. A node's own conductance dominates its
    column, so no pivoting is needed; written out, this is several times faster than a general
    batched solver on 2 to 5 unknowns.
    """
    rows = [list(row) for row in matrix]
    b = list(right)
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            for j in range(k + 1, n):
                rows[i][j] = rows[i][j] - factor * rows[k][j]
            b[i] = b[i] - factor * b[k]
    x: list[Array] = [b[0]] * n
    for k in reversed(range(n)):
        done = sum((rows[k][j] * x[j] for j in range(k + 1, n)), jnp.zeros_like(b[k]))
        x[k] = (b[k] - done) / rows[k][k]
    return x


def _newton(
    cell: Cell, process: Process, design: Mapping[str, Array], v_in: Array, start: Array
) -> tuple[Array, Array]:
    """Node voltages [nodes, ...] and the size of the last full Newton step [...]."""
    low, high = source_range(cell, process, v_in)

    def step(v: Array) -> Array:
        stamps = stamp(cell, process, design, v_in, v)
        return -jnp.stack(solve_linear(stamps.jacobian, stamps.imbalance))

    def move(v: Array, d: Array) -> Array:
        return jnp.clip(v + d, low, high)

    tolerance = 1e-12 if v_in.dtype == jnp.float64 else 2e-6
    return newton(step, move, start, v_in, tolerance, _policy(cell, process))


def _policy(cell: Cell, process: Process) -> Policy:
    """Steps that move a node `CROSSINGS` times from rail to rail, and `MAX_STEPS` at least."""
    volts = [process.rail(rail) for rail in cell.rails] + list(cell.sweep)
    crossing = (max(volts) - min(volts)) / STEP_LIMIT_V
    return Policy(max(MAX_STEPS, math.ceil(CROSSINGS * crossing)), STEP_LIMIT_V)


def source_range(
    cell: Cell,
    process: Process,
    v_in: Float[Array, "*batch"],
    supply: Array | float = 1.0,
) -> tuple[Float[Array, "*batch"], Float[Array, "*batch"]]:
    """Lowest and highest of a cell's sources, V, [...]: all node voltages lie between."""
    rails = [jnp.full_like(v_in, process.rail(rail)) * supply for rail in cell.rails]
    sources = jnp.stack([*rails, v_in])
    return sources.min(0), sources.max(0)


def mid_rail(
    cell: Cell, process: Process, v_in: Float[Array, "*batch"]
) -> Float[Array, " nodes *batch"]:
    """The middle of the rails for every node, V, [nodes, ...]: Newton's default start."""
    middle = sum(process.rail(rail) for rail in cell.rails) / len(cell.rails)
    return jnp.full((len(cell.unknowns), *v_in.shape), middle, v_in.dtype)


def _accept(error: Array) -> Array:
    """Converged members: the last Newton step was below a nanovolt (float32: 20 µV)."""
    return error < (1e-9 if error.dtype == jnp.float64 else 2e-5)


def operating_point(
    cell: Cell,
    process: Process,
    design: Mapping[str, Array],
    v_in: Float[Array, "..."],
    start: Float[Array, "nodes ..."] | None = None,
) -> OperatingPoint:
    """Solve a cell at one input voltage per batch member; differentiable in design and input.

    Parameters
    ----------
    cell, process : the cell to solve, and its process.
    design : value of each design variable in ohm or m, by name; shapes that broadcast with v_in.
    v_in : input voltage, V, [...].  Its dtype is the precision; use float64 (see
        `jax.enable_x64`) where microvolts matter.
    start : node voltages to start from, V, [nodes, ...]; default: the middle of the rails.

    Returns
    -------
    OperatingPoint. A member that does not converge is NaN, and False in `converged`.
    """
    shape = jnp.broadcast_shapes(v_in.shape, *(jnp.shape(x) for x in design.values()))
    v_in = jnp.broadcast_to(v_in, shape)
    design = {k: jnp.broadcast_to(jnp.asarray(x, v_in.dtype), shape) for k, x in design.items()}
    frozen = jax.lax.stop_gradient((dict(design), v_in))
    begin = mid_rail(cell, process, v_in) if start is None else start
    solution, error = _newton(cell, process, frozen[0], frozen[1], jax.lax.stop_gradient(begin))

    def balance(v: Array) -> Array:
        return jnp.stack(stamp(cell, process, design, v_in, v).imbalance)

    v = jax.lax.custom_root(balance, solution, lambda _, x: x, _tangent_solve)
    converged = _accept(error)
    v = jnp.where(converged, v, jnp.nan)
    stamps = stamp(cell, process, design, v_in, v)
    return OperatingPoint(
        dict(zip(cell.unknowns, v, strict=True)),
        stamps.source_current,
        stamps.dissipation,
        error,
        converged,
    )


def _tangent_solve(linear: Callable[[Array], Array], right: Array) -> Array:
    """Solve the linearised law: unit vectors give the columns of its matrix."""
    n = right.shape[0]
    columns = [linear(jnp.zeros_like(right).at[k].set(1)) for k in range(n)]
    matrix = [[columns[j][i] for j in range(n)] for i in range(n)]
    return jnp.stack(solve_linear(matrix, list(right)))


@partial(jax.jit, static_argnums=(0, 1))
def _sweep_tile(
    cell: Cell, process: Process, designs: Array, v_in: Array
) -> tuple[Array, dict[str, Array], Array]:
    """One tile of designs [variables, tile]; each point starts from the point before."""
    design = dict(zip(cell.variables, designs, strict=True))

    def point(v: Array, volts: Array) -> tuple[Array, tuple[Array, dict[str, Array], Array]]:
        inputs = jnp.full(designs.shape[1:], volts, designs.dtype)
        v, error = _newton(cell, process, design, inputs, v)
        stamps = stamp(cell, process, design, inputs, v)
        volts_of = {"in": volts, **{rail: process.rail(rail) for rail in cell.supplies}}
        power = {name: jnp.asarray(volts_of[name]) * i for name, i in stamps.source_current.items()}
        return v, (v[cell.unknowns.index("out")], power, error)

    begin = mid_rail(cell, process, designs[0])
    _, (v_out, power, error) = jax.lax.scan(point, begin, v_in)
    return v_out, power, error.max(0)


def sweep(
    cell: Cell,
    process: Process,
    designs: Float[np.ndarray, "variables designs"],
    v_in: Float[np.ndarray, " points"],
    *,
    workers: int = 2,
) -> Sweep:
    """Sweep the input of many designs with the built-in engine, in float64.

    Parameters
    ----------
    designs : design vectors, ohm or m, [variables, designs].
    v_in : input voltages, V, [points], in sweep order.
    workers : tiles solved at the same time.

    Returns
    -------
    Sweep; a design that does not converge at some point is NaN, and `status` says so.
    """
    count = designs.shape[1]
    tile = min(TILE, count)
    starts = range(0, count, tile)
    # The last tile is padded with copies of the last design, so that one program serves all.
    padded = designs[:, np.minimum(np.arange(len(starts) * tile), count - 1)]

    def solve(first: int) -> tuple[NDArray, dict[str, NDArray], NDArray]:
        with jax.enable_x64(True):  # per thread
            part = jnp.asarray(padded[:, first : first + tile])
            return jax.tree.map(np.asarray, _sweep_tile(cell, process, part, jnp.asarray(v_in)))

    with ThreadPoolExecutor(workers) as pool:
        tiles = list(pool.map(solve, starts))
    joined = jax.tree.map(lambda *parts: np.concatenate(parts, -1)[..., :count], *tiles)
    v_out, power, error = joined
    good = np.asarray(_accept(error))
    status = tuple(
        CONVERGED if ok else f"did not converge: the last Newton step was {e:.2g} V"
        for ok, e in zip(good, error, strict=True)
    )
    v_out, *powers = (np.where(good, a, np.nan) for a in (v_out, *power.values()))
    return Sweep(v_in, v_out, dict(zip(power, powers, strict=True)), status, "jax", jax.__version__)
