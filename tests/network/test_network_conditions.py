"""Circuits in use: sensors behind resistors, supplies that sag, thresholds that drift, copies that
deviate. Kirchhoff's laws, what ngspice says, and that two ways to solve find the same."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import made_parameters, some_slow

from printron.circuits.ngspice.samples import operating_points
from printron.network import (
    build_layers,
    build_structure,
    draw_copy,
    network_netlist,
    network_of,
    printed_copy,
    solve_loaded,
)
from printron.network.loaded import middle, settle
from printron.technology.conditions import Conditions
from printron.technology.process import default_process

pytestmark = pytest.mark.usefixtures("double")

SAMPLES = 6
USE = Conditions(default_process().spread, supply=0.1, drift=0.05, source_resistance=3e5)
EDGE = 10.0  # a normal number so large that supply or drift is at its limit
# Activation of each layer; each network is compiled.
NETWORKS = {
    "two layers": ((3, 2, 2), ("ptanh", "ptanh")),
    "passive outputs": ((3, 2, 2), ("ptanh", "none")),
    "three layers, one passive": ((2, 3, 2, 2), ("ptanh", "none", "sigmoid")),
}


@pytest.fixture(scope="module", params=some_slow(NETWORKS, "three layers, one passive"))
def structure(request, make_design):
    return make_design(*NETWORKS[request.param], conditions=USE)


def parameters_of(structure, seed):
    return jax.tree.map(
        lambda x: jnp.asarray(x, jnp.float64), made_parameters(structure, seed, scaled=True)
    )


def volts_of(structure, seed=0):
    return jnp.asarray(np.random.default_rng(seed).random((structure.topology[0], SAMPLES)))


@partial(jax.jit, static_argnums=0)
def layers_of(structure, parameters, copy):
    return printed_copy(build_layers(structure, parameters), copy, structure.conditions)


def copies(structure):
    """With the supplies at 0.9, at 1.1, and at whatever is drawn."""
    for seed, edge in enumerate((-EDGE, EDGE, None)):
        copy = draw_copy(structure, jax.random.key(seed))
        if edge is not None:
            copy.shared["supply"] = jnp.asarray(edge, jnp.float32)
        yield seed, layers_of(structure, parameters_of(structure, seed), copy)


solve, settled = (jax.jit(each, static_argnums=0) for each in (solve_loaded, settle))


def test_supplies_go_to_their_limits_and_not_beyond(structure):
    supplies = [float(layers[0].supply) for _, layers in copies(structure)]
    assert supplies[:2] == pytest.approx([0.9, 1.1])
    assert 0.9 < supplies[2] < 1.1


def assert_same_points(one, other):
    """V, and W beside the circuit's power."""
    power = float(sum(np.abs(each).max() for each in one.delivered.values()))
    for name in ("out", "columns", "rows", "negated"):
        for a, b in zip(*(jax.tree.leaves(getattr(it, name)) for it in (one, other)), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)
    for name in ("delivered", "dissipated"):
        for a, b in zip(*(jax.tree.leaves(getattr(it, name)) for it in (one, other)), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-7 * power)


def test_from_any_start_all_layers_together_settle_where_one_by_one_they_do(structure):
    """From the middle of the rails, from another circuit's operating points, from their own."""
    v = volts_of(structure)
    track = middle(structure, v)
    for _, layers in copies(structure):
        wanted = solve(structure, layers, v)
        assert wanted.converged.all()
        for start in (middle(structure, v), track):
            found, track = settled(structure, layers, v, start)
            assert found.converged.all()
            assert_same_points(wanted, found)
        again, stays = settled(structure, layers, v, track)
        assert_same_points(wanted, again)
        for a, b in zip(jax.tree.leaves(track), jax.tree.leaves(stays), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)


def test_what_the_sources_deliver_turns_to_heat(structure):
    """Without what sensors turn to heat themselves."""
    for seed, layers in copies(structure):
        ours = solve(structure, layers, volts_of(structure, seed))
        heat = sum(each.sum(0) for each in ours.dissipated.values())
        np.testing.assert_allclose(sum(ours.delivered.values()), heat, rtol=1e-8)


def in_ngspice(structure, layers, v):
    """Nodes' voltages, the source of every node, and what it delivers to the network, W."""
    printed = network_of(structure, layers)
    netlist = network_netlist(printed)
    inputs = {f"V{each.node}": np.asarray(v)[k] for k, each in enumerate(printed.inputs)}
    found = operating_points(netlist, inputs, netlist.nodes, workers=1)
    rails = {source.name: source.values["V"] for source in netlist.sources}
    power = {name: rails[name] * current for name, current in found.source_current.items()}
    for each in printed.inputs:  # behind the sensor's resistance
        at = found.voltages[each.node]
        power[f"V{each.node}"] = at * found.source_current[f"V{each.node}"]
    return printed, found.voltages, power


@pytest.mark.needs_ngspice
def test_ngspice_finds_the_same(structure):
    for seed, layers in copies(structure):
        v = volts_of(structure, seed)
        ours = solve(structure, layers, v)
        assert ours.converged.all()
        printed, voltages, power = in_ngspice(structure, layers, v)
        for out, each in zip(ours.out, printed.outputs, strict=True):
            there = 0 if each.node == "gnd" else voltages[each.node]
            np.testing.assert_allclose(out, there, rtol=0, atol=1e-5)
        for row, each in zip(ours.rows[0], printed.inputs, strict=False):
            np.testing.assert_allclose(row, voltages[each.node], rtol=0, atol=1e-5)
        assert np.abs(ours.rows[0][:-1] - v).max() > 1e-3  # sensors do feel the load
        total = sum(power.values())
        np.testing.assert_allclose(sum(ours.delivered.values()), total, rtol=1e-4, atol=1e-11)


@pytest.mark.parametrize("resistance", [1e-3, 1e5, 1e9])
def test_a_crossbar_alone_is_a_network_of_resistors(library, resistance):
    """Nodal analysis by NumPy, sensors included; ideal sources where they have no resistance."""
    structures = [
        build_structure(library, (3, 2), activation=None, negation=None, conditions=conditions)
        for conditions in (Conditions(source_resistance=resistance), Conditions())
    ]
    parameters = parameters_of(structures[0], 1)
    v = volts_of(structures[0])
    layers = build_layers(structures[0], parameters)
    ours, ideal = (solve(it, layers, v) for it in structures)
    g, source = np.asarray(layers[0].crossbar.plus), 1 / resistance
    # Unknowns: three rows, two columns.
    laplacian = np.zeros((5, 5))
    laplacian[:3, :3] = np.diag(g[:3].sum(1) + source)
    laplacian[3:, 3:] = np.diag(g.sum(0))
    laplacian[:3, 3:], laplacian[3:, :3] = -g[:3], -g[:3].T
    bias = structures[0].process.crossbar.V_bias
    known = np.concatenate([source * np.asarray(v), np.outer(g[3] * bias, np.ones(SAMPLES))])
    nodes = np.linalg.solve(laplacian, known)
    np.testing.assert_allclose(ours.rows[0][:3], nodes[:3], rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.out, nodes[3:], rtol=0, atol=1e-9)
    moved = np.abs(ours.out - ideal.out).max()
    assert moved < 1e-7 if resistance < 1 else moved > 1e-4


def test_without_resistance_sensors_are_ideal_sources(library, surrogate):
    """In a network with circuits, too."""
    first, second = (
        build_structure(
            library,
            (3, 2),
            activation=surrogate("ptanh"),
            negation=surrogate("negation"),
            conditions=Conditions(source_resistance=resistance),
        )
        for resistance in (0.0, 1e-4)
    )
    parameters, v = parameters_of(first, 2), volts_of(first)
    layers = build_layers(first, parameters)
    one, other = solve(first, layers, v), solve(second, layers, v)
    np.testing.assert_allclose(one.out, other.out, rtol=0, atol=1e-7)
    for name, power in one.delivered.items():
        np.testing.assert_allclose(power, other.delivered[name], rtol=1e-5, atol=1e-13)
