"""Crossbars resistor by resistor, in NumPy: what the closed forms of the package must equal.

Everything here is float64; the package computes in float64 too inside `solve`.
"""

from typing import NamedTuple

import jax
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from printron.network import print_crossbar, solve_columns
from printron.network.crossbar import Crossbar, IdealColumns, Negated

G_MIN, G_MAX = 1e-7, 1e-4  # S, the printable range of the process that ships
INPUTS, OUTPUTS, SAMPLES = 3, 2, 4  # one shape for all drawn crossbars: JAX compiles once


class Case(NamedTuple):
    """A crossbar and what is connected to it, arguments as of `print_crossbar`, `solve_columns`."""

    theta: np.ndarray
    v: np.ndarray
    negated: np.ndarray
    bias: float
    negated_bias: float
    load: np.ndarray
    load_volts: float
    weights: np.ndarray


_theta_value = st.one_of(
    st.just(0.0),
    # From seven decades below the largest: some are absent beside it, most are printed.
    st.builds(lambda e, s: s * 10.0**e, st.floats(-6, 1, width=64), st.sampled_from((-1.0, 1.0))),
    st.builds(lambda x, s: s * x, st.floats(0.1, 1.0), st.sampled_from((-1.0, 1.0))),
)


def _volts(*shape):
    return hnp.arrays(np.float64, shape, elements=st.floats(-1, 1))


thetas = hnp.arrays(np.float64, (INPUTS + 2, OUTPUTS), elements=_theta_value)


@st.composite
def cases(draw):
    """Crossbars with absent resistors, negated rows and loads, at any voltages within 1 V."""
    weights = draw(hnp.arrays(np.float64, SAMPLES, elements=st.floats(0.1, 1.0)))
    load = hnp.arrays(np.float64, OUTPUTS, elements=st.one_of(st.just(0.0), st.floats(1e-8, 1e-6)))
    return Case(
        theta=draw(thetas),
        v=draw(_volts(INPUTS, SAMPLES)),
        negated=draw(_volts(INPUTS, SAMPLES)),
        bias=draw(st.floats(0.5, 1.0)),
        negated_bias=draw(st.floats(-1, 1)),
        load=draw(load),
        load_volts=draw(st.floats(-1, 1)),
        weights=weights / weights.sum(),
    )


@jax.jit
def _solve(case):
    crossbar = print_crossbar(case.theta, G_MIN, G_MAX)
    negated = as_they_are(case.negated, case.negated_bias)
    rest = case.bias, case.load, case.load_volts, case.weights
    return crossbar, solve_columns(crossbar, case.v, negated, *rest)


def as_they_are(volts, bias) -> Negated:
    """Negated voltages, V, [M, S], written as offset + gain * bend with a gain of -2."""
    return Negated((0.3 - volts) / 2, np.array([0.3]), np.array([-2.0]), bias)


def solve(case: Case) -> tuple[Crossbar, IdealColumns]:
    """Printed crossbar and column voltages of the package, in float64, as NumPy arrays."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _solve(case))


def printed(theta, scale=None) -> Crossbar:
    """The package's printed crossbar, in float64, as NumPy arrays."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _print(np.asarray(theta, np.float64), scale))


@jax.jit
def _print(theta, scale):
    return print_crossbar(theta, G_MIN, G_MAX, scale=scale)


def resistor_volts(case: Case) -> np.ndarray:
    """Voltage v_ij at the row's end of every resistor, V, [M+2, N, S]."""
    ones = np.ones((1, case.v.shape[1]))
    rows = np.concatenate([case.v, case.bias * ones, 0 * ones])
    negated = np.concatenate([case.negated, case.negated_bias * ones, 0 * ones])
    return np.where((case.theta < 0)[:, :, None], negated[:, None], rows[:, None])


def currents(case: Case, crossbar: Crossbar, z: np.ndarray) -> np.ndarray:
    """Current from the row to the column through every resistor, A, [M+2, N, S]."""
    return (crossbar.plus + crossbar.minus)[:, :, None] * (resistor_volts(case) - z)


def load_current(case: Case, crossbar: Crossbar, z: np.ndarray) -> np.ndarray:
    """Current from the column into the load, A, [N, S]; a column of nothing has no load."""
    load = np.where(crossbar.printed.any(0), case.load, 0)
    return load[:, None] * (z - case.load_volts)
