"""Voltages of a network whose rows are ideal sources behind fitted curves.

Arrays are feature-major: voltages are [features, samples].
"""

import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient
from jaxtyping import Float

from printron.base.shapes import AnyArray
from printron.network.crossbar import IdealColumns, Negated, solve_columns
from printron.network.layers import Layer, input_load
from printron.network.structure import Structure
from printron.technology import Process, bend, curve, line, minus_volts
from printron.technology.curves import Line


def _bend(form: str, it: Line, v: Array) -> Array:
    """Bent part of the curves at voltages [features, S], one curve a feature or one for all."""
    shift = it.steepness * it.edge  # two factors of a row: its gradient sums over v and over 1
    return bend(form, it.steepness[:, None] * v - shift[:, None])


def _negated(process: Process, layer: Layer, v: Array) -> Negated | None:
    if layer.negation is None:
        return None
    form, eta = layer.negation.cell.curve, layer.negation.eta
    bias = curve(form, jnp.asarray(process.crossbar.V_bias, v.dtype), eta[:, -1])
    it = line(form, eta[:, :-1] if eta.shape[1] > 1 else eta)
    return Negated(_bend(form, it, v), it.offset, it.gain, bias)


def layer_columns(
    structure: Structure,
    layer: Layer,
    v: Float[Array, "inputs samples"],
    weights: Float[Array, " samples"],
) -> IdealColumns:
    """Column voltages of a layer, V, [N, S], and the mean power of its crossbar, W."""
    process = structure.process
    negated, load = _negated(process, layer, v), input_load(process, layer)
    return solve_columns(layer.crossbar, v, negated, process.crossbar.V_bias, *load, weights)


def forward_layer(
    structure: Structure,
    layer: Layer,
    v: Float[Array, "inputs samples"],
    weights: Float[Array, " samples"],
) -> tuple[Float[Array, "columns samples"], Float[Array, ""]]:
    """Output voltages [N, S] of a layer and the mean power of its crossbar, W.

    A passive column's own voltage is its output: of all columns without an activation, and of a
    column without any input, which is a constant divider and needs no activation circuit.
    """
    columns = layer_columns(structure, layer, v, weights)
    if layer.activation is None:
        return columns.z, columns.power
    form = layer.activation.cell.curve
    it = line(form, layer.activation.eta)
    z, minus = layer.plus_and_minus(columns.z)
    if minus is not None:  # curves are those at one voltage of the second input
        z = z - minus + minus_volts(structure.process)
    active = it.offset[:, None] + it.gain[:, None] * _bend(form, it, z)
    out = jnp.where(layer.active[:, None], active, z)
    if layer.grounded is not None:  # the gradient is the circuit's, by which inputs can come back
        out = jnp.where(layer.grounded[:, None], active - stop_gradient(active), out)
    return out, columns.power


def forward(
    structure: Structure,
    layers: tuple[Layer, ...],
    v: Float[AnyArray, "inputs samples"],
    weights: Float[Array, " samples"] | None = None,
) -> tuple[Float[Array, "classes samples"], Float[Array, " layers"]]:
    """Output voltages and crossbar power of a network, with ideal sources.

    Parameters
    ----------
    v : input voltages, V, [inputs, S].
    weights : of the samples in the mean power, [S]; default: all alike.

    Returns
    -------
    Output voltages, V, [classes, S], and crossbar power averaged over the samples, W, [layers].
    """
    weights = jnp.full(v.shape[1], 1 / v.shape[1], v.dtype) if weights is None else weights
    v, powers = jnp.asarray(v), []
    for layer in layers:
        v, power = forward_layer(structure, layer, v, weights)
        powers.append(power)
    return v, jnp.stack(powers)
