"""Power of a network by cause, and numbers of its printed parts, from its layers."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from printron.network.counts import Counts, count
from printron.network.layers import Layer


class Power(NamedTuple):
    """Power of a network by cause, averaged over the data, W, each [layers].

    Attributes
    ----------
    crossbar : P^C, dissipated in the crossbar's resistors.
    activation : number of activation circuits times P^A.
    negation : number of negative-weight circuits times P^N.
    """

    crossbar: Float[Array, " layers"]
    activation: Float[Array, " layers"]
    negation: Float[Array, " layers"]

    @property
    def total(self) -> Array:
        """All layers and causes, W."""
        return (self.crossbar + self.activation + self.negation).sum(-1)


def cell_power(
    layers: tuple[Layer, ...],
) -> tuple[Float[Array, " layers"], Float[Array, " layers"]]:
    """Power of activation and of negation circuits, W, [layers] each."""
    activation = [
        jnp.sum(it.activations * (it.activation.power if it.activation else 0)) for it in layers
    ]
    negation = [jnp.sum(it.negations * (it.negation.power if it.negation else 0)) for it in layers]
    return jnp.stack(activation), jnp.stack(negation)


def power_of(layers: tuple[Layer, ...], crossbar: Float[Array, " layers"]) -> Power:
    """The power record; `crossbar`: what `forward` gave, averaged over the samples, W, [layers]."""
    return Power(crossbar, *cell_power(layers))


def counts_of(layers: tuple[Layer, ...]) -> Counts:
    """Counts of printed parts, [layers] each."""
    each = [count(layer.crossbar, layer.active) for layer in layers]
    return Counts(*(jnp.stack(column) for column in zip(*each, strict=True)))
