"""What printing and use make of a network: copies that deviate from the design.

A copy is drawn as standard normal numbers, one for every component and quantity that varies, and
one for every quantity that a substrate shares (`draw_copy`). They are drawn without regard to the
standard deviations, so that the same copy can be looked at with more and with less variation, and
gradients pass through them. `printed_copy` applies them to what is printed: to the resistors of a
crossbar after their scaling to the printable range, and to every component of every nonlinear
circuit, also where circuits share one design. In use, a factor on all supplies and a drift of all
thresholds come on top. How much each varies is a matter of `printron.technology.conditions`.

The loaded circuit, the finished network and so the netlist follow a copy in all of its components.
The ideal model follows the crossbars and the inputs of activation circuits alone: its curves are
those of the cells as designed.
"""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from printron.network.layers import CellState, Deviations, Layer, with_load
from printron.network.structure import CellModel, LayerStructure, Role, Structure
from printron.technology.conditions import Conditions
from printron.technology.variation import QUANTITIES, Shift, Spread

ABSENT_OHM = 1e30  # of a resistor that is not there: any number far above, with derivatives
IN_USE = ("supply", "drift")  # of a whole circuit, beside what its substrate shares


class Copy(NamedTuple):
    """A printed copy as standard normal numbers.

    Attributes
    ----------
    shared : of the whole circuit, scalars by name: what its substrate shares, supply and drift.
    crossbars : of every layer's resistors, [M+2, N].
    activations, negations : of every layer's circuits, by component and quantity, [N] and [M+1];
        empty where a layer has no such circuits.
    """

    shared: dict[str, Array]
    crossbars: tuple[Array, ...]
    activations: tuple[Deviations, ...]
    negations: tuple[Deviations, ...]


def copy_key(seed: Array | int, number: Array | int) -> Array:
    """The key of a copy by its number: the same copy whatever the number of copies."""
    return jax.random.fold_in(jax.random.key(seed), number)


def draw_copies(structure: Structure, keys: Array) -> Copy:
    """The normal numbers of printed copies, one for each key, [copies]."""
    return jax.vmap(lambda key: draw_copy(structure, key))(keys)


def numbered_copies(structure: Structure, seed: Array | int, numbers: Array) -> Copy:
    """The normal numbers of printed copies by their numbers, [copies]; see `copy_key`."""
    return draw_copies(structure, jax.vmap(lambda number: copy_key(seed, number))(numbers))


def draw_copy(structure: Structure, key: Array) -> Copy:
    """The normal numbers of one printed copy; all of them follow from the key, in single precision
    whatever the precision of the solution."""
    shared, *by_layer = jax.random.split(key, structure.depth + 1)
    crossbars, activations, negations = [], [], []
    for layer, own in zip(structure.layers, by_layer, strict=True):
        keys = jax.random.split(own, 3)
        crossbars.append(jax.random.normal(keys[0], (layer.inputs + 2, layer.neurons), jnp.float32))
        activations.append(_circuits(layer, "activation", layer.activation, keys[1]))
        negations.append(_circuits(layer, "negation", layer.negation, keys[2]))
    common = (*QUANTITIES, *IN_USE)
    numbers = jax.random.normal(shared, (len(common),), jnp.float32)
    return Copy(
        dict(zip(common, numbers, strict=True)),
        tuple(crossbars),
        tuple(activations),
        tuple(negations),
    )


def _circuits(layer: LayerStructure, role: Role, model: CellModel | None, key: Array) -> Deviations:
    """Normal numbers of all components of a layer's circuits of one role."""
    if model is None:
        return {}
    varied = [
        (name, quantity)
        for name, part in model.cell.components.items()
        for quantity in part.kind.varies
    ]
    numbers = jax.random.normal(key, (len(varied), layer.instances(role)), jnp.float32)
    found: dict[str, dict[str, Array]] = {}
    for (name, quantity), each in zip(varied, numbers, strict=True):
        found.setdefault(name, {})[quantity] = each
    return found


def printed_copy(
    layers: tuple[Layer, ...], copy: Copy, conditions: Conditions
) -> tuple[Layer, ...]:
    """The layers of a printed copy.

    Parameters
    ----------
    layers : as designed; of `build_layers`.
    """
    variation = conditions.variation
    supply = 1 + conditions.supply * _uniform(copy.shared["supply"]) if conditions.supply else None
    drift = conditions.drift * _uniform(copy.shared["drift"])

    def deviation(quantity: str, own: Array, size: Any) -> Array:
        found = _deviation(variation.of(quantity), own, copy.shared[quantity], size)
        return found + drift if quantity == "V_T" else found

    def circuits(state: CellState | None, own: Deviations) -> CellState | None:
        if state is None:
            return None
        deviations = {}
        for name, of in own.items():
            size = state.cell.components[name].kind.extent(state.sizes(name))
            deviations[name] = {key: deviation(key, each, size) for key, each in of.items()}
        return with_load(replace(state, deviations=deviations, supply=supply))

    printed = []
    for layer, resistors, *own in zip(layers, *copy[1:], strict=True):
        crossbar = layer.crossbar
        R = deviation("R", resistors, _ohms(layer))
        if layer.paired:  # a resistor stands in one of a neuron's two columns
            R = jnp.concatenate([R, R], 1)
        crossbar = crossbar._replace(plus=crossbar.plus / R, minus=crossbar.minus / R)
        activation, negation = map(circuits, (layer.activation, layer.negation), own)
        printed.append(
            layer._replace(
                crossbar=crossbar, activation=activation, negation=negation, supply=supply
            )
        )
    return tuple(printed)


def _ohms(layer: Layer) -> Array:
    """Resistances of a crossbar, ohm, [M+2, N]; absent ones are too large to deviate."""
    g = layer.crossbar.plus + layer.crossbar.minus
    if layer.paired:
        g = g[:, : g.shape[1] // 2] + g[:, g.shape[1] // 2 :]
    return jnp.where(g > 0, 1 / jnp.where(g > 0, g, 1.0), ABSENT_OHM)


def _uniform(normal: Array) -> Array:
    """A standard normal number as one uniform in -1 ... 1."""
    return jax.lax.erf(normal / math.sqrt(2))


def _deviation(spread: Spread, own: Array, shared: Array, size: Any) -> Array:
    """Factor on a value, or V that are added to a threshold, of components of some sizes."""
    normal = spread.own_of(size) * own + spread.shared * shared
    return normal if isinstance(spread, Shift) else jnp.exp(normal)
