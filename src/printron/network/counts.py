"""Counts of printed parts: exact, and soft for their gradients."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient
from jaxtyping import Bool, Float, Num

from printron.network.crossbar import Crossbar

TINY = 1e-12  # keeps a column of nothing differentiable


class Counts(NamedTuple):
    """Numbers of printed parts, each [layers].

    Attributes
    ----------
    resistors : crossbar resistors.  activations, negations : nonlinear circuits.
    """

    resistors: Num[Array, " layers"]
    activations: Num[Array, " layers"]
    negations: Num[Array, " layers"]


def count(crossbar: Crossbar, active: Bool[Array, " columns"]) -> Counts:
    """Exact counts of one layer (scalars); `active`: columns with an activation circuit, [N]."""
    return Counts(jnp.sum(crossbar.printed), jnp.sum(active), jnp.sum(crossbar.negated_rows))


def _relative(theta: Array, temperature: float | None) -> Array:
    """Theta as the soft counts see it: over `temperature` mean |Theta| of its column, or as it is.

    Theta says the ratios within a column alone, so that it has no scale itself. A temperature
    gives the count's slope the size of the count: published, with Theta near 0.1, taking a
    negative sign away pays a fortieth of the circuit that it saves.
    """
    if temperature is None:
        return theta
    return theta / (stop_gradient(jnp.mean(jnp.abs(theta), 0)) * temperature + TINY)


def _exact_with_slope_of(soft: Array, exact: Array) -> Array:
    """Forward `exact`, backward the gradient of `soft`: the bracket is exactly 0."""
    return exact.astype(soft.dtype) + (soft - stop_gradient(soft))


def negated_rows_soft(
    theta: Float[Array, "rows columns"], crossbar: Crossbar, temperature: float | None = None
) -> Float[Array, " rows-1"]:
    """Which rows need a negative-weight circuit, [M+1]: exact forward, soft backward.

    Forward 1 where any column has a printed Theta < 0; backward the gradient of
    max over columns of 1{Theta<0} (1 - sigmoid(Theta)) (section 2 of the method's equations).

    Parameters
    ----------
    temperature : None for Theta itself, as published; else the gradient is that of
        2 max 1{x<0} (1 - sigmoid(x)) with x = Theta / (temperature mean |Theta| of the column),
        which runs from 1 at no conductance to 2: a whole circuit. Ours.
    """
    x = _relative(theta, temperature)[:-1]
    soft = jnp.max(jnp.where((x < 0) & crossbar.used, 1 - jax.nn.sigmoid(x), 0), 1)
    return _exact_with_slope_of(soft if temperature is None else 2 * soft, crossbar.negated_rows)


def activations_soft(
    theta: Float[Array, "rows columns"],
    exact: Bool[Array, " neurons"],
    outgoing: Float[Array, "columns+2 next"] | None,
    temperature: float | None,
) -> Float[Array, " columns"]:
    """Which neurons need an activation circuit, [N]: exact forward, soft backward.

    Forward 1 where a neuron has a printed input and feeds something. Backward, ours: the gradient
    of tanh(rms of x over its inputs) tanh(rms of x over the resistors that it feeds), x as in
    `negated_rows_soft`, since without either it needs none. No gradient without a temperature:
    the published method has none.

    Parameters
    ----------
    exact : neurons that need one, bool [N].
    outgoing : surrogate conductances of the next layer, [N+2, K]; None for the outputs.
    """
    if temperature is None:
        return exact.astype(theta.dtype)
    soft = jnp.tanh(_rms(_relative(theta, temperature)[:-2], 0))
    if outgoing is not None:
        soft = soft * jnp.tanh(_rms(_relative(outgoing, temperature)[:-2], 1))
    return _exact_with_slope_of(jnp.where(exact, soft, 0), exact)


def _rms(x: Array, axis: int) -> Array:
    return jnp.sqrt(jnp.mean(x * x, axis) + TINY)
