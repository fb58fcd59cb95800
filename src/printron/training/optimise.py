"""Training many runs (alpha x seed) as one compiled batch.

All starts of all runs are trained with ideal sources; with `sources = "loaded"` the best start of
every run is then trained on against the circuit with all of its loading.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from printron.errors import PrintronError
from printron.network import Design, Parameters, build_layers, commonest_class
from printron.training.initial import reference_power
from printron.training.loaded_step import (
    Sums,
    begin_loaded,
    block_sums,
    loaded_step,
    look_loaded,
    terms_of,
)
from printron.training.objective import Rows, Terms, cut_rows, equal_blocks, evaluate, whole_rows
from printron.training.schedule import LOADED_COST, Schedule
from printron.training.step import Best, State, begin, epoch_step, look
from printron.training.tiles import (
    BLOCK_ROWS,
    LANES,
    SMALLEST_TILE,
    in_tiles,
    loaded_block_rows,
    tile_size,
    tiles_of,
)

TRAINED, DIVERGED = "trained", "diverged"
CENTRING_ROWS = 2000  # training rows that the starting columns are centred on


@dataclass(frozen=True)
class Trained:
    """Trained runs; the leading axis of every array is the run.

    Attributes
    ----------
    parameters : of the best snapshot by validation, as NumPy arrays.
    status : "trained" or "diverged" (then: the best snapshot before it, if there was one).
    epoch : of the snapshot; -1 where there is none.
    score : the objective on the validation rows at the snapshot, by which it was selected.
    terms : objective terms of the snapshot by split ("train", "valid", "test"): of the model with
        ideal sources, or with `sources = "loaded"` of the circuit.
    P_ref : W.
    """

    parameters: Parameters
    status: tuple[str, ...]
    epoch: NDArray[np.int32]
    score: NDArray[np.float32]
    terms: dict[str, Terms]
    P_ref: float


@dataclass(frozen=True)
class Phase:
    """A part of training: its step, its look at the validation rows, and its epochs.

    Attributes
    ----------
    tile : runs that are trained together.
    look_before : it begins with a look, at what it was given.
    cost : of an epoch, in those of training with ideal sources.
    """

    step: Callable[..., State]
    look: Callable[..., State]
    epochs: int
    tile: int
    look_before: bool = False
    cost: int = 1


@partial(jax.jit, static_argnums=(0, 1, 2, 3), donate_argnums=(8,))
def _advance(
    phase: Phase,
    design: Design,
    schedule: Schedule,
    P_ref: float,
    done: Array,
    checks: Array,
    alphas: Array,
    data: list[Rows],
    states: State,
) -> State:
    """Train a tile of runs, after `done` looks at the validation rows, up to `checks` more."""
    each = schedule.check_every

    def run(alpha: Array, state: State) -> State:
        def until_look(number: Array, it: State) -> State:
            # A look before any step is one with no steps before it: one program serves both.
            first = (number - 1 if phase.look_before else number) * each
            steps = jnp.where(number > 0, each, 0) if phase.look_before else each
            it = jax.lax.fori_loop(
                0,
                steps,
                lambda k, s: phase.step(design, schedule, P_ref, alpha, data[0], first + k, s),
                it,
            )
            return phase.look(design, schedule, P_ref, alpha, data[1], it)

        return jax.lax.fori_loop(done, done + checks, until_look, state)

    return jax.vmap(run)(alphas, states)


@partial(jax.jit, static_argnums=(0, 1))
def _begin(design: Design, schedule: Schedule, seeds: Array, starts: Array, volts: Array) -> State:
    return jax.vmap(lambda seed, start: begin(design, schedule, seed, start, volts))(seeds, starts)


@partial(jax.jit, static_argnums=(0, 1))
def _begin_loaded(
    design: Design, schedule: Schedule, rows: Rows, seeds: Array, ideal: Best
) -> State:
    return jax.vmap(lambda seed, best: begin_loaded(design, schedule, rows, seed, best))(
        seeds, ideal
    )


@partial(jax.jit, static_argnums=0)
def _evaluate(design: Design, parameters: Parameters, splits: dict[str, Rows]) -> dict[str, Terms]:
    return {
        name: jax.vmap(lambda p, rows=rows: evaluate(p, design, rows))(parameters)
        for name, rows in splits.items()
    }


@partial(jax.jit, static_argnums=0)
def _block_sums(design: Design, parameters: Parameters, block: Rows) -> Sums:
    return jax.vmap(lambda p: block_sums(build_layers(design, p), design, block))(parameters)


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
    progress : called with the number of run-epochs that have just been done; see `Schedule.cost`.

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
        it = _Training(
            design,
            schedule or Schedule(),
            rows,
            alphas,
            seeds,
            workers,
            progress or (lambda _: None),
        )
        return it.result()


class _Training:
    """The parts of training, on the same rows and runs."""

    def __init__(
        self,
        design: Design,
        schedule: Schedule,
        rows: dict[str, tuple[NDArray, NDArray]],
        alphas: NDArray,
        seeds: NDArray,
        workers: int,
        told: Callable[[int], None],
    ) -> None:
        self.design, self.schedule, self.alphas, self.seeds = design, schedule, alphas, seeds
        self.workers, self.told = workers, told
        self.rows, self.P_ref = rows, reference_power(design)
        self.default = commonest_class(rows["train"][1])
        self.cut = {
            name: cut_rows(v, y, BLOCK_ROWS, default=self.default, shuffled=True)
            for name, (v, y) in rows.items()
        }
        self.centring = jnp.asarray(rows["train"][0][:, :CENTRING_ROWS], jnp.float32)
        self.tile = tile_size(design, rows["train"][1].shape[0])

    @cached_property
    def loaded_cut(self) -> list[Rows]:
        """Training and validation rows, in blocks for the loaded circuit."""
        size = loaded_block_rows(self.design)
        return [
            cut_rows(*self.rows[name], size, default=self.default, shuffled=True, multiple=LANES)
            for name in ("train", "valid")
        ]

    def result(self) -> Trained:
        """All parts, one after the other."""
        best, diverged = _best_start(*self.ideal(), self.schedule.starts)
        if self.schedule.sources == "loaded":
            best, lost = self.loaded(best)
            diverged = diverged | lost
            terms = self.loaded_terms(best.parameters)
        else:
            terms = self.terms(best.parameters)
        epoch, score = np.asarray(best.epoch), np.asarray(best.score)
        # A run whose validation score was never finite has no snapshot: it did not train either.
        failed = diverged | (epoch < 0)
        status = tuple(DIVERGED if bad else TRAINED for bad in failed)
        terms = {name: whole_rows(each, len(self.rows[name][1])) for name, each in terms.items()}
        return Trained(best.parameters, status, epoch, score, terms, self.P_ref)

    def ideal(self) -> tuple[Best, NDArray[np.bool_]]:
        """Best snapshot of every start of every run, and whether it diverged."""

        def start(tile: NDArray[np.int64]) -> tuple[Array, State]:
            run, start = np.divmod(tile, self.schedule.starts)
            starts = jnp.asarray(start)
            states = _begin(
                self.design, self.schedule, jnp.asarray(self.seeds[run]), starts, self.centring
            )
            return jnp.asarray(self.alphas[run]), states

        phase = Phase(epoch_step, look, self.schedule.epochs, self.tile)
        rows = [self.cut[name] for name in ("train", "valid")]
        return self._through(phase, start, rows, len(self.alphas) * self.schedule.starts)

    def loaded(self, ideal: Best) -> tuple[Best, NDArray[np.bool_]]:
        """Best snapshot of every run as the circuit that it is, and whether it diverged."""

        def start(tile: NDArray[np.int64]) -> tuple[Array, State]:
            seeds = jnp.asarray(self.seeds[tile])
            own = jax.tree.map(lambda x: jnp.asarray(x[tile]), ideal)
            states = _begin_loaded(self.design, self.schedule, self.loaded_cut[0], seeds, own)
            return jnp.asarray(self.alphas[tile]), states

        epochs = self.schedule.loaded_epochs
        phase = Phase(
            loaded_step, look_loaded, epochs, SMALLEST_TILE, look_before=True, cost=LOADED_COST
        )
        return self._through(phase, start, self.loaded_cut, len(self.alphas))

    def _through(
        self,
        phase: Phase,
        start: Callable[[NDArray[np.int64]], tuple[Array, State]],
        rows: list[Rows],
        members: int,
    ) -> tuple[Best, NDArray[np.bool_]]:
        """Train all tiles of some members from where they start."""
        design, schedule, P_ref = self.design, self.schedule, self.P_ref
        looks = phase.epochs // schedule.check_every + phase.look_before
        step = max(1, looks // 50)
        # Compiled once, before the threads: two that find no program would both compile it.
        first = start(tiles_of(members, phase.tile)[0])
        counts = jnp.asarray(0), jnp.asarray(step)
        advance = _advance.lower(
            phase, design, schedule, P_ref, *counts, first[0], rows, first[1]
        ).compile()

        def work(tile: NDArray[np.int64]) -> tuple[Best, Array]:
            share, states = start(tile) if tile[0] else first
            for done in range(0, looks, step):
                checks = min(step, looks - done)
                states = advance(jnp.asarray(done), jnp.asarray(checks), share, rows, states)
                jax.block_until_ready(states.epoch)
                without_steps = phase.look_before and done == 0
                epochs = (checks - without_steps) * schedule.check_every
                self.told(phase.cost * epochs * len(set(tile.tolist())))
            return states.best, states.diverged

        best, diverged = in_tiles(work, members, phase.tile, self.workers)
        return best, diverged

    def terms(self, parameters: Parameters) -> dict[str, Terms]:
        """Terms of the objective of every run on every split, with ideal sources."""

        def work(tile: NDArray[np.int64]) -> dict[str, Terms]:
            own = jax.tree.map(lambda x: x[tile], parameters)
            return _evaluate(self.design, own, self.cut)

        found: dict[str, Terms] = in_tiles(work, len(self.alphas), self.tile, 1)
        return found

    def loaded_terms(self, parameters: Parameters) -> dict[str, Terms]:
        """The same, as the circuits that they are: in blocks of one size, for one program."""
        size = min(BLOCK_ROWS, max(len(y) for _, y in self.rows.values()))
        cut = {name: equal_blocks(v, y, size, self.default) for name, (v, y) in self.rows.items()}

        def members(tile: NDArray[np.int64]) -> Parameters:
            return jax.tree.map(lambda x: x[tile], parameters)

        first = members(tiles_of(len(self.alphas), SMALLEST_TILE)[0])
        block_sums_of = _block_sums.lower(self.design, first, cut["test"][0]).compile()

        def work(tile: NDArray[np.int64]) -> dict[str, Terms]:
            own = members(tile)
            sums = {
                name: [block_sums_of(own, block) for block in blocks]
                for name, blocks in cut.items()
            }
            return {
                name: terms_of(jax.tree.map(lambda *x: sum(map(np.asarray, x)), *each))
                for name, each in sums.items()
            }

        found: dict[str, Terms] = in_tiles(work, len(self.alphas), SMALLEST_TILE, self.workers)
        return found


def _best_start(best: Best, diverged: NDArray[np.bool_], starts: int) -> tuple[Best, NDArray]:
    """The best start of each run by its validation score; diverged only where all starts did."""
    score = np.asarray(best.score).reshape(-1, starts)
    chosen = np.arange(len(score)) * starts + np.argmin(score, axis=1)
    return (
        jax.tree.map(lambda x: x[chosen], best),
        np.asarray(diverged.reshape(-1, starts).all(axis=1)),
    )
