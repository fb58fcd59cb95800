"""One start of a run in training: its state, its optimiser step, and its best snapshot so far.

All functions take one run; `batch` maps them over runs by `jax.vmap`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Bool, Float, Integer

from printron.network import Parameters
from printron.training.goal import Goal
from printron.training.schedule import Schedule
from printron.training.terms import Merits, Terms


class Best(NamedTuple):
    """The snapshot with the best validation score so far.

    Attributes
    ----------
    score : the goal's score on the validation rows; lower is better.
    epoch : -1 without a snapshot.  memory : memory of the goal; see `Goal.begin`.
    merits : what the score is made of, on the validation rows; of copies their means.
    """

    score: Float[Array, ""]
    parameters: Parameters
    epoch: Integer[Array, ""]
    memory: Any = ()
    merits: Any = ()


class State(NamedTuple):
    """One start of a run in training.

    Attributes
    ----------
    memory : memory of the goal; see `Goal.begin`.
    track : operating points of the training rows; see `loaded`.
    copies : half of the printed copies that the next step sees; see `copies`.
    lost : steps in a row without a finite gradient, where copies are trained for.
    """

    key: Array
    parameters: Parameters
    momenta: Any
    epoch: Integer[Array, ""]
    diverged: Bool[Array, ""]
    best: Best
    memory: Any = ()
    track: Any = None
    copies: Any = None
    lost: Any = 0


def adam(rate: float, epochs: int, final_share: float) -> optax.GradientTransformation:
    """Adam whose rate decays along a cosine to the fraction `final_share`."""
    return optax.adam(optax.cosine_decay_schedule(rate, epochs, final_share))


def unseen(parameters: Parameters, memory: Any = ()) -> Best:
    """No snapshot yet; `parameters` give the shapes."""
    worst = jnp.asarray(jnp.inf)
    merits = Merits(worst, jnp.zeros(()), worst)
    return Best(worst, parameters, jnp.asarray(-1), memory, merits)


def shaken(noise: float, state: State) -> Callable[[Parameters], Parameters]:
    """A function that perturbs surrogate conductances; alike in all calls of an epoch.

    The noise, of standard deviation `noise` on ln |Theta|, is a regulariser and no variation of
    printing: the scaling to the printable range comes after. See `printron.network.printing`.
    """
    key = jax.random.fold_in(state.key, state.epoch)
    factors = tuple(
        jnp.exp(noise * jax.random.normal(jax.random.fold_in(key, k), t.shape))
        for k, t in enumerate(state.parameters.theta)
    )
    return lambda p: p._replace(theta=tuple(t * f for t, f in zip(p.theta, factors, strict=True)))


def descended(
    optimiser: optax.GradientTransformation, schedule: Schedule, state: State, gradient: Parameters
) -> State:
    """The state after an optimiser step; a diverged run keeps its state."""
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


def with_best(
    goal: Goal,
    state: State,
    evaluated: Callable[[Parameters], Terms],
    shares: Float[Array, " tries"],
    real: Bool[Array, ""] | bool = True,
    final: bool = True,
) -> State:
    """The state after a check; see `kept`.

    Parameters
    ----------
    evaluated : gives the terms on the validation rows.
    """

    def merits_of(share: Array) -> Merits:
        return evaluated(tried(state.parameters, share, goal)).merits

    return kept(goal, state, jax.lax.map(merits_of, shares), shares, real, final)


def kept(
    goal: Goal,
    state: State,
    merits: Merits,
    shares: Float[Array, " tries"],
    real: Bool[Array, ""] | bool = True,
    final: bool = True,
) -> State:
    """The state with a new best snapshot, if its parameters have a better score.

    The parameters are tried unchanged, without their smallest input resistors, and without any: the
    circuit of least power, which no gradient leads to, since a conductance that shrinks scales all
    others of its column up. Within a check, removing resistors wins by the power saved and not by
    an accuracy that is better by chance: validation rows are few.

    Parameters
    ----------
    merits : of what is tried, on the validation rows, [tries].
    shares : fractions of a column's largest conductance; smaller ones are removed. The first is 0.
    real : whether the cells have their real slope.
    final : whether the phase is the last one; else its snapshot is where the next one starts.
    """
    cost = goal.cost(merits.power) if final else goal.cost_of_start(merits.power)
    entropy = merits.cross_entropy
    no_luck = merits._replace(
        cross_entropy=jnp.maximum(entropy, entropy[0]),
        accuracy=jnp.minimum(merits.accuracy, merits.accuracy[0]),
    )
    trial = goal.misfit(no_luck) + cost
    k = jnp.argmin(jnp.where(jnp.isfinite(trial), trial, jnp.inf))
    own = jax.tree.map(lambda each: each[k], merits)
    score = goal.misfit(own) + cost[k]
    parameters = tried(state.parameters, shares[k], goal)
    found = Best(score, parameters, state.epoch, state.memory, own)
    better = real & (found.score < state.best.score) & ~state.diverged
    return state._replace(
        best=jax.tree.map(partial(jnp.where, better), found, state.best),
        memory=goal.adapted(state.memory, jax.tree.map(lambda each: each[0], merits)),
    )


def tried(parameters: Parameters, share: Array, goal: Goal) -> Parameters:
    """Parameters without conductances below `share`. Where only power counts and no input is left,
    all columns are tied to ground: dividers of the bias would dissipate power for an arbitrary
    class."""
    tried = _without_small(parameters, share)
    idle = (share > 1) & goal.power_alone
    return tried._replace(
        theta=tuple(
            jnp.where(idle, jnp.zeros_like(theta).at[-1].set(1), theta) for theta in tried.theta
        )
    )


def _without_small(parameters: Parameters, share: Array) -> Parameters:
    """Parameters without the input resistors below the fraction `share` of their column's largest
    conductance; bias and ground stay. With an infinite share no column has any, and all conduct as
    little as can be printed: their outputs are constant, and a large column scale would only
    dissipate power.
    """

    def pruned(theta: Array) -> Array:
        size = jnp.abs(theta)
        small = size < share * jnp.max(size, 0)
        return jnp.where(small.at[-2:].set(False), 0, theta)

    return parameters._replace(
        theta=tuple(map(pruned, parameters.theta)),
        scale=tuple(jnp.where(share > 1, 0, scale) for scale in parameters.scale),
    )
