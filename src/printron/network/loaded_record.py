"""What is read off the operating points of a loaded network: outputs, power, how exact."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from printron.network.loaded_layer import Columns, Point, printed
from printron.network.network import Design, Layer
from printron.network.ports import Supplied, Voltages


class Loaded(NamedTuple):
    """Operating points of a network.

    Attributes
    ----------
    out : output voltages, V, [classes, S]; NaN where a sample did not converge.
    columns : column voltages of every layer, V, [N, S] each.
    rows : voltages of every layer's rows, inputs and bias, V, [M+1, S] each.
    negated : outputs of the negative-weight circuits, V, [M+1, S] each; of those that are not
        printed, too.
    delivered : W that every supply ("vdd", ...), "bias" and the inputs together ("in") deliver, by
        name, [S] each.
    dissipated : W that turn to heat in the "crossbar", "activation" and "negation" circuits of
        every layer, [layers, S] each.
    error : V, size of the last Newton step, [S].  converged : bool, [S].
    """

    out: Array
    columns: tuple[Array, ...]
    rows: tuple[Array, ...]
    negated: tuple[Array, ...]
    delivered: dict[str, Array]
    dissipated: dict[str, Array]
    error: Array
    converged: Array


class Outputs(NamedTuple):
    """The circuits at the network's outputs: their nodes, and what they draw."""

    nodes: Voltages
    drawn: Supplied


def record(
    design: Design,
    layers: tuple[Layer, ...],
    points: list[Point],
    outputs: Outputs,
    v: Array,
    errors: Array,
) -> Loaded:
    """Outputs, and what every source delivers and every layer turns to heat.

    What is not printed counts for nothing, with the soft gradients of the counts.
    """
    cell, z = design.activation_cell, points[-1].columns.z
    active = layers[-1].crossbar.has_input[:, None]
    out = jnp.where(active, outputs.nodes[cell.unknowns.index("out")], z)
    # Activation circuits are solved with the layer that they drive; those of the outputs alone.
    drivers = [point.drivers for point in points[1:] if point.drivers is not None]
    activations = [
        (layer.activations, circuits)
        for layer, circuits in zip(layers, [*drivers, outputs.drawn], strict=True)
    ]
    negations = [
        (layer.negations, point.negations) for layer, point in zip(layers, points, strict=True)
    ]
    from_bias = jnp.stack([point.drawn[-1] for point in points]).sum(0)
    delivered = {
        "bias": design.process.crossbar.V_bias * from_bias,
        "in": (v * points[0].drawn[:-1]).sum(0),
    }
    for there, circuits in (*activations, *negations):
        for rail, current in circuits.current.items():
            if volts := design.process.rail(rail):
                power = volts * (there @ current)
                delivered[rail] = delivered[rail] + power if rail in delivered else power
    heat = {
        "crossbar": [
            _heat(layer, point.columns) for layer, point in zip(layers, points, strict=True)
        ],
        "activation": [there @ it.heat for there, it in activations],
        "negation": [there @ it.heat for there, it in negations],
    }
    return Loaded(
        out,
        tuple(point.columns.z for point in points),
        tuple(point.columns.rows for point in points),
        tuple(point.columns.negated for point in points),
        delivered,
        {name: jnp.stack(each) for name, each in heat.items()},
        errors,
        errors < (1e-9 if v.dtype == jnp.float64 else 1e-3),
    )


def _heat(layer: Layer, it: Columns) -> Array:
    """W in the resistors of a crossbar, [S]: sum of g (v - z)^2, multiplied out."""
    plus, minus = printed(layer)
    heat = (plus[-1] + minus[-1]) @ it.z**2  # to ground
    for g, volts in ((it.plus, it.rows), (it.minus, it.negated)):
        heat = heat + (
            (g.sum(1) @ volts**2) - 2 * ((g.T @ volts) * it.z).sum(0) + g.sum(0) @ it.z**2
        )
    return heat
