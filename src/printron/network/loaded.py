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
each with the currents that the pass before found; gradients leave that out.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.circuits import OperatingPoint, operating_point, solve_linear
from printron.circuits.operating_point import MAX_STEPS, STEP_LIMIT_V, Stamps, stamp
from printron.network.netlist import supply_volts
from printron.network.network import CellState, Design, Layer
from printron.technology import Cell

PASSES = 20  # over the layers, where a column loads the layer before
SAME_AMPERE = 1e-13  # currents between two passes


class Loaded(NamedTuple):
    """Operating points of a network.

    Attributes
    ----------
    out : output voltages, V, [classes, S]; NaN where a sample did not converge.
    columns : column voltages of every layer, V, [N, S] each.
    rows : voltages of every layer's rows, inputs and bias, V, [M+1, S] each.
    negated : outputs of the negative-weight circuits, V, [M+1, S] each; of those that are not
        printed, too.
    delivered : W that every supply ("vdd", ...), "bias" and the inputs together ("in") deliver, by
        name, [S] each.
    dissipated : W that turn to heat in the "crossbar", "activation" and "negation" circuits of
        every layer, [layers, S] each.
    error : V, size of the last Newton step, [S].  converged : bool, [S].
    """

    out: Array
    columns: tuple[Array, ...]
    rows: tuple[Array, ...]
    negated: tuple[Array, ...]
    delivered: dict[str, Array]
    dissipated: dict[str, Array]
    error: Array
    converged: Array


class _Drivers(NamedTuple):
    """What feeds the rows of a layer behind the first: the activation circuits before it.

    Attributes
    ----------
    gate : their input voltages, V, [M, S].
    active : rows that have such a circuit, bool [M]; the others are columns of the crossbar before.
    conductance, current : such a column's, S [M] and A [M, S]: its open voltage is their ratio.
    state : of the circuits.
    """

    gate: Array
    active: Array
    conductance: Array
    current: Array
    state: CellState


class _Nodes(NamedTuple):
    """Unknowns of a layer: nodes of its drivers [nodes, M, S] (None in the first layer) and of its
    negative-weight circuits [nodes, M+1, S], in the order of the cells' `unknowns`."""

    drivers: Array | None
    negations: Array


class _Port(NamedTuple):
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


def _values(cell: Cell, state: CellState) -> dict[str, Array]:
    return {name: state.values[k][:, None] for k, name in enumerate(cell.variables)}


def _port(design: Design, cell: Cell, state: CellState, v_in: Array, nodes: Array) -> _Port:
    """Linearise the circuits of a layer at `nodes` [nodes, k, S]; only currents have gradients."""
    stamps = stamp(cell, design.process, _values(cell, state), v_in, nodes, input_free=True)
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
    return _Port(imbalance, (slopes(end), slopes(out)), step, (by_in, by_out), stamps)


_Solved = Stamps | OperatingPoint  # both know what circuits draw and burn


class _Known(NamedTuple):
    """What a layer's solution depends on, besides the layer itself.

    Attributes
    ----------
    volts : of the inputs, V, [M, S]; None where there are drivers.
    drivers : what feeds the rows; None in the first layer.
    injected : A that the next layer feeds into the columns that it loads, [N, S].
    loading : share of the drawn currents that the sources feel, 0 ... 1.
    """

    volts: Array | None
    drivers: _Drivers | None
    injected: Array
    loading: Array


class _Point(NamedTuple):
    """A layer at some node voltages.

    Attributes
    ----------
    step : the Newton step from there.
    rows, negated : V, [M+1, S].  z : column voltages, V, [N, S].
    driver, negation : the circuits there; None in the first layer.
    drawn : A that crossbar and negative-weight circuits draw from each row, [M+1, S].
    conductance : of each column, its load included, S, [N].
    current : into each column at 0 V, without what the next layer injects, A, [N, S].
    """

    step: _Nodes
    rows: Array
    negated: Array
    z: Array
    driver: _Port | None
    negation: _Port
    drawn: Array
    conductance: Array
    current: Array


def _printed(layer: Layer) -> tuple[Array, Array]:
    """Conductances that are printed, S, [M+2, N] each: fed directly, and by negations."""
    used = layer.crossbar.used
    return layer.crossbar.plus * used, layer.crossbar.minus * used


def _point(design: Design, layer: Layer, known: _Known, nodes: _Nodes) -> _Point:
    """Kirchhoff's law of a layer at `nodes`, and the Newton step from there."""
    cell = design.negation_cell
    n = nodes.negations[cell.unknowns.index("out")]
    rows = _rows(design, known, nodes)
    plus, minus = _printed(layer)
    P, N = plus[: len(rows)], minus[: len(rows)]
    load = jnp.where(layer.crossbar.has_input, layer.activation.load, 0)
    rail = design.activation_cell.input_load
    V_L = design.process.rail(rail[1]) if rail else 0.0
    total = plus.sum(0) + minus.sum(0) + load
    total = jnp.where(total > 0, total, 1.0)  # a column without any resistor is tied to ground
    current = P.T @ rows + N.T @ n + (load * V_L)[:, None]
    z = (current + known.injected) / total[:, None]

    negation = _port(design, cell, layer.negation, rows, nodes.negations)
    there = layer.crossbar.negated_rows[:, None]
    from_row = P.sum(1)[:, None] * rows - P @ z
    share = known.loading
    r_n = negation.imbalance[1] + share * (N.sum(1)[:, None] * n - N @ z)
    r_a = share * (from_row + jnp.where(there, negation.imbalance[0], 0))
    driver, own = None, None
    if known.drivers is not None and nodes.drivers is not None:
        driver, own = _driver(design, known.drivers, nodes.drivers, rows[:-1])
        r_a = r_a.at[:-1].add(own[0])
    P, N, total_, slope = jax.tree.map(stop_gradient, (P, N, total, negation.slope))
    K = _inverse(own[1] if own else None, slope, share * there, share * P, share * N)
    d_rows, d_n = _ends_step(P, N, total_, K, r_a, r_n, share)
    step = _Nodes(
        None if driver is None else _all_nodes(design.activation_cell, driver, None, d_rows[:-1]),
        _all_nodes(cell, negation, d_rows, d_n),
    )
    drawn = from_row + jnp.where(there, negation.stamps.imbalance[-1], 0)
    return _Point(step, rows, n, z, driver, negation, drawn, total, current)


def _rows(design: Design, known: _Known, nodes: _Nodes) -> Array:
    """Voltages of a layer's rows and of the bias line, V, [M+1, S]."""
    if nodes.drivers is not None:
        above = nodes.drivers[design.activation_cell.unknowns.index("out")]
    else:
        above = jnp.asarray(known.volts)
    bias = jnp.full_like(above[:1], design.process.crossbar.V_bias)
    return jnp.concatenate([above, bias])


def _driver(
    design: Design, drivers: _Drivers, nodes: Array, a: Array
) -> tuple[_Port, tuple[Array, Array]]:
    """What drives the rows, and the current into it, A, with its slope, S, [M, S] each."""
    port = _port(design, design.activation_cell, drivers.state, drivers.gate, nodes)
    active, conductance = drivers.active[:, None], drivers.conductance[:, None]
    into = jnp.where(active, port.imbalance[1], conductance * a - drivers.current)
    slope = jnp.where(active, port.slope[1][1], stop_gradient(conductance))
    return port, (into, slope)


class _Inverse(NamedTuple):
    """Of the 2 x 2 system of a row's own outputs, a and n, [M+1, S] each; 0 for ideal sources."""

    aa: Array
    an: Array
    na: Array
    nn: Array


def _inverse(driver: Array | None, slope: Any, there: Array, P: Array, N: Array) -> _Inverse:
    """Of the slopes of a row's currents, those of its own conductances P and N [M+1, N] included.

    Parameters
    ----------
    driver : slope of the driver's current, S, [M, S]; None where sources are ideal.
    slope : of the negative-weight circuits, as in `_Port`.
    there : share of their input current that loads the row, [M+1, 1]; 0 where none is printed.
    """
    (in_in, in_out), (out_in, out_out) = slope
    nn = out_out + N.sum(1)[:, None]
    if driver is None:
        zero = jnp.zeros_like(nn)
        return _Inverse(zero, zero, zero, 1 / nn)
    aa = (there * in_in + P.sum(1)[:, None])[:-1] + driver
    an, na = (there * in_out)[:-1], out_in[:-1]
    det = aa * nn[:-1] - an * na

    def and_bias(row: Array, bias: Array | float) -> Array:
        return jnp.concatenate([row, jnp.zeros_like(nn[:1]) + bias])

    return _Inverse(
        and_bias(nn[:-1] / det, 0),
        and_bias(-an / det, 0),
        and_bias(-na / det, 0),
        and_bias(aa / det, 1 / nn[-1:]),
    )


def _ends_step(
    P: Array, N: Array, total: Array, K: _Inverse, r_a: Array, r_n: Array, share: Array
) -> tuple[Array, Array]:
    """Newton steps of the rows' two outputs, V, [M+1, S] each.

    Columns follow them, total_j dz_j = sum_i (P_ij da_i + N_ij dn_i), and pull a `share` back.
    """
    a_0, n_0 = -(K.aa * r_a + K.an * r_n), -(K.na * r_a + K.nn * r_n)
    matrix = jnp.diag(total)[..., None]
    for left, k, right in ((P, K.aa, P), (P, K.an, N), (N, K.na, P), (N, K.nn, N)):
        both = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
        matrix = matrix - share * (both.T @ k).reshape(*matrix.shape[:2], -1)
    dz = _eliminated(matrix, P.T @ a_0 + N.T @ n_0)
    p, n = share * (P @ dz), share * (N @ dz)
    return a_0 + K.aa * p + K.an * n, n_0 + K.na * p + K.nn * n


def _eliminated(matrix: Array, right: Array) -> Array:
    """Solve A x = b for many small systems, [N, N, S] and [N, S].

    A column's own conductance dominates, so no pivoting is needed; sample by sample side by side,
    which a batched library solver is not.
    """
    size = len(right)
    whole = jnp.concatenate([matrix, right[:, None]], 1)
    for k in range(size):
        whole = whole.at[k].divide(whole[k, k])
        others = whole[:, k].at[k].set(0.0)
        whole = whole - others[:, None] * whole[k]
    return whole[:, -1]


def _all_nodes(cell: Cell, port: _Port, d_in: Array | None, d_out: Array) -> Array:
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


def _solve(design: Design, layer: Layer, known: _Known, start: _Nodes) -> tuple[_Nodes, Array]:
    """Newton to the end: nodes, and the size of the last step of every sample, V, [S]."""
    rails = jnp.asarray([0.0, *supply_volts(design).values()])
    outside = jnp.zeros(1) if known.volts is None else known.volts
    low = jnp.minimum(rails.min(), outside.min())
    high = jnp.maximum(rails.max(), outside.max())
    tolerance = 1e-12 if known.injected.dtype == jnp.float64 else 2e-6

    def unfinished(state: tuple[_Nodes, Array, Array]) -> Array:
        _, error, steps = state
        return (steps < MAX_STEPS) & jnp.any(error > tolerance)

    def step(state: tuple[_Nodes, Array, Array]) -> tuple[_Nodes, Array, Array]:
        nodes, _, steps = state
        full = _point(design, layer, known, nodes).step
        moved = jax.tree.map(
            lambda v, d: jnp.clip(v + jnp.clip(d, -STEP_LIMIT_V, STEP_LIMIT_V), low, high),
            nodes,
            full,
        )
        return moved, _size(full), steps + 1

    samples = known.injected.shape[-1]
    infinite = jnp.full(samples, jnp.inf, known.injected.dtype)
    nodes, error, _ = jax.lax.while_loop(unfinished, step, (start, infinite, jnp.asarray(0)))
    return nodes, error


def _size(step: _Nodes) -> Array:
    sizes = [jnp.abs(each).max((0, 1)) for each in step if each is not None]
    return jnp.stack(sizes).max(0)


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
    loading = jnp.asarray(loading, v.dtype)
    layers = jax.tree.map(
        lambda x: x.astype(v.dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x, layers
    )
    frozen = stop_gradient(layers)
    nodes, injected, errors = _all_passes(design, frozen, stop_gradient(v), stop_gradient(loading))
    points: list[_Point] = []
    drivers = None
    for k, layer in enumerate(layers):
        known = _Known(v if k == 0 else None, drivers, stop_gradient(injected[k]), loading)
        there = stop_gradient(nodes[k])
        step = _point(design, layer, known, there).step
        points.append(_point(design, layer, known, jax.tree.map(jnp.add, there, step)))
        drivers = _next_drivers(layer, points[-1])
    return _record(design, layers, points, v, errors)


def _next_drivers(layer: Layer, point: _Point) -> _Drivers:
    return _Drivers(
        point.z, layer.crossbar.has_input, point.conductance, point.current, layer.activation
    )


def _start(design: Design, cell: Cell, k: int, v: Array) -> Array:
    middle = sum(design.process.rail(rail) for rail in cell.rails) / len(cell.rails)
    return jnp.full((len(cell.unknowns), k, v.shape[1]), middle, v.dtype)


def _all_passes(
    design: Design, layers: tuple[Layer, ...], v: Array, loading: Array
) -> tuple[tuple[_Nodes, ...], tuple[Array, ...], Array]:
    """Nodes of every layer, currents that a layer injects into the one before, errors [S]."""
    start = tuple(
        _Nodes(
            None if k == 0 else _start(design, design.activation_cell, m, v),
            _start(design, design.negation_cell, m + 1, v),
        )
        for k, m in enumerate(design.topology[:-1])
    )
    nothing = tuple(jnp.zeros((n, v.shape[1]), v.dtype) for n in design.topology[1:])

    def one_pass(state: Any) -> Any:
        nodes, injected, _, _, number = state
        solved, errors, currents = [], [], []
        drivers = None
        for k, layer in enumerate(layers):
            known = _Known(v if k == 0 else None, drivers, injected[k], loading)
            found, error = _solve(design, layer, known, nodes[k])
            point = _point(design, layer, known, found)
            if drivers is not None:
                loaded = ~drivers.active[:, None] & (drivers.conductance[:, None] > 0)
                currents.append(jnp.where(loaded, -loading * point.drawn[:-1], 0))
            drivers = _next_drivers(layer, point)
            solved.append(found)
            errors.append(error)
        currents.append(nothing[-1])
        change = sum(jnp.abs(a - b).max() for a, b in zip(currents, injected, strict=True))
        return tuple(solved), tuple(currents), jnp.stack(errors).max(0), change, number + 1

    def unfinished(state: Any) -> Array:
        *_, change, number = state
        return (number < PASSES) & (change > SAME_AMPERE)

    infinite = jnp.asarray(jnp.inf, v.dtype)
    first = (start, nothing, jnp.zeros_like(v[0]), infinite, jnp.asarray(0))
    nodes, injected, error, _, _ = jax.lax.while_loop(unfinished, one_pass, first)
    return nodes, injected, error


def _record(
    design: Design, layers: tuple[Layer, ...], points: list[_Point], v: Array, errors: Array
) -> Loaded:
    """Outputs, and what every source delivers and every layer turns to heat."""
    cell, last, z = design.activation_cell, layers[-1], points[-1].z
    outputs = operating_point(cell, design.process, _values(cell, last.activation), z)
    active = last.crossbar.has_input[:, None]
    out = jnp.where(active, outputs.voltages["out"], z)
    converged = (errors < (1e-9 if v.dtype == jnp.float64 else 2e-5)) & (
        outputs.converged | ~active
    ).all(0)
    # Activation circuits are solved with the layer that they drive; those of the outputs alone.
    driving = [
        (layer.crossbar.has_input, point.driver.stamps)
        for layer, point in zip(layers, points[1:], strict=False)
        if point.driver is not None
    ]
    activations: list[tuple[Array, _Solved]] = [*driving, (last.crossbar.has_input, outputs)]
    negations: list[tuple[Array, _Solved]] = [
        (layer.crossbar.negated_rows, point.negation.stamps)
        for layer, point in zip(layers, points, strict=True)
    ]
    from_bias = jnp.stack([point.drawn[-1] for point in points]).sum(0)
    delivered = {
        "bias": design.process.crossbar.V_bias * from_bias,
        "in": (v * points[0].drawn[:-1]).sum(0),
    }
    for there, circuits in (*activations, *negations):
        for rail, current in circuits.source_current.items():
            volts = 0.0 if rail == "in" else design.process.rail(rail)
            if volts:
                power = volts * jnp.where(there[:, None], current, 0).sum(0)
                delivered[rail] = delivered[rail] + power if rail in delivered else power
    heat = {
        "crossbar": [_heat(layer, point) for layer, point in zip(layers, points, strict=True)],
        "activation": [_circuits_heat(*each) for each in activations],
        "negation": [_circuits_heat(*each) for each in negations],
    }
    return Loaded(
        jnp.where(converged, out, jnp.nan),
        tuple(point.z for point in points),
        tuple(point.rows for point in points),
        tuple(point.negated for point in points),
        delivered,
        {name: jnp.stack(each) for name, each in heat.items()},
        errors,
        converged,
    )


def _heat(layer: Layer, point: _Point) -> Array:
    """W in the resistors of a crossbar, [S]: sum of g (v - z)^2, multiplied out."""
    plus, minus = _printed(layer)
    rows = len(point.rows)
    heat = (plus[-1] + minus[-1]) @ point.z**2  # to ground
    for g, volts in ((plus[:rows], point.rows), (minus[:rows], point.negated)):
        heat = heat + (
            (g.sum(1) @ volts**2) - 2 * ((g.T @ volts) * point.z).sum(0) + g.sum(0) @ point.z**2
        )
    return heat


def _circuits_heat(there: Array, circuits: _Solved) -> Array:
    total = jnp.stack(list(circuits.dissipation.values())).sum(0)
    return jnp.where(there[:, None], total, 0).sum(0)
