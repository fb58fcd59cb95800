"""The resistor crossbar: which resistors are printed, the column voltages, the power.

         v_1 --g_1j--+
         v_2 --g_2j--+-- z_j --- gate of activation j (or its level shifter, a load g_L to V_L)
         V_b --g_bj--+
           0 --g_dj--+

Rows are the M inputs, then the bias line V_b, then ground. A negative surrogate conductance is the
same resistor fed by the row's negative-weight circuit (Zhao et al., ICCAD 2023; Kirchhoff).
"""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import optimization_barrier, stop_gradient
from jaxtyping import Bool, Float

from printron.base.shapes import AnyArray


class Crossbar(NamedTuple):
    """Printed conductances of one layer, [M+2, N] each, in S.

    Attributes
    ----------
    plus : resistors fed by the row's voltage.  minus : resistors fed by its negation.
    printed : bool; where False the resistor is absent.
    used : bool [N]; a column whose neuron feeds nothing is not printed. Its conductances are kept,
        so that gradients know what it would do.
    """

    plus: Float[Array, "rows columns"]
    minus: Float[Array, "rows columns"]
    printed: Bool[Array, "rows columns"]
    used: Bool[Array, " columns"]

    @property
    def column_sum(self) -> Float[Array, " columns"]:
        """G_j, the conductance of each column, S, [N]."""
        return jnp.sum(self.plus + self.minus, 0)

    @property
    def has_input(self) -> Bool[Array, " columns"]:
        """Columns with a printed resistor to an input row, bool [N]; the others are constants."""
        return jnp.any(self.printed[:-2], 0)

    @property
    def used_rows(self) -> Bool[Array, " inputs"]:
        """Input rows with a printed resistor, bool [M]; what feeds another row feeds nothing."""
        return jnp.any(self.printed[:-2], 1)

    @property
    def negated_rows(self) -> Bool[Array, " driven"]:
        """Rows that need a negative-weight circuit, bool [M+1]: inputs, then bias."""
        return jnp.any((self.printed & (self.minus > 0))[:-1], 1)


def print_crossbar(
    theta: Float[AnyArray, "rows columns"],
    g_min: float,
    g_max: float,
    used: Bool[Array, " columns"] | None = None,
    scale: Float[AnyArray, " columns"] | None = None,
) -> Crossbar:
    """Scale surrogate conductances to what can be printed.

    |Theta| below max|Theta| g_min/g_max of its column is an absent resistor. Only ratios within a
    column matter to the voltages of an unloaded column, so each is scaled as low as printing
    allows: its smallest printed conductance becomes g_min. The gradient passes the removal straight
    through, so that an absent resistor can come back.

    Parameters
    ----------
    theta : surrogate conductances, [M+2, N].  g_min, g_max : printable range, S.
    used : bool [N]; a column whose neuron feeds nothing is not printed. Default: all are used.
    scale : ln of each column's largest conductance over g_min, [N]; held between the lowest that
        can be printed and ln(g_max/g_min). A stiffer column is pulled less by the input of its
        activation circuit, and loads the circuits that feed it more. Default: the lowest.
    """
    theta = jnp.asarray(theta)
    size = jnp.abs(theta)
    printed = _printed(size, g_min, g_max)
    used = jnp.ones(theta.shape[1], bool) if used is None else used
    kept = size + stop_gradient(jnp.where(printed, size, 0) - size)
    g = kept * (g_min / _smallest(kept, printed))
    if scale is not None:
        lowest = _log_ratio(kept, printed)
        scale = jnp.asarray(scale, lowest.dtype)
        g = g * jnp.exp(_held(scale, lowest, math.log(g_max / g_min)) - lowest)
    # Ground is 0 V, negated or not: the sign of its row means nothing.
    negative = (theta < 0).at[-1].set(False)
    return Crossbar(jnp.where(negative, 0, g), jnp.where(negative, g, 0), printed & used, used)


def _printed(size: Array, g_min: float, g_max: float) -> Array:
    """Which resistors are not absent, bool [M+2, N], by |Theta|."""
    printed: Array = (size >= jnp.max(size, 0) * (g_min / g_max)) & (size > 0)
    return printed


def _smallest(size: Array, printed: Array) -> Array:
    """Of each column's printed resistors, [N]; 1 where there is none."""
    smallest = jnp.min(jnp.where(printed, size, jnp.inf), 0)
    return jnp.where(jnp.isfinite(smallest), smallest, 1.0)


def _log_ratio(size: Array, printed: Array) -> Array:
    """ln of largest over smallest of each column's printed resistors, [N]; 0 without any."""
    smallest = _smallest(size, printed)
    return jnp.log(jnp.maximum(jnp.max(jnp.where(printed, size, 0), 0), smallest) / smallest)


def lowest_scale(
    theta: Float[AnyArray, "rows columns"], g_min: float, g_max: float
) -> Float[Array, " columns"]:
    """The lowest `scale` of each column that can be printed, [N]; see `print_crossbar`."""
    size = jnp.abs(theta)
    return _log_ratio(size, _printed(size, g_min, g_max))


@jax.custom_vjp
def _held(scale: Array, lowest: Array, highest: Array | float) -> Array:
    """`scale`, limited to the range from `lowest` to `highest`. Outside the range only inward
    gradients pass, so that a column's scale recovers after a small resistor came and went."""
    return jnp.clip(scale, lowest, highest)


def _held_forward(scale: Array, lowest: Array, highest: Array | float) -> tuple[Array, Any]:
    return _held(scale, lowest, highest), (scale < lowest, scale > highest)


def _held_backward(outside: tuple[Array, Array], slope: Array) -> tuple[Array, Array, None]:
    low, high = outside
    inward = jnp.where(low, jnp.minimum(slope, 0), jnp.where(high, jnp.maximum(slope, 0), slope))
    return inward, jnp.where(low, slope, 0), None


_held.defvjp(_held_forward, _held_backward)


class Negated(NamedTuple):
    """Output voltages of the negative-weight circuits: offset + gain * bend, V.

    Attributes
    ----------
    bend : [M, S].  offset, gain : V, [M] or [1] where all rows are alike.  bias : of the bias row.
    """

    bend: Float[Array, "inputs samples"]
    offset: Float[Array, "#inputs"]
    gain: Float[Array, "#inputs"]
    bias: Float[Array, ""] | float


class IdealColumns(NamedTuple):
    """Column voltages of one layer and what its resistors dissipate.

    Attributes
    ----------
    z : column voltages, V, [N, S].
    power : power dissipated in the crossbar's resistors, averaged over the samples, W.
    """

    z: Float[Array, "columns samples"]
    power: Float[Array, ""]


def solve_columns(
    crossbar: Crossbar,
    v: Float[Array, "inputs samples"],
    negated: Negated | None,
    bias: Float[Array, ""] | float,
    load: Float[Array, " columns"],
    load_volts: Float[Array, "#columns"] | Float[Array, ""] | float,
    weights: Float[Array, " samples"],
) -> IdealColumns:
    """Kirchhoff's law at every column node, with ideal sources at the rows.

    z_j = (sum_i g_ij v_ij + g_L V_L) / (G_j + g_L).  A sample's power sum_ij g_ij (v_ij - z_j)^2
    is sum_ij g_ij v_ij^2 + sum_j G_j z_j^2 - 2 sum_j z_j f_j with f_j = sum_i g_ij v_ij =
    z_j (G_j + g_L) - g_L V_L, so its mean needs only the means of v^2, negated^2, z^2 and z.
    The samples' part of a negated voltage is its bend alone: offset and gain act on the few
    conductances instead of the many voltages (1.5 times faster over all of a step).

    Parameters
    ----------
    v : row voltages, V, [M, S].  negated : their negations; None where the layer has no
        negative-weight circuits, and no conductance in `minus`.  bias : V_b, V.
    load : conductance of each activation's input to a rail, S, [N]; 0 for a gate.
    load_volts : voltage of that rail, V, or where gates leak that of each input, [N] or [1].
    weights : of the samples in the mean, [S]; they sum to 1, or to a block's share of 1.
    """
    plus, minus = crossbar.plus, crossbar.minus
    total = crossbar.column_sum
    # A column without any resistor is tied to ground: its load then sees 0 V.
    conducts = total > 0
    scale = jnp.where(conducts, 1 / jnp.where(conducts, total + load, 1.0), 0)
    if negated is None:
        constant = plus[-2] * bias + load * load_volts
        z = _feed(plus[:-2] * scale, v) + (constant * scale)[:, None]
    else:
        constant = plus[-2] * bias + minus[-2] * negated.bias + load * load_volts
        constant = constant + jnp.sum(negated.offset[:, None] * minus[:-2], 0)
        z = (
            _feed(plus[:-2] * scale, v)
            + _feed(negated.gain[:, None] * minus[:-2] * scale, negated.bend)
            + (constant * scale)[:, None]
        )
    # What is not printed burns nothing.
    plus, minus, total = plus * crossbar.used, minus * crossbar.used, total * crossbar.used
    rows = _row_squares(plus, minus, v, negated, bias, weights)
    load = jnp.where(conducts & crossbar.used, load, 0)
    columns = jnp.sum(
        2 * load * load_volts * (z @ weights) - (total + 2 * load) * _mean_square(z, weights)
    )
    return IdealColumns(z, rows + columns)


def _row_squares(
    plus: Array,
    minus: Array,
    v: Array,
    negated: Negated | None,
    bias: Array | float,
    weights: Array,
) -> Array:
    """Weighted sum of g v^2 over all resistors of a crossbar, W."""
    share = jnp.sum(weights)
    if negated is None:
        squares = jnp.sum(plus[:-2], 1) @ _mean_square(v, weights)
        return squares + share * jnp.sum(plus[-2]) * bias**2
    offset, gain = negated.offset, negated.gain
    mean, square = negated.bend @ weights, _mean_square(negated.bend, weights)
    negated_square = share * offset**2 + gain * (2 * offset * mean + gain * square)
    return (
        jnp.sum(plus[:-2], 1) @ _mean_square(v, weights)
        + jnp.sum(minus[:-2], 1) @ negated_square
        + share * (jnp.sum(plus[-2]) * bias**2 + jnp.sum(minus[-2]) * negated.bias**2)
    )


def _feed(conductances: Array, v: Array) -> Array:
    """sum_i g_ij v_i, [N, S]. The barrier makes XLA transpose the few conductances, not the many
    voltages (1.3 times faster over all of a step)."""
    return optimization_barrier(conductances.T) @ v


def _mean_square(v: Array, weights: Array) -> Array:
    """Weighted sum of squares over the samples, [features]; a matrix-vector product is what the
    compiler sums fastest."""
    return (v * v) @ weights
