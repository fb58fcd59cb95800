"""Where training starts: a circuit whose gradients are alive.

Printed cells are steep (5 to 100 per volt, some 700): a column voltage away from the edge of its
activation has no gradient, and a negative-weight circuit whose edge lies outside the sensors' range
is a constant. So the cells start at the design whose curve is closest to a straight line over the
range of the signals, and each column's constant conductance (bias and ground) puts the mean of its
voltage on the edge. Signs and sizes of the input resistors are random.
"""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from printron.characterization import Surrogate, sobol_designs
from printron.network import (
    Design,
    Layer,
    Parameters,
    build_layers,
    forward_layer,
    layer_columns,
    print_crossbar,
)
from printron.technology import Cell, curve

SWING_SHARE = 0.5  # share of a column's conductance that goes to inputs; the rest centres it
NEGATIVE_SHARE = 0.3  # share of input resistors that start with a negative sign
SMALLEST_SIZE = 0.2  # of an input resistor's conductance, relative to the largest
CANDIDATES = 4096  # designs looked at for the start
GAIN_ENOUGH = 1.2  # V/V; beyond it a straighter curve is worth more than a steeper one


@lru_cache(maxsize=64)
def _start_design(surrogate: Surrogate, cell: Cell) -> tuple[float, ...]:
    """Normalized design with the straightest curve over 0 ... 1 V, rising (negation: falling)."""
    u = surrogate.normalize(sobol_designs(cell, CANDIDATES, seed=5))
    v = np.linspace(0, 1, 101)
    with jax.ensure_compile_time_eval():  # a number, also while a program is being traced
        eta, _ = surrogate.eta_power(jnp.asarray(u, jnp.float32))
        out = np.asarray(curve(surrogate.curve, v[:, None], np.asarray(eta)))
    centred, around = out - out.mean(0), (v - v.mean())[:, None]
    gain = (centred * around).sum(0) / (around**2).sum()
    explained = gain**2 * (around**2).mean() / np.maximum((centred**2).mean(0), 1e-9)
    wanted = gain if cell.role == "activation" else -gain
    best = int(np.argmax(explained * np.clip(wanted, 0, GAIN_ENOUGH)))
    # Away from the limits of the box, where the sigmoid that keeps q inside has no slope.
    return tuple(np.clip(u[:, best], 0.02, 0.98).tolist())


def _start_cells(surrogate: Surrogate, cell: Cell, groups: tuple[int, ...]) -> tuple[Array, ...]:
    u = jnp.asarray(_start_design(surrogate, cell), jnp.float32)
    raw = jnp.log(u / (1 - u))
    return tuple(jnp.repeat(raw[:, None], k, 1) for k in groups)


def _theta(signed: Array, bias: Array) -> Array:
    """Surrogate conductances of a layer: input rows, then bias, then what is left for ground."""
    rest = 1 - SWING_SHARE - jnp.abs(bias)
    return jnp.concatenate([signed, bias[None], rest[None]])


def _random_inputs(key: Array, inputs: int, outputs: int) -> Array:
    size_key, sign_key = jax.random.split(key)
    size = jax.random.uniform(size_key, (inputs, outputs), minval=SMALLEST_SIZE)
    sign = jnp.where(jax.random.uniform(sign_key, size.shape) < NEGATIVE_SHARE, -1.0, 1.0)
    return SWING_SHARE * sign * size / jnp.sum(size, 0)


def _centred(
    design: Design, layer: Layer, signed: Array, volts: Array, weights: Array
) -> tuple[Array, Layer]:
    """Bias that puts the mean of every column voltage on its activation's edge, as far as it goes.

    Parameters
    ----------
    layer : the layer with any conductances; its cells count.  signed : input rows, [M, N].
    """
    process, constant = design.process, 1 - SWING_SHARE

    def with_bias(bias: Array) -> Layer:
        crossbar = print_crossbar(_theta(signed, bias), process.g_min, process.g_max)
        return layer._replace(crossbar=crossbar)

    def mean_column(share: float) -> Array:
        bias = jnp.full(signed.shape[1], share * constant)
        return jnp.mean(layer_columns(design, with_bias(bias), volts, weights).z, 1)

    low, high = mean_column(0.02), mean_column(0.98)
    share = 0.02 + 0.96 * jnp.clip((layer.activation.eta[2] - low) / (high - low), 0, 1)
    return share * constant, with_bias(share * constant)


def initial_parameters(
    design: Design, key: Array, volts: Array, slope: Array | float
) -> Parameters:
    """Parameters to start a run from.

    Parameters
    ----------
    key : everything random about the start follows from it.
    volts : readings to centre the columns on, V, [inputs, S].
    slope : factor on the steepness of the cells at the start.
    """
    shapes = list(zip(design.topology[:-1], design.topology[1:], strict=True))
    start = Parameters(
        tuple(jnp.ones((m + 2, n)) for m, n in shapes),
        _start_cells(design.activation, design.activation_cell, design.cell_groups(rows=False)),
        _start_cells(design.negation, design.negation_cell, design.cell_groups(rows=True)),
    )
    weights = jnp.full(volts.shape[1], 1 / volts.shape[1])
    thetas = []
    for k, layer in enumerate(build_layers(design, start, slope)):
        signed = _random_inputs(jax.random.fold_in(key, k), *shapes[k])
        bias, centred = _centred(design, layer, signed, volts, weights)
        thetas.append(_theta(signed, bias))
        volts, _ = forward_layer(design, centred, volts, weights)
    return start._replace(theta=tuple(thetas))
