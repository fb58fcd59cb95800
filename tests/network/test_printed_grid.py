"""Networks on the grid of a printer: what is built, judged and exported is on it."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_network import countless, made_parameters

from printron.circuits.ngspice.samples import operating_points
from printron.network import (
    build_layers,
    build_structure,
    film_areas,
    network_netlist,
    printed_network,
    solve_loaded,
)
from printron.technology import technology
from printron.technology.grid import Grid, Resistors
from printron.technology.process import default_process

pytestmark = pytest.mark.usefixtures("double")

PITCHES = {"W": 20e-6, "L": 10e-6, "R": 10e3}  # m, m, ohm
CELLS = {"pairs": (("pair", "none"), (None, None)), "dividers": (("ptanh", "ptanh"), ("negation",))}


@pytest.fixture(scope="module")
def gridded():
    """The shipped cells on a process with a grid."""
    tables = {
        "grid": Grid(W="20 um", L="10 um", resistor="20 um"),
        "resistors": Resistors(sheet="100 kohm", width="200 um", source="assumed"),
    }
    return technology(default_process().model_copy(update=tables))


@pytest.fixture(scope="module", params=CELLS)
def structures(request, library, gridded, surrogate):
    """Without a grid, and on one."""
    activation, negation = CELLS[request.param]
    made = [
        build_structure(
            of,
            (3, 3, 2),
            activation=[surrogate(name) for name in activation],
            negation=[name and surrogate(name) for name in (negation * 2)[:2]],
            sharing="neuron",
        )
        for of in (library, gridded)
    ]
    return tuple(made)


def parameters_of(structure, seed):
    made = made_parameters(structure, seed, scaled=True)
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), made)


def test_every_printed_size_is_a_multiple_within_its_range(structures):
    """In the layers that are judged, and in the parts that are exported, which are the same."""
    plain, structure = structures
    for seed in range(3):
        parameters = parameters_of(structure, seed)
        network = printed_network(structure, parameters)
        exact = {
            part.name: part.element.values for part in printed_network(plain, parameters).parts
        }
        assert {part.name for part in network.parts} == set(exact)
        moved = 0
        for part in network.parts:
            for key, value in part.element.values.items():
                assert value / PITCHES[key] == pytest.approx(round(value / PITCHES[key]), rel=1e-9)
                before = exact[part.name][key]
                assert abs(value - before) <= PITCHES[key] * (0.5 + 1e-6)
                moved += value != before
        assert moved > len(exact) / 2
        for layer in build_layers(structure, parameters):
            low, high = layer.activation.cell.bounds if layer.activation else (0, np.inf)
            values = layer.activation.values.T if layer.activation else 1
            assert np.all((values >= low * (1 - 1e-9)) & (values <= high * (1 + 1e-9)))


def test_printed_films_cover_whole_squares_of_the_grid(structures):
    """A resistor on a grid is a line of some pitches, a channel a rectangle of some."""
    plain, structure = structures
    parts = printed_network(structure, parameters_of(structure, 0)).parts
    areas = film_areas(parts, structure.process)
    numbers = {kind: sum(part.element.kind.name == kind for part in parts) for kind in areas}
    squares = {"resistor": 20e-6 * 200e-6, "egt": PITCHES["W"] * PITCHES["L"]}
    assert set(areas) == set(squares)
    for kind, square in squares.items():
        covered = areas[kind] / square
        assert covered == pytest.approx(round(covered), rel=1e-9)
        assert covered >= numbers[kind] > 0
    unknown = film_areas(parts, plain.process)
    assert (unknown["resistor"], unknown["egt"]) == (None, areas["egt"])


def test_curves_and_power_are_those_of_the_moved_design(structures):
    _, structure = structures
    for layer in build_layers(structure, parameters_of(structure, 1)):
        for state in filter(None, (layer.activation, layer.negation)):
            (model,) = [it for it in structure.models if it.cell == state.cell]
            u = model.surrogate.normalize(np.asarray(state.values))
            eta, power = model.surrogate.eta_power(jnp.asarray(u))
            np.testing.assert_allclose(state.eta, eta, rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(state.power, power, rtol=1e-6)


def test_gradients_pass_as_if_there_were_no_grid(structures):
    """Of sizes and conductances; nothing learned stands still."""

    def total(structure, parameters, part):
        layers = countless(structure, parameters)
        if part == "values":
            states = [s for it in layers for s in (it.activation, it.negation) if s]
            return sum(
                jnp.sum(s.values * jnp.cos(jnp.arange(s.values.size)).reshape(s.values.shape))
                for s in states
            )
        crossbars = [it.crossbar.plus + 2 * it.crossbar.minus for it in layers]
        return 1e6 * sum(
            jnp.sum(g * jnp.cos(jnp.arange(g.size)).reshape(g.shape)) for g in crossbars
        )

    plain, structure = structures
    parameters = parameters_of(structure, 2)
    for part in ("values", "conductances"):
        ours, theirs = (
            jax.grad(total, argnums=1)(each, parameters, part) for each in (structure, plain)
        )
        assert sum(float(jnp.abs(x).sum()) for x in jax.tree.leaves(ours)) > 0
        for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_ngspice_solves_the_circuit_on_the_grid(structures):
    _, structure = structures
    parameters = parameters_of(structure, 0)
    volts = jnp.asarray(np.random.default_rng(0).random((3, 5)))
    ours = jax.jit(solve_loaded, static_argnums=0)(
        structure, build_layers(structure, parameters), volts
    )
    network = printed_network(structure, parameters)
    inputs = {f"Vin{k + 1}": np.asarray(v) for k, v in enumerate(volts)}
    nodes = [output.node for output in network.outputs]
    found = operating_points(network_netlist(network), inputs, nodes, workers=1)
    for out, node in zip(ours.out, nodes, strict=True):
        np.testing.assert_allclose(out, found.voltages[node], rtol=0, atol=1e-5)


def test_without_pitches_nothing_moves(structures, gridded):
    plain, _ = structures
    process = gridded.process.model_copy(update={"grid": Grid()})
    parameters = parameters_of(plain, 0)
    for one, other in zip(
        build_layers(plain, parameters),
        build_layers(replace(plain, process=process), parameters),
        strict=True,
    ):
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
