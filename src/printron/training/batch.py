"""Training many runs (goal x seed) as one compiled batch.

All starts of all runs train with ideal sources; with `sources = "loaded"` the best start of every
run then trains on with the loaded circuit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.errors import PrintronError
from printron.network import Parameters, Structure, commonest_class
from printron.training.blocks import Blocks, Readings, cut_blocks, equal_blocks
from printron.training.evaluation import ideal_terms, loaded_terms
from printron.training.goal import Goal, some_of, stacked
from printron.training.ideal import begin_ideal, ideal_step, look_ideal
from printron.training.initial import reference_power
from printron.training.loaded_phase import LoadedPhase
from printron.training.phases import Phase, Tile, through
from printron.training.schedule import Schedule
from printron.training.state import Best, State
from printron.training.terms import Merits, Terms, whole_rows
from printron.training.tiles import BLOCK_ROWS, loaded_block_rows, tile_size

TRAINED, DIVERGED = "trained", "diverged"
CENTRING_ROWS = 2000  # training rows on which the initial columns are centred


@dataclass(frozen=True)
class Trained:
    """Trained runs; the leading axis of every array is the run.

    Attributes
    ----------
    parameters : of the snapshot with the best validation score, as NumPy arrays.
    status : "trained" or "diverged"; a diverged run keeps its best earlier snapshot, if any.
    epoch : epoch of the snapshot; -1 without a snapshot.
    score : the goal's score of the snapshot on the validation rows, by which it was selected.
    merits : what the score is made of; of runs trained for printed copies the means of copies.
    terms : terms of the snapshot by split ("train", "valid", "test"): of the model with ideal
        sources, or with `sources = "loaded"` of the loaded circuit.
    P_ref : reference power, W.
    """

    parameters: Parameters
    status: tuple[str, ...]
    epoch: NDArray[np.int32]
    score: NDArray[np.float32]
    merits: Merits
    terms: dict[str, Terms]
    P_ref: float


@partial(jax.jit, static_argnums=(0, 1))
def _begin(
    structure: Structure, schedule: Schedule, goals: Goal, seeds: Array, starts: Array, volts: Array
) -> State:
    return jax.vmap(
        lambda goal, seed, start: begin_ideal(structure, schedule, goal, seed, start, volts)
    )(goals, seeds, starts)


def train(
    structure: Structure,
    rows: Mapping[str, Readings],
    goals: Sequence[Goal],
    seeds: NDArray,
    *,
    schedule: Schedule | None = None,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Trained:
    """Train one run per entry of `goals` and `seeds`.

    Parameters
    ----------
    rows : "train", "valid", "test": (volts [inputs, samples], labels [samples]). Selection uses
        the validation rows only; the test rows are evaluated once, at the end.
    goals : goal of each run, all of one kind.  seeds : seed of each run, [runs].
    workers : tiles trained in parallel.
    progress : called with the number of run-epochs just completed; see `Schedule.cost`.

    Raises
    ------
    PrintronError : different numbers of goals and seeds, or goals of several kinds.
    """
    seeds = np.asarray(seeds, np.uint32)
    if seeds.shape != (len(goals),) or not len(goals):
        raise PrintronError(
            f"got {len(goals)} goals and seeds of shape {seeds.shape}; give one goal and one seed "
            "per run"
        )
    # Training uses single precision, even if the user has switched JAX to double.
    with jax.enable_x64(False):
        training = _Training(
            structure,
            schedule or Schedule(),
            rows,
            stacked(goals, reference_power(structure), np.float32),
            seeds,
            workers,
            progress or (lambda _: None),
        )
        return training.result()


class _Training:
    """The phases of training, on the same rows and runs."""

    def __init__(
        self,
        structure: Structure,
        schedule: Schedule,
        rows: Mapping[str, Readings],
        goals: Goal,
        seeds: NDArray,
        workers: int,
        progress: Callable[[int], None],
    ) -> None:
        self.structure, self.schedule, self.goals, self.seeds = structure, schedule, goals, seeds
        self.runs, self.workers, self.progress, self.rows = len(seeds), workers, progress, rows
        self.default = commonest_class(rows["train"][1])
        self.cut = {name: self._blocks(name) for name in rows}
        self.centring = jnp.asarray(rows["train"][0][:, :CENTRING_ROWS], jnp.float32)
        self.tile = tile_size(structure, rows["train"][1].shape[0])

    def result(self) -> Trained:
        """Train through all phases and evaluate."""
        best, diverged = _best_start(*self.ideal(), self.schedule.starts)
        if self.schedule.sources == "loaded":
            best, lost = self.loaded(best)
            diverged = diverged | lost
            terms = loaded_terms(
                self.structure, best.parameters, self.rows, self.default, self.runs, self.workers
            )
        else:
            terms = ideal_terms(self.structure, best.parameters, self.cut, self.runs, self.tile)
        epoch, score = np.asarray(best.epoch), np.asarray(best.score)
        # A run whose validation score was never finite has no snapshot and counts as diverged.
        failed = diverged | (epoch < 0)
        status = tuple(DIVERGED if bad else TRAINED for bad in failed)
        terms = {name: whole_rows(each, len(self.rows[name][1])) for name, each in terms.items()}
        merits = jax.tree.map(np.asarray, best.merits)
        return Trained(best.parameters, status, epoch, score, merits, terms, self.goals.P_ref)

    def _blocks(self, name: str, balanced: bool = False) -> Blocks:
        """The rows of a split, for the model with ideal sources."""
        return cut_blocks(
            *self.rows[name], BLOCK_ROWS, default=self.default, shuffled=True, balanced=balanced
        )

    def ideal(self) -> tuple[Best, NDArray[np.bool_]]:
        """Best snapshot of every start of every run, and whether the start diverged."""

        def begin(tile: Tile) -> tuple[Goal, State]:
            run, start = np.divmod(tile, self.schedule.starts)
            goals, seeds = some_of(self.goals, run), jnp.asarray(self.seeds[run])
            starts = jnp.asarray(start)
            return goals, _begin(self.structure, self.schedule, goals, seeds, starts, self.centring)

        phase = Phase(ideal_step, look_ideal, self.schedule.epochs, self.tile)
        data = [self._blocks(name, self.schedule.balanced) for name in ("train", "valid")]
        return self._through(phase, begin, data, self.runs * self.schedule.starts)

    def loaded(self, ideal: Best) -> tuple[Best, NDArray[np.bool_]]:
        """Best snapshot of every run with the loaded circuit, and whether the run diverged."""
        return self.loaded_phase().through(self.goals, self.seeds, ideal)

    def loaded_phase(self) -> LoadedPhase:
        """The phase of training against the loaded circuit."""
        size = loaded_block_rows(self.structure, len(self.rows["train"][1]))
        return LoadedPhase(
            self.structure,
            self.schedule,
            cut_blocks(
                *self.rows["train"],
                size,
                default=self.default,
                shuffled=True,
                exact=True,
                balanced=self.schedule.balanced,
            ),
            equal_blocks(*self.rows["valid"], size, self.default, self.schedule.balanced),
            self.workers,
            self.progress,
        )

    def _through(
        self,
        phase: Phase,
        begin: Callable[[Tile], tuple[Goal, State]],
        data: list[Blocks],
        members: int,
    ) -> tuple[Best, NDArray[np.bool_]]:
        return through(
            phase,
            self.structure,
            self.schedule,
            begin,
            data,
            members,
            self.workers,
            self.progress,
        )


def _best_start(best: Best, diverged: NDArray[np.bool_], starts: int) -> tuple[Best, NDArray]:
    """The best start of each run by validation score; diverged only if all starts diverged."""
    score = np.asarray(best.score).reshape(-1, starts)
    chosen = np.arange(len(score)) * starts + np.argmin(score, axis=1)
    return (
        jax.tree.map(lambda x: x[chosen], best),
        np.asarray(diverged.reshape(-1, starts).all(axis=1)),
    )
