"""Measures of a circuit on some rows: cross-entropy, accuracy, power."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import stop_gradient
from jaxtyping import Bool, Float, Integer
from numpy.typing import NDArray

from printron.network import Power, winner
from printron.training.blocks import Blocks

LOGIT_SCALE_PER_V = 12.0  # outputs are voltages within 1 V: they need a scale before the softmax


class Merits(NamedTuple):
    """The measures of a circuit that a goal scores.

    Attributes
    ----------
    cross_entropy : nats.  power : W.
    accuracy : fraction of rows classified correctly, by the margin of the structure's conditions.
    """

    cross_entropy: Array | NDArray[Any]
    accuracy: Array | NDArray[Any]
    power: Array | NDArray[Any]


class Terms(NamedTuple):
    """The measures of a circuit on some rows.

    Attributes
    ----------
    cross_entropy : nats.  accuracy : fraction of rows classified correctly; see `winner`.
    power : by cause and layer, averaged over the rows, W.
    clear : fraction of rows classified correctly by the margin of the structure's conditions.
    of_class : these rows by their class, [..., classes]; the fractions of all rows sum to
        `accuracy`.
    clear_of_class : likewise by the margin.
    solved : fraction of rows that have an operating point; the others count as misclassified.
    """

    cross_entropy: Array
    accuracy: Array
    power: Power
    clear: Array
    of_class: Array
    clear_of_class: Array
    solved: Array

    @property
    def merits(self) -> Merits:
        """The measures that a goal scores."""
        return Merits(self.cross_entropy, self.clear, self.power.total)


def cross_entropy(
    out: Float[Array, "classes samples"], block: Blocks, margin: float = 0.0
) -> Float[Array, ""]:
    """Weighted sum over one block; the largest output is subtracted, so exp cannot overflow.

    Parameters
    ----------
    margin : by which the right output is taken to be lower than found, V.
    """
    labelled = jnp.arange(out.shape[0])[:, None] == block.labels
    if margin:
        out = out - margin * labelled
    logits = LOGIT_SCALE_PER_V * (out - stop_gradient(jnp.max(out, 0)))
    right = jnp.where(labelled, block.counting, 0)
    return jnp.log(jnp.sum(jnp.exp(logits), 0)) @ block.counting - jnp.vdot(logits, right)


def right_of_class(
    out: Float[Array, "classes samples"],
    block: Blocks,
    solved: Bool[Array, " samples"] | bool = True,
    margin: float = 0.0,
) -> Float[Array, " classes"]:
    """Weighted sum of the correctly classified rows of one block, by their class.

    Parameters
    ----------
    out : output voltages, [outputs, S].
    solved : rows that have an operating point, [S]; the others count as misclassified.
    margin : by which the right output must lead all others, V.
    """
    hits = (winner(out, block.default) == block.labels) & solved
    if margin:
        hits = hits & (lead(out, block.labels) >= margin)
    labelled = jnp.arange(out.shape[0])[:, None] == block.labels
    return jnp.where(labelled, hits * block.counting, 0).sum(1)


def lead(out: Float[Array, "classes samples"], labels: Integer[Array, " samples"]) -> Array:
    """By how much the right output leads the largest other one, V, [S]; below 0 where wrong."""
    labelled = jnp.arange(out.shape[0])[:, None] == labels
    right = jnp.sum(jnp.where(labelled, out, 0), 0)
    return right - jnp.max(jnp.where(labelled, -jnp.inf, out), 0)


def whole_rows(terms: Terms, rows: int) -> Terms:
    """Terms with all shares as fractions of whole rows, in double precision.

    Sums of single-precision weights have rounding errors, and may exceed 1.
    """

    def whole(share: Array) -> Any:
        return np.round(np.asarray(share, np.float64) * rows) / rows

    shares = ("accuracy", "clear", "of_class", "clear_of_class", "solved")
    return terms._replace(**{name: whole(getattr(terms, name)) for name in shares})


def balanced(
    of_class: NDArray[np.float64], labels: Integer[np.ndarray, " samples"]
) -> NDArray[np.float64]:
    """Balanced accuracy: the mean over the classes that occur of the fraction of their rows that is
    classified correctly.

    Parameters
    ----------
    of_class : as in `Terms`, [..., classes].
    """
    shares = np.bincount(labels, minlength=of_class.shape[-1]) / len(labels)
    there = shares > 0
    found: NDArray[np.float64] = np.mean(of_class[..., there] / shares[there], -1)
    return found
