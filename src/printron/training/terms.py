"""Measures of a circuit on some rows: cross-entropy, accuracy, power."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import stop_gradient
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from printron.network import Power, winner
from printron.training.blocks import Blocks

LOGIT_SCALE_PER_V = 12.0  # outputs are voltages within 1 V: they need a scale before the softmax


class Merits(NamedTuple):
    """The measures of a circuit that a goal scores.

    Attributes
    ----------
    cross_entropy : nats.  accuracy : fraction of rows classified correctly.  power : W.
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
    """

    cross_entropy: Array
    accuracy: Array
    power: Power

    @property
    def merits(self) -> Merits:
        """The measures that a goal scores."""
        return Merits(self.cross_entropy, self.accuracy, self.power.total)


def cross_entropy(out: Float[Array, "classes samples"], block: Blocks) -> Float[Array, ""]:
    """Weighted sum over one block; the largest output is subtracted, so exp cannot overflow."""
    logits = LOGIT_SCALE_PER_V * (out - stop_gradient(jnp.max(out, 0)))
    right = jnp.where(jnp.arange(out.shape[0])[:, None] == block.labels, block.weights, 0)
    return jnp.log(jnp.sum(jnp.exp(logits), 0)) @ block.weights - jnp.vdot(logits, right)


def accuracy(
    out: Float[Array, "classes samples"],
    block: Blocks,
    solved: Bool[Array, " samples"] | bool = True,
) -> Float[Array, ""]:
    """Weighted sum of the correctly classified rows of one block.

    Parameters
    ----------
    out : output voltages, [outputs, S].
    solved : rows that have an operating point, [S]; the others count as misclassified.
    """
    hits = (winner(out, block.default) == block.labels) & solved
    return jnp.sum(hits * block.weights)


def whole_rows(terms: Terms, rows: int) -> Terms:
    """Terms with the accuracy as a fraction of whole rows, in double precision.

    Sums of single-precision weights have rounding errors, and may exceed 1.
    """
    hits: Any = np.round(np.asarray(terms.accuracy, np.float64) * rows)
    return terms._replace(accuracy=hits / rows)
