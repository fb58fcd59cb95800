"""Surrogate of a cell: a small neural network for its curve parameters eta(q) and power P(q).

The inputs are the logarithms of the design variables, scaled to -1 ... 1 over the printable range;
the outputs are eta1, eta2, eta3, ln(eta4) and ln(P). The surrogate is valid only inside its
validity box. `surrogate_fit` trains it.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.errors import PrintronError


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
        y = forward(self.weights, 2 * u - 1)
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


def forward(weights: Any, x: Array) -> Array:
    """Outputs [5, ...] of a network for scaled inputs [variables, ...], not scaled back."""
    for k, (matrix, bias) in enumerate(weights):
        x = jnp.tensordot(matrix, x, 1)
        x = x + _column(bias, x)
        if k < len(weights) - 1:
            x = jnp.tanh(x)
    return x
