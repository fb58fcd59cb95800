"""SOAP: Adam in the eigenvectors of the averaged outer products of the gradients.

Vyas et al., SOAP: Improving and Stabilizing Shampoo using Adam, arXiv:2409.11321. Each parameter is
a matrix; for small matrices a step costs hardly more than one of Adam, and needs far fewer steps.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

MOMENTUM, MEMORY = 0.95, 0.99  # of the averaged gradients, and of their squares and products
TURN_EVERY = 10  # steps between updates of the eigenvectors
SMALL = 1e-8


class Averages(NamedTuple):
    """What is remembered of the gradients of a matrix [out, in].

    Attributes
    ----------
    mean : averaged gradient.  square : averaged squares, in the eigenvectors.
    left, right : averaged products G Gᵀ and Gᵀ G.  rows, columns : their eigenvectors.
    """

    mean: Array
    square: Array
    left: Array
    right: Array
    rows: Array
    columns: Array


def nothing_yet(matrix: Array) -> Averages:
    """The averages before the first step."""
    n, m = matrix.shape
    zero, like = jnp.zeros_like, matrix.dtype
    left, right = jnp.zeros((n, n), like), jnp.zeros((m, m), like)
    return Averages(
        zero(matrix), zero(matrix), left, right, jnp.eye(n, dtype=like), jnp.eye(m, dtype=like)
    )


def moved(
    matrix: Array, slope: Array, kept: Averages, rate: Array, step: Array
) -> tuple[Array, Averages]:
    """A matrix after one step, and its averages.

    Parameters
    ----------
    slope : gradient.  rate : length of the step.  step : number of the step, from 0.
    """
    mean = _average(kept.mean, slope, MOMENTUM)
    left = _average(kept.left, slope @ slope.T, MEMORY)
    right = _average(kept.right, slope.T @ slope, MEMORY)
    square = _average(kept.square, (kept.rows.T @ slope @ kept.columns) ** 2, MEMORY)
    count = (step + 1).astype(matrix.dtype)
    size = jnp.sqrt(square / (1 - MEMORY**count)) + SMALL
    way = kept.rows.T @ (mean / (1 - MOMENTUM**count)) @ kept.columns / size
    rows, columns = jax.lax.cond(
        step % TURN_EVERY == 0,
        lambda: (_turned(left, kept.rows), _turned(right, kept.columns)),
        lambda: (kept.rows, kept.columns),
    )
    after = matrix - rate * (kept.rows @ way @ kept.columns.T)
    return after, Averages(mean, square, left, right, rows, columns)


def _average(old: Array, new: Array, memory: float) -> Array:
    return memory * old + (1 - memory) * new


def _turned(product: Array, vectors: Array) -> Array:
    """Eigenvectors of a product after one power iteration from the former ones."""
    return jnp.linalg.qr(product @ vectors)[0]
