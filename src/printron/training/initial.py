"""Where training starts: a circuit whose gradients are alive.

Printed cells are steep (5 to 100 per volt, some 700): a column voltage away from the edge of its
activation has no gradient, and a negative-weight circuit whose edge lies outside the sensors' range
is a constant. So the cells start at the design whose curve is closest to a straight line over the
range of the signals, and each column's constant conductance (bias and ground) puts the mean of its
voltage on the edge. A passive column has no edge: its mean starts halfway between ground and the
bias, where both resistors can move it either way and no class is ahead of another. Sizes of the
input resistors are random; their signs, too, in every other start of a run, and in the rest all are
positive: from there, training finds the circuits without negative-weight circuits, which random
signs seldom lead to. Layers that have no such circuits start with positive signs alone.
"""

import math
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Integer

from printron.characterization import sobol_designs
from printron.network import (
    CellGroup,
    CellModel,
    Layer,
    Parameters,
    Structure,
    build_layers,
    forward_layer,
    layer_columns,
)
from printron.network.crossbar import lowest_scale
from printron.network.layers import printed_columns
from printron.technology import curve, minus_volts

SWING_SHARE = 0.5  # share of a column's conductance that goes to inputs; the rest centres it
NEGATIVE_SHARES = (0.3, 0.0)  # of input resistors that start with a negative sign, by start
# Where neurons have two columns: conductance of bias and ground at the start, and the share of
# input resistors that start in minus columns, by start.
PAIRED_DIVIDER, PAIRED_SHARES = 0.15, (0.5, 0.0)
SMALLEST_SIZE = 0.2  # of an input resistor's conductance, relative to the largest
HALVINGS = 10  # of the bias that centres a column: to a thousandth of its conductance
CANDIDATES = 4096  # designs looked at for the start
GAIN_ENOUGH = 1.2  # V/V; beyond it a straighter curve is worth more than a steeper one


@lru_cache(maxsize=64)
def _start_values(model: CellModel) -> tuple[float, ...]:
    """Normalized design with the straightest curve over 0 ... 1 V; of a negation, falling."""
    cell, surrogate = model.cell, model.surrogate
    u = surrogate.normalize(sobol_designs(cell, CANDIDATES, seed=5))
    v = np.linspace(0, 1, 101)
    with jax.ensure_compile_time_eval():  # a number, also while a program is being traced
        eta, _ = surrogate.eta_power(jnp.asarray(u, jnp.float32))
        out = np.asarray(curve(surrogate.curve, v[:, None], np.asarray(eta)))
    centred, around = out - out.mean(0), (v - v.mean())[:, None]
    gain = (centred * around).sum(0) / (around**2).sum()
    explained = gain**2 * (around**2).mean() / np.maximum((centred**2).mean(0), 1e-9)
    wanted = -gain if cell.role == "negation" else np.abs(gain)
    best = int(np.argmax(explained * np.clip(wanted, 0, GAIN_ENOUGH)))
    # Away from the limits of the box, where the sigmoid that keeps q inside has no slope.
    return tuple(np.clip(u[:, best], 0.02, 0.98).tolist())


def _start_cells(groups: tuple[CellGroup, ...]) -> tuple[Array, ...]:
    us = (jnp.asarray(_start_values(group.model), jnp.float32) for group in groups)
    raws = (jnp.log(u / (1 - u)) for u in us)
    return tuple(
        jnp.repeat(raw[:, None], group.count, 1) for raw, group in zip(raws, groups, strict=True)
    )


def _theta(signed: Array, bias: Array) -> Array:
    """Surrogate conductances of a layer: input rows, then bias, then what is left for ground."""
    rest = 1 - SWING_SHARE - jnp.abs(bias)
    return jnp.concatenate([signed, bias[None], rest[None]])


def _paired_theta(signed: Array, share: Array) -> Array:
    """Surrogate conductances of a layer with two columns a neuron: bias and ground divide the
    minus column."""
    bias = PAIRED_DIVIDER * share
    return jnp.concatenate([signed, -bias[None], (bias - PAIRED_DIVIDER)[None]])


def _random_inputs(key: Array, inputs: int, outputs: int, negative: Array) -> Array:
    size_key, sign_key = jax.random.split(key)
    size = jax.random.uniform(size_key, (inputs, outputs), minval=SMALLEST_SIZE)
    sign = jnp.where(jax.random.uniform(sign_key, size.shape) < negative, -1.0, 1.0)
    return SWING_SHARE * sign * size / jnp.sum(size, 0)


def _centred(
    structure: Structure,
    layer: Layer,
    signed: Array,
    column_scale: Array | float | None,
    volts: Array,
    weights: Array,
) -> tuple[Array, Array | None, Layer]:
    """Surrogate conductances and scales with a bias that puts the mean of every column voltage on
    its activation's edge (passive: halfway to the bias), as far as can be; and the layer with them.

    Parameters
    ----------
    layer : the layer with any conductances; its cells count.  signed : input rows, [M, N].
    column_scale : what columns conduct, in multiples of the lowest that can be printed; None for no
        scales.
    """
    process = structure.process
    printable = process.g_min, process.g_max
    constant = 1 - SWING_SHARE
    middle_V = process.crossbar.V_bias / 2
    wanted = middle_V if layer.activation is None else layer.activation.eta[2]
    if layer.paired:
        wanted = minus_volts(process) - wanted

    def with_bias(share: Array) -> tuple[Array, Array | None, Layer]:
        theta = _paired_theta(signed, share) if layer.paired else _theta(signed, share * constant)
        scale = None
        if column_scale is not None:
            scale = lowest_scale(theta, *printable) + jnp.log(column_scale)
        crossbar = printed_columns(process, layer.paired, theta, scale=scale)
        return theta, scale, layer._replace(crossbar=crossbar)

    def mean_column(share: Array) -> Array:
        z = jnp.mean(layer_columns(structure, with_bias(share)[-1], volts, weights).z, 1)
        plus, minus = layer.plus_and_minus(z)
        return plus if minus is None else minus - plus  # both rise with the share

    def halve(_: Any, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2
        below = mean_column(middle) < wanted
        return jnp.where(below, middle, low), jnp.where(below, high, middle)

    # By halving: the load of the cell's input makes the column's voltage no straight line.
    ones = jnp.ones(signed.shape[1])
    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (0.02 * ones, 0.98 * ones))
    return with_bias((low + high) / 2)


def initial_parameters(
    structure: Structure,
    key: Array,
    volts: Float[Array, "inputs samples"],
    slope: Float[Array, ""] | float,
    start: Integer[Array, ""] | int = 0,
    column_scale: float | None = None,
) -> Parameters:
    """Parameters to start a run from.

    Parameters
    ----------
    key : everything random about the start follows from it.
    start : which start of its run it is, from 0.
    volts : readings to centre the columns on, V, [inputs, S].
    slope : factor on the steepness of the cells at the start.
    column_scale : what columns conduct, in multiples of the lowest that can be printed; None for
        columns without scales. Those that nothing loads start as low as can be.
    """
    begin = Parameters(
        tuple(jnp.ones((layer.inputs + 2, layer.neurons)) for layer in structure.layers),
        _start_cells(structure.groups("activation")),
        _start_cells(structure.groups("negation")),
    )
    weights = jnp.full(volts.shape[1], 1 / volts.shape[1])
    negative = jnp.asarray(NEGATIVE_SHARES)[start % len(NEGATIVE_SHARES)]
    thetas, scales = [], []
    for k, layer in enumerate(build_layers(structure, begin, slope)):
        size, signs = structure.layers[k], negative if layer.negation else jnp.zeros_like(negative)
        if layer.paired:
            signs = jnp.asarray(PAIRED_SHARES)[start % len(PAIRED_SHARES)]
        signed = _random_inputs(jax.random.fold_in(key, k), size.inputs, size.neurons, signs)
        scale = column_scale
        if column_scale is not None and not _loaded_columns(structure, k):
            scale = 1.0
        theta, scaled, centred = _centred(structure, layer, signed, scale, volts, weights)
        thetas.append(theta)
        scales.append(scaled)
        volts, _ = forward_layer(structure, centred, volts, weights)
    return begin._replace(theta=tuple(thetas), scale=tuple(s for s in scales if s is not None))


def _loaded_columns(structure: Structure, k: int) -> bool:
    """Whether something draws current from a layer's columns: the inputs of activation circuits,
    or the next crossbar where the layer is passive."""
    activation = structure.layers[k].activation
    if activation is None:
        return k < structure.depth - 1
    return activation.cell.input_load is not None


def reference_power(structure: Structure) -> float:
    """P_ref, W: the cells' power if every neuron had an activation circuit and every input row
    (and the bias) a negative-weight circuit, each at the design that training starts from; of
    layers without such circuits, none.

    A network without any cell is measured by its resistors: each of the middle conductance that can
    be printed, sqrt(g_min g_max), with half of the bias voltage across it, which is where columns
    start: sum over layers of (M+2) N sqrt(g_min g_max) (V_b / 2)^2.
    """

    def at_start(model: CellModel) -> float:
        u = jnp.asarray(_start_values(model), jnp.float32)
        return float(model.surrogate.eta_power(u[:, None])[1][0])

    def instances(model: CellModel) -> int:
        return sum(
            (layer.activation == model) * layer.instances("activation")
            + (layer.negation == model) * layer.instances("negation")
            for layer in structure.layers
        )

    if structure.models:
        return sum(instances(model) * at_start(model) for model in structure.models)
    process = structure.process
    resistors = sum((layer.inputs + 2) * layer.neurons for layer in structure.layers)
    middle_S = math.sqrt(process.g_min * process.g_max)
    return resistors * middle_S * (process.crossbar.V_bias / 2) ** 2
