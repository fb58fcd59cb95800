"""Passive columns, which drive rows of the next layer themselves or are outputs: Kirchhoff's laws,
what ngspice says, and gradients through them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import assert_finite_difference, made_parameters, some_slow
from unoptimized import unoptimized

from printron.circuits.ngspice.samples import operating_points
from printron.network import (
    Parameters,
    build_layers,
    network_netlist,
    printed_network,
    solve_loaded,
)

pytestmark = pytest.mark.usefixtures("double")

SAMPLES = 6
# Activation and negation of each layer; each network is compiled.
NETWORKS = {
    "a crossbar alone": ((3, 2), ("none",), ("none",)),
    "passive outputs": ((2, 2, 2), ("ptanh", "none"), ("negation", "none")),
    "passive hidden layers": ((2, 2, 2, 2), ("none", "none", "sigmoid"), ("negation",) * 3),
    "a cell a layer": (
        (2, 3, 2, 2),
        ("ptanh", "none", "sigmoid"),
        ("negation", "none", "negation_follower"),
    ),
}


@pytest.fixture(scope="module", params=some_slow(NETWORKS, "passive hidden layers"))
def structure(request, make_design):
    return make_design(*NETWORKS[request.param])


def parameters_of(structure, seed):
    """Resistors all well printed, columns that conduct well, but for one hidden column without any
    input: it hangs on the bias, and outputs or circuits load it."""
    parameters = made_parameters(structure, seed, scaled=True)
    theta = [np.sign(t) * (0.1 + np.abs(t)) for t in parameters.theta]
    if len(theta) > 1:
        theta[0][:-2, 0] = 0
    scale = tuple(3 + 0.5 * (s - 3) for s in parameters.scale)  # 3 to 6: all can be printed
    cells = (tuple(0.3 * q for q in group) for group in parameters[1:3])
    return jax.tree.map(
        lambda x: jnp.asarray(x, jnp.float64),
        Parameters(tuple(theta), *cells, scale),
    )


def volts_of(structure, seed=0):
    return jnp.asarray(np.random.default_rng(seed).random((structure.topology[0], SAMPLES)))


@partial(unoptimized, static_argnums=0)
def solved(structure, parameters, volts):
    """Operating points, and a sum of outputs and power with its gradient."""

    def loss(parameters):
        layers = [  # counts have slopes of their own, which are no differences
            layer._replace(
                negations=jax.lax.stop_gradient(layer.negations),
                activations=jax.lax.stop_gradient(layer.activations),
            )
            for layer in build_layers(structure, parameters)
        ]
        it = solve_loaded(structure, tuple(layers), volts)
        weights = jnp.cos(jnp.arange(it.out.size)).reshape(it.out.shape)
        return jnp.sum(weights * it.out) + 1e3 * jnp.mean(sum(it.delivered.values())), it

    (value, it), gradient = jax.value_and_grad(loss, has_aux=True)(parameters)
    return value, it, gradient


@pytest.mark.needs_ngspice
def test_ngspice_gives_the_same_voltages_and_power(structure):
    for seed in range(3):
        parameters, volts = parameters_of(structure, seed), volts_of(structure, seed)
        _, ours, _ = solved(structure, parameters, volts)
        assert ours.converged.all()
        printed = printed_network(structure, jax.tree.map(np.float64, parameters))
        netlist = network_netlist(printed)
        inputs = {f"Vin{k + 1}": np.asarray(v) for k, v in enumerate(volts)}
        samples = operating_points(netlist, inputs, netlist.nodes, workers=1)
        for out, output in zip(ours.out, printed.outputs, strict=True):
            np.testing.assert_allclose(out, samples.voltages[output.node], rtol=0, atol=1e-5)
        rails = {source.name: source.values["V"] for source in netlist.sources}
        currents = samples.source_current.items()
        total = sum(inputs.get(name, rails[name]) * current for name, current in currents)
        np.testing.assert_allclose(sum(ours.delivered.values()), total, rtol=1e-4, atol=1e-11)


def test_what_the_sources_deliver_turns_to_heat(structure):
    for seed in range(5):
        _, ours, _ = solved(structure, parameters_of(structure, seed), volts_of(structure, seed))
        heat = sum(each.sum(0) for each in ours.dissipated.values())
        np.testing.assert_allclose(sum(ours.delivered.values()), heat, rtol=1e-9)


def test_currents_into_a_passive_column_add_up_to_nothing(structure):
    """Those of its own resistors, and of those that it feeds: where the next layer has no
    negative-weight circuits there are no others."""
    for k in range(structure.depth - 1):
        layer, following = structure.layers[k : k + 2]
        if layer.activation is not None or following.negation is not None:
            continue
        parameters = parameters_of(structure, 4)
        _, ours, _ = solved(structure, parameters, volts_of(structure))
        first, second = (it.crossbar for it in build_layers(structure, parameters)[k : k + 2])
        z, following = ours.columns[k], ours.columns[k + 1]
        into = first.plus[:-1].T @ ours.rows[k] + first.minus[:-1].T @ ours.negated[k]
        into = into - first.column_sum[:, None] * z
        out_of = second.plus[:-2].sum(1)[:, None] * z - second.plus[:-2] @ following
        scale = np.abs(out_of).max()
        assert scale > 1e-9
        np.testing.assert_allclose(into, out_of, rtol=0, atol=1e-9 * scale)


def test_a_gradient_is_the_finite_difference(structure):
    parameters, volts = parameters_of(structure, 5), volts_of(structure)
    _, _, gradient = solved(structure, parameters, volts)
    assert_finite_difference(
        lambda moved: solved(structure, moved, volts)[0], parameters, gradient, 4
    )
