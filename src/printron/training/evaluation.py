"""Evaluation of trained runs on every split, once, at the end; and of their printed copies."""

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from printron.network import Copy, Parameters, Structure, numbered_copies
from printron.training.blocks import Blocks, Readings, equal_blocks
from printron.training.ideal import evaluate
from printron.training.judging import TOGETHER, added, judged, terms_of
from printron.training.terms import Terms, whole_rows
from printron.training.tiles import SMALLEST_TILE, in_tiles, loaded_block_rows


@partial(jax.jit, static_argnums=0)
def _evaluate(
    structure: Structure, parameters: Parameters, splits: dict[str, Blocks]
) -> dict[str, Terms]:
    return {
        name: jax.vmap(lambda p, blocks=blocks: evaluate(p, structure, blocks))(parameters)
        for name, blocks in splits.items()
    }


def ideal_terms(
    structure: Structure, parameters: Parameters, splits: dict[str, Blocks], runs: int, tile: int
) -> dict[str, Terms]:
    """Terms of every run on every split, with ideal sources, [runs] each."""

    def work(indices: NDArray[np.int64]) -> dict[str, Terms]:
        own = jax.tree.map(lambda x: x[indices], parameters)
        return _evaluate(structure, own, splits)

    found: dict[str, Terms] = in_tiles(work, runs, tile, 1)
    return found


def loaded_terms(
    structure: Structure,
    parameters: Parameters,
    rows: Mapping[str, Readings],
    default: int,
    runs: int,
    workers: int,
) -> dict[str, Terms]:
    """Terms of every run on every split, with the loaded circuit as designed, [runs] each."""
    size = loaded_block_rows(structure, len(rows["train"][1]))
    cut = {name: equal_blocks(*each, size, default) for name, each in rows.items()}
    zeros = _no_deviation(structure)
    tile = SMALLEST_TILE if zeros is None else 1

    def work(indices: NDArray[np.int64]) -> dict[str, Terms]:
        own = jax.tree.map(lambda x: x[indices], parameters)
        found = {
            name: terms_of(added([judged(structure, own, zeros, block)[0] for block in blocks]))
            for name, blocks in cut.items()
        }
        return found if zeros is None else jax.tree.map(lambda x: x[:, 0], found)

    found: dict[str, Terms] = in_tiles(work, runs, tile, workers)
    return found


def _no_deviation(structure: Structure) -> Copy | None:
    """Copies as designed, where the program that judges copies is to judge designs as well."""
    if not structure.conditions.varied:
        return None
    return jax.tree.map(jnp.zeros_like, _copies_of(structure, 0, jnp.arange(TOGETHER)))


_copies_of = jax.jit(numbered_copies, static_argnums=0)


def copy_terms(
    structure: Structure,
    parameters: Parameters,
    readings: Readings,
    *,
    copies: int,
    default: int,
    seed: int = 0,
    workers: int = 2,
    size: int | None = None,
) -> Terms:
    """Terms of printed copies of one circuit with all of its loading, [copies] each.

    Parameters
    ----------
    structure : its conditions say how copies differ.
    parameters : of one run, without a run axis.
    readings : volts [inputs, samples] and labels [samples].
    default : class that is answered where its output ties with the largest.
    seed : all draws follow from it; copy k is the same whatever the number of copies.
    workers : tiles of copies solved side by side.
    size : rows solved together.
    """
    size = size or loaded_block_rows(structure, len(readings[1]))
    with jax.enable_x64(False):  # as in training, and in tiles
        blocks = equal_blocks(*readings, size, default)
        one = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32)[None], parameters)
        first = _copies_of(structure, seed, jnp.arange(TOGETHER))
        starts = [judged(structure, one, first, block)[1] for block in blocks]

    def work(which: NDArray[np.int64]) -> Terms:
        drawn = _copies_of(structure, seed, jnp.asarray(which))
        near = zip(blocks, starts, strict=True)
        sums = [judged(structure, one, drawn, block, start)[0] for block, start in near]
        return jax.tree.map(lambda x: x[0], terms_of(added(sums)))

    found: Terms = in_tiles(work, copies, TOGETHER, workers)
    return whole_rows(found, len(readings[1]))
