"""The kind of the recipe is one class: cell file, solver, SPICE and bill then know the kind."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from recipes import followed

from printron.circuits import CONVERGED, ngspice, operating_point, sweep
from printron.circuits.netlist import cell_netlist, read_spice
from printron.circuits.stages import feeding_stages
from printron.export.bill import bill
from printron.network import Part, PrintedNetwork
from printron.technology import default_process, technology
from printron.technology.checks import check_circuit
from printron.technology.component import Kind, Quantity, register
from printron.technology.limits import Limits


class Capacitor(Kind):
    """Carries no direct current."""

    name, letter, terminals = "capacitor", "C", ("a", "b")
    quantities = (Quantity("C", "F", Limits(1e-15, 1.0, "F")),)
    line = "{name} {a} {b} {C}"


CELL = """
[cells.clamp]
role = "activation"
curve = "tanh"
rails = ["vdd", "gnd"]
sweep = ["-1 V", "1 V"]
[cells.clamp.design]
R1 = ["100 kohm", "1 Mohm"]
J1 = ["1 nA", "1 uA"]
[cells.clamp.components]
X1 = { egt = ["vdd", "in", "out"], card = "B", W = "200 um", L = "60 um" }
R1 = { resistor = ["out", "gnd"], R = "R1" }
D1 = { diode = ["out", "gnd"], J = "J1" }
"""
DESIGNS = np.array([[2e5, 5e5, 9e5], [2e-9, 4e-8, 7e-7]])


@pytest.fixture
def kinds():
    """The diode of the recipe and the capacitor, for the time of a test."""
    with followed("Add a kind of component") as defined:
        yield [defined["DIODE"], register(Capacitor())]


@pytest.fixture
def cell(kinds, tmp_path):
    path = tmp_path / "clamp.toml"
    path.write_text(CELL)
    return technology(cell_files=[path]).cells["clamp"]


def test_a_cell_file_holds_the_kind(cell):
    check_circuit(cell)
    assert cell.units == ("ohm", "A")
    assert cell.counts == {"resistors": 1, "egts": 1, "diodes": 1, "capacitors": 0}
    assert feeding_stages(cell) == ()


def test_the_solver_balances_its_currents(cell):
    with jax.enable_x64(True):
        design = dict(zip(cell.variables, jnp.asarray(DESIGNS), strict=True))
        point = operating_point(cell, default_process(), design, jnp.full(3, 0.8))
        (out,) = map(np.asarray, point.voltages.values())
        into_ground = out / DESIGNS[0] + DESIGNS[1] * np.expm1(out / 0.1) + 1e-9 * out
    assert point.converged.all()
    np.testing.assert_allclose(point.source_current["vdd"], into_ground, rtol=1e-9)
    # The diode's share is seen: out is lower than with the resistor alone would be.
    assert (np.diff(into_ground * DESIGNS[0]) > np.diff(out)).all()


@pytest.mark.needs_ngspice
def test_ngspice_finds_the_same(cell):
    grid = np.linspace(-1, 1, 21)
    ours = sweep(cell, default_process(), DESIGNS, grid)
    theirs = ngspice.sweep(cell, default_process(), DESIGNS, grid, workers=1)
    assert ours.status == theirs.status == (CONVERGED,) * 3
    np.testing.assert_allclose(theirs.v_out, ours.v_out, atol=1e-6)
    assert np.ptp(ours.v_out[-1]) > 0.05  # the diodes differ


def test_its_netlist_reads_back_and_the_bill_has_a_row_and_a_column(cell):
    design = dict(zip(cell.variables, DESIGNS[:, 0], strict=True))
    netlist = cell_netlist(cell, default_process(), design, 0.5)
    assert read_spice(netlist.to_spice()) == netlist
    parts = tuple(
        Part(element, 1, "activation", "a1_h1", cell.name)
        for element in netlist.components
        if element not in netlist.sources
    )
    table = bill(PrintedNetwork(parts, (), (), (), {}))
    assert table["kind"].tolist() == ["egt", "resistor", "diode"]
    assert table["J_A"].tolist()[-1] == DESIGNS[1, 0]


def test_a_kind_without_a_path_carries_nothing_and_stands_in_the_netlist(kinds, tmp_path):
    """A capacitor beside the resistor leaves every operating point where it is."""
    path = tmp_path / "clamp.toml"
    path.write_text(CELL)
    bare = technology(cell_files=[path]).cells["clamp"]
    path.write_text(CELL + 'C1 = { capacitor = ["out", "gnd"], C = "1 nF" }\n')
    cell = technology(cell_files=[path]).cells["clamp"]
    check_circuit(cell)
    grid = np.linspace(-1, 1, 5)
    one, other = (sweep(each, default_process(), DESIGNS, grid) for each in (bare, cell))
    np.testing.assert_array_equal(one.v_out, other.v_out)
    design = dict(zip(cell.variables, DESIGNS[:, 0], strict=True))
    text = cell_netlist(cell, default_process(), design, 0.5).to_spice()
    assert "\nC1 out 0 1e-09\n" in text
