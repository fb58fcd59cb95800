"""What is read off the operating points of a loaded network: outputs, power, how exact."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from printron.circuits.operating_point import Stamps
from printron.network.loaded_layer import Point, printed
from printron.network.network import Design, Layer
from printron.network.ports import Port


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
    """The circuits at the network's outputs: their nodes, V, [nodes, N, S], and they there."""

    nodes: Array
    port: Port


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
    cell, z = design.activation_cell, points[-1].z
    active = layers[-1].crossbar.has_input[:, None]
    out = jnp.where(active, outputs.nodes[cell.unknowns.index("out")], z)
    # Activation circuits are solved with the layer that they drive; those of the outputs alone.
    ports = [point.driver for point in points[1:] if point.driver is not None]
    activations = [
        (layer.activations, port.stamps)
        for layer, port in zip(layers, [*ports, outputs.port], strict=True)
    ]
    negations = [
        (layer.negations, point.negation.stamps)
        for layer, point in zip(layers, points, strict=True)
    ]
    from_bias = jnp.stack([point.drawn[-1] for point in points]).sum(0)
    delivered = {
        "bias": design.process.crossbar.V_bias * from_bias,
        "in": (v * points[0].drawn[:-1]).sum(0),
    }
    for there, circuits in (*activations, *negations):
        for rail, current in circuits.source_current.items():
            volts = 0.0 if rail == "in" else design.process.rail(rail)
            if volts:
                power = volts * (there[:, None] * current).sum(0)
                delivered[rail] = delivered[rail] + power if rail in delivered else power
    heat = {
        "crossbar": [_heat(layer, point) for layer, point in zip(layers, points, strict=True)],
        "activation": [_circuits_heat(*each) for each in activations],
        "negation": [_circuits_heat(*each) for each in negations],
    }
    return Loaded(
        out,
        tuple(point.z for point in points),
        tuple(point.rows for point in points),
        tuple(point.negated for point in points),
        delivered,
        {name: jnp.stack(each) for name, each in heat.items()},
        errors,
        errors < (1e-9 if v.dtype == jnp.float64 else 2e-5),
    )


def _heat(layer: Layer, point: Point) -> Array:
    """W in the resistors of a crossbar, [S]: sum of g (v - z)^2, multiplied out."""
    plus, minus = printed(layer)
    rows = len(point.rows)
    heat = (plus[-1] + minus[-1]) @ point.z**2  # to ground
    for g, volts in ((plus[:rows], point.rows), (minus[:rows], point.negated)):
        heat = heat + (
            (g.sum(1) @ volts**2) - 2 * ((g.T @ volts) * point.z).sum(0) + g.sum(0) @ point.z**2
        )
    return heat


def _circuits_heat(there: Array, circuits: Stamps) -> Array:
    total = jnp.stack(list(circuits.dissipation.values())).sum(0)
    return (there[:, None] * total).sum(0)
