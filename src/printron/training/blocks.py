"""Readings cut into blocks: intermediate voltages of a block fit the cache, those of all rows do
not."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Integer

from printron.base.shapes import AnyArray

# Volts and labels.
Readings = tuple[Float[np.ndarray, "inputs samples"], Integer[np.ndarray, " samples"]]


class Blocks(NamedTuple):
    """Readings cut into blocks that stay in the cache, padded with rows of weight 0.

    Attributes
    ----------
    volts : [blocks, inputs, S].  labels : [blocks, S].  weights : [blocks, S]; they sum to 1.
    default : class that is predicted where its output ties with the largest, [blocks].
    balanced : weights by which rows count for the classification, [blocks, S]: those of every class
        have the same sum, and all of them sum to 1. None for `weights`. Power counts by `weights`.
    """

    volts: Float[Array, "blocks inputs samples"]
    labels: Integer[Array, "blocks samples"]
    weights: Float[Array, "blocks samples"]
    default: Integer[Array, " blocks"]
    balanced: Float[Array, "blocks samples"] | None = None

    @property
    def counting(self) -> Array:
        """Weights by which rows count for the classification."""
        return self.weights if self.balanced is None else self.balanced

    def turn(self, step: Integer[Array, ""], rows: int) -> "Blocks":
        """The blocks of one step: all, or in turn as many as hold `rows` rows.

        Parameters
        ----------
        step : number of the step; a scalar common to all runs of a batch.
        """
        blocks, size = self.labels.shape
        seen = max(rows // size, 1)
        return self if seen >= blocks else self.part((step * seen + jnp.arange(seen)) % blocks)

    def part(self, indices: Integer[Array, " some"]) -> "Blocks":
        """Some blocks, with weights rescaled to sum to 1."""
        part = jax.tree.map(lambda x: x[indices], self)
        weights, balanced = (
            None if each is None else each / jnp.sum(each) for each in (part.weights, part.balanced)
        )
        return part._replace(weights=weights, balanced=balanced)


def cut_blocks(
    volts: Float[AnyArray, "inputs samples"],
    labels: Integer[AnyArray, " samples"],
    block: int,
    *,
    default: int = 0,
    shuffled: bool = False,
    exact: bool = False,
    balanced: bool = False,
) -> Blocks:
    """Cut readings [inputs, S] into equal blocks of at most `block` rows.

    Parameters
    ----------
    default : see `Blocks`.
    shuffled : shuffle the rows (always alike), so that every block represents the whole.
    exact : blocks have exactly `block` rows; the last is padded with rows of weight 0.
    balanced : classes count alike, however rare; see `Blocks`.
    """
    samples = labels.shape[0]
    if shuffled:
        order = np.random.default_rng(0).permutation(samples)
        volts, labels = np.asarray(volts)[:, order], np.asarray(labels)[order]
    blocks = -(-samples // block)
    size = block if exact else -(-samples // blocks)
    return _in_blocks(volts, labels, blocks, size, default, balanced)


def equal_blocks(
    volts: Float[AnyArray, "inputs samples"],
    labels: Integer[AnyArray, " samples"],
    size: int,
    default: int = 0,
    balanced: bool = False,
) -> list[Blocks]:
    """Readings [inputs, S] as blocks of exactly `size` rows; the last is padded."""
    blocks = -(-labels.shape[0] // size)
    whole = _in_blocks(volts, labels, blocks, size, default, balanced)
    return [jax.tree.map(lambda x, k=k: x[k], whole) for k in range(blocks)]


def _in_blocks(
    volts: Any, labels: Any, blocks: int, size: int, default: int, balanced: bool
) -> Blocks:
    samples = labels.shape[0]
    order = jnp.arange(blocks * size).reshape(blocks, size)
    kept = order < samples
    order = jnp.minimum(order, samples - 1)
    own = jnp.asarray(_class_weights(labels))[order] * kept if balanced else None
    return Blocks(
        jnp.moveaxis(jnp.asarray(volts, jnp.float32)[:, order], 0, 1),
        jnp.asarray(labels)[order],
        kept.astype(jnp.float32) / samples,
        jnp.full(blocks, default),
        own,
    )


def _class_weights(labels: Any) -> np.ndarray:
    """Weights of rows, [S], by which each of k classes counts 1 / k: 1 / (k n_c) for a row of a
    class with n_c rows."""
    _, of, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    return (1 / (len(counts) * counts[of])).astype(np.float32)


def summed(function: Any, blocks: Blocks) -> Any:
    """Sum a function's results over all blocks."""
    if blocks.labels.shape[0] == 1:
        return function(jax.tree.map(lambda x: x[0], blocks))
    first = jax.eval_shape(function, jax.tree.map(lambda x: x[0], blocks))
    zero = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), first)

    def add(total: Any, block: Blocks) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, function(block)), None

    return jax.lax.scan(add, zero, blocks)[0]
