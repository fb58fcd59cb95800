"""One start of a run: its state, a training step, a look at the validation rows.

Everything here is one run; batches of runs are `jax.vmap` outside, see `optimise`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from printron.network import Design, Parameters
from printron.training.initial import initial_parameters
from printron.training.objective import Rows, Terms, evaluate, objective
from printron.training.schedule import Schedule


class Best(NamedTuple):
    """The snapshot with the best validation score so far."""

    score: Array
    parameters: Parameters
    epoch: Array


class State(NamedTuple):
    """One start of a run in training; `track` is of the training rows (see `loaded_step`)."""

    key: Array
    parameters: Parameters
    momenta: Any
    epoch: Array
    diverged: Array
    best: Best
    track: Any = None


def _optimiser(schedule: Schedule) -> optax.GradientTransformation:
    return adam(schedule.learning_rate, schedule.epochs, schedule.final_share)


def adam(rate: float, epochs: int, final_share: float) -> optax.GradientTransformation:
    """Adam whose rate falls along a cosine to a share of it."""
    return optax.adam(optax.cosine_decay_schedule(rate, epochs, final_share))


def begin(design: Design, schedule: Schedule, seed: Array, start: Array, volts: Array) -> State:
    key = jax.random.fold_in(jax.random.key(seed), start)
    first, later = jax.random.split(key)
    slope = schedule.slope(jnp.asarray(0))
    stiffness = schedule.column_scale if schedule.scaled else None
    parameters = initial_parameters(design, first, volts, slope, start, stiffness)
    return State(
        later,
        parameters,
        _optimiser(schedule).init(parameters),
        jnp.asarray(0),
        jnp.asarray(False),
        unseen(parameters),
    )


def unseen(parameters: Parameters) -> Best:
    """No snapshot yet; parameters are there for the shape."""
    return Best(jnp.asarray(jnp.inf), parameters, jnp.asarray(-1))


def shaken(noise: float, state: State) -> Callable[[Parameters], Parameters]:
    """Shakes conductances as printing varies them: alike, whenever it is called in an epoch."""
    key = jax.random.fold_in(state.key, state.epoch)
    factors = tuple(
        jnp.exp(noise * jax.random.normal(jax.random.fold_in(key, k), t.shape))
        for k, t in enumerate(state.parameters.theta)
    )
    return lambda p: p._replace(theta=tuple(t * f for t, f in zip(p.theta, factors, strict=True)))


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
    shake = shaken(schedule.noise, state)

    def loss(p: Parameters) -> Array:
        temperature = schedule.count_temperature
        return objective(shake(p), design, alpha, slope, P_ref, rows, temperature)

    gradient = jax.grad(loss)(state.parameters)
    return descended(_optimiser(schedule), schedule, state, gradient)


def descended(
    optimiser: optax.GradientTransformation, schedule: Schedule, state: State, gradient: Parameters
) -> State:
    """The state after a step along its gradient; a diverged run stands still."""
    updates, momenta = optimiser.update(gradient, state.momenta)
    cells, scales = schedule.cell_rate, schedule.scale_rate
    updates = updates._replace(
        activation=jax.tree.map(lambda x: cells * x, updates.activation),
        negation=jax.tree.map(lambda x: cells * x, updates.negation),
        scale=jax.tree.map(lambda x: scales * x, updates.scale),
    )
    parameters = optax.apply_updates(state.parameters, updates)
    finite = jnp.all(jnp.asarray([jnp.all(jnp.isfinite(x)) for x in jax.tree.leaves(parameters)]))
    diverged = state.diverged | ~finite

    def keep(new: Any, old: Any) -> Any:
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
    """Keep the run's parameters if they are the best so far on the validation rows."""
    real = schedule.slope(state.epoch) >= 1  # before, the cells are not yet those of the circuit
    shares = jnp.asarray((0.0, *schedule.prune_below, jnp.inf))

    def evaluated(p: Parameters) -> Terms:
        return evaluate(p, design, valid)

    return with_best(P_ref, alpha, state, evaluated, shares, real)


def with_best(
    P_ref: float,
    alpha: Array,
    state: State,
    evaluated: Callable[[Parameters], Terms],
    shares: Array,
    real: Array | bool = True,
) -> State:
    """The state with its parameters as its best, if they are.

    They are tried as they are, with their smallest input resistors left out, and without any: the
    circuit that power alone asks for, which no gradient leads to, since a resistor that gets small
    scales all others of its column up. Within a look, leaving out wins by the power it saves and
    not by a cross-entropy that is lower by luck: there are few validation rows.

    Parameters
    ----------
    evaluated : terms on the validation rows.
    shares : of their column's best conductance; what conducts less is left out. The first is 0.
    real : whether the parameters are of a circuit yet.
    """

    def terms_of(share: Array) -> tuple[Array, Array]:
        terms = evaluated(_tried(state.parameters, share, alpha))
        return terms.cross_entropy, terms.power.total

    entropy, power = jax.lax.map(terms_of, shares)
    cost = alpha * power / P_ref
    trial = (1 - alpha) * jnp.maximum(entropy, entropy[0]) + cost
    k = jnp.argmin(jnp.where(jnp.isfinite(trial), trial, jnp.inf))
    score = (1 - alpha) * entropy[k] + cost[k]
    found = Best(score, _tried(state.parameters, shares[k], alpha), state.epoch)
    better = real & (found.score < state.best.score) & ~state.diverged
    return state._replace(best=jax.tree.map(partial(jnp.where, better), found, state.best))


def _tried(parameters: Parameters, share: Array, alpha: Array | float) -> Parameters:
    """Parameters without what conducts less than `share`. Where power alone counts and no input is
    left, all columns are tied to ground: dividers of the bias would burn for a class that nothing
    has chosen."""
    tried = _without_small(parameters, share)
    idle = (share > 1) & (alpha >= 1)
    return tried._replace(
        theta=tuple(
            jnp.where(idle, jnp.zeros_like(theta).at[-1].set(1), theta) for theta in tried.theta
        )
    )


def _without_small(parameters: Parameters, share: Array) -> Parameters:
    """Parameters without the input resistors that conduct less than `share` of their column's best
    conductance; bias and ground stay. With an infinite share no column has any, and all are made
    as low as printing allows: what they say is constant, and stiffness would only burn."""

    def pruned(theta: Array) -> Array:
        size = jnp.abs(theta)
        small = size < share * jnp.max(size, 0)
        return jnp.where(small.at[-2:].set(False), 0, theta)

    return parameters._replace(
        theta=tuple(map(pruned, parameters.theta)),
        scale=tuple(jnp.where(share > 1, 0, scale) for scale in parameters.scale),
    )
