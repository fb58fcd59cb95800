"""Damped Newton's method for the node voltages of many circuits at once: cells and networks.

A policy limits the steps. Full steps solve a linear circuit at once and a mildly nonlinear one in a
few; printed inverters are so steep that full steps may cycle, which limited steps prevent.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Integer

STEP_LIMIT_V = 0.3  # largest Newton step of one node, where steps have a limit


class Policy(NamedTuple):
    """Limits on the size and the number of steps.

    Attributes
    ----------
    most : number of steps after which the search ends.
    limit_V : largest move of a node in a step, V.
    free : number of initial steps without the limit.
    shrink : factor on the limit with every step after these.
    """

    most: int
    limit_V: float
    free: int = 0
    shrink: float = 1.0

    def limit(self, steps: Integer[Array, "*batch"]) -> Float[Array, "*batch"]:
        """Largest move of a node, V, after a number of steps."""
        limit = self.limit_V * self.shrink ** (steps - self.free)
        return jnp.where(steps < self.free, jnp.inf, limit)


def newton(
    step: Callable[[Any], Any],
    move: Callable[[Any, Any], Any],
    start: Any,
    like: Float[Array, "*batch"],
    tolerance: float,
    policy: Policy,
) -> tuple[Any, Float[Array, "*batch"]]:
    """Repeat Newton steps until they are small in every circuit of the batch.

    Parameters
    ----------
    step : gives the full step from node voltages, V; a pytree of arrays [nodes, ...] like `start`.
    move : gives the node voltages after a step, kept between the sources.
    start : node voltages to start from, V.
    like : any array of the batch's shape and precision, [...].
    tolerance : steps below this end the search, V.

    Returns
    -------
    Node voltages, and the size of the last full step of every circuit, V, [...]; infinite for
    NaN, which no further step repairs.
    """

    def limited(nodes: Any, steps: Array) -> tuple[Any, Array]:
        full = step(nodes)
        limit = policy.limit(steps).astype(like.dtype)
        held = jax.tree.map(lambda d: jnp.clip(d, -limit, limit), full)
        return move(nodes, held), _largest(full, like)

    return repeated(limited, start, jnp.full_like(like, jnp.inf), tolerance, policy.most)


def repeated(
    advance: Callable[[Any, Array], tuple[Any, Array]],
    start: Any,
    error: Float[Array, "*batch"],
    tolerance: float,
    most: int,
) -> tuple[Any, Float[Array, "*batch"]]:
    """Repeat steps until they are small in every circuit of the batch; the one loop of Newton's.

    Parameters
    ----------
    advance : from node voltages and the number of steps so far to the voltages after another step,
        and the size of that step, V, [...].
    error : size of the step before the first, V; below the tolerance there is no step at all.
    most : number of steps.

    Returns
    -------
    Node voltages, and the size of the last step, V, [...]; infinite for NaN.
    """

    def unfinished(state: tuple[Any, Array, Array]) -> Array:
        _, error, steps = state
        return (steps < most) & jnp.any(error > tolerance)

    def further(state: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
        nodes, _, steps = state
        moved, size = advance(nodes, steps)
        return moved, size, steps + 1

    nodes, error, _ = jax.lax.while_loop(unfinished, further, (start, error, jnp.asarray(0)))
    return nodes, _or_infinite(error)


def size_of(step: Any, like: Float[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Size of the largest move of a node, V, in the shape of `like`, [...]; infinite for NaN."""
    return _or_infinite(_largest(step, like))


def _or_infinite(size: Array) -> Array:
    return jnp.where(jnp.isnan(size), jnp.inf, size)


def _largest(step: Any, like: Array) -> Array:
    sizes = [jnp.abs(each).max(0) for each in jax.tree.leaves(step)]
    return jnp.stack(sizes).max(0) if sizes else jnp.zeros_like(like)
