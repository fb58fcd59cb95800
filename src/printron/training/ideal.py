"""Training with ideal sources: the loss, a step, and a check on the validation rows.

All functions take one run; `batch` maps them over runs by `jax.vmap`.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Float, Integer

from printron.network import Parameters, Structure, build_layers, cell_power, forward, power_of
from printron.training.blocks import Blocks, summed
from printron.training.goal import Goal, Weights
from printron.training.initial import initial_parameters
from printron.training.schedule import Schedule
from printron.training.state import State, adam, descended, shaken, unseen, with_best
from printron.training.terms import Terms, cross_entropy, right_of_class


def _block_loss(
    structure: Structure, learned: Any, fixed: Any, weights: Weights, block: Blocks
) -> Array:
    out, crossbar = forward(structure, eqx.combine(learned, fixed), block.volts, block.weights)
    margin = structure.conditions.margin
    entropy = weights.cross_entropy * cross_entropy(out, block, margin)
    return entropy + weights.per_watt * jnp.sum(crossbar)


@eqx.filter_custom_vjp
def _data_loss(
    learned: Any, structure: Structure, fixed: Any, weights: Weights, blocks: Blocks
) -> Array:
    """The part of the loss that depends on the readings, over all blocks. Forward and backward run
    block by block in one pass: intermediate voltages of a block fit the cache, those of all rows
    do not."""
    return summed(lambda block: _block_loss(structure, learned, fixed, weights, block), blocks)


@_data_loss.def_fwd
def _forward(
    perturbed: Any, learned: Any, structure: Structure, fixed: Any, weights: Weights, blocks: Blocks
) -> Any:
    del perturbed
    slope_of = jax.value_and_grad(
        lambda values, block: _block_loss(structure, values, fixed, weights, block)
    )
    return summed(lambda block: slope_of(learned, block), blocks)


@_data_loss.def_bwd
def _backward(gradient: Any, cotangent: Any, perturbed: Any, learned: Any, *rest: Any) -> Any:
    del perturbed, learned, rest
    return jax.tree.map(lambda g: cotangent * g, gradient)


def loss(
    parameters: Parameters,
    structure: Structure,
    weights: Weights,
    slope: Float[Array, ""] | float,
    blocks: Blocks,
    temperature: float | None = None,
) -> Float[Array, ""]:
    """The loss of one run: the weighted sum of its cross-entropy and its power.

    Parameters
    ----------
    weights : weights of the terms, from the run's goal.
    slope : factor on the steepness of the cells, 1 for the real circuit.
    temperature : temperature of the soft counts; see `printron.network.counts`.
    """
    layers = build_layers(structure, parameters, slope, temperature)
    learned, fixed = eqx.partition(layers, eqx.is_inexact_array)
    activation, negation = cell_power(layers)
    return _data_loss(learned, structure, fixed, weights, blocks) + weights.per_watt * (
        jnp.sum(activation) + jnp.sum(negation)
    )


def evaluate(parameters: Parameters, structure: Structure, blocks: Blocks) -> Terms:
    """Terms of one run with ideal sources, at the real slope of the cells."""
    layers, margin = build_layers(structure, parameters), structure.conditions.margin

    def sums(block: Blocks) -> tuple[Array, ...]:
        out, crossbar = forward(structure, layers, block.volts, block.weights)
        right = right_of_class(out, block), right_of_class(out, block, margin=margin)
        return cross_entropy(out, block, margin), *right, crossbar, jnp.sum(block.weights)

    entropy, right, clear, crossbar, solved = summed(sums, blocks)
    power = power_of(layers, crossbar)
    return Terms(entropy, right.sum(), power, clear.sum(), right, clear, solved)


def _optimiser(schedule: Schedule) -> optax.GradientTransformation:
    return adam(schedule.learning_rate, schedule.epochs, schedule.final_share)


def begin_ideal(
    structure: Structure,
    schedule: Schedule,
    goal: Goal,
    seed: Integer[Array, ""],
    start: Integer[Array, ""],
    volts: Float[Array, "inputs samples"],
) -> State:
    """Initial state of one start of a run.

    Parameters
    ----------
    start : number of the start, from 0.
    volts : readings on which the columns are centred, V, [inputs, S].
    """
    key = jax.random.fold_in(jax.random.key(seed), start)
    first, later = jax.random.split(key)
    slope = schedule.slope(jnp.asarray(0))
    column_scale = schedule.column_scale if schedule.scaled else None
    parameters = initial_parameters(structure, first, volts, slope, start, column_scale)
    memory = goal.begin()
    return State(
        later,
        parameters,
        _optimiser(schedule).init(parameters),
        jnp.asarray(0),
        jnp.asarray(False),
        unseen(parameters, memory),
        memory,
    )


def ideal_step(
    structure: Structure,
    schedule: Schedule,
    goal: Goal,
    blocks: Blocks,
    epoch: Integer[Array, ""],
    state: State,
) -> State:
    """One step; `epoch` is that of `state`, as a scalar common to all runs of a batch."""
    slope, seen = schedule.slope(epoch), blocks.turn(epoch, schedule.rows_per_step)
    shake = shaken(schedule.noise, state)
    weights = goal.weights(state.memory)

    def of_shaken(p: Parameters) -> Array:
        return loss(shake(p), structure, weights, slope, seen, schedule.count_temperature)

    gradient = jax.grad(of_shaken)(state.parameters)
    return descended(_optimiser(schedule), schedule, state, gradient)


def look_ideal(
    structure: Structure, schedule: Schedule, goal: Goal, valid: Blocks, state: State
) -> State:
    """Keep the run's parameters if they are the best so far on the validation rows."""
    real = schedule.slope(state.epoch) >= 1  # before, the cells are not as steep as printed
    shares = jnp.asarray((0.0, *schedule.prune_below, jnp.inf))

    def evaluated(p: Parameters) -> Terms:
        return evaluate(p, structure, valid)

    return with_best(goal, state, evaluated, shares, real, schedule.sources == "ideal")
