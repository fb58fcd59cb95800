"""One loaded layer: voltages and currents at its nodes, and the Newton step that mends them."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.network.network import CellState, Design, Layer
from printron.network.ports import Port, Supplied, Voltages, all_nodes, port_of, supplied


class Drivers(NamedTuple):
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


class Nodes(NamedTuple):
    """Unknowns of a layer: nodes of its drivers [M, S] (None in the first layer) and of its
    negative-weight circuits [M+1, S]."""

    drivers: Voltages | None
    negations: Voltages


class Behind(NamedTuple):
    """The next layer as a load of the columns that drive it themselves, having no circuit.

    It draws conductance * z - current, A, from a column: what it was last seen to draw, and more or
    less where the column's voltage z moves.

    Attributes
    ----------
    conductance : S, [N].  current : A, [N, S].
    """

    conductance: Array
    current: Array


class Known(NamedTuple):
    """What a layer's solution depends on, besides the layer itself.

    Attributes
    ----------
    volts : of the inputs, V, [M, S]; None where there are drivers.
    drivers : what feeds the rows; None in the first layer.
    behind : what the next layer is to the columns that it loads.
    loading : share of the drawn currents that the sources feel, 0 ... 1.
    """

    volts: Array | None
    drivers: Drivers | None
    behind: Behind
    loading: Array


class Columns(NamedTuple):
    """A layer's crossbar at some node voltages.

    Attributes
    ----------
    rows, negated : V, [M+1, S].  z : column voltages, V, [N, S].
    plus, minus : printed conductances of these rows, S, [M+1, N].
    from_row, from_negated : A that the crossbar draws from them, [M+1, S].
    conductance : of each column, its load included but not what is behind, S, [N].
    current : into each column at 0 V, likewise, A, [N, S].
    """

    rows: Array
    negated: Array
    z: Array
    plus: Array
    minus: Array
    from_row: Array
    from_negated: Array
    conductance: Array
    current: Array


class Point(NamedTuple):
    """A layer at its operating point.

    Attributes
    ----------
    columns : the crossbar there.
    drivers, negations : the circuits there; no drivers in the first layer.
    drawn : A that crossbar and negative-weight circuits draw from each row, [M+1, S].
    """

    columns: Columns
    drivers: Supplied | None
    negations: Supplied
    drawn: Array


def printed(layer: Layer) -> tuple[Array, Array]:
    """Conductances that are printed, S, [M+2, N] each: fed directly, and by negations."""
    used = layer.crossbar.used
    return layer.crossbar.plus * used, layer.crossbar.minus * used


def _columns_of(design: Design, layer: Layer, known: Known, nodes: Nodes) -> Columns:
    """The columns follow from the rows' voltages."""
    n = nodes.negations[design.negation_cell.unknowns.index("out")]
    rows = _rows(design, known, nodes)
    plus, minus = printed(layer)
    P, N = plus[: len(rows)], minus[: len(rows)]
    load = jnp.where(layer.crossbar.has_input, layer.activation.load, 0)
    rail = design.activation_cell.input_load
    V_L = design.process.rail(rail[1]) if rail else 0.0
    total = plus.sum(0) + minus.sum(0) + load
    total = jnp.where(total > 0, total, 1.0)  # a column without any resistor is tied to ground
    current = P.T @ rows + N.T @ n + (load * V_L)[:, None]
    z = (current + known.behind.current) / (total + known.behind.conductance)[:, None]
    from_row = P.sum(1)[:, None] * rows - P @ z
    from_negated = N.sum(1)[:, None] * n - N @ z
    return Columns(rows, n, z, P, N, from_row, from_negated, total, current)


@partial(jax.jit, static_argnums=0)
def step_of(design: Design, layer: Layer, known: Known, nodes: Nodes) -> Nodes:
    """The Newton step from `nodes`, for Kirchhoff's law at all of them; only currents have
    gradients, no slopes."""
    cell = design.negation_cell
    it = _columns_of(design, layer, known, nodes)
    negation = port_of(design, cell, layer.negation, it.rows, nodes.negations)
    there = layer.crossbar.negated_rows[:, None]
    share = known.loading
    r_n = negation.imbalance[1] + share * it.from_negated
    r_a = share * (it.from_row + jnp.where(there, negation.imbalance[0], 0))
    driver, own = None, None
    if known.drivers is not None and nodes.drivers is not None:
        driver, own = _driver(design, known.drivers, nodes.drivers, it.rows[:-1])
        r_a = r_a.at[:-1].add(own[0])
    whole = it.conductance + known.behind.conductance
    P, N, whole, slope = jax.tree.map(stop_gradient, (it.plus, it.minus, whole, negation.slope))
    K = _inverse(own[1] if own else None, slope, share * there, share * P, share * N)
    d_rows, d_n = _ends_step(P, N, whole, K, r_a, r_n, share)
    return Nodes(
        None if driver is None else all_nodes(design.activation_cell, driver, None, d_rows[:-1]),
        all_nodes(cell, negation, d_rows, d_n),
    )


@partial(jax.jit, static_argnums=0)
def point_of(design: Design, layer: Layer, known: Known, nodes: Nodes) -> Point:
    """Currents and heat of a layer at its operating point."""
    it = _columns_of(design, layer, known, nodes)
    there, share = layer.crossbar.negated_rows[:, None], known.loading
    negations = supplied(
        design, design.negation_cell, layer.negation, it.rows, nodes.negations,
        -share * it.from_negated,
    )  # fmt: skip
    drawn = it.from_row + jnp.where(there, negations.input, 0)
    if known.drivers is None or nodes.drivers is None:
        return Point(it, None, negations, drawn)
    drivers = supplied(
        design, design.activation_cell, known.drivers.state, known.drivers.gate, nodes.drivers,
        -share * drawn[:-1],
    )  # fmt: skip
    return Point(it, drivers, negations, drawn)


def _rows(design: Design, known: Known, nodes: Nodes) -> Array:
    """Voltages of a layer's rows and of the bias line, V, [M+1, S]."""
    if nodes.drivers is not None:
        above = nodes.drivers[design.activation_cell.unknowns.index("out")]
    else:
        above = jnp.asarray(known.volts)
    bias = jnp.full_like(above[:1], design.process.crossbar.V_bias)
    return jnp.concatenate([above, bias])


def _driver(
    design: Design, drivers: Drivers, nodes: Voltages, a: Array
) -> tuple[Port, tuple[Array, Array]]:
    """What drives the rows, and the current into it, A, with its slope, S, [M, S] each."""
    port = port_of(design, design.activation_cell, drivers.state, drivers.gate, nodes)
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
    slope : of the negative-weight circuits, as in `Port`.
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
    pairs = jnp.concatenate(
        [a[:, :, None] * b[:, None, :] for a, b in ((P, P), (P, N), (N, P), (N, N))]
    )
    back = jnp.tensordot(pairs, jnp.concatenate([K.aa, K.an, K.na, K.nn]), (0, 0))
    dz = _solved(jnp.diag(total)[..., None] - share * back, P.T @ a_0 + N.T @ n_0)
    p, n = share * (P @ dz), share * (N @ dz)
    return a_0 + K.aa * p + K.an * n, n_0 + K.na * p + K.nn * n


def _solved(matrix: Array, right: Array) -> Array:
    """Solve A x = b for many small systems, [N, N, S] and [N, S]; A has no derivatives.

    By the inverse, so that the way back is one product, too. A column's own conductance dominates,
    so no pivoting is needed; sample by sample side by side, which a batched library solver is not.
    """
    inverse = stop_gradient(matrix)
    for k in range(len(right)):
        pivot, column = 1 / inverse[k, k], inverse[:, k]
        row = inverse[k] * pivot
        inverse = inverse - column[:, None] * row
        inverse = inverse.at[:, k].set(-column * pivot).at[k].set(row.at[k].set(pivot))
    solved: Array = jax.lax.custom_linear_solve(
        partial(_product, stop_gradient(matrix)),
        right,
        lambda _, b: _product(inverse, b),
        lambda _, b: _transposed_product(inverse, b),
    )
    return solved


def _product(matrix: Array, x: Array) -> Array:
    """A x; written out, which measured four times faster than a sum over an axis."""
    return sum((matrix[:, k] * x[k] for k in range(1, len(x))), matrix[:, 0] * x[0])


def _transposed_product(matrix: Array, y: Array) -> Array:
    return sum((matrix[k] * y[k] for k in range(1, len(y))), matrix[0] * y[0])
