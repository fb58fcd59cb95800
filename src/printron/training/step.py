"""One start of a run: its state, a training step, a look at the validation rows.

Everything here is one run; batches of runs are `jax.vmap` outside, see `optimise`.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from printron.network import Design, Parameters
from printron.training.initial import initial_parameters
from printron.training.objective import Rows, evaluate, objective
from printron.training.schedule import Schedule


class Best(NamedTuple):
    """The snapshot with the best validation score so far."""

    score: Array
    parameters: Parameters
    epoch: Array


class State(NamedTuple):
    """One start of a run in training."""

    key: Array
    parameters: Parameters
    momenta: Any
    epoch: Array
    diverged: Array
    best: Best


def _optimiser(schedule: Schedule) -> optax.GradientTransformation:
    return optax.adam(
        optax.cosine_decay_schedule(schedule.learning_rate, schedule.epochs, schedule.final_share)
    )


def begin(design: Design, schedule: Schedule, seed: Array, start: Array, volts: Array) -> State:
    key = jax.random.fold_in(jax.random.key(seed), start)
    first, later = jax.random.split(key)
    slope = schedule.slope(jnp.asarray(0))
    parameters = initial_parameters(design, first, volts, slope, start)
    best = Best(jnp.asarray(jnp.inf), parameters, jnp.asarray(-1))
    return State(
        later,
        parameters,
        _optimiser(schedule).init(parameters),
        jnp.asarray(0),
        jnp.asarray(False),
        best,
    )


def _shaken(schedule: Schedule, state: State) -> tuple[Array, ...]:
    """Factors on the conductances in this epoch, as printing varies them."""
    key = jax.random.fold_in(state.key, state.epoch)
    return tuple(
        jnp.exp(schedule.noise * jax.random.normal(jax.random.fold_in(key, k), t.shape))
        for k, t in enumerate(state.parameters.theta)
    )


def epoch_step(
    design: Design,
    schedule: Schedule,
    P_ref: float,
    alpha: Array,
    rows: Rows,
    epoch: Array,
    state: State,
) -> State:
    """One step; `epoch` is that of `state`, as a scalar that all runs of a batch share."""
    slope, rows = schedule.slope(epoch), rows.turn(epoch, schedule.rows_per_step)
    factors = _shaken(schedule, state)

    def loss(p: Parameters) -> Array:
        shaken = tuple(t * f for t, f in zip(p.theta, factors, strict=True))
        temperature = schedule.count_temperature
        return objective(p._replace(theta=shaken), design, alpha, slope, P_ref, rows, temperature)

    gradient = jax.grad(loss)(state.parameters)
    updates, momenta = _optimiser(schedule).update(gradient, state.momenta)
    activation, negation = jax.tree.map(lambda x: schedule.cell_rate * x, updates[1:])
    updates = Parameters(updates.theta, activation, negation)
    parameters = optax.apply_updates(state.parameters, updates)
    finite = jnp.all(jnp.asarray([jnp.all(jnp.isfinite(x)) for x in jax.tree.leaves(parameters)]))
    diverged = state.diverged | ~finite

    def keep(new: Any, old: Any) -> Any:  # a diverged run stands still
        return jax.tree.map(lambda a, b: jnp.where(diverged, b, a), new, old)

    return state._replace(
        parameters=keep(parameters, state.parameters),
        momenta=keep(momenta, state.momenta),
        epoch=state.epoch + 1,
        diverged=diverged,
    )


def look(
    design: Design, schedule: Schedule, P_ref: float, alpha: Array, valid: Rows, state: State
) -> State:
    """Keep the run's parameters if they are the best so far on the validation rows.

    They are tried as they are, with their smallest input resistors left out, and without any: the
    circuit that power alone asks for, which no gradient leads to, since a resistor that gets small
    scales all others of its column up. Within a look, leaving out wins by the power it saves and
    not by a cross-entropy that is lower by luck: there are few validation rows.
    """
    shares = jnp.asarray((0.0, *schedule.prune_below, jnp.inf))

    def terms_of(share: Array) -> tuple[Array, Array]:
        terms = evaluate(_without_small(state.parameters, share), design, valid)
        return terms.cross_entropy, terms.power.total

    entropy, power = jax.lax.map(terms_of, shares)
    cost = alpha * power / P_ref
    trial = (1 - alpha) * jnp.maximum(entropy, entropy[0]) + cost
    k = jnp.argmin(jnp.where(jnp.isfinite(trial), trial, jnp.inf))
    score = (1 - alpha) * entropy[k] + cost[k]
    found = Best(score, _without_small(state.parameters, shares[k]), state.epoch)
    real = schedule.slope(state.epoch) >= 1  # before, the cells are not yet those of the circuit
    better = real & (found.score < state.best.score) & ~state.diverged
    return state._replace(best=jax.tree.map(partial(jnp.where, better), found, state.best))


def _without_small(parameters: Parameters, share: Array) -> Parameters:
    """Parameters without the input resistors that conduct less than `share` of their column's best
    conductance; bias and ground stay."""

    def pruned(theta: Array) -> Array:
        size = jnp.abs(theta)
        small = size < share * jnp.max(size, 0)
        return jnp.where(small.at[-2:].set(False), 0, theta)

    return parameters._replace(theta=tuple(map(pruned, parameters.theta)))
