"""What is read off the operating points of a loaded network: outputs, power, how exact."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from printron.network.layers import Layer
from printron.network.loaded.layer import LoadedColumns, Point, output, printed
from printron.network.loaded.ports import Supplied, Voltages
from printron.technology import Process


class Loaded(NamedTuple):
    """Operating points of a network.

    Attributes
    ----------
    out : output voltages, V, [classes, S]; NaN where a sample did not converge.
    columns : column voltages of every layer, V, [N, S] each.
    rows : voltages of every layer's rows, inputs and bias, V, [M+1, S] each.
    negated : outputs of the negative-weight circuits, V, [M+1, S] each; of those that are not
        printed, too.
    delivered : W that every supply ("vdd", ...), "bias" and the inputs together ("in", without what
        their sources' own resistance turns to heat) deliver, by name, [S] each.
    dissipated : W that turn to heat in the "crossbar", "activation" and "negation" circuits of
        every layer, [layers, S] each.
    error : V, size of the last Newton step, [S].  converged : bool, [S].
    """

    out: Float[Array, "classes samples"]
    columns: tuple[Float[Array, "columns samples"], ...]
    rows: tuple[Float[Array, "driven samples"], ...]
    negated: tuple[Float[Array, "driven samples"], ...]
    delivered: dict[str, Float[Array, " samples"]]
    dissipated: dict[str, Float[Array, "layers samples"]]
    error: Float[Array, " samples"]
    converged: Bool[Array, " samples"]


class Outputs(NamedTuple):
    """The circuits at the network's outputs: their nodes, and what they draw."""

    nodes: Voltages
    drawn: Supplied


def record(
    process: Process,
    layers: tuple[Layer, ...],
    points: list[Point],
    outputs: Outputs | None,
    v: Array,
    errors: Array,
) -> Loaded:
    """Outputs, and what every source delivers and every layer turns to heat.

    What is not printed counts for nothing, with the soft gradients of the counts.
    """
    last = layers[-1]
    out = last.plus_and_minus(points[-1].columns.z)[0]
    if outputs is not None:
        out = jnp.where(last.active[:, None], output(last.activation, outputs.nodes), out)
    # Activation circuits are solved with the layer that they drive; those of the outputs alone.
    drivers = [*(point.drivers for point in points[1:]), outputs and outputs.drawn]
    activations = [(it.activations, drawn) for it, drawn in zip(layers, drivers, strict=True)]
    negations = [(it.negations, point.negations) for it, point in zip(layers, points, strict=True)]
    from_bias = jnp.stack([point.drawn[-1] for point in points]).sum(0)
    delivered = {
        "bias": layers[0].supplied(process.crossbar.V_bias) * from_bias,
        "in": (points[0].columns.rows[:-1] * points[0].drawn[:-1]).sum(0),
    }
    for there, circuits in (*activations, *negations):
        for rail, current in circuits.current.items() if circuits else ():
            if volts := process.rail(rail):
                power = layers[0].supplied(volts) * (there @ current)
                delivered[rail] = delivered[rail] + power if rail in delivered else power
    heat = {
        "crossbar": [
            _heat(layer, point.columns) for layer, point in zip(layers, points, strict=True)
        ],
        "activation": [_of_circuits(*each, v) for each in activations],
        "negation": [_of_circuits(*each, v) for each in negations],
    }
    return Loaded(
        out,
        tuple(point.columns.z for point in points),
        tuple(point.columns.rows for point in points),
        tuple(point.columns.negated for point in points),
        delivered,
        {name: jnp.stack(each) for name, each in heat.items()},
        errors,
        solved(errors),
    )


def solved(errors: Array) -> Array:
    """Samples with an operating point, by the size of their last Newton step, V, [S]."""
    return errors < (1e-9 if errors.dtype == jnp.float64 else 1e-3)


def _of_circuits(there: Array, circuits: Supplied | None, v: Array) -> Array:
    """W in the circuits of a layer, [S]."""
    return jnp.zeros_like(v[0]) if circuits is None else there @ circuits.heat


def _heat(layer: Layer, it: LoadedColumns) -> Array:
    """W in the resistors of a crossbar, [S]: sum of g (v - z)^2, multiplied out."""
    plus, minus = printed(layer)
    heat = (plus[-1] + minus[-1]) @ it.z**2  # to ground
    for g, volts in ((it.plus, it.rows), (it.minus, it.negated)):
        heat = heat + (
            (g.sum(1) @ volts**2) - 2 * ((g.T @ volts) * it.z).sum(0) + g.sum(0) @ it.z**2
        )
    return heat
