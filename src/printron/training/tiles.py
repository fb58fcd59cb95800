"""Runs cut into tiles of a fixed number, padded with copies.

The compiled program, and with it every rounding of a run, is the same whatever batch the run stands
in. Tiles go to the cores as threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from printron.network import Design

BLOCK_ROWS = 256  # beyond it XLA starts threads of its own under ours
TILE_NUMBERS = 120_000  # voltages in a block of a tile: what fits a core's cache measures best
LOADED_NUMBERS = 26_000  # the same against the loaded circuit, which has many more voltages inside
SMALLEST_TILE, LARGEST_TILE = 8, 64  # multiples of 8: else a run's rounding depends on its place
LANES = 8  # rows that a vector instruction takes at a time


def tile_size(design: Design, samples: int) -> int:
    """Runs in a tile; depends on the problem alone, never on the number of runs."""
    fitting = max(TILE_NUMBERS / (row_voltages(design) * min(samples, BLOCK_ROWS)), 1)
    return int(np.clip(2 ** int(np.log2(fitting)), SMALLEST_TILE, LARGEST_TILE))


def loaded_block_rows(design: Design) -> int:
    """Rows of a block for a tile of `SMALLEST_TILE` runs against the loaded circuit."""
    fitting = LOADED_NUMBERS / (row_voltages(design) * SMALLEST_TILE)
    return int(np.clip(fitting // LANES * LANES, 4 * LANES, BLOCK_ROWS))


def row_voltages(design: Design) -> int:
    """Voltages that the ideal model has of a row of readings: what its work is counted in."""
    return 2 * sum(design.topology[:-1]) + sum(design.topology[1:])


def tiles_of(members: int, tile: int) -> NDArray[np.int64]:
    """Members of every tile, [tiles, tile]; the last is padded with the last member."""
    return np.minimum(np.arange(-(-members // tile) * tile), members - 1).reshape(-1, tile)


def in_tiles(
    work: Callable[[NDArray[np.int64]], Any], members: int, tile: int, workers: int
) -> Any:
    """What `work` gives for every tile, as NumPy arrays whose leading axis is the member."""

    def single(which: NDArray[np.int64]) -> Any:
        with jax.enable_x64(False):  # per thread
            return jax.tree.map(np.asarray, work(which))

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(single, tiles_of(members, tile)))
    return jax.tree.map(lambda *each: np.concatenate(each)[:members], *parts)
