"""Structures as data: which circuits share their component values, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import made_parameters

from printron.errors import PrintronError
from printron.network import build_layers, counts_of, forward

CELLS = ("ptanh", "none", "ptanh", "sigmoid")


@pytest.mark.parametrize(
    ("sharing", "layers", "counts"),
    [
        ("network", [(0, 2), (3,)], [1, 1]),
        ("layer", [(0,), (2,), (3,)], [1, 1, 1]),
        ("neuron", [(0,), (2,), (3,)], [3, 5, 6]),
    ],
)
def test_circuits_of_the_same_cell_share_and_absent_ones_learn_nothing(
    make_design, sharing, layers, counts
):
    structure = make_design((2, 3, 4, 5, 6), CELLS, ("none",) * 4, sharing=sharing)
    groups = structure.groups("activation")
    assert [group.layers for group in groups] == layers
    assert [group.count for group in groups] == counts
    assert structure.groups("negation") == ()
    assert [model.cell.name for model in structure.models] == ["ptanh", "sigmoid"]


def test_one_cell_for_all_is_the_same_as_that_cell_in_each_layer(make_design):
    assert make_design((2, 3, 2), ("ptanh",) * 2, ("negation",) * 2) == make_design((2, 3, 2))


def test_another_number_of_cells_than_layers_is_one_sentence(make_design):
    with pytest.raises(PrintronError, match="got 3 activation cells for 2 layers; give one for"):
        make_design((2, 3, 2), ("ptanh", "none", "none"), ("negation",) * 2)


def test_a_positive_network_is_the_same_without_negative_weight_circuits(make_design):
    """And a negative surrogate conductance is printed as its size where there are none."""
    with_, without = (
        make_design((3, 2, 2), ("ptanh", "none"), (it,) * 2) for it in ("negation", "none")
    )
    parameters = jax.tree.map(jnp.asarray, made_parameters(with_))
    volts = jnp.asarray(np.random.default_rng(0).random((3, 5)), jnp.float32)
    positive = parameters._replace(theta=tuple(map(jnp.abs, parameters.theta)))
    layers = build_layers(with_, positive)
    expected = forward(with_, layers, volts)
    for theta in (positive.theta, parameters.theta):
        bare = build_layers(without, parameters._replace(theta=theta, negation=()))
        for ours, theirs in zip(forward(without, bare, volts), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-9)
        for ours, theirs in zip(counts_of(bare), counts_of(layers), strict=True):
            assert np.array_equal(ours, theirs)


def test_a_passive_output_is_the_voltage_of_its_divider(make_design):
    structure = make_design((2, 1), ("none",), ("none",))
    theta = jnp.array([[1.0], [2.0], [3.0], [4.0]])
    parameters = made_parameters(structure)._replace(theta=(theta,))
    layers = build_layers(structure, parameters)
    out, power = forward(structure, layers, jnp.array([[0.5], [0.25]]))
    z = (1 * 0.5 + 2 * 0.25 + 3 * 1) / 10
    assert float(out[0, 0]) == pytest.approx(z, rel=1e-6)
    drops = (0.5 - z, 0.25 - z, 1 - z, z)
    burnt = sum(g * d**2 for g, d in zip((1, 2, 3, 4), drops, strict=True))
    assert float(power[0]) == pytest.approx(structure.process.g_min * burnt, rel=1e-4)
    assert [int(count[0]) for count in counts_of(layers)] == [4, 0, 0]
