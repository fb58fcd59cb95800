"""Where training starts: gradients alive, half of the starts without a negative sign."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import build_layers, cell_power, counts_of, layer_columns
from printron.training.initial import initial_parameters, reference_power

FULL = 1.0  # factor on the slope of the cells


@partial(jax.jit, static_argnums=0)
def begun(design, seed, start, volts):
    parameters = initial_parameters(design, jax.random.key(seed), volts, FULL, start)
    layers = build_layers(design, parameters)
    weights = jnp.full(volts.shape[1], 1 / volts.shape[1])
    first = layer_columns(design, layers[0], volts, weights).z
    return parameters, counts_of(layers), first, layers[0].activation.eta[2]


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
