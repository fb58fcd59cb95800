"""Training with the loaded circuit: a step, and a check on the validation rows.

A run continues from training with ideal sources. Its operating points are tracked: each training
step applies one Newton step to those of the epoch before. The loading is phased in, since full
loading at once saturates the circuit and leaves no gradient.
"""

from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Float, Integer

from printron.network import Layer, Parameters, Power, Structure, build_layers, solve_loaded
from printron.network.loaded import Track, begin_track, track_loaded
from printron.training.blocks import Blocks, summed
from printron.training.goal import Goal, Weights
from printron.training.schedule import Schedule
from printron.training.state import Best, State, adam, descended, shaken, unseen, with_best
from printron.training.terms import Terms, accuracy, cross_entropy


def _optimiser(schedule: Schedule) -> optax.GradientTransformation:
    return adam(schedule.loaded_rate, schedule.loaded_epochs, schedule.final_share)


def begin_loaded(
    structure: Structure,
    schedule: Schedule,
    blocks: Blocks,
    seed: Integer[Array, ""],
    ideal: Best,
) -> State:
    """Initial state of a run's second phase, after training with ideal sources.

    Parameters
    ----------
    blocks : training rows.  ideal : the run's best snapshot, which is checked first.
    """
    layers = build_layers(structure, ideal.parameters)
    track = jax.lax.map(lambda v: begin_track(structure, layers, v, 0.0), blocks.volts)
    momenta = _optimiser(schedule).init(ideal.parameters)
    key = jax.random.fold_in(jax.random.key(seed), schedule.starts)  # used by no start
    none, diverged = unseen(ideal.parameters, ideal.memory), ideal.epoch < 0
    return State(key, ideal.parameters, momenta, ideal.epoch, diverged, none, ideal.memory, track)


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
    shake = shaken(schedule.loaded_noise, state)
    weights = goal.weights(state.memory)

    def build(p: Parameters) -> tuple[Any, Any]:
        layers = build_layers(structure, shake(p), temperature=schedule.count_temperature)
        return eqx.partition(layers, eqx.is_inexact_array)

    learned, pull, fixed = jax.vjp(build, state.parameters, has_aux=True)
    slope_of = jax.grad(partial(_block_loss, structure), has_aux=True)

    def add(total: Any, block: tuple[Blocks, Track]) -> tuple[Any, Track]:
        slope, moved = slope_of(learned, fixed, loading, weights, *block)
        return jax.tree.map(jnp.add, total, slope), moved

    tracks = jax.tree.map(lambda x: jax.lax.dynamic_slice_in_dim(x, first, seen), state.track)
    zero = jax.tree.map(jnp.zeros_like, learned)
    total, moved = jax.lax.scan(add, zero, (blocks.part(first + jnp.arange(seen)), tracks))
    state = descended(_optimiser(schedule), schedule, state, pull(total)[0])
    track = jax.tree.map(
        lambda x, now: jax.lax.dynamic_update_slice_in_dim(x, now, first, 0), state.track, moved
    )
    return state._replace(track=track, epoch=schedule.epochs + epoch + 1)


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
    block: Blocks,
    track: Track,
) -> tuple[Array, Track]:
    layers = eqx.combine(learned, fixed)
    point, moved = track_loaded(structure, layers, block.volts, loading, track)
    heat = jnp.stack(list(point.dissipated.values())).sum((0, 1))
    entropy = weights.cross_entropy * cross_entropy(point.out, block)
    return entropy + weights.per_watt * (heat @ block.weights), moved


def look_loaded(
    structure: Structure, schedule: Schedule, goal: Goal, valid: Blocks, state: State
) -> State:
    """Keep the run's parameters if they are the best circuit so far on the validation rows.

    Operating points are expensive: each check tries one threshold of `prune_below`, in turn.
    """
    shares = jnp.asarray((*schedule.prune_below, jnp.inf))
    turn = shares[(state.epoch // schedule.check_every) % len(shares)]

    def evaluated(p: Parameters) -> Terms:
        layers = build_layers(structure, p)
        return terms_of(summed(lambda block: block_sums(layers, structure, block), valid))

    return with_best(goal, state, evaluated, jnp.stack([jnp.zeros_like(turn), turn]))


class Sums(NamedTuple):
    """Weighted sums over rows: the terms, and the weight of the rows solved."""

    cross_entropy: Float[Array, ""]
    accuracy: Float[Array, ""]
    solved: Float[Array, ""]
    power: Power


def block_sums(layers: tuple[Layer, ...], structure: Structure, block: Blocks) -> Sums:
    """Sums over a block of rows of one run, with the loaded circuit.

    A row without an operating point counts as misclassified, with equal outputs.
    """
    found = solve_loaded(structure, layers, block.volts)
    out = jnp.where(found.converged, found.out, 0)
    solved = jnp.where(found.converged, block.weights, 0)
    heat = {k: jnp.where(solved > 0, each, 0) @ solved for k, each in found.dissipated.items()}
    right = accuracy(out, block, found.converged)
    return Sums(cross_entropy(out, block), right, solved.sum(), Power(**heat))


def terms_of(sums: Sums) -> Terms:
    """Terms of one run; the power is the mean over the solved rows, NaN without any."""
    power = jax.tree.map(lambda x: x / sums.solved[..., None], sums.power)
    return Terms(sums.cross_entropy, sums.accuracy, power)
