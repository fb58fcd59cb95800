"""Where training starts: gradients alive, half of the starts without a negative sign."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.characterization import surrogate_for
from printron.network import (
    build_layers,
    build_structure,
    cell_power,
    counts_of,
    forward,
    layer_columns,
)
from printron.technology import technology
from printron.training.initial import initial_parameters, reference_power

FULL = 1.0  # factor on the slope of the cells


@partial(jax.jit, static_argnums=(0, 4))
def begun(design, seed, start, volts, column_scale=None):
    key = jax.random.key(seed)
    parameters = initial_parameters(design, key, volts, FULL, start, column_scale)
    layers = build_layers(design, parameters)
    weights = jnp.full(volts.shape[1], 1 / volts.shape[1])
    first = layer_columns(design, layers[0], volts, weights).z
    return parameters, counts_of(layers), first, layers[0].activation.eta[2]


@pytest.mark.parametrize("column_scale", [1.0, 16.0])
def test_columns_start_as_stiff_as_asked_and_on_the_edge(design, rows, column_scale):
    """The input of a ptanh circuit pulls a stiff column less: the bias that centres it differs."""
    volts = jnp.asarray(rows["train"][0])
    bare, _, _, _ = begun(design, 0, 1, volts)
    parameters, _, z, edge = begun(design, 0, 1, volts, column_scale)
    assert bare.scale == ()
    assert np.asarray(z).mean(1) == pytest.approx(np.full(3, float(edge[0])), abs=0.01)
    for theta, same, scale in zip(parameters.theta, bare.theta, parameters.scale, strict=True):
        size = np.abs(theta)
        assert scale == pytest.approx(np.log(column_scale * size.max(0) / size.min(0)), rel=1e-5)
        assert np.array_equal(theta[:-2], same[:-2])
    moved = np.asarray(parameters.theta[0][-2] - bare.theta[0][-2])
    assert (moved == 0).all() if column_scale == 1 else (moved < -0.001).all()


def test_columns_that_nothing_loads_start_as_low_as_can_be(design, rows):
    volts, library = jnp.asarray(rows["train"][0]), technology()
    light = build_structure(
        library,
        design.topology,
        activation=surrogate_for(library, "ptanh_published"),
        negation=surrogate_for(library, "negation"),
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
        assert reference_power(design) >= float(sum(map(jnp.sum, cell_power((layer,)))))


def test_passive_columns_start_halfway_to_the_bias_and_without_signs(make_design, rows):
    """All outputs alike, and away from both ends."""
    structure, volts = (
        build_structure(technology(), (4, 3), activation=None, negation=None),
        jnp.asarray(rows["train"][0]),
    )
    parameters = initial_parameters(structure, jax.random.key(0), volts, FULL, 0)
    out, _ = forward(structure, build_layers(structure, parameters), volts)
    half = structure.process.crossbar.V_bias / 2
    assert np.asarray(out).mean(1) == pytest.approx(np.full(3, half), abs=0.01)
    assert (np.asarray(parameters.theta[0]) >= 0).all()
    assert parameters.activation == parameters.negation == ()


def test_the_reference_power_of_layers_without_circuits_is_that_of_the_others():
    """And above 0 where there are none at all: that of all resistors, at half of the bias."""
    library = technology()
    ptanh, negation = surrogate_for(library, "ptanh"), surrogate_for(library, "negation")

    def of(activation, negation):
        cells = {"activation": activation, "negation": negation}
        return reference_power(build_structure(library, (4, 3, 2), **cells))

    both = of(ptanh, negation)
    assert of(ptanh, None) + of(None, negation) == pytest.approx(both)
    assert of([ptanh, None], None) == pytest.approx(of(ptanh, None) * 3 / 5)
    resistors = 6 * 3 + 5 * 2
    assert of(None, None) == pytest.approx(resistors * (1e-7 * 1e-4) ** 0.5 * 0.5**2)
