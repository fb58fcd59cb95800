"""Laws of the transistor, in float64."""

import json
import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printron.technology import default_process, drain_current, subcircuit
from printron.technology.egt import _terminal

PROCESS = default_process()
CARDS = [PROCESS.card(name) for name in PROCESS.transistors]
SQUARES = 14.0  # W/L of a middling transistor
V_MAX = 4.0  # beyond every rail and the -2 ... 2 V sweeps
ROUNDING_S, ROUNDING_A = 1e-17, 1e-17  # of sums whose terms, up to 1e-2 S and A, cancel
SCALE_A = max(card.K for card in CARDS) * SQUARES  # current at 1 V of overdrive

volts = st.floats(-V_MAX, V_MAX)
cards = st.sampled_from(CARDS)


def holds_for(*values):
    """A law for all values; the first call compiles, so none has a deadline."""
    return lambda law: settings(deadline=None)(given(*values)(law))


anywhere = holds_for(volts, volts, volts, cards)


@partial(jax.jit, static_argnums=3)
def _all(d, g, s, card):
    def current(d, g, s):
        return drain_current(d, g, s, squares=SQUARES, card=card).current

    return drain_current(d, g, s, squares=SQUARES, card=card), jax.grad(current, (0, 1, 2))(d, g, s)


def egt(d, g, s, card):
    """Current and slopes as the model gives them, and the slopes by differentiation."""
    with jax.enable_x64(True):
        return jax.tree.map(float, _all(*map(jnp.float64, (d, g, s)), card))


@anywhere
def test_exchanging_drain_and_source_turns_the_current_round(d, g, s, card):
    """Not approximately: to the last bit, and its slopes change places."""
    one, _ = egt(d, g, s, card)
    other, _ = egt(s, g, d, card)
    assert one.current == -other.current
    assert one.by_drain == pytest.approx(-other.by_source, rel=1e-12, abs=1e-25)


@holds_for(volts, volts, cards)
def test_no_voltage_no_current(d, g, card):
    assert egt(d, g, d, card)[0].current == 0


@anywhere
def test_current_runs_from_the_higher_to_the_lower_voltage(d, g, s, card):
    """So a transistor can only turn power into heat."""
    assert egt(d, g, s, card)[0].current * (d - s) >= -ROUNDING_A * abs(d - s)


@holds_for(volts, volts, st.floats(0, V_MAX), st.floats(1e-6, 1), cards)
def test_more_gate_voltage_more_current(g, s, v_ds, more, card):
    low = egt(s + v_ds, g, s, card)[0]
    high = egt(s + v_ds, g + more, s, card)[0]
    assert high.current >= low.current - ROUNDING_A
    assert low.by_gate >= -ROUNDING_S


def test_whole_numbers_are_as_good():
    card = CARDS[0]

    def current(v_d, one):
        return drain_current(v_d, one, 0 * one, squares=5 * one, card=card).current

    ours, theirs = (jax.grad(current)(0.5, one) for one in (1, 1.0))
    assert ours == theirs != 0


@anywhere
def test_slopes_are_the_derivatives(d, g, s, card):
    it, slopes = egt(d, g, s, card)
    assert (it.by_drain, it.by_gate, it.by_source) == pytest.approx(
        slopes, rel=1e-9, abs=ROUNDING_S
    )


@partial(jax.jit, static_argnums=(0, 1))
def _jacobians(model, card, at):
    return jax.jacfwd(model(card))(at), jax.jacrev(model(card))(at)


def _shortcut(card):
    return lambda x: jnp.stack(drain_current(*x[:3], squares=x[3], card=card))


def _written_out(card):
    return lambda x: jnp.stack(_terminal(card, *x))


@holds_for(volts, volts, volts, st.floats(0.2, 20), cards)
def test_derivatives_from_the_slopes_are_those_of_the_model(d, g, s, squares, card):
    """Of the current and of its slopes, by all voltages and by W/L."""
    with jax.enable_x64(True):
        at = jnp.array([d, g, s, squares], jnp.float64)
        ours, theirs = (_jacobians(model, card, at) for model in (_shortcut, _written_out))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=ROUNDING_S)


@holds_for(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), cards)
def test_slopes_are_finite_differences(d, g, s, card):
    it, _ = egt(d, g, s, card)
    h = 1e-5  # well below every scale of the model: 1 mV at V_DS = 0 is the smallest
    at, found = np.array([d, g, s]), []
    for step in np.eye(3) * h:
        up, down = egt(*(at + step), card)[0], egt(*(at - step), card)[0]
        found.append((up.current - down.current) / (2 * h))
    expected = (it.by_drain, it.by_gate, it.by_source)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-7 * SCALE_A)


@anywhere
def test_only_differences_of_voltages_matter(d, g, s, card):
    it, _ = egt(d, g, s, card)
    total = it.by_drain + it.by_gate + it.by_source
    size = abs(it.by_drain) + abs(it.by_gate) + abs(it.by_source)
    assert abs(total) <= 1e-12 * size
    moved, _ = egt(d + 0.25, g + 0.25, s + 0.25, card)
    assert moved.current == pytest.approx(it.current, rel=1e-9, abs=1e-12 * SCALE_A)


@holds_for(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), cards)
def test_no_voltage_gives_nan_or_infinity(d, g, s, card):
    """Newton may look anywhere, and far below threshold F(v) is 0^gamma."""
    it, slopes = egt(d, g, s, card)
    assert np.isfinite([*it, *slopes]).all()


@pytest.mark.parametrize("card", CARDS, ids=[card.name for card in CARDS])
def test_float32_stays_finite_too(card):
    v = jnp.linspace(-50, 50, 41, dtype=jnp.float32)
    d, g, s = jnp.meshgrid(v, v, v)
    it = drain_current(d, g, s, squares=SQUARES, card=card)
    assert all(x.dtype == jnp.float32 and bool(jnp.isfinite(x).all()) for x in it)


@holds_for(st.floats(0.5, 3), st.floats(0.1, 1), cards)
def test_width_over_length_scales_the_current(g, v_ds, card):
    with jax.enable_x64(True):
        at = map(jnp.float64, (v_ds, g, 0.0))
        d, gate, s = at
        one = drain_current(d, gate, s, squares=1.0, card=card)
        many = drain_current(d, gate, s, squares=SQUARES, card=card)
    assert float(many.current) == pytest.approx(SQUARES * float(one.current), rel=1e-14)


@pytest.mark.parametrize("card", CARDS, ids=[card.name for card in CARDS])
def test_limits_of_the_model(card):
    """Saturation K (V_GS - V_T)^gamma; below threshold a factor e each S/gamma of gate voltage."""
    overdrive, v_ds = 1.5, 2.5
    it, _ = egt(v_ds, card.V_T + overdrive, 0.0, card)
    saturated = card.K * overdrive**card.gamma * (1 + card.lambda_ * v_ds) + card.G_off * v_ds
    assert it.current == pytest.approx(SQUARES * saturated, rel=1e-5)
    off = SQUARES * card.G_off * v_ds
    deep, e_fold = card.V_T - 12 * card.S, card.S / card.gamma
    below = egt(v_ds, deep, 0.0, card)[0].current - off
    above = egt(v_ds, deep + e_fold, 0.0, card)[0].current - off
    assert above / below == pytest.approx(np.e, rel=1e-3)


def reference(p, eps, d, g, s):
    """CALIBRATION.md's equations as they stand there."""

    def F(v):
        return (p["S"] * np.log(1 + np.exp((v - p["VT"]) / p["S"]))) ** p["GAM"]

    channel = p["K"] * (F(g - s) - F(g - d)) * (1 + p["LAM"] * np.sqrt((d - s) ** 2 + eps**2))
    return SQUARES * (channel + p["GOFF"] * (d - s))


def test_the_cards_are_those_of_the_calibration(pdk):
    """Its equations for both; its numbers for card B. Card A was fitted anew, with lambda."""
    table = json.loads((pdk / "egt_params.json").read_text())
    for card in CARDS:
        mine = {"VT": card.V_T, "S": card.S, "GAM": card.gamma, "K": card.K}
        mine |= {"LAM": card.lambda_, "GOFF": card.G_off}
        if card.name != "A":
            assert mine == pytest.approx(table[card.name], rel=1e-9)
        for d, g, s in [(1, 1, 0), (0.2, 0.7, 0), (1, 0.1, 0), (-1, 0.5, 0.5), (1, 0.3, -1)]:
            expected = reference(mine, table["EPSV"], d, g, s)
            assert egt(d, g, s, card)[0].current == pytest.approx(expected, rel=1e-9, abs=1e-18)


def test_the_subcircuit_has_the_numbers_of_the_calibration(pdk):
    text = (pdk / "egt.sub").read_text()
    written = [float(x) for x in re.findall(r"\d[\d.]*(?:e-?\d+)?", subcircuit(PROCESS.card("B")))]
    (header,) = (line for line in text.splitlines() if line.startswith(".subckt egt "))
    numbers = dict(field.split("=") for field in header.split() if "=" in field)
    for name in ("VT", "S", "GAM", "K", "LAM", "GOFF"):
        number = float(numbers[name])
        assert any(number == pytest.approx(x, rel=1e-9) for x in written), name
