"""Training with the loaded circuit: how a run begins, and a step.

A run continues from training with ideal sources. Its operating points are tracked: each training
step applies one Newton step to those of the epoch before. The loading is phased in, since full
loading at once saturates the circuit and leaves no gradient.
"""

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Integer

from printron.network import (
    Copy,
    Parameters,
    Structure,
    build_layers,
    printed_copy,
)
from printron.network.loaded import Track, track_loaded
from printron.training.blocks import Blocks
from printron.training.copies import begin_copies, both, drifted
from printron.training.goal import Goal, Weights
from printron.training.schedule import Schedule
from printron.training.state import Best, State, adam, descended, shaken, unseen
from printron.training.terms import cross_entropy

PATIENCE = 8  # steps in a row without a finite gradient that end a run


def _optimiser(schedule: Schedule) -> optax.GradientTransformation:
    return adam(schedule.loaded_rate, schedule.loaded_epochs, schedule.final_share)


def begin_loaded(
    structure: Structure, schedule: Schedule, seed: Integer[Array, ""], ideal: Best
) -> State:
    """Initial state of a run's second phase, after training with ideal sources; the operating
    points of its rows are still missing.

    Parameters
    ----------
    ideal : the run's best snapshot, which is checked first.
    """
    key = jax.random.fold_in(jax.random.key(seed), schedule.starts)  # used by no start
    return State(
        key,
        ideal.parameters,
        _optimiser(schedule).init(ideal.parameters),
        ideal.epoch,
        ideal.epoch < 0,
        unseen(ideal.parameters, ideal.memory),
        ideal.memory,
        copies=begin_copies(structure, jax.random.fold_in(key, 0), schedule.draws),
        lost=jnp.zeros((), jnp.int32),
    )


def loaded_step(
    structure: Structure,
    schedule: Schedule,
    goal: Goal,
    blocks: Blocks,
    epoch: Integer[Array, ""],
    state: State,
) -> State:
    """One step; `epoch` counts from the first loaded one, as a scalar common to all runs."""
    first, seen = _window(blocks, epoch, schedule.rows_per_step)
    loading = jnp.clip(epoch / (schedule.loading_share * schedule.loaded_epochs + 1), 0, 1)
    shake, copies = shaken(schedule.loaded_noise, state), state.copies
    if copies is not None:
        # The noise takes one key a layer.
        key = jax.random.fold_in(jax.random.fold_in(state.key, state.epoch), structure.depth)
        copies = drifted(structure, copies, key, -(-blocks.labels.shape[0] // seen))
    seen_copies = None if copies is None else both(copies)
    weights = goal.weights(state.memory)

    def build(p: Parameters) -> tuple[Any, Any]:
        layers = build_layers(structure, shake(p), temperature=schedule.count_temperature)
        return eqx.partition(layers, eqx.is_inexact_array)

    learned, pull, fixed = jax.vjp(build, state.parameters, has_aux=True)
    slope_of = jax.grad(partial(_block_loss, structure), has_aux=True)

    def add(total: Any, block: tuple[Blocks, Track]) -> tuple[Any, Track]:
        slope, moved = slope_of(learned, fixed, loading, weights, seen_copies, *block)
        return jax.tree.map(jnp.add, total, slope), moved

    tracks = jax.tree.map(lambda x: jax.lax.dynamic_slice_in_dim(x, first, seen), state.track)
    zero = jax.tree.map(jnp.zeros_like, learned)
    total, moved = jax.lax.scan(add, zero, (blocks.part(first + jnp.arange(seen)), tracks))
    gradient = pull(total)[0]
    if copies is not None:  # one copy without an operating point must not end the run
        gradient, finite = _finite(gradient)
        lost = jnp.where(finite, 0, state.lost + 1)
        state = state._replace(lost=lost, diverged=state.diverged | (lost >= PATIENCE))
    state = descended(_optimiser(schedule), schedule, state, gradient)
    track = jax.tree.map(
        lambda x, now: jax.lax.dynamic_update_slice_in_dim(x, now, first, 0), state.track, moved
    )
    done = jnp.asarray(schedule.epochs + epoch + 1, state.epoch.dtype)
    return state._replace(track=track, copies=copies, epoch=done)


def _finite(gradient: Parameters) -> tuple[Parameters, Array]:
    """The gradient, or 0 if any of it is no finite number; and whether all of it is."""
    leaves = jax.tree.leaves(gradient)
    finite = jnp.all(jnp.asarray([jnp.all(jnp.isfinite(leaf)) for leaf in leaves]))
    return jax.tree.map(lambda leaf: jnp.where(finite, leaf, 0), gradient), finite


def _window(blocks: Blocks, step: Array, wanted: int) -> tuple[Array, int]:
    """First block and number of blocks of a step: contiguous, so that no track is copied. The last
    window of a round overlaps the one before where the blocks do not divide evenly."""
    number, size = blocks.labels.shape
    seen = min(max(wanted // size, 1), number)
    return jnp.minimum(step % -(-number // seen) * seen, number - seen), seen


def _block_loss(
    structure: Structure,
    learned: Any,
    fixed: Any,
    loading: Array,
    weights: Weights,
    copies: Copy | None,
    block: Blocks,
    track: Track,
) -> tuple[Array, Track]:
    """The loss of a block, its mean over the copies, and the operating points; see `Track`."""
    designed, conditions = eqx.combine(learned, fixed), structure.conditions

    def of_copy(copy: Copy | None, own: Track) -> tuple[Array, Track]:
        layers = designed if copy is None else printed_copy(designed, copy, conditions)
        point, moved = track_loaded(structure, layers, block.volts, loading, own)
        heat = jnp.stack(list(point.dissipated.values())).sum((0, 1))
        entropy = weights.cross_entropy * cross_entropy(point.out, block, conditions.margin)
        return entropy + weights.per_watt * (heat @ block.weights), moved

    if copies is None:
        return of_copy(None, track)
    losses, moved = jax.vmap(of_copy)(copies, track)
    return jnp.mean(losses), moved
