"""Gates that leak to ground: Kirchhoff's laws, what ngspice says, and what a leak is not."""

import tomllib
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import made_parameters, some_slow

from printron.circuits.ngspice.samples import operating_points
from printron.export import bill
from printron.network import (
    build_layers,
    build_structure,
    draw_copy,
    layer_columns,
    network_netlist,
    network_of,
    printed_copy,
    solve_loaded,
)
from printron.technology.conditions import Conditions
from printron.technology.library import parse_cells
from printron.technology.process import default_process, shipped

pytestmark = pytest.mark.usefixtures("double")

SAMPLES, OHM = 5, 5e6
USE = Conditions(
    default_process().spread, supply=0.1, drift=0.02, source_resistance=1e5, gate_leakage=OHM
)
SHIFTED = ("ptanh_published", "negation_published")
# Topology, activation and negation of each layer.
NETWORKS = {
    "pairs": ((3, 2, 2), ("pair", "none"), ("none", "none")),
    "dividers": ((2, 2, 2), ("ptanh", "sigmoid"), ("negation", "negation")),
    "gates as inputs": ((2, 2, 2), ("ptanh_published", "clipped_relu"), (SHIFTED[1], "none")),
}


@pytest.fixture(scope="module")
def with_gates(library):
    """The cells that ship, those with a level shift as a user's cells, whose gates are inputs."""
    bodies = tomllib.loads(shipped("cells.toml").read_text("utf-8"))["cells"]
    own = {name: bodies[name] for name in SHIFTED}
    for body in own.values():
        del body["components"]["E1"]
        body["components"]["X1"]["egt"][1] = "in"
    return replace(library, cells={**library.cells, **parse_cells({"cells": own}, "")})


@pytest.fixture(scope="module", params=some_slow(NETWORKS, "dividers", "gates as inputs"))
def structure(request, with_gates, surrogate):
    topology, *cells = NETWORKS[request.param]
    activation, negation = ([surrogate(name) for name in names] for names in cells)
    return build_structure(
        with_gates, topology, activation=activation, negation=negation, conditions=USE
    )


def parameters_of(structure, seed):
    return jax.tree.map(
        lambda x: jnp.asarray(x, jnp.float64), made_parameters(structure, seed, scaled=True)
    )


def volts_of(structure, seed=0):
    return jnp.asarray(np.random.default_rng(seed).random((structure.topology[0], SAMPLES)))


def copy_of(structure, seed):
    """The layers of a printed copy in use."""
    layers = build_layers(structure, parameters_of(structure, seed))
    return printed_copy(layers, draw_copy(structure, jax.random.key(seed)), structure.conditions)


solve = jax.jit(solve_loaded, static_argnums=0)


@pytest.mark.needs_ngspice
def test_ngspice_gives_the_same_voltages_and_power(structure):
    """Of printed copies, with sensors behind resistors; and all power turns to heat."""
    for seed in range(2):
        volts, layers = volts_of(structure, seed), copy_of(structure, seed)
        ours, network = solve(structure, layers, volts), network_of(structure, layers)
        heat = sum(each.sum(0) for each in ours.dissipated.values())
        np.testing.assert_allclose(sum(ours.delivered.values()), heat, rtol=1e-9)
        netlist = network_netlist(network)
        inputs = {f"Vin{k + 1}": np.asarray(v) for k, v in enumerate(volts)}
        found = operating_points(netlist, inputs, netlist.nodes, workers=1)
        assert ours.converged.all()
        for out, output in zip(ours.out, network.outputs, strict=True):
            np.testing.assert_allclose(out, found.voltages[output.node], rtol=0, atol=1e-6)
        for z, nodes in zip(ours.columns, network.columns, strict=True):
            for k, node in nodes.items():
                np.testing.assert_allclose(z[k], found.voltages[node], rtol=0, atol=1e-6)
        rails = {source.name: source.values["V"] for source in netlist.sources}
        currents = found.source_current.items()
        theirs = sum(inputs.get(name, rails[name]) * current for name, current in currents)
        in_sensors = ((volts - ours.rows[0][:-1]) ** 2).sum(0) / USE.source_resistance
        by_hand = sum(ours.delivered.values()) + in_sensors
        np.testing.assert_allclose(by_hand, theirs, rtol=1e-5, atol=1e-11)


def test_a_leak_is_nothing_that_is_printed(structure):
    """The bill is the same, and the netlist has one more resistor for each gate not at ground."""
    tight = replace(structure, conditions=replace(USE, gate_leakage=None))
    parameters = parameters_of(structure, 0)
    ours, without = (network_of(it, build_layers(it, parameters)) for it in (structure, tight))
    assert bill(ours).equals(bill(without))
    leaks = {part.name: part for part in network_netlist(ours).components}
    for part in network_netlist(without).components:
        assert leaks.pop(part.name) == part
    gates = {p.name: p.nodes[1] for p in ours.parts if p.element.kind.name == "egt"}
    assert {f"R{name}_gate": (node, "gnd") for name, node in gates.items() if node != "gnd"} == {
        name: part.nodes for name, part in leaks.items()
    }
    assert {part.values["R"] for part in leaks.values()} == {OHM}


@pytest.mark.parametrize("name", ["pair", "clipped_relu", "ptanh"])
def test_columns_before_gates_are_dividers_with_a_leak(library, surrogate, name):
    """By nodal analysis, in the model with ideal sources; and slopes are finite differences."""
    structure = build_structure(library, (2, 2), activation=surrogate(name), negation=None)
    parameters, volts = parameters_of(structure, 3), volts_of(structure)
    bias, weights = structure.process.crossbar.V_bias, jnp.full(SAMPLES, 1 / SAMPLES)
    for ohm in (None, 1e5, 1e7):
        under = replace(structure, conditions=Conditions(gate_leakage=ohm))

        def columns(q, under=under):
            layer = build_layers(under, parameters._replace(activation=(q,)))[0]
            return layer, layer_columns(under, layer, volts, weights).z

        (q,), leak = parameters.activation, 1 / ohm if ohm else 0
        layer, z = columns(q)
        g = np.asarray(layer.crossbar.plus)
        fed, total = g[:2].T @ np.asarray(volts) + bias * g[2][:, None], g.sum(0)
        if name == "ptanh":  # its middle node, where the gate is
            R_in, R_shift = (float(layer.activation.values[k, 0]) for k in (0, 1))
            for j in range(2):
                matrix = [[total[j] + 1 / R_in, -1 / R_in], [-1 / R_in, 1 / R_in + 1 / R_shift]]
                matrix[1][1] += leak
                right = np.stack([fed[j], np.full(SAMPLES, -1 / R_shift)])
                expected = np.linalg.solve(np.array(matrix), right)[0]
                np.testing.assert_allclose(z[j], expected, rtol=0, atol=1e-12)
            slope = jax.jvp(lambda q: columns(q)[1], (q,), (jnp.ones_like(q),))[1]
            there = (columns(q + 1e-5)[1] - columns(q - 1e-5)[1]) / 2e-5
            np.testing.assert_allclose(slope, there, rtol=1e-6, atol=1e-10)
        else:
            expected = fed / (total + leak + (total == 0))[:, None]
            np.testing.assert_allclose(z, expected, rtol=0, atol=1e-12)
