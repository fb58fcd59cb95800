"""A transient follows the laws of resistors and capacitors, and ends at the operating point."""

import math

import numpy as np
import pytest
from made_up_parts import egt, resistor, voltage

from printron.circuits.components import GROUND
from printron.circuits.gates import with_gate_capacitances
from printron.circuits.netlist import Netlist, read_spice
from printron.circuits.ngspice import NgspiceError
from printron.circuits.ngspice.runner import Runner
from printron.circuits.ngspice.samples import operating_points
from printron.circuits.ngspice.transient import Response, step_responses
from printron.technology import CAPACITOR, default_process

CARD = default_process().card("B")
W, L, PER_AREA = 400e-6, 50e-6, 1e-2  # m, m, F/m2
C = W * L * PER_AREA
R1, R2 = 1e6, 3e6


def divider():
    """Two resistors at the gate of a transistor between two supplies: no voltage but that of the
    gate can move, so that its time constant is that of the resistors in parallel."""
    return Netlist(
        "divider",
        (
            resistor("R1", "in1", "gate", R1),
            resistor("R2", "gate", GROUND, R2),
            egt("X1", "vdd", "gate", GROUND, W, L, CARD),
            voltage("Vvdd", "vdd", GROUND, 1.0),
            voltage("Vin1", "in1", GROUND, 0.0),
        ),
    )


def inverters():
    """Two inverters in a row, whose drains act back on their gates."""
    return Netlist(
        "inverters",
        (
            resistor("R1", "in1", "gate", R1),
            egt("X1", "x", "gate", GROUND, 300e-6, 60e-6, CARD),
            resistor("R2", "vdd", "x", 200e3),
            egt("X2", "out", "x", GROUND, 200e-6, 40e-6, CARD),
            resistor("R3", "vdd", "out", 300e3),
            voltage("Vvdd", "vdd", GROUND, 1.0),
            voltage("Vin1", "in1", GROUND, 0.0),
        ),
    )


def responses(netlist, levels, node, hold_s, per_area=PER_AREA):
    moving = with_gate_capacitances(netlist, per_area)
    inputs = {"Vin1": np.asarray(levels, float)}
    return step_responses(moving, inputs, [node], hold_s, Runner(120.0))


def test_half_of_a_gate_is_at_the_drain_and_half_at_the_source():
    moving = with_gate_capacitances(divider(), PER_AREA)
    added = [part for part in moving.components if part.kind == CAPACITOR]
    assert {part.nodes for part in added} == {("gate", "vdd"), ("gate", GROUND)}
    for part in added:
        assert part.values["C"] == pytest.approx(C / 2)
    assert divider().components == moving.components[: len(divider().components)]


def test_a_gate_that_is_tied_to_its_drain_has_one_capacitance():
    diode = Netlist("diode", (egt("X1", "a", "a", GROUND, W, L, CARD), voltage("V1", "a", "b", 1)))
    *_, capacitor = with_gate_capacitances(diode, 1.0).components
    assert len(diode.components) == len(with_gate_capacitances(diode, 1.0).components) - 1
    assert capacitor.nodes == ("a", GROUND)


def test_a_netlist_with_capacitances_reads_back_unchanged():
    moving = with_gate_capacitances(inverters(), PER_AREA)
    assert read_spice(moving.to_spice()) == moving


def test_a_response_settles_where_it_leaves_the_band_for_the_last_time():
    """Between the points of time voltages run straight."""
    time_s = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    volts = np.array([[1.0, 0.0, -0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.3, 0.1]])
    response = Response(time_s, volts)
    assert response.settled_s(np.zeros(2), 0.2) == pytest.approx(3.5)
    assert response.settled_s(np.zeros(2), 0.4) == pytest.approx(2.2)
    assert response.settled_s(np.zeros(2), 2.0) == 0
    assert response.settled_s(np.array([0.0, 9.0]), 0.1) == 4.0  # never


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("within_V", [20e-3, 5e-3, 1e-3])
def test_a_gate_behind_resistors_settles_by_the_logarithm_of_its_step(within_V):
    """RC ln(step / band), for steps of either sign and two heights."""
    tau_s = C * R1 * R2 / (R1 + R2)
    levels = np.array([0.0, 0.9, 0.2, 0.6])
    steps = responses(divider(), levels, "gate", 25 * tau_s)
    ends = levels * R2 / (R1 + R2)
    for step, before, after in zip(steps, ends[:-1], ends[1:], strict=True):
        expected = tau_s * math.log(abs(after - before) / within_V)
        assert step.settled_s(np.array([after]), within_V) == pytest.approx(expected, rel=5e-3)
        curve = after + (before - after) * np.exp(-step.time_s / tau_s)
        np.testing.assert_allclose(step.volts[0], curve, atol=5e-4)


@pytest.mark.needs_ngspice
def test_a_step_ends_at_the_operating_point():
    levels = np.array([0.0, 0.25, 1.0, 0.1, 0.2, 0.0])
    steps = responses(inverters(), levels, "out", 0.1)
    points = operating_points(inverters(), {"Vin1": levels}, ["out"]).voltages["out"]
    assert steps[0].volts[0, 0] == pytest.approx(points[0], abs=1e-5)
    ends = [step.volts[0, -1] for step in steps]
    np.testing.assert_allclose(ends, points[1:], atol=1e-5)
    assert np.ptp(points) > 0.5


@pytest.mark.needs_ngspice
def test_a_step_after_others_is_as_long_as_a_step_alone():
    levels = np.array([0.0, 0.3, 0.8, 0.1])
    steps = responses(inverters(), levels, "out", 0.2)
    for k, step in enumerate(steps):
        (alone,) = responses(inverters(), levels[k : k + 2], "out", 0.2)
        rest = alone.volts[:, -1]
        assert step.settled_s(rest, 5e-3) == pytest.approx(alone.settled_s(rest, 5e-3), rel=5e-3)
        assert alone.settled_s(rest, 5e-3) > 0


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("factor", [0.1, 3.0, 10.0])
def test_time_is_proportional_to_the_capacitance(factor):
    def time_s(times):
        steps = responses(inverters(), [0.0, 0.6], "out", 0.1 * times, times * PER_AREA)
        return steps[0].settled_s(steps[0].volts[:, -1], 5e-3)

    assert time_s(factor) == pytest.approx(factor * time_s(1.0), rel=1e-3)


@pytest.mark.needs_ngspice
def test_a_transient_that_fails_names_its_deck(tmp_path):
    moving = with_gate_capacitances(divider(), PER_AREA)
    with pytest.raises(NgspiceError, match="gave no transient of 'divider'.*kept at") as failure:
        step_responses(
            moving, {"Vin1": np.array([0.0, 1e300])}, ["gate"], 1.0, Runner(60.0, tmp_path)
        )
    assert str(tmp_path) in str(failure.value)
