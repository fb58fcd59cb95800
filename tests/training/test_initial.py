"""Where training starts: gradients alive, half of the starts without a negative sign."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.characterization import surrogate_for
from printron.network import build_layers, cell_power, counts_of, layer_columns
from printron.technology import technology
from printron.training.initial import initial_parameters, reference_power

FULL = 1.0  # factor on the slope of the cells


@partial(jax.jit, static_argnums=(0, 4))
def begun(design, seed, start, volts, stiffness=None):
    parameters = initial_parameters(design, jax.random.key(seed), volts, FULL, start, stiffness)
    layers = build_layers(design, parameters)
    weights = jnp.full(volts.shape[1], 1 / volts.shape[1])
    first = layer_columns(design, layers[0], volts, weights).z
    return parameters, counts_of(layers), first, layers[0].activation.eta[2]


@pytest.mark.parametrize("stiffness", [1.0, 16.0])
def test_columns_start_as_stiff_as_asked_and_on_the_edge(design, rows, stiffness):
    """The input of a ptanh circuit pulls a stiff column less: the bias that centres it differs."""
    volts = jnp.asarray(rows["train"][0])
    bare, _, _, _ = begun(design, 0, 1, volts)
    parameters, _, z, edge = begun(design, 0, 1, volts, stiffness)
    assert bare.scale == ()
    assert np.asarray(z).mean(1) == pytest.approx(np.full(3, float(edge[0])), abs=0.01)
    for theta, same, scale in zip(parameters.theta, bare.theta, parameters.scale, strict=True):
        size = np.abs(theta)
        assert scale == pytest.approx(np.log(stiffness * size.max(0) / size.min(0)), rel=1e-5)
        assert np.array_equal(theta[:-2], same[:-2])
    moved = np.asarray(parameters.theta[0][-2] - bare.theta[0][-2])
    assert (moved == 0).all() if stiffness == 1 else (moved < -0.001).all()


def test_columns_that_nothing_loads_start_as_low_as_can_be(design, rows):
    volts, library = jnp.asarray(rows["train"][0]), technology()
    light = replace(
        design,
        activation=surrogate_for(library, "ptanh_published"),
        activation_cell=library.cell("ptanh_published", "activation"),
    )
    (first, _), (again, _) = (begun(light, 0, 1, volts, k)[0].scale for k in (1.0, 16.0))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("seed", range(3))
def test_every_other_start_begins_without_a_negative_sign(design, rows, seed):
    volts = jnp.asarray(rows["train"][0])
    negative = [
        [bool((np.asarray(theta) < 0).any()) for theta in begun(design, seed, k, volts)[0].theta]
        for k in range(4)
    ]
    assert negative[1] == negative[3] == [False, False]
    assert any(negative[0])
    assert any(negative[2])
    assert np.asarray(begun(design, seed, 1, volts)[1].negations).sum() == 0


def test_columns_start_with_their_mean_on_the_edge(design, rows):
    volts = jnp.asarray(rows["train"][0])
    _, _, z, edge = begun(design, 0, 1, volts)
    assert np.asarray(z).mean(1) == pytest.approx(np.full(3, float(edge[0])), abs=0.01)


def test_the_reference_power_is_that_of_all_cells_where_training_starts(make_design, rows):
    """Every neuron an activation; every input row and the bias, in every layer, a negation."""
    for topology, neurons, negations in (
        ((4, 3, 3), 6, 9),
        ((4, 2), 2, 5),
        ((4, 5, 4, 10), 19, 16),
    ):
        design = make_design(topology)
        parameters, _, _, _ = begun(design, 0, 0, jnp.asarray(rows["train"][0]))
        layer = build_layers(design, parameters)[0]
        expected = neurons * layer.activation.power[0] + negations * layer.negation.power[0]
        assert reference_power(design) == pytest.approx(float(expected), rel=1e-5)
        assert reference_power(design) >= float(sum(map(jnp.sum, cell_power(design, (layer,)))))
