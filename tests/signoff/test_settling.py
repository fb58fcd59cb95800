"""How fast a circuit is: the slowest of ten steps that change its class."""

import math

import numpy as np
import pytest
from hanging import hanging_ngspice, left_of
from hypothesis import given
from hypothesis import strategies as st
from made_up_network import made_parameters
from made_up_parts import egt, resistor, voltage

from printron.characterization import surrogate_for
from printron.circuits.components import GROUND
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice.runner import Runner
from printron.network import build_structure, network_netlist, printed_network
from printron.signoff import settling, sign_off
from printron.signoff.settling import (
    AGREE_V,
    STEPS,
    WITHIN_V,
    UnsettledError,
    class_changes,
    settling_of,
)
from printron.technology import (
    GateCapacitance,
    TechnologyError,
    default_process,
    load_process,
    technology,
)
from printron.technology.process import shipped

GATES = GateCapacitance(value="1 uF/cm2", source="made up")
W, L, OHMS = 400e-6, 50e-6, 2e6
TAU_S = W * L * GATES.value * OHMS


def follower(gates=True):
    """An input behind a resistor, at a gate if there are any."""
    card = default_process().card("B")
    parts = [resistor("R1", "in1", "gate", OHMS), voltage("Vin1", "in1", GROUND, 0.0)]
    if gates:
        parts += [voltage("Vvdd", "vdd", GROUND, 1.0), egt("X1", "vdd", "gate", GROUND, W, L, card)]
    else:
        parts += [resistor("R2", "gate", GROUND, 1e12)]
    return Netlist("follower", tuple(parts))


VOLTS = np.array([0.1, 0.7, 0.4, 1.0])
ROWS = np.array([0, 1, 2, 3, 0])


def settled(netlist, capacitance=GATES, outputs=VOLTS, rows=ROWS):
    inputs = {"Vin1": VOLTS}
    return settling_of(netlist, inputs, {"gate": outputs}, rows, capacitance, Runner(120.0))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=40))
def test_each_step_changes_the_class(samples):
    classes, usable = (np.array(each) for each in zip(*samples, strict=True))
    if len(set(classes[usable].tolist())) < 2:
        with pytest.raises(UnsettledError, match="the same class"):
            class_changes(classes, usable)
        return
    rows = class_changes(classes, usable)
    assert len(rows) == STEPS + 1
    assert usable[rows].all()
    assert (np.diff(classes[rows]) != 0).all()
    np.testing.assert_array_equal(rows, class_changes(classes, usable))


@pytest.mark.needs_ngspice
def test_the_slowest_step_is_the_settling_time():
    """A gate behind a resistor: RC ln(step / 5 mV), and 0.9 V is the largest step."""
    found = settled(follower())
    expected = [TAU_S * math.log(abs(step) / WITHIN_V) for step in np.diff(VOLTS[ROWS])]
    np.testing.assert_allclose(found.times_s, expected, rtol=5e-3)
    assert found.settle_s == pytest.approx(TAU_S * math.log(0.9 / WITHIN_V), rel=5e-3)


@pytest.mark.needs_ngspice
def test_a_time_that_was_guessed_too_short_is_prolonged(monkeypatch):
    long = settled(follower())
    monkeypatch.setattr(settling, "TIME_CONSTANTS", 0.5)
    np.testing.assert_allclose(settled(follower()).times_s, long.times_s, rtol=2e-3)


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("factor", [0.01, 5.0])
def test_the_settling_time_is_proportional_to_the_capacitance(factor):
    other = GateCapacitance(value=f"{factor} uF/cm2", source="made up")
    once, scaled = settled(follower()), settled(follower(), other)
    np.testing.assert_allclose(scaled.times_s, factor * once.times_s, rtol=1e-3)


def test_a_circuit_without_gates_settles_at_once():
    assert settled(follower(gates=False)).settle_s == 0


@pytest.mark.needs_ngspice
@pytest.mark.parametrize(("row", "told"), [(0, "begins"), (2, "the step to row 2")])
def test_a_transient_that_does_not_meet_the_operating_points_is_no_settling_time(row, told):
    wrong = VOLTS.copy()
    wrong[row] += 85e-3
    with pytest.raises(UnsettledError, match=rf"{told}.*|85 mV .*{told}") as failure:
        settled(follower(), outputs=wrong)
    assert "85 mV from the operating point" in str(failure.value)
    assert AGREE_V < 85e-3


# ------------------------------------------------------------------------- whole networks


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.random((3, 25)), rng.integers(0, 2, 25)


def design(process=None):
    library = technology(process)
    cells = (surrogate_for(library, name) for name in ("ptanh", "negation"))
    activation, negation = cells
    return build_structure(library, (3, 2, 2), activation=activation, negation=negation)


def parameters_with_both_classes(structure):
    """Two outputs of opposite sign."""
    parameters = made_parameters(structure, 2)
    theta = tuple(np.abs(each) for each in parameters.theta)
    theta[0][:] = [[1, 0], [0, 1], [0.1, 0.1], [0, 0], [0.3, 0.3]]
    theta[1][:] = [[1, 0.1], [0.1, 1], [0, 0], [0.1, 0.1]]
    cells = [tuple(np.zeros_like(q) for q in each) for each in parameters[1:3]]
    return parameters._replace(theta=theta, activation=cells[0], negation=cells[1])


@pytest.mark.needs_ngspice
def test_a_network_says_its_settling_time_and_the_energy_of_a_decision(rows):
    structure = design()
    parameters = parameters_with_both_classes(structure)
    verdict = sign_off(structure, parameters, rows, settle=True, workers=2)
    assert verdict.unsettled == ""
    record = verdict.record()
    steps = record["settling"]["steps"]
    assert len(steps) == STEPS
    assert record["settle_s"] == max(step["settle_s"] for step in steps) > 1e-5
    power_W = record["spice"]["power_W"]["total"]
    assert record["energy_J"] == pytest.approx(power_W * record["settle_s"])
    assert record["settling"]["kept"] is None
    tight = sign_off(structure, parameters, rows, settle_s=record["settle_s"] / 2, workers=2)
    assert tight.record()["settling"]["kept"] is False
    assert tight.record()["settle_s"] == record["settle_s"]


def test_a_settling_time_without_ngspice_is_not_kept(rows, monkeypatch):
    monkeypatch.setenv("PRINTRON_NGSPICE", "no-such-program")
    structure = design()
    record = sign_off(structure, made_parameters(structure, 2), rows, settle_s=1.0).record()
    assert record["settle_s"] is record["energy_J"] is None
    assert record["settling"]["kept"] is False
    assert "no-such-program" in record["settling"]["missing"]


def test_a_process_without_capacitance_is_one_sentence(rows, tmp_path):
    text = shipped("inkjet_egt.toml").read_text().partition("[dynamics]")[0]
    (tmp_path / "static.toml").write_text(text)
    structure = design(load_process(tmp_path / "static.toml"))
    parameters = made_parameters(structure, 2)
    with pytest.raises(TechnologyError, match=r"has no table \[dynamics\].*train"):
        sign_off(structure, parameters, rows, settle_s=1.0)


def test_a_hanging_transient_ends_with_the_time_of_all(tmp_path, monkeypatch):
    script, pids = hanging_ngspice(tmp_path)
    monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
    runner = Runner(0.6, tmp_path / "kept")
    with pytest.raises(Exception, match="was stopped after 0.1 s.*kept at"):
        settling_of(follower(), {"Vin1": VOLTS}, {"gate": VOLTS}, ROWS, GATES, runner)
    assert not left_of(pids)


def test_operating_points_have_no_capacitances():
    structure = design()
    network = printed_network(structure, made_parameters(structure, 2))
    assert not any(part.name.startswith("C") for part in network_netlist(network).components)
