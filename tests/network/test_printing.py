"""A printed copy deviates in every component, as the process says, wherever it is looked at."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import made_parameters
from unoptimized import unoptimized

from printron.circuits.ngspice.samples import operating_points
from printron.network import (
    build_layers,
    build_structure,
    copy_key,
    draw_copy,
    network_netlist,
    network_of,
    printed_copy,
    printed_network,
    solve_loaded,
)
from printron.technology.conditions import Conditions
from printron.technology.process import default_process
from printron.technology.variation import QUANTITIES, Variation

pytestmark = pytest.mark.usefixtures("double")

VARIATION = default_process().spread
NETWORKS = [
    ((3, 2), "ptanh", "negation", "neuron"),
    ((3, 2, 2), "ptanh_follower", "negation_follower", "network"),
    ((3, 2, 2), ["none", "ptanh"], "negation", "layer"),
]
SAMPLES = 6

solve = unoptimized(solve_loaded, static_argnums=0)
draw = unoptimized(draw_copy, static_argnums=0)


@pytest.fixture(scope="module", params=NETWORKS, ids=str)
def designed(request, make_design):
    *network, sharing = request.param
    structure = make_design(*network, sharing=sharing)
    with jax.enable_x64(True):
        parameters = jax.tree.map(
            lambda x: jnp.asarray(x, jnp.float64), made_parameters(structure, 3)
        )
        layers = build_layers(structure, parameters)
    return structure, parameters, layers


def alone(quantity):
    """The variation of one quantity."""
    return Variation(**{quantity: VARIATION.of(quantity)})


def values_of(network):
    """Values of all parts, and V_T and K of their cards."""
    found = {}
    for part in network.parts:
        found[part.name] = dict(part.element.values)
        if part.element.card is not None:
            found[part.name] |= {"V_T": part.element.card.V_T, "K": part.element.card.K}
    return found


def volts(structure):
    return jnp.asarray(np.random.default_rng(0).random((structure.topology[0], SAMPLES)))


def test_without_variation_a_copy_is_the_design(designed):
    structure, parameters, layers = designed
    copy = printed_copy(layers, draw(structure, jax.random.key(0)), Conditions())
    found, wanted = network_of(structure, copy), printed_network(structure, parameters)
    assert values_of(found) == values_of(wanted)
    assert [part.nodes for part in found.parts] == [part.nodes for part in wanted.parts]
    v = volts(structure)
    np.testing.assert_allclose(
        solve(structure, copy, v).out, solve(structure, layers, v).out, atol=1e-12
    )


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_one_quantity_varies_and_no_other(designed, quantity):
    structure, parameters, layers = designed
    copy = printed_copy(layers, draw(structure, jax.random.key(1)), Conditions(alone(quantity)))
    before = values_of(printed_network(structure, parameters))
    after = values_of(network_of(structure, copy))
    changed = {
        key
        for name, values in before.items()
        for key, value in values.items()
        if after[name][key] != value
    }
    occurring = {key for values in before.values() for key in values}
    assert changed == {quantity} & occurring


def test_components_vary_on_their_own_and_together_as_the_process_says(designed):
    """Standard deviations over many copies, of one component and of the mean over all of them."""
    structure, _, layers = designed
    spread = VARIATION.model_copy(
        update={"R": VARIATION.R.model_copy(update={"own": 0.1, "shared": 0.05})}
    )

    def ratios(key):
        copy = printed_copy(layers, draw_copy(structure, key), Conditions(spread))
        crossbar, after = layers[0].crossbar, copy[0].crossbar
        g, printed = (each.plus + each.minus for each in (crossbar, after))
        return jnp.log(jnp.where(g > 0, g, 1) / jnp.where(g > 0, printed, 1)), [
            jnp.log(x["R"])
            for layer in copy
            for state in (layer.activation, layer.negation)
            if state is not None
            for x in state.deviations.values()
            if "R" in x
        ]

    resistors, own = jax.jit(jax.vmap(ratios))(jax.random.split(jax.random.key(2), 4000))
    there = np.asarray(layers[0].crossbar.plus + layers[0].crossbar.minus) > 0
    of_crossbar = np.asarray(resistors)[:, there]
    each = np.concatenate([of_crossbar, *(np.asarray(x) for x in own)], 1)  # [copies, components]
    np.testing.assert_allclose(each.std(0), np.hypot(0.1, 0.05), rtol=0.06)
    np.testing.assert_allclose(each.mean(0), 0, atol=0.008)
    together = each.mean(1).std()
    np.testing.assert_allclose(together, np.hypot(0.05, 0.1 / np.sqrt(each.shape[1])), rtol=0.06)


def test_a_copy_is_the_same_in_either_precision(designed):
    structure, *_ = designed
    double = draw(structure, copy_key(0, 3))
    with jax.enable_x64(False):
        single = draw(structure, copy_key(0, 3))
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), double, single))


def test_instances_of_one_design_vary_apart(designed):
    structure, _, layers = designed
    copy = printed_copy(layers, draw(structure, jax.random.key(3)), Conditions(VARIATION))
    for layer in copy:
        if layer.negation is not None:
            for quantities in layer.negation.deviations.values():
                for each in quantities.values():
                    assert len(np.unique(np.asarray(each))) == each.shape[0]


def test_a_factor_on_all_resistors_turns_no_passive_column(library):
    """Only ratios within a column matter to a passive crossbar: what a substrate shares cancels."""
    structure = build_structure(library, (3, 2), activation=None, negation=None)
    parameters = jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), made_parameters(structure, 1))
    layers = build_layers(structure, parameters)
    shared = Variation(R=replace_spread(VARIATION.R, own=0.0, shared=0.3))
    copy = printed_copy(layers, draw(structure, jax.random.key(0)), Conditions(shared))
    v = volts(structure)
    one, two = (solve(structure, it, v) for it in (layers, copy))
    np.testing.assert_allclose(one.out, two.out, atol=1e-12)
    ratio = two.delivered["in"] / one.delivered["in"]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)
    assert abs(float(ratio[0]) - 1) > 0.01


def replace_spread(spread, **changes):
    return spread.model_copy(update=changes)


@pytest.mark.parametrize("designed", NETWORKS[:1], ids=str, indirect=True)
def test_gradients_pass_through_a_copy(designed):
    """By the standard deviation: against finite differences."""
    structure, _, layers = designed
    numbers, v = draw(structure, jax.random.key(5)), volts(structure)

    @unoptimized
    @jax.value_and_grad
    def out(factor):
        copy = jax.tree.map(lambda x: factor * x.astype(jnp.float64), numbers)
        return jnp.sum(
            solve_loaded(structure, printed_copy(layers, copy, Conditions(VARIATION)), v).out
        )

    step = 1e-5
    numeric = (out(0.2 + step)[0] - out(0.2 - step)[0]) / (2 * step)
    np.testing.assert_allclose(out(0.2)[1], numeric, rtol=2e-4, atol=1e-7)


@pytest.mark.needs_ngspice
def test_ngspice_finds_the_same_in_the_printed_copy(designed):
    structure, parameters, layers = designed
    v = volts(structure)
    for seed in range(2):
        copy = printed_copy(layers, draw(structure, jax.random.key(seed)), Conditions(VARIATION))
        ours = solve(structure, copy, v)
        network = network_of(structure, copy)
        design = printed_network(structure, parameters)
        assert values_of(network) != values_of(design)
        netlist = network_netlist(network)
        found = operating_points(netlist, volts_by_node(network, v), netlist.nodes, workers=1)
        theirs = np.array(
            [
                [0.0] * SAMPLES if each.node == "gnd" else found.voltages[each.node]
                for each in network.outputs
            ]
        )
        assert ours.converged.all()
        np.testing.assert_allclose(ours.out, theirs, atol=1e-5)


def volts_by_node(network, v):
    return {f"V{each.node}": np.asarray(v)[k] for k, each in enumerate(network.inputs)}
