"""Curve forms: the functions of four parameters eta that stand for a cell's transfer curve.

    tanh          V_out =   eta1 + eta2 tanh((v - eta3) eta4)        (ptanh of the publications)
    negated_tanh  V_out = -(eta1 + eta2 tanh((v - eta3) eta4))       (neg of the publications)
    logistic      V_out =   eta1 + eta2 logistic((v - eta3) eta4)    (sigmoid)
    softplus      V_out =   eta1 + eta2 softplus((v - eta3) eta4) / eta4     (clipped ReLU; ours)

eta1, eta2 (but for softplus, a slope) and eta3 are in V, eta4 in 1/V and positive.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from printron.errors import PrintronError


def curve(form: str, v: ArrayLike, eta: Any) -> Array:
    """Output voltage (V) of a curve form at input voltage `v` (V); everything broadcasts.

    Parameters
    ----------
    form : "tanh", "negated_tanh", "logistic" or "softplus".
    eta : the four parameters, along the first axis.
    """
    eta1, eta2, eta3, eta4 = eta
    x = (v - eta3) * eta4
    if form == "tanh":
        return eta1 + eta2 * jnp.tanh(x)
    if form == "negated_tanh":
        return -(eta1 + eta2 * jnp.tanh(x))
    if form == "logistic":
        return eta1 + eta2 * (0.5 + 0.5 * jnp.tanh(0.5 * x))
    if form == "softplus":
        return eta1 + eta2 * jax.nn.softplus(x) / eta4
    raise PrintronError(
        f"got the curve form {form!r}; allowed are tanh, negated_tanh, logistic, softplus"
    )
