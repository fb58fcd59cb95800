"""The phase of training against the loaded circuit, for all runs of a batch.

Two programs are compiled, one for the steps between two checks on the validation rows and one that
judges circuits (`judging`); the loop around them is Python's, which costs milliseconds a check and
saves most of the time to compile. Without variation runs are trained in tiles; with variation,
copies take the place of runs, which are trained one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.network import Copy, Parameters, Structure
from printron.network.loaded import Track
from printron.training.blocks import Blocks
from printron.training.copies import both, selection_copies
from printron.training.goal import Goal, some_of
from printron.training.judging import TOGETHER, added, judged, mean_of, terms_of
from printron.training.loaded import begin_loaded, loaded_step
from printron.training.phases import Tile
from printron.training.schedule import Schedule
from printron.training.state import Best, State, kept, tried
from printron.training.terms import Merits
from printron.training.tiles import SMALLEST_TILE, FirstAlone, in_tiles


@partial(jax.jit, static_argnums=(0, 1))
def _begun(structure: Structure, schedule: Schedule, seeds: Array, ideal: Best) -> State:
    return jax.vmap(partial(begin_loaded, structure, schedule))(seeds, ideal)


@partial(jax.jit, static_argnums=(0, 1), donate_argnums=(5,))
def _stepped(
    structure: Structure,
    schedule: Schedule,
    first: Array,
    goals: Goal,
    blocks: Blocks,
    states: State,
) -> State:
    """The states after the steps between two checks."""

    def run(goal: Goal, state: State) -> State:
        return jax.lax.fori_loop(
            0,
            schedule.check_every,
            lambda k, s: loaded_step(structure, schedule, goal, blocks, first + k, s),
            state,
        )

    return jax.vmap(run)(goals, states)


@jax.jit
def _variant(goals: Goal, parameters: Parameters, share: Array) -> Parameters:
    """The runs' parameters without their smallest resistors; see `tried`."""
    return jax.vmap(lambda goal, own: tried(own, share, goal))(goals, parameters)


@jax.jit
def _kept(goals: Goal, states: State, merits: Merits, shares: Array) -> State:
    """The states with new best snapshots; merits: [tries, runs]."""
    in_runs = jax.tree.map(lambda x: jnp.moveaxis(x, 0, 1), merits)
    return jax.vmap(lambda goal, state, own: kept(goal, state, own, shares))(goals, states, in_runs)


@dataclass(frozen=True)
class LoadedPhase:
    """The phase, with all that its runs have in common.

    Attributes
    ----------
    train : training rows.  valid : validation rows, in blocks of the same size.
    workers : tiles trained in parallel.  progress : called with run-epochs just completed.
    """

    structure: Structure
    schedule: Schedule
    train: Blocks
    valid: Sequence[Blocks]
    workers: int
    progress: Callable[[int], None]
    compiling: FirstAlone = field(default_factory=FirstAlone)

    def through(
        self, goals: Goal, seeds: NDArray[np.uint32], ideal: Best
    ) -> tuple[Best, NDArray[np.bool_]]:
        """Train all runs on from their best snapshots with ideal sources.

        Returns
        -------
        The best snapshot of every run, and whether the run diverged.
        """
        tile = 1 if self.structure.conditions.varied else SMALLEST_TILE

        def work(which: Tile) -> tuple[Best, Array]:
            own = jax.tree.map(lambda x: jnp.asarray(x[which]), ideal)
            states = _begun(self.structure, self.schedule, jnp.asarray(seeds[which]), own)
            return self._tile(some_of(goals, which), states, len(set(which.tolist())))

        best, diverged = in_tiles(work, len(seeds), tile, self.workers)
        return best, diverged

    def _tile(self, goals: Goal, states: State, runs: int) -> tuple[Best, Array]:
        schedule, check = self.schedule, _Check(self, goals)

        def advanced(states: State, number: int) -> State:
            first = jnp.asarray(number * schedule.check_every, jnp.int32)
            states = _stepped(self.structure, schedule, first, goals, self.train, states)
            states = check(states, number + 1)
            self.progress(schedule.loaded_cost(self.structure.conditions.varied) * runs)
            return states

        with self.compiling.turn():
            states = check(states._replace(track=self._tracks(states)), 0)
            states = advanced(states, 0)
        for number in range(1, schedule.loaded_epochs // schedule.check_every):
            states = advanced(states, number)
        return states.best, states.diverged

    def _tracks(self, states: State) -> Track:
        """Operating points of the training rows without loading, [runs, blocks]."""
        copies = states.copies
        if copies is not None:  # of the only run
            copies = jax.tree.map(lambda x: x[0], copies)
            copies = both(copies)
        found = []
        for k in range(self.train.labels.shape[0]):
            block = jax.tree.map(lambda x, k=k: x[k], self.train)
            found.append(judged(self.structure, states.parameters, copies, block, None, 0.0)[1])
        return jax.tree.map(lambda *each: jnp.stack(each, 1), *found)


class _Check:
    """Checks of a tile of runs on the validation rows; remembers operating points."""

    def __init__(self, phase: LoadedPhase, goals: Goal) -> None:
        self.phase, self.goals = phase, goals
        self.tracks: dict[tuple[int, int, int], Track] = {}
        self.groups: list[Copy | None] = [None]
        if phase.structure.conditions.varied:
            number = phase.schedule.judges
            copies = selection_copies(phase.structure, number)
            self.groups = [
                jax.tree.map(lambda x, k=k: x[k : k + TOGETHER], copies)
                for k in range(0, number, TOGETHER)
            ]

    def __call__(self, states: State, number: int) -> State:
        """The states after a check.

        Operating points are expensive: each check tries one threshold of `prune_below`, in turn.
        """
        every = (*self.phase.schedule.prune_below, np.inf)
        shares = jnp.asarray([0.0, every[number % len(every)]])
        tries = [_variant(self.goals, states.parameters, share) for share in shares]
        merits = [self._merits(each, k) for k, each in enumerate(tries)]
        stacked = jax.tree.map(lambda *each: jnp.stack(each), *merits)
        return _kept(self.goals, states, stacked, shares)

    def _merits(self, parameters: Parameters, variant: int) -> Merits:
        """Measures of the runs on the validation rows, of copies their means, [runs]."""
        terms = []
        for c, copies in enumerate(self.groups):
            sums = []
            for b, block in enumerate(self.phase.valid):
                key = variant, c, b
                found, self.tracks[key] = judged(
                    self.phase.structure, parameters, copies, block, self.tracks.get(key)
                )
                sums.append(found)
            terms.append(terms_of(added(sums)))
        if self.groups[0] is None:
            return terms[0].merits
        return mean_of([each.merits for each in terms])
