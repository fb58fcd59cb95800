"""Evaluation of trained runs on every split, once, at the end; and of their printed copies."""

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.network import (
    Parameters,
    Structure,
    build_layers,
    copy_key,
    draw_copy,
    printed_copy,
)
from printron.technology.variation import Variation
from printron.training.blocks import Blocks, Readings, equal_blocks
from printron.training.ideal import evaluate
from printron.training.loaded import Sums, block_sums, terms_of
from printron.training.terms import Terms, whole_rows
from printron.training.tiles import BLOCK_ROWS, SMALLEST_TILE, in_tiles, tiles_of


@partial(jax.jit, static_argnums=0)
def _evaluate(
    structure: Structure, parameters: Parameters, splits: dict[str, Blocks]
) -> dict[str, Terms]:
    return {
        name: jax.vmap(lambda p, blocks=blocks: evaluate(p, structure, blocks))(parameters)
        for name, blocks in splits.items()
    }


@partial(jax.jit, static_argnums=0)
def _block_sums(structure: Structure, parameters: Parameters, block: Blocks) -> Sums:
    return jax.vmap(lambda p: block_sums(build_layers(structure, p), structure, block))(parameters)


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
    """Terms of every run on every split, with the loaded circuit, [runs] each.

    All blocks have one size, so that one compiled program serves all.
    """
    size = min(BLOCK_ROWS, max(len(y) for _, y in rows.values()))
    cut = {name: equal_blocks(v, y, size, default) for name, (v, y) in rows.items()}

    def members(indices: NDArray[np.int64]) -> Parameters:
        return jax.tree.map(lambda x: x[indices], parameters)

    first = members(tiles_of(runs, SMALLEST_TILE)[0])
    block_sums_of = _block_sums.lower(structure, first, cut["test"][0]).compile()

    def work(indices: NDArray[np.int64]) -> dict[str, Terms]:
        own = members(indices)
        sums = {
            name: [block_sums_of(own, block) for block in blocks] for name, blocks in cut.items()
        }
        return {
            name: terms_of(jax.tree.map(lambda *x: sum(map(np.asarray, x)), *each))
            for name, each in sums.items()
        }

    found: dict[str, Terms] = in_tiles(work, runs, SMALLEST_TILE, workers)
    return found


@partial(jax.jit, static_argnums=(0, 1))
def _copy_sums(
    structure: Structure, variation: Variation, parameters: Parameters, block: Blocks, keys: Array
) -> Sums:
    layers = build_layers(structure, parameters)

    def of_copy(key: Array) -> Sums:
        copy = printed_copy(layers, draw_copy(structure, key), variation)
        return block_sums(copy, structure, block)

    return jax.vmap(of_copy)(keys)


def copy_terms(
    structure: Structure,
    parameters: Parameters,
    variation: Variation,
    readings: Readings,
    *,
    copies: int,
    default: int,
    seed: int = 0,
    workers: int = 2,
) -> Terms:
    """Terms of printed copies of one circuit with all of its loading, [copies] each.

    Parameters
    ----------
    parameters : of one run, without a run axis.
    variation : how printed values spread; `Process.spread`.
    readings : volts [inputs, samples] and labels [samples].
    default : class that is answered where its output ties with the largest.
    seed : all draws follow from it; copy k is the same whatever the number of copies.
    workers : tiles of copies solved side by side.
    """
    volts, labels = readings
    blocks = equal_blocks(volts, labels, min(BLOCK_ROWS, len(labels)), default)
    one = jax.tree.map(jnp.asarray, parameters)

    def work(which: NDArray[np.int64]) -> Terms:
        keys = jax.vmap(partial(copy_key, seed))(jnp.asarray(which))
        sums = [_copy_sums(structure, variation, one, block, keys) for block in blocks]
        return terms_of(jax.tree.map(lambda *x: sum(map(np.asarray, x)), *sums))

    found: Terms = in_tiles(work, copies, SMALLEST_TILE, workers)
    return whole_rows(found, len(labels))
