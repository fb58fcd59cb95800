"""One loaded layer: voltages and currents at its nodes, and the Newton step that mends them.

A row of a layer behind the first is driven by an activation circuit, whose gate is a column of the
layer before, or it is that column itself, where the column is passive. Either way the row follows
the column's voltage, and what a passive row draws is what the column feels.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.network.layers import CellState, Layer, input_load
from printron.network.loaded.ports import (
    Gates,
    Port,
    Supplied,
    Voltages,
    all_nodes,
    port_of,
    supplied,
)
from printron.technology import Process


class Drivers(NamedTuple):
    """What feeds the rows of a layer behind the first: the columns before it.

    Attributes
    ----------
    volts : of the columns, V, [M, S]: at the gate of the row's activation circuit, or the row.
        Of the first layer, of the sensors.
    active : rows that such a circuit drives, bool [M]; the others are passive.
    state : of the circuits; None where the layer before has none.
    source_S : conductance of the sensors behind which the rows of the first layer are, S.
    minus : of the minus columns, V, [M, S], where the layer before has them.
    """

    volts: Array
    active: Array
    state: CellState | None
    source_S: float | None = None
    minus: Array | None = None

    @property
    def gates(self) -> Gates:
        """The inputs of the circuits."""
        return Gates(self.volts, self.minus)


class Nodes(NamedTuple):
    """Unknowns of a layer: nodes of its drivers [M, S] (None in the first layer; of a passive row
    the output is the row, and is alone where there are no circuits) and of its negative-weight
    circuits [M+1, S] (none without any)."""

    drivers: Voltages | None
    negations: Voltages


class Held(NamedTuple):
    """Columns that drive rows of the next layer themselves: their voltages are unknowns.

    Attributes
    ----------
    drives : bool [N].  volts : V, [N, S].
    """

    drives: Array
    volts: Array


class Behind(NamedTuple):
    """The next layer, with all behind it, as a load of the columns that drive it themselves.

    Linearised, the rest of its nodes eliminated: it draws `drawn` from the columns, and `slope`
    more where columns move.

    Attributes
    ----------
    drawn : A, [N, S].  slope : S, [to][from], [N, N, S]; 0 for columns that drive nothing.
    """

    drawn: Array
    slope: Array


class Known(NamedTuple):
    """What a layer's step depends on, besides the layer itself.

    Attributes
    ----------
    volts : of the inputs, V, [M, S]; None where there are drivers.
    drivers : what feeds the rows; None in the first layer, where sensors are ideal sources.
    loading : share of the drawn currents that the sources feel, 0 ... 1.
    """

    volts: Array | None
    drivers: Drivers | None
    loading: Array


class LoadedColumns(NamedTuple):
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


class Own(NamedTuple):
    """What a layer is at its own nodes, whatever the columns before do: crossbar and negations."""

    columns: LoadedColumns
    negation: Port


class Point(NamedTuple):
    """A layer at its operating point.

    Attributes
    ----------
    columns : the crossbar there.
    drivers, negations : the circuits there; None where there are none.
    drawn : A that crossbar and negative-weight circuits draw from each row, [M+1, S].
    """

    columns: LoadedColumns
    drivers: Supplied | None
    negations: Supplied | None
    drawn: Array


def printed(layer: Layer) -> tuple[Array, Array]:
    """Conductances that are printed, S, [M+2, N] each: fed directly, and by negations."""
    used = layer.crossbar.used
    return layer.crossbar.plus * used, layer.crossbar.minus * used


def output(state: CellState | None, nodes: Voltages) -> Array:
    """Output voltages of a layer's circuits, V, [k, S]."""
    return nodes[0 if state is None else state.cell.unknowns.index("out")]


@partial(jax.jit, static_argnums=0)
def columns_of(
    process: Process, layer: Layer, known: Known, nodes: Nodes, held: Held | None
) -> LoadedColumns:
    """The columns follow from the rows' voltages, but for those that are held."""
    rows = _rows(process, layer, known, nodes)
    n = output(layer.negation, nodes.negations) if layer.negation else jnp.zeros_like(rows)
    plus, minus = printed(layer)
    P, N = plus[: len(rows)], minus[: len(rows)]
    load, V_L = input_load(process, layer)
    total = plus.sum(0) + minus.sum(0) + load
    total = jnp.where(total > 0, total, 1e6)  # a column without any resistor is tied to ground
    current = P.T @ rows + N.T @ n + (load * V_L)[:, None]
    z = current / total[:, None]
    if held is not None:
        z = jnp.where(held.drives[:, None], held.volts, z)
    from_row = P.sum(1)[:, None] * rows - P @ z
    from_negated = N.sum(1)[:, None] * n - N @ z
    return LoadedColumns(rows, n, z, P, N, from_row, from_negated, total, current)


def own_of(process: Process, layer: Layer, known: Known, nodes: Nodes, held: Held | None) -> Own:
    """Crossbar and negative-weight circuits at `nodes`; only currents have gradients."""
    columns = columns_of(process, layer, known, nodes, held)
    if layer.negation is None:
        zero = jnp.zeros_like(columns.rows)
        none = Port((zero, zero), ((zero, zero), (zero, zero + 1)), {}, {})
        return Own(columns, none)
    return Own(columns, port_of(process, layer.negation, Gates(columns.rows), nodes.negations))


class _Law(NamedTuple):
    """Kirchhoff's law of a layer, linearised: what the columns before do is still free.

    Attributes
    ----------
    driver : the activation circuits at the rows; None where there are none.
    K : inverse of each row's own slopes.
    a_0, n_0 : steps of the rows' two outputs while the columns stand still, V, [M+1, S].
    matrix, right : of the system for the columns' steps, S, [N, N, S] and A, [N, S].
    """

    driver: Port | None
    K: "_Inverse"
    a_0: Array
    n_0: Array
    matrix: Array
    right: Array


def _law(
    process: Process,
    layer: Layer,
    known: Known,
    nodes: Nodes,
    own: Own,
    held: Held | None,
    behind: Behind | None,
) -> _Law:
    it, negation = own
    there, share = layer.crossbar.negated_rows[:, None], known.loading
    r_n = negation.imbalance[1] + share * it.from_negated
    r_a = share * (it.from_row + jnp.where(there, negation.imbalance[0], 0))
    driver = None
    if known.drivers is not None and known.drivers.state is not None and nodes.drivers is not None:
        driver = port_of(process, known.drivers.state, known.drivers.gates, nodes.drivers)
        r_a = r_a.at[:-1].add(driver.imbalance[1])
    source_S = known.drivers.source_S if known.drivers else None
    if source_S is not None and known.drivers is not None:
        r_a = r_a.at[:-1].add(source_S * (it.rows[:-1] - known.drivers.volts))
    P, N, total, slope = jax.tree.map(
        stop_gradient, (it.plus, it.minus, it.conductance, negation.slope)
    )
    active = known.drivers.active if known.drivers else None
    of_driver = stop_gradient(driver.slope[1][1]) if driver else source_S
    K = _inverse(of_driver, active, slope, share * there, share * P, share * N)
    a_0, n_0 = -(K.aa * r_a + K.an * r_n), -(K.na * r_a + K.nn * r_n)
    if known.drivers is not None:  # passive rows go with their columns
        moved = jnp.where(known.drivers.active[:, None], 0, known.drivers.volts - it.rows[:-1])
        a_0 = a_0.at[:-1].add(moved)
        n_0 = n_0.at[:-1].add(-K.nn[:-1] * slope[1][0][:-1] * moved)
    pairs = jnp.concatenate(
        [a[:, :, None] * b[:, None, :] for a, b in ((P, P), (P, N), (N, P), (N, N))]
    )
    back = jnp.tensordot(pairs, jnp.concatenate([K.aa, K.an, K.na, K.nn]), (0, 0))
    matrix = jnp.diag(total)[..., None] - share * back
    right = P.T @ a_0 + N.T @ n_0
    if held is not None and behind is not None:
        matrix = matrix + behind.slope
        out_of = it.conductance[:, None] * held.volts - it.current + behind.drawn
        right = right - jnp.where(held.drives[:, None], out_of, 0)
    return _Law(driver, K, a_0, n_0, matrix, right)


def _ends(own: Own, law: _Law, share: Array, dz: Array) -> tuple[Array, Array]:
    """Steps of the rows' two outputs, V, [M+1, S] each: columns pull a `share` back."""
    P, N = stop_gradient((own.columns.plus, own.columns.minus))
    K, p, n = law.K, share * (P @ dz), share * (N @ dz)
    return law.a_0 + K.aa * p + K.an * n, law.n_0 + K.na * p + K.nn * n


@partial(jax.jit, static_argnums=0)
def step_of(
    process: Process,
    layer: Layer,
    known: Known,
    nodes: Nodes,
    own: Own,
    held: Held | None = None,
    behind: Behind | None = None,
) -> tuple[Nodes, Array]:
    """The Newton step from `nodes`, for Kirchhoff's law at all of them; only currents have
    gradients, no slopes.

    Returns
    -------
    Steps of the nodes, and of the columns, V, [N, S].
    """
    law = _law(process, layer, known, nodes, own, held, behind)
    dz = _solved(law.matrix, law.right)
    d_rows, d_n = _ends(own, law, known.loading, dz)
    drivers: Voltages | None = None
    if law.driver is not None and known.drivers is not None and known.drivers.state is not None:
        drivers = all_nodes(known.drivers.state.cell, law.driver, None, d_rows[:-1])
    elif known.drivers is not None:
        drivers = (d_rows[:-1],)
    negations: Voltages = ()
    if layer.negation is not None:
        negations = all_nodes(layer.negation.cell, own.negation, d_rows, d_n)
    return Nodes(drivers, negations), dz


@partial(jax.jit, static_argnums=0)
def behind_of(
    process: Process,
    layer: Layer,
    known: Known,
    nodes: Nodes,
    own: Own,
    held: Held | None,
    behind: Behind | None,
    damping: Array | float = 0.0,
) -> Behind:
    """What a layer is to the columns before it that drive its rows themselves.

    The rows' voltages are given, and everything else of the layer follows them by the linearised
    law; what the rows then draw is an affine function of the steps of the columns before.

    Parameters
    ----------
    damping : multiple of the conductance of a row's resistors, the most that they can draw by, that
        is added to the slope: columns then go part of the way, where whole steps go in a circle.
    """
    assert known.drivers is not None
    law, it = _law(process, layer, known, nodes, own, held, behind), own.columns
    share, there = known.loading, layer.crossbar.negated_rows[:-1, None]
    (in_in, in_out), (out_in, _) = stop_gradient(
        jax.tree.map(lambda slope: slope[:-1], own.negation.slope)
    )
    in_in, in_out = jnp.where(there, in_in, 0), jnp.where(there, in_out, 0)
    P, N = stop_gradient((it.plus[:-1], it.minus[:-1]))
    passive = ~known.drivers.active
    dz = _solved(law.matrix, law.right)
    d_rows, d_n = (ends[:-1] for ends in _ends(own, law, share, dz))
    drawn = it.from_row[:-1] + jnp.where(there, own.negation.imbalance[0][:-1], 0)
    drawn = drawn + in_in * d_rows + in_out * d_n + P.sum(1)[:, None] * d_rows - P @ dz
    # The slopes by the columns before, frozen: first of the rows' outputs, then of these columns.
    aa, _, na, nn = (each[:-1] for each in law.K)
    by_gate = 0 if law.driver is None else stop_gradient(law.driver.slope[1][0])
    a = jnp.where(passive[:, None], 1, -aa * by_gate)
    n = jnp.where(passive[:, None], -nn * out_in, -na * by_gate)
    z = _columns_by(stop_gradient(law.matrix), P.T[:, :, None] * a + N.T[:, :, None] * n)
    own_row = in_in + (1 + damping) * P.sum(1)[:, None] + in_out * n
    slope = jnp.eye(len(a), dtype=a.dtype)[..., None] * own_row - jnp.tensordot(P, z, 1)
    slope = slope + (in_out * nn * share)[:, None] * jnp.tensordot(N, z, 1)
    return Behind(
        jnp.where(passive[:, None], share * drawn, 0),
        jnp.where(passive[:, None, None], share * slope, 0),
    )


def _columns_by(matrix: Array, fed: Array) -> Array:
    """Steps of columns by what feeds them, [N, M, S], for each of M causes."""
    inverse = _inverted(matrix)
    return sum(
        (inverse[:, k, None] * fed[k] for k in range(1, len(fed))), inverse[:, 0, None] * fed[0]
    )


@partial(jax.jit, static_argnums=0)
def point_of(
    process: Process, layer: Layer, known: Known, nodes: Nodes, it: LoadedColumns
) -> Point:
    """Currents and heat of a layer at its operating point.

    Parameters
    ----------
    it : the columns there.
    """
    there, share = layer.crossbar.negated_rows[:, None], known.loading
    negations, drivers, drawn = None, None, it.from_row
    if layer.negation is not None:
        negations = supplied(
            process, layer.negation, Gates(it.rows), nodes.negations, -share * it.from_negated
        )
        drawn = it.from_row + jnp.where(there, negations.input, 0)
    if known.drivers is not None and known.drivers.state is not None and nodes.drivers is not None:
        drivers = supplied(
            process, known.drivers.state, known.drivers.gates, nodes.drivers, -share * drawn[:-1]
        )
    return Point(it, drivers, negations, drawn)


def _rows(process: Process, layer: Layer, known: Known, nodes: Nodes) -> Array:
    """Voltages of a layer's rows and of the bias line, V, [M+1, S]."""
    if nodes.drivers is not None and known.drivers is not None:
        above = output(known.drivers.state, nodes.drivers)
    else:
        above = jnp.asarray(known.volts)
    bias = jnp.full_like(above[:1], layer.supplied(process.crossbar.V_bias))
    return jnp.concatenate([above, bias])


class _Inverse(NamedTuple):
    """Of the 2 x 2 system of a row's own outputs, a and n, [M+1, S] each; 0 where the row's voltage
    is given, by an ideal source or by a column."""

    aa: Array
    an: Array
    na: Array
    nn: Array


def _inverse(
    driver: Array | float | None,
    active: Array | None,
    slope: Any,
    there: Array,
    P: Array,
    N: Array,
) -> _Inverse:
    """Of the slopes of a row's currents, those of its own conductances P and N [M+1, N] included.

    Parameters
    ----------
    driver : output conductance of the circuits that drive rows, S, [M, S], where they are `active`,
        bool [M]; None for none.
    slope : of the negative-weight circuits, as in `Port`.
    there : share of their input current that loads the row, [M+1, 1]; 0 where none is printed.
    """
    (in_in, in_out), (out_in, out_out) = slope
    nn = out_out + N.sum(1)[:, None]
    if driver is None or active is None:
        zero = jnp.zeros_like(nn)
        return _Inverse(zero, zero, zero, 1 / nn)
    aa = (there * in_in + P.sum(1)[:, None])[:-1] + driver
    an, na = (there * in_out)[:-1], out_in[:-1]
    det = aa * nn[:-1] - an * na

    def and_bias(row: Array, bias: Array | float, given: Array | float = 0.0) -> Array:
        row = jnp.where(active[:, None], row, given)
        return jnp.concatenate([row, jnp.zeros_like(nn[:1]) + bias])

    return _Inverse(
        and_bias(nn[:-1] / det, 0),
        and_bias(-an / det, 0),
        and_bias(-na / det, 0),
        and_bias(aa / det, 1 / nn[-1:], 1 / nn[:-1]),
    )


def _inverted(matrix: Array) -> Array:
    """Inverses of many small matrices, [N, N, S].

    A column's own conductance dominates, so no pivoting is needed; sample by sample side by side,
    which a batched library solver is not.
    """
    inverse = matrix
    for k in range(len(matrix)):
        pivot, column = 1 / inverse[k, k], inverse[:, k]
        row = inverse[k] * pivot
        inverse = inverse - column[:, None] * row
        inverse = inverse.at[:, k].set(-column * pivot).at[k].set(row.at[k].set(pivot))
    return inverse


def _solved(matrix: Array, right: Array) -> Array:
    """Solve A x = b for many small systems, [N, N, S] and [N, S]; A has no derivatives.

    By the inverse, so that the way back is one product, too.
    """
    inverse = _inverted(stop_gradient(matrix))
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
