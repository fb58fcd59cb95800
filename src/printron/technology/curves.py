"""Curve forms: the functions of four parameters eta that model a cell's transfer curve.

    tanh          V_out =   eta1 + eta2 tanh((v - eta3) eta4)        (ptanh of the publications)
    negated_tanh  V_out = -(eta1 + eta2 tanh((v - eta3) eta4))       (neg of the publications)
    logistic      V_out =   eta1 + eta2 logistic((v - eta3) eta4)    (sigmoid)
    softplus      V_out =   eta1 + eta2 softplus((v - eta3) eta4) / eta4     (clipped ReLU; our own)

eta1, eta2 (but for softplus, a slope) and eta3 are in V, eta4 in 1/V and positive.

All are offset + gain s(steepness (v - eta3)) with s = tanh or softplus, so a sum of many
curves evaluates s alone.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Float

from printron.technology.errors import TechnologyError


class Line(NamedTuple):
    """A curve as offset + gain s(steepness (v - edge)); V, V, 1/V, V."""

    offset: Any
    gain: Any
    steepness: Any
    edge: Any


def line(form: str, eta: Any) -> Line:
    """The linear parts of a curve form with the parameters `eta`, along its first axis."""
    eta1, eta2, eta3, eta4 = eta
    if form == "tanh":
        return Line(eta1, eta2, eta4, eta3)
    if form == "negated_tanh":
        return Line(-eta1, -eta2, eta4, eta3)
    if form == "logistic":
        return Line(eta1 + 0.5 * eta2, 0.5 * eta2, 0.5 * eta4, eta3)
    if form == "softplus":
        return Line(eta1, eta2 / eta4, eta4, eta3)
    raise TechnologyError(
        f"got the curve form {form!r}; allowed are tanh, negated_tanh, logistic, softplus"
    )


def bend(form: str, x: ArrayLike) -> Float[Array, "..."]:
    """The nonlinear function s of a curve form: softplus, or tanh for all others."""
    return jax.nn.softplus(x) if form == "softplus" else jnp.tanh(x)


def curve(form: str, v: ArrayLike, eta: Any) -> Float[Array, "..."]:
    """Output voltage (V) of a curve form at input voltage `v` (V); the arguments broadcast.

    Parameters
    ----------
    form : "tanh", "negated_tanh", "logistic" or "softplus".
    eta : the four parameters, along the first axis.
    """
    linear = line(form, eta)
    return linear.offset + linear.gain * bend(form, linear.steepness * (v - linear.edge))
