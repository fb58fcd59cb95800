"""Printed copies: drawn and drifting as the process says, and judged as the circuits that they
are."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import build_layers, solve_loaded
from printron.technology.conditions import Conditions
from printron.technology.process import default_process
from printron.training.copies import KEPT, begin_copies, both, drifted, selection_copies
from printron.training.evaluation import copy_terms
from printron.training.initial import initial_parameters

VARIATION = default_process().spread
DRAWS = 4000


@pytest.fixture(scope="module")
def circuit(small, rows):
    volts, labels = rows["test"]
    return small, initial_parameters(small, jax.random.key(0), jnp.asarray(volts), 1.0)


def judged(circuit, rows, variation, copies, seed=0):
    structure, parameters = circuit
    structure = replace(structure, conditions=Conditions(variation))
    return copy_terms(
        structure, parameters, rows["test"], copies=copies, default=0, seed=seed, workers=1
    )


def test_copies_without_variation_are_the_circuit(circuit, rows):
    structure, parameters = circuit
    volts, labels = rows["test"]
    solve = jax.jit(solve_loaded, static_argnums=0)
    whole = solve(structure, build_layers(structure, parameters), jnp.asarray(volts))
    right = np.mean(np.argmax(whole.out, 0) == labels)
    power = sum(each.sum(0) for each in whole.dissipated.values()).mean()
    found = judged(circuit, rows, VARIATION.scaled(0), 3)
    np.testing.assert_allclose(found.accuracy, np.full(3, right), atol=1e-6)
    np.testing.assert_allclose(found.clear, found.accuracy)
    np.testing.assert_allclose(found.power.total, np.full(3, power), rtol=1e-4)


def test_a_copy_is_the_same_whatever_their_number(circuit, rows):
    few, many = (judged(circuit, rows, VARIATION, number) for number in (3, 11))
    np.testing.assert_array_equal(few.cross_entropy, many.cross_entropy[:3])
    other = judged(circuit, rows, VARIATION, 3, seed=1)
    assert (other.cross_entropy != few.cross_entropy).all()


def test_copies_are_judged_in_single_precision_where_jax_is_switched_to_double(circuit, rows):
    single = judged(circuit, rows, VARIATION, 3)
    with jax.enable_x64(True):
        double = judged(circuit, rows, VARIATION, 3)
    np.testing.assert_array_equal(single.cross_entropy, double.cross_entropy)


def test_more_variation_spreads_copies_more(circuit, rows):
    spreads = [
        judged(circuit, rows, VARIATION.scaled(factor), 16).power.total.std() for factor in (0.2, 1)
    ]
    assert 0 < 2 * spreads[0] < spreads[1]


def numbers(copies):
    """All normal numbers of copies, [copies, numbers]."""
    return np.concatenate([np.asarray(x).reshape(len(x), -1) for x in jax.tree.leaves(copies)], 1)


@partial(jax.jit, static_argnums=0)
def walked(structure, key):
    """Copies of the first step, and of the next two, [DRAWS] each."""
    first = begin_copies(structure, key, 2 * DRAWS)
    second = drifted(structure, first, jax.random.fold_in(key, 1))
    return first, second, drifted(structure, second, jax.random.fold_in(key, 2))


def test_copies_drift_through_the_distribution_that_they_are_drawn_from(small):
    """Mean 0, standard deviation 1, every number on its own; correlated from step to step."""
    varied = replace(small, conditions=Conditions(VARIATION))
    walk = [numbers(each) for each in walked(varied, jax.random.key(0))]
    error = 5 / np.sqrt(DRAWS)  # of five standard deviations
    for each in walk:
        assert np.abs(each.mean(0)).max() < error
        assert np.abs(each.std(0) - 1).max() < error
    for first, second, correlation in ((0, 1, KEPT), (1, 2, KEPT), (0, 2, KEPT**2)):
        products = (walk[first] * walk[second]).mean(0)
        assert np.abs(products - correlation).max() < 2 * error
    between = np.corrcoef(walk[2].T) - np.eye(walk[2].shape[1])
    assert np.abs(between).max() < error


def test_copies_of_a_step_are_pairs_of_opposites(small):
    varied = replace(small, conditions=Conditions(VARIATION))
    begun = begin_copies(varied, jax.random.key(1), 6)
    pairs = numbers(both(begun))
    assert pairs.shape[0] == 6
    np.testing.assert_array_equal(pairs[:3], -pairs[3:])
    np.testing.assert_array_equal(pairs[:3], numbers(begun))


def test_supply_and_drift_are_uniform_within_their_limits(make_design):
    """Of the copies that a step sees; against the quantiles of a uniform distribution."""
    from printron.network import printed_copy

    conditions = Conditions(supply=0.1, drift=0.03)
    structure = make_design((4, 3), conditions=conditions)
    parameters = initial_parameters(structure, jax.random.key(0), jnp.zeros((4, 1)), 1.0)
    layers = build_layers(structure, parameters)

    @jax.jit
    @jax.vmap
    def of(copy):
        (layer,) = printed_copy(layers, copy, conditions)
        shifts = [each["V_T"] for each in layer.activation.deviations.values() if "V_T" in each]
        return layer.supply, jnp.stack([x for each in shifts for x in each])

    supply, shift = (np.asarray(x) for x in of(walked(structure, jax.random.key(2))[2]))
    assert (shift == shift[:, :1]).all()  # one for a whole circuit
    middles = (np.arange(DRAWS) + 0.5) / DRAWS
    for found, low, high in ((supply, 0.9, 1.1), (shift[:, 0], -0.03, 0.03)):
        share = (np.sort(found) - low) / (high - low)
        assert share.min() >= -1e-5
        assert share.max() <= 1 + 1e-5
        assert np.abs(share - middles).max() < 2 / np.sqrt(DRAWS)  # Kolmogorov and Smirnov


def test_selection_has_the_same_copies_whatever_their_number(small):
    few, many = (numbers(selection_copies(small, number)) for number in (3, 8))
    np.testing.assert_array_equal(few, many[:3])
    assert len(np.unique(many[:, 0])) == 8


def test_without_anything_that_varies_there_are_no_copies(small):
    steady = replace(small, conditions=Conditions(source_resistance=1e5, margin=0.1))
    assert begin_copies(steady, jax.random.key(0), 4) is None
