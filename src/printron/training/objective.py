"""What training minimises: (1-alpha) cross-entropy + alpha P / P_ref, per run."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import stop_gradient

from printron.network import (
    Design,
    Parameters,
    Power,
    build_layers,
    cell_power,
    forward,
    power_of,
    winner,
)

LOGIT_SCALE_PER_V = 12.0  # outputs are voltages within 1 V: they need a scale before the softmax


class Rows(NamedTuple):
    """Readings cut into blocks that stay in the cache, padded with rows of weight 0.

    Attributes
    ----------
    volts : [blocks, inputs, S].  labels : [blocks, S].  weights : [blocks, S]; they sum to 1.
    default : class that is answered where its output ties with the largest, [blocks].
    """

    volts: Array
    labels: Array
    weights: Array
    default: Array

    def turn(self, step: Array, rows: int) -> "Rows":
        """What a step sees of it: all, or as many blocks as hold `rows` rows, in turn.

        Parameters
        ----------
        step : number of the step; a scalar that all runs of a batch share.
        """
        blocks, size = self.labels.shape
        seen = max(rows // size, 1)
        return self if seen >= blocks else self.part((step * seen + jnp.arange(seen)) % blocks)

    def part(self, which: Array) -> "Rows":
        """Some blocks, weighted to be the whole."""
        part = jax.tree.map(lambda x: x[which], self)
        return part._replace(weights=part.weights / jnp.sum(part.weights))


class Terms(NamedTuple):
    """The terms of the objective at one point.

    Attributes
    ----------
    cross_entropy : nats.  accuracy : share of rows that are answered right; see `winner`.
    power : by cause and layer, averaged over the rows, W.
    """

    cross_entropy: Array
    accuracy: Array
    power: Power


def cut_rows(
    volts: Any,
    labels: Any,
    block: int,
    *,
    default: int = 0,
    shuffled: bool = False,
    multiple: int = 1,
) -> Rows:
    """Cut readings [inputs, S] into equal blocks of at most `block` rows.

    Parameters
    ----------
    default : see `Rows`.
    shuffled : in an order of their own (always the same), so that every block is like the whole.
    multiple : of this number of rows, filled up with rows of weight 0; it divides `block`. The
        last block may then hold few.
    """
    samples = labels.shape[0]
    if shuffled:
        own = np.random.default_rng(0).permutation(samples)
        volts, labels = np.asarray(volts)[:, own], np.asarray(labels)[own]
    blocks = -(-samples // block)
    size = -(-samples // blocks)
    return _in_blocks(volts, labels, blocks, -(-size // multiple) * multiple, default)


def equal_blocks(volts: Any, labels: Any, size: int, default: int = 0) -> list[Rows]:
    """Readings [inputs, S] as blocks of exactly `size` rows; the last is filled up."""
    blocks = -(-labels.shape[0] // size)
    whole = _in_blocks(volts, labels, blocks, size, default)
    return [jax.tree.map(lambda x, k=k: x[k], whole) for k in range(blocks)]


def _in_blocks(volts: Any, labels: Any, blocks: int, size: int, default: int) -> Rows:
    samples = labels.shape[0]
    order = jnp.arange(blocks * size).reshape(blocks, size)
    kept = order < samples
    order = jnp.minimum(order, samples - 1)
    return Rows(
        jnp.moveaxis(jnp.asarray(volts, jnp.float32)[:, order], 0, 1),
        jnp.asarray(labels)[order],
        kept.astype(jnp.float32) / samples,
        jnp.full(blocks, default),
    )


def cross_entropy(out: Array, rows: Rows) -> Array:
    """Weighted sum over one block; the largest output is taken off, so that exp cannot overflow."""
    logits = LOGIT_SCALE_PER_V * (out - stop_gradient(jnp.max(out, 0)))
    right = jnp.where(jnp.arange(out.shape[0])[:, None] == rows.labels, rows.weights, 0)
    return jnp.log(jnp.sum(jnp.exp(logits), 0)) @ rows.weights - jnp.vdot(logits, right)


def _block_loss(
    design: Design, learned: Any, fixed: Any, share: Array, per_watt: Array, rows: Rows
) -> Array:
    out, crossbar = forward(design, eqx.combine(learned, fixed), rows.volts, rows.weights)
    return (1 - share) * cross_entropy(out, rows) + per_watt * jnp.sum(crossbar)


def summed(function: Any, rows: Rows) -> Any:
    """Sum a function's results over all blocks of rows."""
    if rows.labels.shape[0] == 1:
        return function(jax.tree.map(lambda x: x[0], rows))
    first = jax.eval_shape(function, jax.tree.map(lambda x: x[0], rows))
    zero = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), first)

    def add(total: Any, block: Rows) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, function(block)), None

    return jax.lax.scan(add, zero, rows)[0]


@eqx.filter_custom_vjp
def _data_loss(
    learned: Any, design: Design, fixed: Any, share: Array, per_watt: Array, rows: Rows
) -> Array:
    """The data's part of the loss, over all blocks. Forward and backward run block by block in one
    pass, because a block's intermediate voltages fit the cache and those of all rows do not."""
    return summed(lambda block: _block_loss(design, learned, fixed, share, per_watt, block), rows)


@_data_loss.def_fwd
def _forward(
    perturbed: Any,
    learned: Any,
    design: Design,
    fixed: Any,
    share: Array,
    per_watt: Array,
    rows: Rows,
) -> Any:
    del perturbed
    slope_of = jax.value_and_grad(
        lambda it, block: _block_loss(design, it, fixed, share, per_watt, block)
    )
    return summed(lambda block: slope_of(learned, block), rows)


@_data_loss.def_bwd
def _backward(gradient: Any, cotangent: Any, perturbed: Any, learned: Any, *rest: Any) -> Any:
    del perturbed, learned, rest
    return jax.tree.map(lambda g: cotangent * g, gradient)


def objective(
    parameters: Parameters,
    design: Design,
    alpha: Array,
    slope: Array | float,
    P_ref: float,
    rows: Rows,
    temperature: float | None = None,
) -> Array:
    """The loss of one run.

    Parameters
    ----------
    alpha : weight of the power, 0 ... 1.
    slope : factor on the steepness of the cells, 1 for the real circuit.
    P_ref : power that makes alpha dimensionless, W.
    temperature : of the soft counts; see `printron.network.power`.
    """
    layers = build_layers(design, parameters, slope, temperature)
    learned, fixed = eqx.partition(layers, eqx.is_inexact_array)
    per_watt = alpha / P_ref
    activation, negation = cell_power(design, layers)
    return _data_loss(learned, design, fixed, alpha, per_watt, rows) + per_watt * (
        jnp.sum(activation) + jnp.sum(negation)
    )


def whole_rows(terms: Terms, rows: int) -> Terms:
    """Terms with the accuracy as the share of whole rows that it is, in double precision.

    Weights in single precision add up to it within a rounding error, above 1 too.
    """
    hits: Any = np.round(np.asarray(terms.accuracy, np.float64) * rows)
    return terms._replace(accuracy=hits / rows)


def evaluate(parameters: Parameters, design: Design, rows: Rows) -> Terms:
    """The terms of the objective of one run, at the real slope of the cells."""
    layers = build_layers(design, parameters)

    def block(it: Rows) -> tuple[Array, Array, Array]:
        out, crossbar = forward(design, layers, it.volts, it.weights)
        hits = winner(out, it.default) == it.labels
        return cross_entropy(out, it), jnp.sum(hits * it.weights), crossbar

    entropy, accuracy, crossbar = summed(block, rows)
    return Terms(entropy, accuracy, power_of(design, layers, crossbar))
