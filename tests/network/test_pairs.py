"""Pairs of columns in front of differential cells: Kirchhoff's laws, what ngspice says, and what
signs mean."""

import tomllib
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import countless, made_parameters, some_slow

from printron.circuits.ngspice.samples import operating_points
from printron.export import FORMATS, bill, part_counts
from printron.network import (
    Parameters,
    build_layers,
    build_structure,
    copy_key,
    counts_of,
    draw_copy,
    forward,
    forward_layer,
    layer_columns,
    network_netlist,
    network_of,
    printed_copy,
    printed_network,
    solve_loaded,
)
from printron.network.names import parse_node, parse_part
from printron.technology.conditions import Conditions
from printron.technology.library import parse_cells
from printron.technology.process import default_process, shipped

pytestmark = pytest.mark.usefixtures("double")

SAMPLES = 6
SPREAD = default_process().spread
# Topology, activation and negation of each layer, sharing, resistance of the sensors.
NETWORKS = {
    "hidden pairs": ((3, 3, 2), ("pair", "none"), ("none", "none"), "neuron", 0.0),
    "pairs at the outputs": ((3, 2), ("pair",), ("none",), "network", 1e5),
    "two hidden layers": ((2, 3, 2, 2), ("pair", "pair", "none"), ("none",) * 3, "layer", 0.0),
    "beside other layers": (
        (2, 2, 2, 2), ("none", "pair", "ptanh"), ("none", "none", "negation"), "network", 1e5,
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=some_slow(NETWORKS, "beside other layers"))
def structure(request, make_design):
    *network, sharing, source = NETWORKS[request.param]
    conditions = Conditions(SPREAD, supply=0.1, drift=0.02, source_resistance=source)
    return make_design(*network, sharing=sharing, conditions=conditions)


def parameters_of(structure, seed=0, empty=True):
    """Resistors all well printed.

    `empty`: but for pairs' columns: one minus column and one plus column have no resistor.
    """
    parameters = made_parameters(structure, seed)
    theta = [np.sign(t) * (0.1 + np.abs(t)) for t in parameters.theta]
    for each, layer in zip(theta, structure.layers, strict=True):
        if layer.paired and empty:
            each[:, 0], each[:, 1] = np.abs(each[:, 0]), -np.abs(each[:, 1])
    cells = (tuple(0.3 * q for q in group) for group in parameters[1:3])
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), Parameters(tuple(theta), *cells, ()))


def volts_of(structure, seed=0):
    return jnp.asarray(np.random.default_rng(seed).random((structure.topology[0], SAMPLES)))


def copy_of(structure, layers, number):
    """A printed copy in use; number 0 deviates in nothing."""
    copy = draw_copy(structure, copy_key(0, number))
    if not number:
        copy = jax.tree.map(jnp.zeros_like, copy)
    return printed_copy(layers, copy, structure.conditions)


@partial(jax.jit, static_argnums=0)
def solved(structure, layers, volts):
    return solve_loaded(structure, layers, volts)


def in_ngspice(network, volts):
    """Voltages by node, and the power of all sources together."""
    netlist = network_netlist(network)
    inputs = {f"Vin{k + 1}": np.asarray(v) for k, v in enumerate(volts)}
    found = operating_points(netlist, inputs, netlist.nodes, workers=1)
    rails = {source.name: source.values["V"] for source in netlist.sources}
    return found.voltages, sum(
        inputs.get(name, rails[name]) * current for name, current in found.source_current.items()
    )


def in_sensors(structure, volts, rows):
    """W that the resistances of the sensors turn to heat, [S]."""
    resistance = structure.conditions.source_resistance
    return ((volts - rows[:-1]) ** 2).sum(0) / resistance if resistance else 0


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("number", [0, 1, 2])
def test_ngspice_gives_the_same_voltages_and_power(structure, number):
    volts = volts_of(structure, number)
    layers = copy_of(structure, countless(structure, parameters_of(structure, number)), number)
    ours, network = solved(structure, layers, volts), network_of(structure, layers)
    theirs, power = in_ngspice(network, volts)
    assert ours.converged.all()
    for out, output in zip(ours.out, network.outputs, strict=True):
        np.testing.assert_allclose(out, theirs[output.node], rtol=0, atol=1e-5)
    for z, nodes in zip(ours.columns, network.columns, strict=True):
        for k, node in nodes.items():
            np.testing.assert_allclose(z[k], theirs[node], rtol=0, atol=1e-5)
    by_hand = sum(ours.delivered.values()) + in_sensors(structure, volts, ours.rows[0])
    np.testing.assert_allclose(by_hand, power, rtol=1e-4, atol=1e-11)


def test_what_the_sources_deliver_turns_to_heat(structure):
    for number in range(3):
        layers = countless(structure, parameters_of(structure, number))
        ours = solved(structure, copy_of(structure, layers, number), volts_of(structure, number))
        heat = sum(each.sum(0) for each in ours.dissipated.values())
        np.testing.assert_allclose(sum(ours.delivered.values()), heat, rtol=1e-9)


def test_a_column_without_any_resistor_is_ground(structure):
    layers = countless(structure, parameters_of(structure))
    layers = copy_of(structure, layers, 0)
    ours, network = solved(structure, layers, volts_of(structure)), network_of(structure, layers)
    for k, each in enumerate(structure.layers):
        if not each.paired or not layers[k].crossbar.used[:2].all():
            continue
        first_minus, second_plus = each.neurons, 1
        for bare in (first_minus, second_plus):
            assert bare not in network.columns[k]
            assert not np.asarray(ours.columns[k])[bare].any()
            assert np.asarray(ours.columns[k])[bare - each.neurons].any()
        # The gates are wired to it.
        word = "out" if k + 1 == structure.depth else "h"
        nodes = {part.name: part.nodes for part in network.parts}
        assert nodes[f"X2_a{k + 1}_{word}1"][1] == "gnd"
        assert nodes[f"X1_a{k + 1}_{word}1"][1] == f"z{k + 1}_{word}1"
        assert nodes[f"X1_a{k + 1}_{word}2"][1] == "gnd"
        assert nodes[f"X2_a{k + 1}_{word}2"][1] == f"m{k + 1}_{word}2"


def test_a_gradient_is_the_finite_difference(structure):
    """By all parameters, through a printed copy."""
    parameters, volts = parameters_of(structure, 5), volts_of(structure)

    @jax.jit
    def loss(parameters):
        layers = copy_of(structure, countless(structure, parameters), 1)
        it = solve_loaded(structure, layers, volts)
        weights = jnp.cos(jnp.arange(it.out.size)).reshape(it.out.shape)
        return jnp.sum(weights * it.out) + 1e3 * jnp.mean(sum(it.delivered.values()))

    gradient = jax.grad(loss)(parameters)
    rng = np.random.default_rng(2)
    for _ in range(4):
        way = jax.tree.map(lambda x: jnp.asarray(rng.normal(size=x.shape)) * x, parameters)
        pairs = zip(jax.tree.leaves(gradient), jax.tree.leaves(way), strict=True)
        ahead = float(sum(jnp.vdot(a, b) for a, b in pairs))
        there = [
            float(loss(jax.tree.map(lambda x, d, h=h: x + h * d, parameters, way)))
            for h in (1e-6, -1e-6)
        ]
        assert abs(ahead) > 1e-6
        assert ahead == pytest.approx((there[0] - there[1]) / 2e-6, rel=2e-5)


def test_counts_bill_and_names_are_those_of_theta(structure):
    """One resistor for each printed entry, in the column of its sign; no circuit for a sign."""
    parameters = parameters_of(structure, 3, empty=False)
    layers, network = build_layers(structure, parameters), printed_network(structure, parameters)
    counts, table = counts_of(layers), bill(network)
    for name, each in part_counts(table).items():
        if name in counts._fields:
            assert each == int(np.sum(getattr(counts, name)))
    for k, (theta, layer) in enumerate(zip(parameters.theta, structure.layers, strict=True)):
        if not layer.paired:
            continue
        here = [part for part in network.parts if part.layer == k + 1]
        resistors = [part for part in here if part.circuit == "crossbar"]
        used = np.asarray(layers[k].crossbar.used)[: layer.neurons]
        assert len(resistors) == int(counts.resistors[k]) == theta.shape[0] * int(used.sum())
        assert not any(part.circuit == "negation" or part.negated for part in here)
        rows = list(dict.fromkeys(part.row for part in resistors))
        for part in resistors:
            entry = theta[rows.index(part.row), int(part.column.strip("hout")) - 1]
            side = parse_node(part.nodes[1])
            role = "column" if entry > 0 else "minus column"
            assert (side.role, side.layer, side.at) == (role, k + 1, part.column)
            assert part.side == ("plus" if entry > 0 else "minus")
        assert {parse_node(node).role for node in network.columns[k].values()} == {
            "column", "minus column",
        }  # fmt: skip
    assert len({part.name for part in network.parts}) == len(network.parts)
    for part in network.parts:
        assert parse_part(part.name)[:4] == (part.circuit, part.layer, part.row, part.column)
    for each in FORMATS.values():
        assert b"Rc1_in1_h1" in each.write(network) or b"Rc1_in1_out1" in each.write(network)


def with_swapped_inputs(library):
    """The cell `pair` whose inputs have each other's names."""
    body = tomllib.loads(shipped("cells.toml").read_text("utf-8"))["cells"]["pair"]
    names = {"in": "in_minus", "in_minus": "in"}
    for part in body["components"].values():
        if "egt" in part:
            part["egt"] = [names.get(node, node) for node in part["egt"]]
    return replace(library, cells={**library.cells, **parse_cells({"cells": {"pair": body}}, "")})


def test_inputs_that_change_places_undo_signs_that_change(library, surrogate):
    """Also where bias and ground are in either column."""

    def made(of):
        return build_structure(of, (2, 2), activation=surrogate("pair"), negation=None)

    one, other = made(library), made(with_swapped_inputs(library))
    parameters, volts = parameters_of(one, 7), volts_of(one)
    theta = parameters.theta
    negative = parameters._replace(theta=(-theta[0],))
    out = solved(one, countless(one, parameters), volts).out
    swapped = solved(other, countless(other, negative), volts).out
    np.testing.assert_allclose(swapped, out, rtol=0, atol=1e-10)
    assert np.abs(out - solved(one, countless(one, negative), volts).out).max() > 1e-2


def test_signs_that_change_change_the_sign_of_the_difference(structure):
    parameters, volts = parameters_of(structure, 2), volts_of(structure)
    if not structure.layers[0].paired:
        pytest.skip("its inputs feed passive columns")
    weights = jnp.full(SAMPLES, 1 / SAMPLES)

    def difference(sign):
        theta = (sign * parameters.theta[0], *parameters.theta[1:])
        layer = build_layers(structure, parameters._replace(theta=theta))[0]
        plus, minus = layer.plus_and_minus(layer_columns(structure, layer, volts, weights).z)
        return plus - minus

    np.testing.assert_allclose(difference(1), -difference(-1), rtol=0, atol=1e-12)


def test_what_both_columns_have_in_common_moves_the_output_little(library, surrogate):
    """A resistor a column makes them the two inputs."""
    structure = build_structure(library, (2, 2), activation=surrogate("pair"), negation=None)
    parameters = parameters_of(structure, empty=False)
    theta = jnp.asarray([[1.0, 1], [-1, 1], [0, 0], [0, 0]])
    layers = countless(structure, parameters._replace(theta=(theta,)))
    step = np.array([-0.05, 0.05])

    def moved(plus, minus):
        volts = jnp.asarray([0.5 + plus * step, 0.5 + minus * step])
        out = solved(structure, layers, jnp.tile(volts, SAMPLES // 2)).out
        return float(out[0, 1] - out[0, 0])

    apart, together = moved(0.5, -0.5), moved(1, 1)
    assert apart < -0.2
    assert abs(together) < 0.3 * abs(apart)


def test_layers_of_pairs_have_no_negative_weight_circuits(library, surrogate):
    structure = build_structure(
        library,
        (2, 2, 2),
        activation=[surrogate("pair"), surrogate("ptanh")],
        negation=surrogate("negation"),
    )
    assert [layer.negation is None for layer in structure.layers] == [True, False]


@pytest.mark.needs_ngspice
def test_a_pair_without_any_input_is_not_printed(library, surrogate):
    """Its output is ground, by every model, and it takes no power; ngspice says the same."""
    cells = {"activation": [surrogate("pair"), None], "negation": [None, None]}
    structure = build_structure(library, (2, 2, 2), **cells)
    parameters = parameters_of(structure, empty=False)
    theta = parameters.theta
    bare = parameters._replace(theta=(theta[0].at[:2, 1].set(0), theta[1]))
    layers = build_layers(structure, bare)
    volts, network = volts_of(structure), network_of(structure, layers)
    ours = solved(structure, layers, volts)
    ideal, _ = forward_layer(structure, layers[0], volts, jnp.full(SAMPLES, 1 / SAMPLES))
    for row in (ideal[1], ours.rows[1][1]):
        np.testing.assert_array_equal(row, np.zeros(SAMPLES))
    assert not [part for part in network.parts if part.column == "h2" and part.layer == 1]
    assert counts_of(layers).activations.tolist() == [1, 0]
    theirs, power = in_ngspice(network, volts)
    for out, output in zip(ours.out, network.outputs, strict=True):
        np.testing.assert_allclose(out, theirs[output.node], rtol=0, atol=1e-5)
    np.testing.assert_allclose(sum(ours.delivered.values()), power, rtol=1e-4, atol=1e-11)


def test_an_input_can_come_back_to_a_pair(library, surrogate):
    """Its resistor has a gradient with ideal sources."""
    cells = {"activation": [surrogate("pair"), None], "negation": [None, None]}
    structure = build_structure(library, (2, 2, 2), **cells)
    parameters, volts = parameters_of(structure, empty=False), volts_of(structure)
    theta = parameters.theta[0].at[:2, 1].set(1e-6)

    def loss(theta):
        own = parameters._replace(theta=(theta, parameters.theta[1]))
        return forward(structure, build_layers(structure, own), volts)[0][0].sum()

    assert np.abs(jax.grad(loss)(theta)[:2, 1]).min() > 0
