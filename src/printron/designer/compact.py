"""A circuit without the neurons that are not printed: the same parts in a smaller structure."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from printron.network import Parameters, build_layers
from printron.results import Problem, Runs, build_problem


def compact(problem: Problem, runs: Runs) -> tuple[Problem, Runs]:
    """The problem and its single run with the printed neurons of the hidden layers alone.

    Networks without hidden layers, with component values of each neuron's own, or with a hidden
    layer without any printed neuron stay as they are.
    """
    spec, structure = problem.spec, problem.structure
    if not spec.hidden or spec.sharing == "neuron":
        return problem, runs
    # A neuron that no column behind it reads is not printed.
    layers = build_layers(structure, jax.tree.map(jnp.asarray, runs.one(0)))
    printed = [np.asarray(layer.crossbar.used_rows) for layer in layers[1:]]
    if all(each.all() for each in printed) or not all(each.any() for each in printed):
        return problem, runs
    smaller = replace(spec, hidden=tuple(int(each.sum()) for each in printed))
    table = runs.table.assign(hidden=",".join(map(str, smaller.hidden)))
    return build_problem(smaller), Runs(table, _of(runs.parameters, printed))


def _of(own: Parameters, printed: list[NDArray[np.bool_]]) -> Parameters:
    """The parameters of the printed neurons.

    Parameters
    ----------
    printed : of each hidden layer, [neurons].
    """
    theta, scale = list(own.theta), list(own.scale or ())
    for layer, columns in enumerate(printed):
        rows = np.concatenate([columns, [True, True]])  # bias and ground stay
        theta[layer] = theta[layer][:, :, columns]
        theta[layer + 1] = theta[layer + 1][:, rows]
        if scale:
            scale[layer] = scale[layer][:, columns]
    return own._replace(theta=tuple(theta), scale=tuple(scale) if scale else own.scale)
