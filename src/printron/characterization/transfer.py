"""Transfer curves of a cell: sweep, curve fit (eta) with its residual, supply power."""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.circuits import Sweep, solve_linear
from printron.technology import curve

FIT_STEPS = 60
FIT_TILE = 500  # designs fitted together; their curves and derivatives stay in the CPU cache
# Penalty, V per unit of eta, that holds eta near its first estimate where the curve does not
# determine eta. A tanh or logistic with a plateau outside the sweep needs the penalty (a tenth of
# this one gives plateaus of 8 V); other curves change by microvolts. The sharpness of a softplus
# changes the curve by a millivolt only, and none of its parameters diverges.
PULL_V = {"tanh": 3e-3, "negated_tanh": 3e-3, "logistic": 3e-3, "softplus": 1e-4}
SMALLEST_SWING_V = 0.2  # below this swing a cell does not switch; edge and slope are meaningless


@dataclass(frozen=True)
class CurveShape:
    """The features of transfer curves that matter to a circuit, each [designs].

    Attributes
    ----------
    edge : input voltage at half level, V.
    low, high : plateaus: output at the low and at the high end of the input range, V.
    slope : largest |dV_out/dV_in|.
    """

    edge: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    slope: NDArray[np.float64]

    @property
    def swing(self) -> NDArray[np.float64]:
        """Distance between the plateaus, V."""
        return np.abs(self.high - self.low)


def shape_of(v_in: NDArray[np.float64], v_out: NDArray[np.float64]) -> CurveShape:
    """Edge, plateaus and slope of sampled curves `v_out` [points, designs]."""
    low, high = v_out[0], v_out[-1]
    rising = (v_out - (low + high) / 2) * np.sign(high - low)
    after = np.argmax(rising > 0, axis=0).clip(1)
    column = np.arange(v_out.shape[1])
    y0, y1 = rising[after - 1, column], rising[after, column]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(y1 > y0, -y0 / (y1 - y0), 0.5)
    step = v_in[1] - v_in[0]
    slope = np.abs(np.diff(v_out, axis=0)).max(0) / step
    return CurveShape(v_in[after - 1] + part * step, low, high, slope)


def _first_estimate(
    form: str, v_in: NDArray[np.float64], v_out: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Starting parameters of the fit [4, designs]: (eta1, eta2, eta3, ln eta4)."""
    shape = shape_of(v_in, v_out)
    swing = shape.high - shape.low
    steep = np.log(np.maximum(2 * shape.slope / np.maximum(np.abs(swing), 1e-3), 1.0))
    middle, half = (shape.low + shape.high) / 2, swing / 2
    if form == "negated_tanh":
        return np.stack([-middle, -half, shape.edge, steep])
    if form == "logistic":
        return np.stack([shape.low, swing, shape.edge, steep + np.log(2)])
    if form == "softplus":
        threshold = v_in[-1] - np.abs(swing) / np.maximum(shape.slope, 1e-3)
        return np.stack([shape.low, shape.slope, threshold, np.full_like(swing, np.log(20.0))])
    return np.stack([middle, half, shape.edge, steep])


@partial(jax.jit, static_argnums=0)
def _fit_tile(form: str, v_in: Array, v_out: Array, start: Array) -> tuple[Array, Array]:
    """Levenberg-Marquardt on a tile of curves at once; every curve has its own damping."""

    def residual(p: Array) -> Array:
        model = curve(form, v_in[:, None], (p[0], p[1], p[2], jnp.exp(p[3])))
        pull = PULL_V[form] * (p - start)
        return jnp.concatenate([(model - v_out) / jnp.sqrt(v_in.size), pull])

    def step(state: tuple[Array, Array, Array], _: None) -> tuple[tuple[Array, Array, Array], None]:
        p, damping, cost = state
        columns = [jax.jvp(residual, (p,), (jnp.zeros_like(p).at[k].set(1),)) for k in range(4)]
        r, slopes = columns[0][0], [column[1] for column in columns]
        normal = [[jnp.sum(a * b, 0) for b in slopes] for a in slopes]
        for k in range(4):
            normal[k][k] = normal[k][k] * (1 + damping) + 1e-14
        move = jnp.stack(solve_linear(normal, [jnp.sum(a * r, 0) for a in slopes]))
        # Larger steps than half a volt, or a factor of e^0.5, could move the edge off the sweep.
        trial = p - jnp.clip(move, -0.5, 0.5)
        trial_cost = jnp.sum(residual(trial) ** 2, 0)
        better = trial_cost < cost
        damping = jnp.clip(jnp.where(better, damping / 4, damping * 4), 1e-9, 1e6)
        return (jnp.where(better, trial, p), damping, jnp.where(better, trial_cost, cost)), None

    first = (start, jnp.full(start.shape[1:], 1e-2), jnp.sum(residual(start) ** 2, 0))
    (p, _, _), _ = jax.lax.scan(step, first, None, length=FIT_STEPS)
    eta = p.at[3].set(jnp.exp(p[3]))
    rms = jnp.sqrt(jnp.mean((curve(form, v_in[:, None], eta) - v_out) ** 2, 0))
    return eta, rms


def fit_curves(
    form: str, v_in: NDArray[np.float64], v_out: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a curve form to many transfer curves in one batch, float64.

    Parameters
    ----------
    form : name of the curve form.
    v_in : input voltages, V, [points].  v_out : output voltages, V, [points, designs].

    Returns
    -------
    eta [4, designs] and the residual of each fit, V rms over the sweep, [designs]. A curve with
    values that are not finite gives NaN.
    """
    usable = np.isfinite(v_out).all(0)
    clean = np.where(usable, v_out, np.linspace(0, 1, v_in.size)[:, None])
    start = _first_estimate(form, v_in, clean)
    count = v_out.shape[1]
    order = np.minimum(np.arange(-(-count // FIT_TILE) * FIT_TILE), count - 1)
    with jax.enable_x64(True):
        parts = [
            _fit_tile(form, jnp.asarray(v_in), jnp.asarray(clean[:, k]), jnp.asarray(start[:, k]))
            for k in order.reshape(-1, FIT_TILE)
        ]
        eta = np.concatenate([np.asarray(e) for e, _ in parts], axis=1)[:, :count]
        rms = np.concatenate([np.asarray(r) for _, r in parts])[:count]
    return np.where(usable, eta, np.nan), np.where(usable, rms, np.nan)


@dataclass(frozen=True)
class Transfer:
    """Characterized designs of a cell.

    Attributes
    ----------
    eta : curve parameters, [4, designs].  rms : residual of the fit, V, [designs].
    shape : edge, plateaus and slope of the simulated curves.
    power : supply power averaged over the input sweep, W, [designs].
    """

    eta: NDArray[np.float64]
    rms: NDArray[np.float64]
    shape: CurveShape
    power: NDArray[np.float64]


def transfer_of(form: str, result: Sweep) -> Transfer:
    """Fit eta to a sweep and average its supply power over the input range."""
    eta, rms = fit_curves(form, result.v_in, result.v_out)
    return Transfer(eta, rms, shape_of(result.v_in, result.v_out), result.power.mean(0))
