"""The printed electrolyte-gated transistor (EGT): one set of parameters, two forms.

Static n-type model, no gate current (our calibration against published simulation data; see
`data/inkjet_egt.toml` for the numbers and where they come from):

    F(v) = ( S ln(1 + exp((v - V_T)/S)) )^gamma
    I_D  = (W/L) [ K (F(V_GS) - F(V_GD)) (1 + lambda sqrt(V_DS^2 + eps^2)) + G_off V_DS ]

Smooth everywhere and exactly antisymmetric when drain and source are exchanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from printron.technology.component import Capacitance, Current, Kind, Quantity
from printron.technology.grid import Resistors
from printron.technology.limits import LIMITS

EPS_V = 1e-3  # smooths |V_DS| at 0 V, where both printed curves and Newton want a derivative
TINY_V = 1e-30  # keeps 0^gamma differentiable far below threshold


@dataclass(frozen=True)
class EGTCard:
    """Parameters of one transistor type.

    Attributes
    ----------
    V_T : threshold voltage, V.  S : subthreshold voltage scale, V.  gamma : exponent.
    K : A/V^gamma per square.  lambda_ : channel-length modulation, 1/V.
    G_off : off conductance, S per square.
    W, L : (low, high) printable width and length, m.
    """

    name: str
    V_T: float
    S: float
    gamma: float
    K: float
    lambda_: float
    G_off: float
    W: tuple[float, float]
    L: tuple[float, float]


class Terminal(NamedTuple):
    """Drain current (A) and its derivatives with respect to the three node voltages (S)."""

    current: Float[Array, "*batch"]
    by_drain: Float[Array, "*batch"]
    by_gate: Float[Array, "*batch"]
    by_source: Float[Array, "*batch"]


def _overdrive(v: Array, card: EGTCard) -> tuple[Array, Array]:
    """F(v) and dF/dv, with softplus written so that it cannot overflow."""
    u = (v - card.V_T) / card.S
    decay = jnp.exp(-jnp.abs(u))
    softplus = jnp.maximum(u, 0) + jnp.log1p(decay)
    logistic = jnp.where(u >= 0, 1.0, decay) / (1 + decay)
    base = card.S * softplus + TINY_V
    F = jnp.exp(card.gamma * jnp.log(base))
    return F, card.gamma * F / base * logistic


def drain_current(
    v_d: Array, v_g: Array, v_s: Array, *, squares: Array | float, card: EGTCard
) -> Terminal:
    """Current into the drain (and out of the source) and its slopes.

    Parameters
    ----------
    v_d, v_g, v_s : node voltages, V; any shapes that broadcast.
    squares : W/L.
    card : transistor parameters.
    """
    # Whole numbers have no derivatives.
    return _with_slopes(card, *(1.0 * x for x in (v_d, v_g, v_s, squares)))


def _terminal(
    card: EGTCard, v_d: Array, v_g: Array, v_s: Array, squares: Array | float
) -> Terminal:
    F_gs, slope_gs = _overdrive(v_g - v_s, card)
    F_gd, slope_gd = _overdrive(v_g - v_d, card)
    v_ds = v_d - v_s
    root = jnp.sqrt(v_ds * v_ds + EPS_V**2)
    modulation = 1 + card.lambda_ * root
    channel = card.K * (F_gs - F_gd)
    # d/dV_DS of the modulation acts on drain and source with opposite signs.
    output = channel * card.lambda_ * v_ds / root + card.G_off
    by_drain = card.K * slope_gd * modulation + output
    by_gate = card.K * (slope_gs - slope_gd) * modulation
    by_source = -card.K * slope_gs * modulation - output
    current = channel * modulation + card.G_off * v_ds
    return Terminal(*jax.tree.map(lambda x: squares * x, (current, by_drain, by_gate, by_source)))


_with_slopes = jax.custom_jvp(_terminal, nondiff_argnums=(0,))


@_with_slopes.defjvp
def _derivative(
    card: EGTCard, values: tuple[Array, ...], tangents: tuple[Array, ...]
) -> tuple[Terminal, Terminal]:
    """The derivatives of the current are the slopes, which are there already."""
    it, tangent = jax.jvp(partial(_terminal, card), values, tangents)
    *_, squares = values
    d_drain, d_gate, d_source, d_squares = tangents
    current = it.by_drain * d_drain + it.by_gate * d_gate + it.by_source * d_source
    return it, tangent._replace(current=current + it.current / squares * d_squares)


def subcircuit(card: EGTCard) -> str:
    """The same transistor as an ngspice subcircuit `egt_<name>` with parameters W and L in metre.

    Softplus is written as max(u,0)+ln(1+exp(-abs(u))): in PSpice-compatibility mode ngspice turns
    exp(u) into a straight line above 14, without a warning.
    """
    return "\n".join(
        [
            f".subckt egt_{card.name} d g s W=500u L=40u",
            ".param squares={W/L}",
            ".func softplus(u) {max(u,0)+ln(1+exp(-abs(u)))}",
            f".func overdrive(v) {{pow({card.S!r}*softplus((v-({card.V_T!r}))/{card.S!r})"
            f"+{TINY_V!r},{card.gamma!r})}}",
            f"Bd d s I={{squares}}*({card.K!r}*(overdrive(V(g,s))-overdrive(V(g,d)))"
            f"*(1+{card.lambda_!r}*sqrt(V(d,s)*V(d,s)+{EPS_V**2!r}))+{card.G_off!r}*V(d,s))",
            ".ends",
        ]
    )


class Transistor(Kind):
    """A printed transistor of width W and length L, m, of the type `card`."""

    name = "egt"
    letter = "X"
    terminals = ("drain", "gate", "source")
    quantities = (Quantity("W", "m", LIMITS["W"]), Quantity("L", "m", LIMITS["L"]))
    line = "{name} {drain} {gate} {source} egt_{card} W={W} L={L}"
    paths = ((0, 2),)
    gates = (1,)
    carded = True
    card_varies = ("K", "V_T")

    def extent(self, values: Mapping[str, Any]) -> Any:
        """The area W L, m2."""
        return values["W"] * values["L"]

    def film_area(self, values: Mapping[str, float], resistors: Resistors | None) -> float | None:
        """That of the channel, W L."""
        return values["W"] * values["L"]

    def coefficients(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The number of squares."""
        return (values["W"] / values["L"],)

    def currents(
        self, volts: Sequence[Array], coefficients: Sequence[Array], card: EGTCard | None
    ) -> tuple[Current, ...]:
        """The drain current."""
        assert card is not None
        (drain, gate, source), (squares,) = volts, coefficients
        current, *slopes = drain_current(drain, gate, source, squares=squares, card=card)
        return (Current(current, tuple(slopes)),)

    def deviated(
        self, volts: Sequence[Array], coefficients: Sequence[Array], deviation: Mapping[str, Array]
    ) -> tuple[Sequence[Array], Sequence[Array]]:
        """A threshold that is higher is a gate that is lower; the gain is a factor on the current
        as a whole, that through the closed channel included."""
        (drain, gate, source), (squares,) = volts, coefficients
        return (drain, gate - deviation["V_T"], source), (squares * deviation["K"],)

    def deviated_card(self, card: EGTCard, deviation: Mapping[str, float], name: str) -> EGTCard:
        """The card of one transistor; see `deviated`."""
        K = deviation["K"]
        return replace(
            card, name=name, V_T=card.V_T + deviation["V_T"], K=K * card.K, G_off=K * card.G_off
        )

    def capacitances(
        self, values: Mapping[str, float], gate_F_per_m2: float
    ) -> tuple[Capacitance, ...]:
        """That of the area W L: half between gate and drain, half between gate and source."""
        half = gate_F_per_m2 * values["W"] * values["L"] / 2
        return Capacitance(1, 0, half), Capacitance(1, 2, half)

    def model(self, card: EGTCard) -> str:
        """The subcircuit."""
        return subcircuit(card)

    def text(self, values: Mapping[str, float]) -> str:
        """Width over length: "90/60 µm"."""
        return f"{1e6 * values['W']:.4g}/{1e6 * values['L']:.4g} µm"
