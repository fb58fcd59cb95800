"""The loaded network is the printed circuit: Kirchhoff's laws, and what ngspice says."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import assert_finite_difference, countless, made_parameters
from unoptimized import unoptimized

from printron.circuits import operating_point
from printron.circuits.ngspice.samples import operating_points
from printron.network import Parameters, build_layers, network_netlist, printed_network
from printron.network.loaded import begin_track, solve_loaded, track_loaded
from printron.network.loaded.layer import _solved

pytestmark = pytest.mark.usefixtures("double")

NETWORKS = [  # each is compiled once, whatever its parameters
    ((3, 2, 2), ("ptanh", "negation"), "network"),
    ((3, 2, 2), ("ptanh_published", "negation_divider"), "layer"),
    ((3, 2, 2), ("sigmoid", "negation"), "network"),
    ((1, 2, 2, 3), ("ptanh", "negation"), "neuron"),
    ((3, 2), ("ptanh_follower", "negation_follower"), "network"),
]
SAMPLES = 12

build = unoptimized(build_layers, static_argnums=0)
solve = unoptimized(solve_loaded, static_argnums=0)
begin = unoptimized(begin_track, static_argnums=0)


def volts_of(design, seed=0):
    return np.random.default_rng(seed).random((design.topology[0], SAMPLES))


def loaded(design, parameters, volts):
    layers = build(design, jax.tree.map(jnp.asarray, parameters))
    return solve(design, layers, jnp.asarray(volts))


def in_ngspice(design, parameters, volts):
    printed = printed_network(design, parameters)
    netlist = network_netlist(printed)
    inputs = {f"Vin{k + 1}": v for k, v in enumerate(volts)}
    samples = operating_points(netlist, inputs, netlist.nodes, workers=1)
    rails = {source.name: source.values["V"] for source in netlist.sources}
    power = {
        name: inputs.get(name, rails[name]) * current
        for name, current in samples.source_current.items()
    }
    return printed, samples, power


def sparse(design, seed, zeros=0.3, scaled=False):
    """Parameters some of whose resistors are absent for good."""
    parameters = made_parameters(design, seed, scaled)
    rng = np.random.default_rng(seed)
    theta = tuple(np.where(rng.random(t.shape) < zeros, 0, t) for t in parameters.theta)
    # Every output has an input: else there may be nothing to look at.
    theta[-1][0] = np.where(theta[-1][0] == 0, 0.5, theta[-1][0])
    return parameters._replace(theta=theta)


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("topology", "cells", "sharing"), NETWORKS)
def test_ngspice_gives_the_same_voltages_and_power(
    make_design, topology, cells, sharing, seed, scaled
):
    design = make_design(topology, *cells, sharing=sharing)
    parameters, volts = sparse(design, seed, scaled=scaled), volts_of(design, seed)
    ours = loaded(design, parameters, volts)
    assert ours.converged.all()
    printed, samples, power = in_ngspice(design, parameters, volts)
    for out, output in zip(ours.out, printed.outputs, strict=True):
        np.testing.assert_allclose(out, samples.voltages[output.node], rtol=0, atol=1e-5)
    total = sum(power.values())
    np.testing.assert_allclose(sum(ours.delivered.values()), total, rtol=1e-4, atol=1e-11)
    for name in ("vdd", "bias"):
        if f"V{name}" in power:
            np.testing.assert_allclose(ours.delivered[name], power[f"V{name}"], 1e-4, 1e-11)


def constant_neuron(design, small):
    """The second hidden neuron has no input and hangs on the negated bias; the outputs load it.

    `small` is the smallest conductance of a column, of which all others are multiples: the smaller,
    the better the columns conduct.
    """
    parameters = made_parameters(design, 3)
    first = np.array([[0.5, 0], [-0.4, 0], [0.3, 0], [-0.6, -0.9], [small, small]], np.float32)
    second = np.array([[0.7, -0.2], [0.9, 0.8], [-0.1, 0.3], [small, small]], np.float32)
    return parameters._replace(theta=(first, second))


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("small", [0.2, 1e-3])
def test_a_column_that_the_next_layer_loads_loads_the_negated_bias(make_design, small):
    design = make_design((3, 2, 2))
    parameters, volts = constant_neuron(design, small), volts_of(design)
    ours = loaded(design, parameters, volts)
    _, samples, _ = in_ngspice(design, parameters, volts)
    assert ours.converged.all()
    np.testing.assert_allclose(ours.rows[1][1], samples.voltages["z1_h2"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.negated[0][-1], samples.voltages["n1_bias"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.out[0], samples.voltages["a2_out1"], rtol=0, atol=1e-5)
    # It is not the voltage of the open column.
    negated = ours.negated[0][-1]
    theta = np.abs(parameters.theta[0][:, 1])
    open_column = theta[-2] * negated / theta.sum()
    assert (np.abs(ours.rows[1][1] - open_column) > 1e-3).all()


# Where stiff columns load a column that has no input, passes over the layers settle slowly.
@pytest.mark.parametrize(("scaled", "rtol"), [(False, 1e-9), (True, 1e-8)])
@pytest.mark.parametrize(("topology", "cells", "sharing"), NETWORKS)
def test_what_the_sources_deliver_turns_to_heat(
    make_design, topology, cells, sharing, scaled, rtol
):
    design = make_design(topology, *cells, sharing=sharing)
    for seed in range(3):
        parameters = sparse(design, seed + 10, scaled=scaled)
        ours = loaded(design, parameters, volts_of(design, seed))
        heat = sum(each.sum(0) for each in ours.dissipated.values())
        np.testing.assert_allclose(sum(ours.delivered.values()), heat, rtol=rtol)


def well_printed(design):
    """Smaller circuits' values, away from the edges of their ranges; resistors all well printed."""
    parameters = made_parameters(design, 5)
    theta = tuple(np.sign(t) * (0.1 + np.abs(t)) for t in parameters.theta)
    cells = (tuple(0.3 * q for q in group) for group in parameters[1:3])
    scale = (np.array([5.0, 3.0]), np.array([4.0, 6.0]))
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), Parameters(theta, *cells, scale))


def total(it):
    """A number that follows from outputs, what sources deliver, and heat."""
    weights = jnp.cos(jnp.arange(it.out.size)).reshape(it.out.shape)
    heat = sum(each.mean() for each in it.dissipated.values())
    delivered = jnp.mean(sum(it.delivered.values()))
    return jnp.sum(weights * it.out) + 1e3 * delivered + 500 * heat


@partial(unoptimized, static_argnums=0)
def solved(design, parameters, volts):
    """Operating points, their total and its gradient."""

    def loss(parameters):
        it = solve_loaded(design, countless(design, parameters), volts)
        return total(it), it

    (value, it), gradient = jax.value_and_grad(loss, has_aux=True)(parameters)
    return value, it, gradient


@partial(unoptimized, static_argnums=0)
def followed(design, parameters, volts, track):
    """One step of a track: operating points near by, the gradient of their total, the track."""

    def loss(parameters):
        it, there = track_loaded(design, countless(design, parameters), volts, 1.0, track)
        return total(it), (it, there)

    gradient, (it, there) = jax.grad(loss, has_aux=True)(parameters)
    return it, gradient, there


def test_a_gradient_is_the_finite_difference(make_design):
    design = make_design((3, 2, 2))
    parameters, volts = well_printed(design), jnp.asarray(volts_of(design))
    _, _, gradient = solved(design, parameters, volts)
    assert_finite_difference(lambda moved: solved(design, moved, volts)[0], parameters, gradient, 6)


@partial(unoptimized, static_argnums=0)
def unloaded(design, circuits, volts):
    """Operating points of circuits that nothing loads."""
    values = dict(zip(circuits.cell.variables, circuits.values[:, :, None], strict=True))
    return operating_point(circuits.cell, design.process, values, volts)


@pytest.mark.parametrize("small", [0.0, 1e-6])
def test_without_loading_circuits_are_ideal_sources(make_design, small):
    """As they would be with resistors a million times as large as printed."""
    design = make_design((2, 2))
    parameters, volts = made_parameters(design, 1), volts_of(design)
    layers = build(design, jax.tree.map(jnp.asarray, parameters))

    def scaled(layer):
        crossbar, load = layer.crossbar, jax.tree.map(lambda g: small * g, layer.activation.load)
        few = crossbar._replace(plus=crossbar.plus * small, minus=crossbar.minus * small)
        return layer._replace(crossbar=few, activation=replace(layer.activation, load=load))

    printed = tuple(map(scaled, layers)) if small else layers
    ours = solve(design, printed, jnp.asarray(volts), 1.0 if small else 0.0)
    rows, negated = ours.rows[0], ours.negated[0]
    crossbar, load = layers[0].crossbar, layers[0].activation.load.conductance
    current = crossbar.plus[:3].T @ rows + crossbar.minus[:3].T @ negated
    alone = (current + load * design.process.rail("vss")) / (crossbar.column_sum + load)[:, None]
    np.testing.assert_allclose(ours.columns[0], alone, rtol=0, atol=1e-7 + 10 * small)
    open_circuit = unloaded(design, layers[0].negation, rows)
    np.testing.assert_allclose(
        negated, open_circuit.voltages["out"], rtol=0, atol=1e-7 + 10 * small
    )


def test_a_track_follows_a_circuit_that_moves(make_design):
    """A hundredth of every conductance away, two steps find what a solution from nothing finds."""
    design = make_design((3, 2, 2))
    parameters, volts = well_printed(design), jnp.asarray(volts_of(design))
    rng = np.random.default_rng(0)
    moved = parameters._replace(
        theta=tuple(t * (1 + 0.01 * rng.normal(size=t.shape)) for t in parameters.theta)
    )
    there = begin(design, build(design, parameters), volts)
    _, exact, wanted = solved(design, moved, volts)
    for _ in range(3):  # the last looks at what two have found
        near, _, there = followed(design, moved, volts, there)
    assert np.abs(near.out - exact.out).max() < 1e-4
    assert near.error.max() < 1e-3
    for _ in range(2):  # standing still, it gets there
        near, slope, there = followed(design, moved, volts, there)
    np.testing.assert_allclose(near.out, exact.out, rtol=0, atol=1e-9)
    assert near.converged.all()
    for ours, theirs in zip(jax.tree.leaves(slope), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_columns_are_solved_like_numpy_does_and_so_is_the_way_back(n):
    rng = np.random.default_rng(n)
    matrix = rng.normal(size=(n, n, 5)) + 2 * n * np.eye(n)[..., None]
    right, weights = rng.normal(size=(2, n, 5))
    by_sample = np.moveaxis(matrix, 2, 0)

    def total(b):
        return jnp.sum(weights * _solved(jnp.asarray(matrix), b))

    found, back = _solved(jnp.asarray(matrix), jnp.asarray(right)), jax.grad(total)(right)
    expected = np.linalg.solve(by_sample, right.T[..., None])[..., 0].T
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    expected = np.linalg.solve(by_sample.swapaxes(1, 2), weights.T[..., None])[..., 0].T
    np.testing.assert_allclose(back, expected, rtol=1e-12)
