"""Power as the published numbers count it: of the nonlinear circuits what V_DD alone delivers.

The published power of ptanh and negation_divider leaves their negative supply out. Our own is what
all supplies and inputs deliver; this one stands beside it, for a comparison of equals.
"""

from functools import partial

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.characterization import Surrogate
from printron.characterization.characterize import run_sweep
from printron.network import Design, Parameters, build_layers, normalized_designs
from printron.results.problem import Problem
from printron.technology import Cell


def vdd_power(
    problem: Problem, parameters: Parameters, crossbar: NDArray[np.float64], workers: int = 2
) -> NDArray[np.float64]:
    """Crossbar power, and what the rails above ground deliver to the printed nonlinear circuits.

    The circuits are simulated at their learned component values, over the sweep of their
    characterization, as the published numbers were.

    Parameters
    ----------
    parameters : of trained runs; the leading axis is the run.
    crossbar : power of the crossbars, W, [runs].

    Returns
    -------
    W, [runs]; NaN where a circuit did not converge.
    """
    design = problem.design
    activations, negations = _printed(design, parameters)
    total = np.asarray(crossbar, np.float64)
    for cell, surrogate, raws, printed in (
        (design.activation_cell, design.activation, parameters.activation, activations),
        (design.negation_cell, design.negation, parameters.negation, negations),
    ):
        each = [_cell_power(problem, cell, surrogate, raw, workers) for raw in raws]
        for which, power in zip(printed, each * (len(printed) // len(each)), strict=True):
            total = total + np.sum(np.where(which, power, 0), -1)
    return total


@partial(jax.jit, static_argnums=0)
def _printed(design: Design, parameters: Parameters) -> tuple[list[Array], list[Array]]:
    """Which neurons have an activation circuit [runs, N], which rows a negation [runs, M+1]."""

    def of_run(one: Parameters) -> tuple[list[Array], list[Array]]:
        crossbars = [layer.crossbar for layer in build_layers(design, one)]
        return [it.has_input for it in crossbars], [it.negated_rows for it in crossbars]

    return jax.vmap(of_run)(parameters)


def _cell_power(
    problem: Problem, cell: Cell, surrogate: Surrogate, raw: Array, workers: int
) -> NDArray[np.float64]:
    """Mean power of a cell's rails above ground, W, [runs, k], at values [runs, variables, k]."""
    normalized = jax.vmap(lambda one: normalized_designs(surrogate, one))(raw)
    values = surrogate.denormalize(np.moveaxis(np.asarray(normalized, np.float64), 1, 0))
    swept = run_sweep(problem.technology, cell, values.reshape(len(values), -1), "jax", workers)
    process = problem.technology.process
    total = np.zeros(swept.v_out.shape[1])
    for rail in cell.supplies:
        if process.rail(rail) > 0:
            total = total + swept.source_power[rail].mean(0)
    return total.reshape(values.shape[1:])
