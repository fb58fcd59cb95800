"""Larger components match better: own deviations fall with the square root of the size."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import countless, made_parameters

from printron.network import build_layers, draw_copy, network_of, printed_copy
from printron.technology.conditions import Conditions
from printron.technology.process import default_process
from printron.technology.variation import Variation

pytestmark = pytest.mark.usefixtures("double")

COPIES, OHM, AREA = 4000, 1e6, 1e-8
MATCHED = Variation.model_validate(
    {
        "R": {"own": "5 %", "at": "1 Mohm", "source": "made up"},
        "K": {"own": "10 %", "area": "10000 um2", "source": "made up"},
        "V_T": {"own": "10 mV", "shared": "5 mV", "area": "0.01 mm2", "source": "made up"},
        "W": {"own": "2 %", "source": "made up"},
    }
)


@pytest.fixture(scope="module", params=["pair", "ptanh"])
def structure(request, make_design):
    names = {"pair": ["pair", "none"], "ptanh": "ptanh"}[request.param]
    negation = {"pair": "none", "ptanh": "negation"}[request.param]
    conditions = Conditions(MATCHED)
    return make_design((2, 2, 2), names, negation, sharing="neuron", conditions=conditions)


def parameters_of(structure):
    made = made_parameters(structure, 1, scaled=True)
    made.theta[0][1, 1] = 0  # absent
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), made)


def deviations(structure, layers, key):
    """Of the circuits, and of the resistors of all crossbars, ln(R)."""
    printed = printed_copy(layers, draw_copy(structure, key), structure.conditions)
    crossbars = []
    for before, after in zip(layers, printed, strict=True):
        ratio = [
            jnp.where(g > 0, jnp.log(jnp.where(g > 0, g, 1) / jnp.where(g > 0, h, 1)), 0)
            for g, h in zip(before.crossbar[:2], after.crossbar[:2], strict=True)
        ]
        crossbars.append(sum(ratio))
    states = [s for it in printed for s in (it.activation, it.negation) if s is not None]
    return [state.deviations for state in states], crossbars


def test_own_deviations_of_copies_fall_with_the_square_root_of_the_size(structure):
    """Standard deviations over copies with fixed seeds, to four of their own errors."""
    layers = build_layers(structure, parameters_of(structure))
    keys = jax.random.split(jax.random.key(0), COPIES)
    circuits, crossbars = jax.jit(jax.vmap(lambda key: deviations(structure, layers, key)))(keys)
    states = [s for it in layers for s in (it.activation, it.negation) if s is not None]
    error = 4 / np.sqrt(2 * COPIES)
    sizes = []
    for state, found in zip(states, circuits, strict=True):
        for name, of in found.items():
            size = {key: np.asarray(each) for key, each in state.sizes(name).items()}
            if "K" in of:
                area = size["W"] * size["L"]
                own = 0.01 * np.sqrt(AREA / area)
                expected = {
                    "K": 0.1 * np.sqrt(AREA / area), "V_T": np.hypot(own, 0.005), "W": 0.02
                }  # fmt: skip
                sizes += [*area]
            else:
                expected = {"R": 0.05 * np.sqrt(OHM / size["R"])}
            for key, sigma in expected.items():
                each = of[key] if key == "V_T" else jnp.log(of[key])
                np.testing.assert_allclose(np.std(each, 0), sigma + 0 * np.std(each, 0), rtol=error)
    assert max(sizes) > 1.1 * min(sizes)
    for layer, found in zip(layers, crossbars, strict=True):
        g = np.asarray(layer.crossbar.plus + layer.crossbar.minus)
        expected = np.where(g > 0, 0.05 * np.sqrt(OHM * g), 0)
        np.testing.assert_allclose(np.std(found, 0), expected, rtol=error, atol=1e-12)


def test_at_the_size_named_a_deviation_is_the_one_without_sizes():
    for name in ("R", "K", "V_T"):
        spread = MATCHED.of(name)
        assert float(spread.own_of(spread.size)) == pytest.approx(spread.own)
        assert float(spread.own_of(4 * spread.size)) == pytest.approx(spread.own / 2)
        plain = default_process().spread.of(name)
        assert plain.own_of(spread.size) == plain.own
    half = MATCHED.scaled(0.5)
    assert half.K.area == MATCHED.K.area == AREA
    assert float(half.R.own_of(OHM)) == pytest.approx(0.025)


def test_gradients_know_what_area_buys(structure):
    """d ln K / d ln W of a copy is -1/2 of it; gradients are finite, of absent resistors, too."""
    parameters, key = parameters_of(structure), jax.random.key(3)
    conditions = replace(structure.conditions, variation=MATCHED)

    def gains(scale):
        layers = build_layers(structure, parameters)
        state = layers[0].activation
        wide = jnp.asarray([scale if name == "W1" else 1 for name in state.cell.variables])
        state = replace(state, values=state.values * wide[:, None])
        printed = printed_copy(
            (layers[0]._replace(activation=state), *layers[1:]),
            draw_copy(structure, key),
            conditions,
        )
        return jnp.log(printed[0].activation.deviations["X1"]["K"])

    value, slope = jax.jvp(gains, (jnp.asarray(1.0),), (jnp.asarray(1.0),))
    np.testing.assert_allclose(slope, -value / 2, rtol=1e-9)

    def total(parameters):
        layers = countless(structure, parameters)
        copy = printed_copy(layers, draw_copy(structure, key), conditions)
        return 1e6 * sum(it.crossbar.plus.sum() + it.crossbar.minus.sum() for it in copy)

    assert float(parameters.theta[0][1, 1]) == 0
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(jax.grad(total)(parameters)))


def test_parts_deviate_as_the_layers_do(structure):
    """What is exported is the copy that is judged."""
    layers = build_layers(structure, parameters_of(structure))
    copy = printed_copy(layers, draw_copy(structure, jax.random.key(5)), structure.conditions)
    designed, printed = (network_of(structure, it) for it in (layers, copy))
    values = {part.name: part.element.values for part in designed.parts}
    (circuits, _) = deviations(structure, layers, jax.random.key(5))
    for part in printed.parts:
        if part.name == "R1_a1_h1":
            ratio = part.element.values["R"] / values[part.name]["R"]
            assert ratio == pytest.approx(float(circuits[0]["R1"]["R"][0]))
