"""Training of a surrogate on characterized designs.

Errors are weighted by their effect on a circuit (edge, plateaus, slope, power), and the curves are
compared too. SOAP takes some 40,000 steps of 500 designs each, in single precision; on two cores a
cell takes half a minute. docs/measurements.md compares it with other ways of training.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.characterization.soap import Averages, moved, nothing_yet
from printron.characterization.surrogate import forward
from printron.characterization.transfer import Transfer
from printron.technology import Cell, curve

HIDDEN = (24, 24, 24)
BATCH = 500  # designs of a step
STEPS, PASSES = 40_000, 5_000  # at most so many steps, and so many passes over all designs
RATE, WARM_UP = 1e-2, 0.02  # highest rate of learning; share of the steps until it is reached
CHUNK = 250  # steps, at least, of one call of the compiled program
# One unit of loss: 1.5 mV of plateau, 1 mV of edge, 3 % of slope, 0.5 % of power.
UNITS = np.array([1.5e-3, 1.5e-3, 1e-3, 0.03, 0.005])
FULL_SWING_V = 0.4  # below this swing, edge and slope count less; at 0 V they do not exist
# Plateaus are plausible where |eta1| + |eta2| is below this multiple of the cell's highest voltage.
PLAUSIBLE = 1.5
UNSEEN = 0.03  # weight of eta where edge or plateaus lie outside the sweep
CURVE_POINTS, CURVE_UNIT_V = 33, 1e-3  # the loss also compares curves at this many input voltages

Weights = tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]


class Designs(NamedTuple):
    """What is known of designs, and the scale of the outputs; all float32.

    Attributes
    ----------
    x : inputs, -1 ... 1, [variables, designs].  y : outputs minus `offset`, [5, designs].
    weight : of an error in an output, [5, designs].  volts : curves, V, [points, designs].
    v_in : V, [points, 1].  offset, scale : of the outputs, [5, 1].
    """

    x: Array
    y: Array
    weight: Array
    volts: Array
    v_in: Array
    offset: Array
    scale: Array

    def taken(self, some: Array) -> "Designs":
        """The designs with some numbers."""
        x, y, weight, volts = (part[:, some] for part in self[:4])
        return self._replace(x=x, y=y, weight=weight, volts=volts)


class State(NamedTuple):
    """Layers of the network, each [out, in + 1] with its bias as last column; see `Averages`."""

    layers: tuple[Array, ...]
    kept: tuple[Averages, ...]
    step: Array


def fit_surrogate(
    cell: Cell,
    designs: NDArray[np.float64],
    transfer: Transfer,
    highest_V: float,
    *,
    seed: int = 0,
    hidden: tuple[int, ...] = HIDDEN,
    steps: int = STEPS,
) -> tuple[Weights, NDArray[np.float64], NDArray[np.float64]]:
    """Fit the network; returns (weights, offset, scale).

    Parameters
    ----------
    designs : ohm or m, [variables, designs].  transfer : their curves and power.
    highest_V : the highest voltage (magnitude) of the cell's rails and input range.
    seed : of the first weights, and of the order of the designs.
    hidden : widths of the hidden layers.
    steps : about so many, or fewer for few designs: `PASSES` over all of them suffice.
    """
    y = targets_of(transfer.eta, transfer.power)
    offset, scale = y.mean(1, keepdims=True), y.std(1, keepdims=True)
    rng = np.random.default_rng(seed)
    with jax.enable_x64(False):
        known = _known(cell, designs, transfer, highest_V, y, offset, scale)
        layers = _start([len(designs), *hidden, len(y)], rng)
        state = State(layers, tuple(map(nothing_yet, layers)), jnp.int32(0))
        chunks, last = _batches(designs.shape[1], steps, rng)
        for batches in chunks:
            state = _train(cell.curve, known, state, batches, jnp.float32(last))
    weights = tuple((m[:, :-1], m[:, -1]) for m in map(np.asarray, state.layers))
    return weights, offset[:, 0], scale[:, 0]


def targets_of(eta: NDArray[np.float64], power: NDArray[np.float64]) -> NDArray[np.float64]:
    """The five outputs that the network learns, [5, designs]."""
    return np.stack([eta[0], eta[1], eta[2], np.log(eta[3]), np.log(power)])


def _known(
    cell: Cell,
    designs: NDArray[np.float64],
    transfer: Transfer,
    highest_V: float,
    y: NDArray[np.float64],
    offset: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> Designs:
    low, high = np.log(cell.bounds)[:, :, None]
    v_in = np.linspace(*cell.sweep, CURVE_POINTS)[:, None]
    x = 2 * (np.log(designs) - low) / np.maximum(high - low, 1e-12) - 1
    volts = np.asarray(curve(cell.curve, v_in, transfer.eta))
    weight = _importance(cell, transfer, highest_V)
    parts = (x, y - offset, weight, volts, v_in, offset, scale)
    return Designs(*(jnp.asarray(part, jnp.float32) for part in parts))


def _importance(cell: Cell, transfer: Transfer, highest_V: float) -> NDArray[np.float64]:
    """Weight of an error in each output of each design, [5, designs]: 1 / unit.

    Edge and slope count for designs that switch. A curve whose edge or plateaus lie outside the
    sweep is fitted by its samples; eta then has little weight.
    """
    switches = np.clip(transfer.shape.swing / FULL_SWING_V, 0, 1)
    eta = transfer.eta
    low, high = cell.sweep
    plausible = np.abs(eta[0]) + np.abs(eta[1]) < PLAUSIBLE * highest_V
    seen = (eta[2] > low) & (eta[2] < high) & plausible
    trust = np.where(seen, 1.0, UNSEEN)
    ones = np.ones_like(switches)
    return np.stack([trust, trust, switches * trust, switches * trust, ones]) / UNITS[:, None]


def _start(sizes: list[int], rng: np.random.Generator) -> tuple[Array, ...]:
    return tuple(
        jnp.asarray(np.c_[rng.normal(size=(n, m)) / np.sqrt(m), np.zeros(n)], jnp.float32)
        for m, n in zip(sizes[:-1], sizes[1:], strict=True)
    )


def _batches(
    count: int, steps: int, rng: np.random.Generator
) -> tuple[Iterator[NDArray[np.int32]], int]:
    """Numbers of designs, [steps, batch] per call of the program, and the number of all steps.

    Every pass over `count` designs takes them in another order; less than a batch is left out.
    """
    batch = min(BATCH, count)
    per_pass = count // batch
    steps = min(steps, PASSES * per_pass)
    passes = -(-min(CHUNK, steps) // per_pass)
    calls = -(-steps // (passes * per_pass))

    def chunk() -> NDArray[np.int32]:
        orders = (rng.permutation(count)[: per_pass * batch] for _ in range(passes))
        return np.stack([*orders]).reshape(-1, batch).astype(np.int32)

    return (chunk() for _ in range(calls)), calls * passes * per_pass


@partial(jax.jit, static_argnums=0)
def _train(form: str, known: Designs, state: State, batches: Array, last: Array) -> State:
    """The state after a step for each row of `batches`; the rate falls to 0 at step `last`."""

    def step(state: State, some: Array) -> tuple[State, None]:
        slopes = jax.grad(_loss, argnums=1)(form, state.layers, known.taken(some))
        done = state.step / last
        rate = RATE * jnp.minimum(done / WARM_UP, 1) * (1 + jnp.cos(jnp.pi * done)) / 2
        after = [
            moved(*parts, rate, state.step)
            for parts in zip(state.layers, slopes, state.kept, strict=True)
        ]
        layers, kept = zip(*after, strict=True)
        return State(layers, kept, state.step + 1), None

    return jax.lax.scan(step, state, batches)[0]


def _loss(form: str, layers: tuple[Array, ...], known: Designs) -> Array:
    weights = [(layer[:, :-1], layer[:, -1]) for layer in layers]
    out = forward(weights, known.x) * known.scale
    error = (out - known.y) * known.weight
    eta1, eta2, eta3, log_eta4, _ = out + known.offset
    volts = curve(form, known.v_in, (eta1, eta2, eta3, jnp.exp(log_eta4)))
    return _robust(error) + _robust((volts - known.volts) / CURVE_UNIT_V)


def _robust(error: Array) -> Array:
    """Mean of a loss that is quadratic within one unit and linear beyond, so that designs that
    hardly switch, or whose curve lies mostly outside the sweep, do not dominate."""
    return jnp.mean(jnp.sqrt(1 + error**2) - 1)
