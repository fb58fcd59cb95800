"""Training against the circuit with all of its loading: a step, and a look at validation rows.

A run comes here from training with ideal sources. Its operating points are followed: from where
they were an epoch ago, each step goes on by one Newton step. The loading is phased in, since
jumping there saturates the circuit and leaves no gradient.
"""

from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array

from printron.network import (
    Design,
    Layer,
    Parameters,
    Power,
    build_layers,
    solve_loaded,
    winner,
)
from printron.network.loaded import Track, begin_track, track_loaded
from printron.training.objective import Rows, Terms, cross_entropy, summed
from printron.training.schedule import Schedule
from printron.training.step import Best, State, adam, descended, shaken, unseen, with_best


def _optimiser(schedule: Schedule) -> optax.GradientTransformation:
    return adam(schedule.loaded_rate, schedule.loaded_epochs, schedule.final_share)


def begin_loaded(design: Design, schedule: Schedule, rows: Rows, seed: Array, ideal: Best) -> State:
    """The state that a run goes on from, after training with ideal sources.

    Parameters
    ----------
    rows : to train on.  ideal : the run's best snapshot; it is the first to be looked at.
    """
    layers = build_layers(design, ideal.parameters)
    track = jax.lax.map(lambda v: begin_track(design, layers, v, 0.0), rows.volts)
    momenta = _optimiser(schedule).init(ideal.parameters)
    key = jax.random.fold_in(jax.random.key(seed), schedule.starts)  # one that no start has
    none, diverged = unseen(ideal.parameters), ideal.epoch < 0
    return State(key, ideal.parameters, momenta, ideal.epoch, diverged, none, track)


def loaded_step(
    design: Design,
    schedule: Schedule,
    P_ref: float,
    alpha: Array,
    rows: Rows,
    epoch: Array,
    state: State,
) -> State:
    """One step; `epoch` counts from the first of these, as a scalar that all runs share."""
    first, seen = _window(rows, epoch, schedule.rows_per_step)
    loading = jnp.clip(epoch / (schedule.loading_share * schedule.loaded_epochs + 1), 0, 1)
    shake = shaken(schedule.loaded_noise, state)

    def build(p: Parameters) -> tuple[Any, Any]:
        layers = build_layers(design, shake(p), temperature=schedule.count_temperature)
        return eqx.partition(layers, eqx.is_inexact_array)

    learned, pull, fixed = jax.vjp(build, state.parameters, has_aux=True)
    slope_of = jax.grad(partial(_block_loss, design), has_aux=True)

    def add(total: Any, block: tuple[Rows, Track]) -> tuple[Any, Track]:
        slope, moved = slope_of(learned, fixed, loading, alpha, alpha / P_ref, *block)
        return jax.tree.map(jnp.add, total, slope), moved

    there = jax.tree.map(lambda x: jax.lax.dynamic_slice_in_dim(x, first, seen), state.track)
    zero = jax.tree.map(jnp.zeros_like, learned)
    total, moved = jax.lax.scan(add, zero, (rows.part(first + jnp.arange(seen)), there))
    state = descended(_optimiser(schedule), schedule, state, pull(total)[0])
    track = jax.tree.map(
        lambda x, now: jax.lax.dynamic_update_slice_in_dim(x, now, first, 0), state.track, moved
    )
    return state._replace(track=track, epoch=schedule.epochs + epoch + 1)


def _window(rows: Rows, step: Array, wanted: int) -> tuple[Array, int]:
    """First block and number of blocks of a step: side by side, so that no track is copied. The
    last window of a round overlaps the one before where the blocks do not divide evenly."""
    blocks, size = rows.labels.shape
    seen = min(max(wanted // size, 1), blocks)
    return jnp.minimum(step % -(-blocks // seen) * seen, blocks - seen), seen


def _block_loss(
    design: Design,
    learned: Any,
    fixed: Any,
    loading: Array,
    share: Array,
    per_watt: Array,
    rows: Rows,
    track: Track,
) -> tuple[Array, Track]:
    layers = eqx.combine(learned, fixed)
    it, moved = track_loaded(design, layers, rows.volts, loading, track)
    heat = jnp.stack(list(it.dissipated.values())).sum((0, 1))
    return (1 - share) * cross_entropy(it.out, rows) + per_watt * (heat @ rows.weights), moved


def look_loaded(
    design: Design, schedule: Schedule, P_ref: float, alpha: Array, valid: Rows, state: State
) -> State:
    """Keep the run's parameters if they are the best circuit so far on the validation rows.

    Operating points are dear: the shares of resistors that are left out on trial take turns.
    """
    shares = jnp.asarray((*schedule.prune_below, jnp.inf))
    turn = shares[(state.epoch // schedule.check_every) % len(shares)]

    def evaluated(p: Parameters) -> Terms:
        layers = build_layers(design, p)
        return terms_of(summed(lambda block: block_sums(layers, design, block), valid))

    shares = jnp.stack([jnp.zeros_like(turn), turn])
    return with_best(P_ref, alpha, state, evaluated, shares)


class Sums(NamedTuple):
    """Weighted sums over rows: the terms of the objective, and the weight of the rows solved."""

    cross_entropy: Array
    hits: Array
    solved: Array
    power: Power


def block_sums(layers: tuple[Layer, ...], design: Design, rows: Rows) -> Sums:
    """Sums over a block of rows, of one run, as the circuit that it is.

    A row without an operating point counts as one that is wrong and known nothing of.
    """
    found = solve_loaded(design, layers, rows.volts)
    out = jnp.where(found.converged, found.out, 0)
    hits = (winner(out, rows.default) == rows.labels) & found.converged
    solved = jnp.where(found.converged, rows.weights, 0)
    heat = {k: jnp.where(solved > 0, each, 0) @ solved for k, each in found.dissipated.items()}
    return Sums(cross_entropy(out, rows), hits @ rows.weights, solved.sum(), Power(**heat))


def terms_of(sums: Sums) -> Terms:
    """Terms of the objective; the power is that of the rows that were solved, NaN without any."""
    power = jax.tree.map(lambda x: x / sums.solved[..., None], sums.power)
    return Terms(sums.cross_entropy, sums.hits, power)
