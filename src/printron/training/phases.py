"""A phase of training for all runs of a batch: tiles of runs advance from check to check."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.network import Structure
from printron.training.blocks import Blocks
from printron.training.goal import Goal
from printron.training.schedule import Schedule
from printron.training.state import Best, State
from printron.training.tiles import in_tiles, tiles_of

Tile = NDArray[np.int64]


@dataclass(frozen=True)
class Phase:
    """A phase of training: its step, its check on the validation rows, and its epochs.

    Attributes
    ----------
    tile : number of runs trained together.
    """

    step: Callable[..., State]
    look: Callable[..., State]
    epochs: int
    tile: int


@partial(jax.jit, static_argnums=(0, 1, 2), donate_argnums=(7,))
def _advance(
    phase: Phase,
    structure: Structure,
    schedule: Schedule,
    done: Array,
    checks: Array,
    goals: Goal,
    data: list[Blocks],
    states: State,
) -> State:
    """Train a tile of runs, after `done` checks on the validation rows, by `checks` more."""
    each = schedule.check_every

    def run(goal: Goal, state: State) -> State:
        def until_look(number: Array, current: State) -> State:
            first = number * each
            current = jax.lax.fori_loop(
                0,
                each,
                lambda k, s: phase.step(structure, schedule, goal, data[0], first + k, s),
                current,
            )
            return phase.look(structure, schedule, goal, data[1], current)

        return jax.lax.fori_loop(done, done + checks, until_look, state)

    return jax.vmap(run)(goals, states)


def through(
    phase: Phase,
    structure: Structure,
    schedule: Schedule,
    begin: Callable[[Tile], tuple[Goal, State]],
    data: list[Blocks],
    members: int,
    workers: int,
    progress: Callable[[int], None],
) -> tuple[Best, NDArray[np.bool_]]:
    """Train all tiles of the members from their initial states.

    Parameters
    ----------
    begin : gives the goals and initial states of a tile of members.
    data : blocks of training rows and of validation rows.
    workers : tiles trained in parallel.  progress : called with run-epochs just completed.

    Returns
    -------
    The best snapshot of every member, and whether the member diverged.
    """
    looks = phase.epochs // schedule.check_every
    step = max(1, looks // 50)
    # Compiled once, before the threads start: otherwise several threads would compile it.
    first = begin(tiles_of(members, phase.tile)[0])
    counts = jnp.asarray(0), jnp.asarray(step)
    advance = _advance.lower(
        phase, structure, schedule, *counts, first[0], data, first[1]
    ).compile()

    def work(tile: Tile) -> tuple[Best, Array]:
        goals, states = begin(tile) if tile[0] else first
        for done in range(0, looks, step):
            checks = min(step, looks - done)
            states = advance(jnp.asarray(done), jnp.asarray(checks), goals, data, states)
            jax.block_until_ready(states.epoch)
            progress(checks * schedule.check_every * len(set(tile.tolist())))
        return states.best, states.diverged

    best, diverged = in_tiles(work, members, phase.tile, workers)
    return best, diverged
