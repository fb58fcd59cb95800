"""Surrogate of a cell: a small neural network for its curve parameters eta(q) and power P(q).

The inputs are the logarithms of the design variables, scaled to -1 ... 1 over the printable range;
the outputs are eta1, eta2, eta3, ln(eta4) and ln(P). Training on characterized designs weights
errors by their effect on a circuit (edge, plateaus, slope, power). The surrogate is valid only
inside its validity box.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jax import Array
from numpy.typing import NDArray

from printron.characterization.transfer import Transfer
from printron.errors import PrintronError
from printron.technology import Cell, curve

HIDDEN = (24, 24)
ITERATIONS = 5000
# Where that does not suffice: a sharp boundary between designs that switch and designs that do not.
THOROUGH: dict[str, Any] = {"hidden": (24, 24, 24), "iterations": 10_000, "whiten": True}
# One unit of loss: 1.5 mV of plateau, 1 mV of edge, 3 % of slope, 0.5 % of power.
UNITS = np.array([1.5e-3, 1.5e-3, 1e-3, 0.03, 0.005])
FULL_SWING_V = 0.4  # below this swing, edge and slope count less; at 0 V they do not exist
# Plateaus are plausible where |eta1| + |eta2| is below this multiple of the cell's highest voltage.
PLAUSIBLE = 1.5
UNSEEN = 0.03  # weight of eta where edge or plateaus lie outside the sweep
CURVE_POINTS, CURVE_UNIT_V = 33, 1e-3  # the loss also compares curves at this many input voltages

Weights = tuple[tuple[Array, Array], ...]


class SurrogateError(PrintronError):
    """A surrogate cannot be built, read or used; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Surrogate:
    """eta(q) and P(q) of one cell.

    Attributes
    ----------
    cell : the cell's name.  curve : its curve form.  variables : design variables in order.
    low, high : validity box, ohm or m, [variables].
    constraints : half-spaces in the logarithm of the design, rows (powers ..., ln factor).
    anchor : a normalized design (0 ... 1) well inside the feasible set, [variables].
    weights : (matrix [out, in], bias [out]) of each layer.
    offset, scale : of the outputs (eta1, eta2, eta3, ln eta4, ln P), [5].
    fingerprint : hash of the cell, rails and cards that the surrogate was made from.
    report : provenance and held-out errors, JSON-like.
    """

    cell: str
    curve: str
    variables: tuple[str, ...]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    constraints: NDArray[np.float64]
    anchor: NDArray[np.float64]
    weights: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]
    fingerprint: str
    report: dict[str, Any]

    @cached_property
    def digest(self) -> str:
        """A short hash of the numbers: changed by a new training, not by saving and loading."""
        arrays: list[NDArray[Any]] = [
            self.low,
            self.high,
            self.constraints,
            self.anchor,
            self.offset,
            self.scale,
        ]
        arrays += [array for layer in self.weights for array in layer]
        summed = hashlib.sha256(self.fingerprint.encode())
        for array in arrays:
            summed.update(np.ascontiguousarray(array, "<f8").tobytes())
        return summed.hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Surrogate) and self.digest == other.digest

    def __hash__(self) -> int:  # equal surrogates share compiled programs
        return hash(self.digest)

    def normalize(self, design: NDArray[np.float64]) -> NDArray[np.float64]:
        """Design in ohm or m, [variables, ...], to 0 ... 1 along the logarithm of each range."""
        axes = (slice(None), *(None,) * (np.ndim(design) - 1))
        low, high = np.log(self.low)[axes], np.log(self.high)[axes]
        return (np.log(design) - low) / (high - low)

    def denormalize(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalized design, [variables, ...], to ohm or m."""
        axes = (slice(None), *(None,) * (np.ndim(u) - 1))
        low, high = np.log(self.low)[axes], np.log(self.high)[axes]
        return np.exp(low + (high - low) * np.asarray(u, np.float64))

    def feasible(self, u: Array) -> Array:
        """Move a normalized design towards the anchor until it respects the constraints.

        The feasible set is convex in the logarithm, so the line to the anchor leads into it; a
        feasible design is unchanged. Differentiable almost everywhere.

        Parameters
        ----------
        u : normalized design inside the box, [variables, ...].
        """
        if not len(self.constraints):
            return u
        span = np.log(self.high / self.low)
        slopes = self.constraints[:, :-1] * span
        offset = self.constraints[:, -1] + self.constraints[:, :-1] @ np.log(self.low)
        anchor = self.anchor
        at_anchor = slopes @ anchor + offset  # above 0 by construction
        slack = jnp.tensordot(jnp.asarray(slopes, u.dtype), u, 1)
        slack = slack + _column(offset, slack)
        anchor_slack = _column(at_anchor, slack)
        margin = 1e-4 * anchor_slack
        fraction = jnp.where(
            slack < margin, (anchor_slack - margin) / jnp.maximum(anchor_slack - slack, 1e-9), 1.0
        )
        centre = _column(anchor, u)
        return centre + (u - centre) * jnp.min(fraction, 0)

    def eta_power(self, u: Array) -> tuple[Array, Array]:
        """Curve parameters [4, ...] and supply power (W, [...]) of a normalized design.

        Parameters
        ----------
        u : normalized design inside the box, [variables, ...]; see `feasible`.
        """
        y = _forward(self.weights, 2 * u - 1)
        y = y * _column(self.scale, y) + _column(self.offset, y)
        return jnp.concatenate([y[:3], jnp.exp(y[3:4])]), jnp.exp(y[4])

    def __call__(self, design: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
        """eta [4, ...] and supply power (W) of designs in ohm or m, [variables, ...].

        Raises
        ------
        SurrogateError : a design is outside the validity box or violates a constraint.
        """
        u = self.normalize(np.asarray(design, np.float64))
        for k, name in enumerate(self.variables):
            if np.any(u[k] < -1e-6) or np.any(u[k] > 1 + 1e-6) or np.any(np.isnan(u[k])):
                raise SurrogateError(
                    f"got {name} = {np.ravel(design[k])[np.argmax(np.abs(np.ravel(u[k]) - 0.5))]:g}"
                    f"; the surrogate of '{self.cell}' is valid in [{self.low[k]:g}, "
                    f"{self.high[k]:g}]; simulate such a design instead"
                )
        logs = np.log(design)
        if len(self.constraints):
            held = np.tensordot(self.constraints[:, :-1], logs, 1) + _column(
                self.constraints[:, -1], logs
            )
            if np.any(held < -1e-6):
                raise SurrogateError(
                    f"got a design of '{self.cell}' that violates a constraint of "
                    "its design space; simulate such a design instead"
                )
        eta, power = self.eta_power(jnp.asarray(u, jnp.float32))
        return np.asarray(eta), np.asarray(power)


def _column(vector: Any, like: Any) -> Any:
    """A vector [n] shaped to broadcast along the first axis of `like` [n, ...]."""
    return vector.astype(like.dtype).reshape((-1, *(1,) * (like.ndim - 1)))


def _forward(weights: Any, x: Array) -> Array:
    for k, (matrix, bias) in enumerate(weights):
        x = jnp.tensordot(matrix, x, 1)
        x = x + _column(bias, x)
        if k < len(weights) - 1:
            x = jnp.tanh(x)
    return x


def _start(sizes: list[int], rng: np.random.Generator) -> Weights:
    return tuple(
        (jnp.asarray(rng.normal(size=(n, m)) / np.sqrt(m)), jnp.asarray(np.zeros(n)))
        for m, n in zip(sizes[:-1], sizes[1:], strict=True)
    )


def targets_of(eta: NDArray[np.float64], power: NDArray[np.float64]) -> NDArray[np.float64]:
    """The five outputs that the network learns, [5, designs]."""
    return np.stack([eta[0], eta[1], eta[2], np.log(eta[3]), np.log(power)])


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


def fit_surrogate(
    cell: Cell,
    designs: NDArray[np.float64],
    transfer: Transfer,
    highest_V: float,
    *,
    seed: int = 0,
    hidden: tuple[int, ...] = HIDDEN,
    iterations: int = ITERATIONS,
    whiten: bool = False,
) -> tuple[Weights, NDArray[np.float64], NDArray[np.float64]]:
    """Fit the network by L-BFGS in float64; returns (weights, offset, scale).

    Parameters
    ----------
    designs : ohm or m, [variables, designs].  transfer : their curves and power.
    highest_V : the highest voltage (magnitude) of the cell's rails and input range.
    whiten : train on uncorrelated inputs of equal spread, since constraints confine some ratios of
        design variables; the returned network takes the original inputs.
    """
    low, high = np.log(cell.bounds)
    x = 2 * (np.log(designs) - low[:, None]) / np.maximum(high - low, 1e-12)[:, None] - 1
    y = targets_of(transfer.eta, transfer.power)
    offset, scale = y.mean(1), y.std(1)
    turn, centre = _whitening(x) if whiten else (np.eye(len(x)), np.zeros((len(x), 1)))
    v_in = np.linspace(*cell.sweep, CURVE_POINTS)[:, None]

    with jax.enable_x64(True):
        xs, ys = jnp.asarray(turn @ (x - centre)), jnp.asarray(y)
        weight = jnp.asarray(_importance(cell, transfer, highest_V))
        curves = curve(cell.curve, v_in, transfer.eta)
        start = _start([len(x), *hidden, 5], np.random.default_rng(seed))
        flat, unflatten = jax.flatten_util.ravel_pytree(start)

        def loss(parameters: Array) -> Array:
            out = _forward(unflatten(parameters), xs) * scale[:, None] + offset[:, None]
            volts = curve(cell.curve, v_in, (out[0], out[1], out[2], jnp.exp(out[3])))
            return _robust((out - ys) * weight) + _robust((volts - curves) / CURVE_UNIT_V)

        value_and_grad = jax.jit(jax.value_and_grad(loss))

        def objective(p: NDArray) -> tuple[float, NDArray]:
            value, slope = value_and_grad(jnp.asarray(p))
            return float(value), np.asarray(slope)

        found = scipy.optimize.minimize(
            objective,
            np.asarray(flat),
            jac=True,
            method="L-BFGS-B",
            options={
                "maxiter": iterations,
                "maxfun": 2 * iterations,
                "maxcor": 30,
                "ftol": 1e-12,
                "gtol": 1e-9,
            },
        )
        (matrix, bias), *rest = unflatten(jnp.asarray(found.x))
        matrix = matrix @ turn
        return ((matrix, bias - matrix @ centre[:, 0]), *rest), offset, scale


def _whitening(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Matrix [n, n] and centre [n, 1] that make inputs [n, designs] uncorrelated, of spread 1."""
    centre = x.mean(1, keepdims=True)
    spread, axes = np.linalg.eigh(np.cov(x, bias=True).reshape(len(x), -1))
    return (axes / np.sqrt(np.maximum(spread, 1e-9))) @ axes.T, centre


def _robust(error: Array) -> Array:
    """Mean of a loss that is quadratic within one unit and linear beyond, so that designs that
    hardly switch, or whose curve lies mostly outside the sweep, do not dominate."""
    return jnp.mean(jnp.sqrt(1 + error**2) - 1)
