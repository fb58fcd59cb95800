"""Training many runs (alpha x seed) as one compiled batch.

Runs are cut into tiles of a fixed number, padded with copies: the compiled program, and with it
every rounding of a run, is the same whatever batch the run stands in. Tiles go to the cores as
threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from printron.errors import PrintronError
from printron.network import Design, Parameters
from printron.training.initial import reference_power
from printron.training.objective import Rows, Terms, cut_rows, evaluate
from printron.training.schedule import Schedule
from printron.training.step import Best, State, begin, epoch_step, look

TRAINED, DIVERGED = "trained", "diverged"
BLOCK_ROWS = 256  # beyond it XLA starts threads of its own under ours
CENTRING_ROWS = 2000  # training rows that the starting columns are centred on
TILE_NUMBERS = 120_000  # voltages in a block of a tile: what fits a core's cache measures best
SMALLEST_TILE, LARGEST_TILE = 8, 64  # multiples of 8: else a run's rounding depends on its place


@dataclass(frozen=True)
class Trained:
    """Trained runs; the leading axis of every array is the run.

    Attributes
    ----------
    parameters : of the best snapshot by validation, as NumPy arrays.
    status : "trained" or "diverged" (then: the best snapshot before it, if there was one).
    epoch : of the snapshot; -1 where there is none.
    score : the objective on the validation rows at the snapshot, by which it was selected.
    terms : objective terms of the snapshot by split ("train", "valid", "test").
    P_ref : W.
    """

    parameters: Parameters
    status: tuple[str, ...]
    epoch: NDArray[np.int32]
    score: NDArray[np.float32]
    terms: dict[str, Terms]
    P_ref: float


@partial(jax.jit, static_argnums=(0, 1, 2), donate_argnums=(7,))
def _advance(
    design: Design,
    schedule: Schedule,
    P_ref: float,
    done: Array,
    checks: Array,
    alphas: Array,
    data: tuple[Rows, Rows],
    states: State,
) -> State:
    """Train a tile of runs, after `done` looks at the validation rows, up to `checks` more."""

    def run(alpha: Array, state: State) -> State:
        def until_look(number: Array, it: State) -> State:
            first = number * schedule.check_every
            it = jax.lax.fori_loop(
                0,
                schedule.check_every,
                lambda k, s: epoch_step(design, schedule, P_ref, alpha, data[0], first + k, s),
                it,
            )
            return look(design, schedule, P_ref, alpha, data[1], it)

        return jax.lax.fori_loop(done, done + checks, until_look, state)

    return jax.vmap(run)(alphas, states)


@partial(jax.jit, static_argnums=(0, 1))
def _begin(design: Design, schedule: Schedule, seeds: Array, starts: Array, volts: Array) -> State:
    return jax.vmap(lambda seed, start: begin(design, schedule, seed, start, volts))(seeds, starts)


@partial(jax.jit, static_argnums=0)
def _evaluate(design: Design, parameters: Parameters, splits: dict[str, Rows]) -> dict[str, Terms]:
    return {
        name: jax.vmap(lambda p, rows=rows: evaluate(p, design, rows))(parameters)
        for name, rows in splits.items()
    }


def tile_size(design: Design, samples: int) -> int:
    """Runs in a tile; depends on the problem alone, never on the number of runs."""
    features = 2 * sum(design.topology[:-1]) + sum(design.topology[1:])
    fitting = max(TILE_NUMBERS / (features * min(samples, BLOCK_ROWS)), 1)
    return int(np.clip(2 ** int(np.log2(fitting)), SMALLEST_TILE, LARGEST_TILE))


def check_alphas(alphas: ArrayLike) -> None:
    """Refuse a weight of the power outside [0, 1].

    Raises
    ------
    PrintronError : names the first one.
    """
    values = np.ravel(alphas)
    outside = ~((values >= 0) & (values <= 1))  # not a number is outside, too
    if outside.any():
        raise PrintronError(
            f"got alpha = {values[outside][0]:g}; it weighs power against accuracy and must lie in "
            "[0, 1]"
        )


def train(
    design: Design,
    rows: dict[str, tuple[NDArray, NDArray]],
    alphas: NDArray,
    seeds: NDArray,
    *,
    schedule: Schedule | None = None,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Trained:
    """Train one run per entry of `alphas` and `seeds`.

    Parameters
    ----------
    rows : "train", "valid", "test": (volts [inputs, samples], labels [samples]). Selection looks at
        the validation rows only; the test rows are evaluated once, at the end.
    alphas, seeds : [runs].  workers : tiles trained side by side.
    progress : called with the number of run-epochs that have just been done.

    Raises
    ------
    PrintronError : an alpha outside 0 ... 1, or alphas and seeds of different length.
    """
    alphas, seeds = np.asarray(alphas, np.float32), np.asarray(seeds, np.uint32)
    if alphas.shape != seeds.shape or alphas.ndim != 1 or not len(alphas):
        raise PrintronError(
            f"got alphas {alphas.shape} and seeds {seeds.shape}; give one alpha and one seed a run"
        )
    check_alphas(alphas)
    # Training is in single precision, also where the user has switched JAX to double.
    with jax.enable_x64(False):
        return _train(
            design,
            rows,
            alphas,
            seeds,
            schedule or Schedule(),
            workers,
            progress or (lambda _: None),
        )


def _train(
    design: Design,
    rows: dict[str, tuple[NDArray, NDArray]],
    alphas: NDArray,
    seeds: NDArray,
    schedule: Schedule,
    workers: int,
    told: Callable[[int], None],
) -> Trained:
    """`train` with its arguments checked."""
    P_ref = reference_power(design)
    cut = {name: cut_rows(v, y, BLOCK_ROWS, shuffled=True) for name, (v, y) in rows.items()}
    volts = jnp.asarray(rows["train"][0][:, :CENTRING_ROWS], jnp.float32)
    tile = tile_size(design, rows["train"][1].shape[0])
    members = len(alphas) * schedule.starts
    order = np.minimum(np.arange(-(-members // tile) * tile), members - 1).reshape(-1, tile)
    step = max(1, schedule.checks // 50)
    both = cut["train"], cut["valid"]

    def start(tile_of: NDArray[np.int64]) -> tuple[Array, State]:
        run, start = np.divmod(tile_of, schedule.starts)
        states = _begin(design, schedule, jnp.asarray(seeds[run]), jnp.asarray(start), volts)
        return jnp.asarray(alphas[run]), states

    # Compiled once, before the threads: two that find no program would both compile it.
    share, states = start(order[0])
    advance = _advance.lower(
        design, schedule, P_ref, jnp.asarray(0), jnp.asarray(step), share, both, states
    ).compile()

    def work(tile_of: NDArray[np.int64]) -> tuple[Best, Array]:
        with jax.enable_x64(False):  # per thread
            share, states = start(tile_of)
            for done in range(0, schedule.checks, step):
                checks = min(step, schedule.checks - done)
                states = advance(jnp.asarray(done), jnp.asarray(checks), share, both, states)
                jax.block_until_ready(states.epoch)
                told(checks * schedule.check_every * len(set(tile_of.tolist())))
            return jax.tree.map(np.asarray, (states.best, states.diverged))

    with ThreadPoolExecutor(workers) as pool:
        tiles = list(pool.map(work, order))
    best, diverged = jax.tree.map(lambda *parts: np.concatenate(parts)[:members], *tiles)
    best, diverged = _best_start(best, diverged, schedule.starts)
    terms = _evaluate_tiles(design, best.parameters, cut, tile)
    epoch, score = np.asarray(best.epoch), np.asarray(best.score)
    # A run whose validation score was never finite has no snapshot: it did not train either.
    failed = diverged | (epoch < 0)
    status = tuple(DIVERGED if bad else TRAINED for bad in failed)
    return Trained(best.parameters, status, epoch, score, terms, P_ref)


def _best_start(best: Best, diverged: NDArray[np.bool_], starts: int) -> tuple[Best, NDArray]:
    """The best start of each run by its validation score; diverged only where all starts did."""
    score = np.asarray(best.score).reshape(-1, starts)
    chosen = np.arange(len(score)) * starts + np.argmin(score, axis=1)
    return (
        jax.tree.map(lambda x: x[chosen], best),
        np.asarray(diverged.reshape(-1, starts).all(axis=1)),
    )


def _evaluate_tiles(
    design: Design, parameters: Parameters, cut: dict[str, Rows], tile: int
) -> dict[str, Terms]:
    """Terms of the objective of every run on every split, tile by tile."""
    runs = len(parameters.theta[0])
    order = np.minimum(np.arange(-(-runs // tile) * tile), runs - 1).reshape(-1, tile)
    parts = [
        jax.tree.map(
            np.asarray, _evaluate(design, jax.tree.map(lambda x, k=k: x[k], parameters), cut)
        )
        for k in order
    ]
    return jax.tree.map(lambda *x: np.concatenate(x)[:runs], *parts)
