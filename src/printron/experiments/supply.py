"""Power as published: for the nonlinear circuits, only that of V_DD.

The published power of ptanh and negation_divider excludes their negative supply. Our own is that of
all supplies and inputs; this one is stored beside ours, for a comparison of equals.
"""

from functools import partial

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.characterization.characterize import sweep_cell
from printron.network import CellModel, Parameters, Structure, build_layers, printed_design
from printron.results.problem import Problem


def vdd_power(
    problem: Problem, parameters: Parameters, crossbar: NDArray[np.float64], workers: int = 2
) -> NDArray[np.float64]:
    """Crossbar power, plus that of the rails above ground in the printed nonlinear circuits.

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
    structure = problem.structure
    activations, negations = _printed(structure, parameters)
    total = np.asarray(crossbar, np.float64)
    for groups, raws, printed in (
        (structure.groups("activation"), parameters.activation, activations),
        (structure.groups("negation"), parameters.negation, negations),
    ):
        for group, raw in zip(groups, raws, strict=True):
            power = _cell_power(problem, group.model, raw, workers)
            for layer in group.layers:
                total = total + np.sum(np.where(printed[layer], power, 0), -1)
    return total


@partial(jax.jit, static_argnums=0)
def _printed(structure: Structure, parameters: Parameters) -> tuple[list[Array], list[Array]]:
    """Which neurons have an activation circuit [runs, N], which rows a negation [runs, M+1]."""

    def of_run(one: Parameters) -> tuple[list[Array], list[Array]]:
        layers = build_layers(structure, one)
        return (
            [layer.active for layer in layers],
            [layer.crossbar.negated_rows for layer in layers],
        )

    return jax.vmap(of_run)(parameters)


def _cell_power(
    problem: Problem, model: CellModel, raw: Array, workers: int
) -> NDArray[np.float64]:
    """Mean power of a cell's rails above ground, W, [runs, k], at values [runs, variables, k]."""
    cell, surrogate = model.cell, model.surrogate
    process = problem.technology.process
    normalized = jax.vmap(lambda one: printed_design(process, model, one).normalized)(raw)
    values = surrogate.denormalize(np.moveaxis(np.asarray(normalized, np.float64), 1, 0))
    swept = sweep_cell(problem.technology, cell, values.reshape(len(values), -1), "jax", workers)
    total = np.zeros(swept.v_out.shape[1])
    for rail in cell.supplies:
        if process.rail(rail) > 0:
            total = total + swept.source_power[rail].mean(0)
    return total.reshape(values.shape[1:])
