"""The power record and the counts behind it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.network.crossbar import Crossbar

TINY = 1e-12  # keeps a column of nothing differentiable


class Power(NamedTuple):
    """Power of a network by cause, averaged over the data, W, each [layers].

    Attributes
    ----------
    crossbar : P^C, dissipated in the crossbar's resistors.
    activation : number of activation circuits times P^A.
    negation : number of negative-weight circuits times P^N.
    """

    crossbar: Array
    activation: Array
    negation: Array

    @property
    def total(self) -> Array:
        """All layers and causes, W."""
        return (self.crossbar + self.activation + self.negation).sum(-1)


class Counts(NamedTuple):
    """Numbers of printed parts, each [layers].

    Attributes
    ----------
    resistors : crossbar resistors.  activations, negations : nonlinear circuits.
    """

    resistors: Array
    activations: Array
    negations: Array


def count(crossbar: Crossbar) -> Counts:
    """Exact counts of one layer (scalars)."""
    return Counts(
        jnp.sum(crossbar.printed), jnp.sum(crossbar.has_input), jnp.sum(crossbar.negated_rows)
    )


def _relative(theta: Array, temperature: float | None) -> Array:
    """Theta as the soft counts see it: over `temperature` mean |Theta| of its column, or as it is.

    Theta says the ratios within a column alone, so that it has no scale itself. A temperature
    gives the count's slope the size of the count: published, with Theta near 0.1, taking a
    negative sign away pays an eightieth of the circuit that it saves.
    """
    if temperature is None:
        return theta
    return theta / (stop_gradient(jnp.mean(jnp.abs(theta), 0)) * temperature + TINY)


def _exact_with_slope_of(soft: Array, exact: Array) -> Array:
    """Forward `exact`, backward the gradient of `soft`: the bracket is exactly 0."""
    return exact.astype(soft.dtype) + (soft - stop_gradient(soft))


def negated_rows_soft(theta: Array, crossbar: Crossbar, temperature: float | None = None) -> Array:
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
    theta: Array, crossbar: Crossbar, outgoing: Array | None, temperature: float | None
) -> Array:
    """Which neurons need an activation circuit, [N]: exact forward, soft backward.

    Forward 1 where a neuron has a printed input and feeds something. Backward, ours: the gradient
    of tanh(rms of x over its inputs) tanh(rms of x over the resistors that it feeds), x as in
    `negated_rows_soft`, since without either it needs none. No gradient without a temperature:
    the published method has none.

    Parameters
    ----------
    outgoing : surrogate conductances of the next layer, [N+2, K]; None for the outputs.
    """
    exact = crossbar.has_input
    if temperature is None:
        return exact.astype(theta.dtype)
    soft = jnp.tanh(_rms(_relative(theta, temperature)[:-2], 0))
    if outgoing is not None:
        soft = soft * jnp.tanh(_rms(_relative(outgoing, temperature)[:-2], 1))
    return _exact_with_slope_of(jnp.where(exact, soft, 0), exact)


def _rms(x: Array, axis: int) -> Array:
    return jnp.sqrt(jnp.mean(x * x, axis) + TINY)
