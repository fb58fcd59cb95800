"""A circuit without the neurons that are not printed: the same parts in a smaller structure."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from printron.network import Parameters, build_layers
from printron.results import Problem, Runs, build_problem


def compact(problem: Problem, runs: Runs) -> tuple[Problem, Runs]:
    """The problem and its single run with the printed neurons of the hidden layer alone.

    Networks without exactly one hidden layer, with component values of each neuron's own, or
    without any printed neuron stay as they are.
    """
    spec, structure = problem.spec, problem.structure
    if len(spec.hidden) != 1 or spec.sharing == "neuron":
        return problem, runs
    # A neuron that the outputs do not read is not printed.
    layers = build_layers(structure, jax.tree.map(jnp.asarray, runs.one(0)))
    printed = np.asarray(layers[1].crossbar.used_rows)
    if printed.all() or not printed.any():
        return problem, runs
    smaller = replace(spec, hidden=(int(printed.sum()),))
    own = runs.parameters
    rows = np.concatenate([printed, [True, True]])  # bias and ground stay
    scale = own.scale
    parameters = Parameters(
        (own.theta[0][:, :, printed], own.theta[1][:, rows]), own.activation, own.negation,
        (scale[0][:, printed], *scale[1:]) if scale else scale,
    )  # fmt: skip
    table = runs.table.assign(hidden=str(smaller.hidden[0]))
    return build_problem(smaller), Runs(table, parameters)
