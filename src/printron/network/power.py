"""The power record and the counts behind it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

from printron.network.crossbar import Crossbar


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
        return jnp.sum(self.crossbar + self.activation + self.negation, -1)


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


def negated_rows_soft(theta: Array, crossbar: Crossbar) -> Array:
    """Which rows need a negative-weight circuit, [M+1]: exact forward, soft backward.

    Forward 1 where any column has a printed Theta < 0; backward the gradient of
    max over columns of 1{Theta<0} (1 - sigmoid(Theta)) (section 2 of the method's equations).
    """
    rows = theta[:-1]
    soft = jnp.max(jnp.where(rows < 0, 1 - jax.nn.sigmoid(rows), 0), 1)
    hard = crossbar.negated_rows.astype(theta.dtype)
    return hard + (soft - stop_gradient(soft))  # the bracket is exactly 0: the count stays exact
