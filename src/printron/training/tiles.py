"""Runs cut into tiles of a fixed size, padded with copies.

The compiled program, and with it every rounding of a run, is the same in every batch. Tiles run in
threads.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from printron.network import Structure

BLOCK_ROWS = 256  # above, XLA starts threads of its own within ours
TILE_NUMBERS = 120_000  # voltages in a block of a tile: fastest where they fit a core's cache
LOADED_NUMBERS = 26_000  # the same for the loaded circuit, which has many more inner voltages
SMALLEST_TILE, LARGEST_TILE = 8, 64  # multiples of 8: else rounding depends on a run's place
LANES = 8  # rows of a vector instruction


def tile_size(structure: Structure, samples: int) -> int:
    """Runs in a tile; depends on the problem alone, never on the number of runs."""
    fitting = max(TILE_NUMBERS / (row_voltages(structure) * min(samples, BLOCK_ROWS)), 1)
    return int(np.clip(2 ** int(np.log2(fitting)), SMALLEST_TILE, LARGEST_TILE))


def loaded_block_rows(structure: Structure, samples: int) -> int:
    """Rows of a block for a tile of `SMALLEST_TILE` runs with the loaded circuit: a multiple of
    `LANES`, so that some blocks hold the samples with few rows to spare."""
    fitting = LOADED_NUMBERS / (row_voltages(structure) * SMALLEST_TILE)
    most = int(np.clip(fitting // LANES * LANES, 4 * LANES, BLOCK_ROWS))
    even = samples / -(-samples // most)
    return int(-(-even // LANES) * LANES)


def row_voltages(structure: Structure) -> int:
    """Voltages of the ideal model per row of readings: the measure of its work."""
    columns = (layer.neurons * (2 if layer.paired else 1) for layer in structure.layers)
    return 2 * sum(structure.topology[:-1]) + sum(columns)


def tiles_of(members: int, tile: int) -> NDArray[np.int64]:
    """Members of every tile, [tiles, tile]; the last is padded with the last member."""
    return np.minimum(np.arange(-(-members // tile) * tile), members - 1).reshape(-1, tile)


class FirstAlone:
    """Lets one thread compile the programs of tiles; the others wait for it, then run side by side.

    Otherwise several threads would compile the same program.
    """

    def __init__(self) -> None:
        self._first, self._over = Lock(), Event()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The work of one thread: alone if it is the first, else after the first is over."""
        if not self._first.acquire(blocking=False):  # the first never releases it
            self._over.wait()
            yield
            return
        try:
            yield
        finally:
            self._over.set()


def in_tiles(
    work: Callable[[NDArray[np.int64]], Any], members: int, tile: int, workers: int
) -> Any:
    """Results of `work` for all tiles, as NumPy arrays whose leading axis is the member."""

    def single(members_of_tile: NDArray[np.int64]) -> Any:
        with jax.enable_x64(False):  # per thread
            return jax.tree.map(np.asarray, work(members_of_tile))

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(single, tiles_of(members, tile)))
    return jax.tree.map(lambda *each: np.concatenate(each)[:members], *parts)
