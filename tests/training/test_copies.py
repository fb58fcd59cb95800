"""Printed copies are judged as the circuits that they are."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import build_layers
from printron.technology.process import default_process
from printron.technology.variation import Variation
from printron.training.blocks import equal_blocks
from printron.training.evaluation import copy_terms
from printron.training.initial import initial_parameters
from printron.training.loaded import block_sums, terms_of

VARIATION = default_process().spread


@pytest.fixture(scope="module")
def circuit(problem):
    volts, labels = problem.rows["test"]
    parameters = initial_parameters(problem.structure, jax.random.key(0), jnp.asarray(volts), 1.0)
    return problem.structure, parameters, (volts, labels)


def judged(circuit, variation, copies, seed=0):
    structure, parameters, rows = circuit
    return copy_terms(
        structure, parameters, variation, rows, copies=copies, default=0, seed=seed, workers=1
    )


def test_copies_without_variation_are_the_circuit(circuit):
    structure, parameters, (volts, labels) = circuit
    (block,) = equal_blocks(volts, labels, len(labels))
    whole = terms_of(block_sums(build_layers(structure, parameters), structure, block))
    found = judged(circuit, Variation(), 3)
    np.testing.assert_allclose(found.accuracy, np.full(3, whole.accuracy), atol=1e-6)
    np.testing.assert_allclose(found.cross_entropy, np.full(3, whole.cross_entropy), rtol=1e-4)
    np.testing.assert_allclose(found.power.total, np.full(3, whole.power.total), rtol=1e-4)


def test_a_copy_is_the_same_whatever_their_number(circuit):
    few, many = judged(circuit, VARIATION, 3), judged(circuit, VARIATION, 11)
    np.testing.assert_array_equal(few.cross_entropy, many.cross_entropy[:3])
    other = judged(circuit, VARIATION, 3, seed=1)
    assert (other.cross_entropy != few.cross_entropy).all()


def test_more_variation_spreads_copies_more(circuit):
    spreads = [
        judged(circuit, VARIATION.scaled(factor), 16).power.total.std() for factor in (0.1, 0.5, 1)
    ]
    assert 0 < spreads[0] < spreads[1] < spreads[2]
