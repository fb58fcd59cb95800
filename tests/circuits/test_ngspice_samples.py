"""ngspice on many samples of one netlist: the sweep is what each sample gives alone."""

import numpy as np
import pytest
from made_up_parts import egt, resistor, voltage

from printron.circuits.components import GROUND
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice import NgspiceError, operating_point
from printron.circuits.ngspice.samples import operating_points
from printron.errors import PrintronError
from printron.technology import default_process

pytestmark = pytest.mark.needs_ngspice
CARD = default_process().card("B")


def inverter(volts=0.0):
    """A transistor with a load, and a divider at its gate; the second input feeds the divider."""
    return Netlist(
        "inverter",
        (
            resistor("Rload", "vdd", "out", 100e3),
            egt("X1", "out", "gate", GROUND, 400e-6, 40e-6, CARD),
            resistor("R1", "in1", "gate", 1e6),
            resistor("R2", "in2", "gate", 2e6),
            voltage("Vvdd", "vdd", GROUND, 1.0),
            voltage("Vin1", "in1", GROUND, volts),
            voltage("Vin2", "in2", GROUND, 0.25),
        ),
    )


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("count", [1, 7])
def test_a_sample_is_the_operating_point_of_the_file(count, one_by_one):
    volts = np.linspace(0, 1, 7)[:count][::-1]
    got = operating_points(inverter(), {"Vin1": volts}, ["out"], one_by_one=one_by_one, workers=2)
    assert got.converged.all()
    for k, v in enumerate(volts):
        alone = operating_point(inverter(float(v)))
        assert got.voltages["out"][k] == pytest.approx(alone.voltages["out"], abs=1e-6)
        for name, current in alone.source_current.items():
            assert got.source_current[name][k] == pytest.approx(current, rel=1e-5, abs=1e-13)


def test_samples_are_cut_into_sweeps_and_keep_their_order(monkeypatch):
    monkeypatch.setattr("printron.circuits.ngspice.samples.LARGEST_SWEEP", 4)
    volts = np.random.default_rng(0).random(11)
    inputs = {"Vin1": volts, "Vin2": volts[::-1]}
    got = operating_points(inverter(), inputs, ["gate"], workers=2)
    np.testing.assert_allclose(got.voltages["gate"], (2 * volts + volts[::-1]) / 3, atol=1e-6)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_sample_that_fails_is_named_and_takes_no_other_with_it(tmp_path, one_by_one):
    volts = np.array([0.1, 0.3, 1e300, 0.5, 0.7])
    got = operating_points(
        inverter(), {"Vin1": volts}, ["out"], one_by_one=one_by_one, workers=1, keep_dir=tmp_path
    )
    assert got.converged.tolist() == [True, True, False, True, True]
    assert np.isnan(got.voltages["out"]).tolist() == [False, False, True, False, False]
    assert "did not solve sample 2" in got.status[2]
    kept = got.status[2].rpartition("kept at ")[2]
    assert kept.startswith(str(tmp_path))
    alone = operating_point(inverter(0.7))
    assert got.voltages["out"][4] == pytest.approx(alone.voltages["out"], abs=1e-6)


def test_no_sample_at_all_is_an_error(tmp_path):
    with pytest.raises(NgspiceError, match="none of the 2 samples"):
        operating_points(inverter(), {"Vin1": np.array([1e300, 2e300])}, ["out"], keep_dir=tmp_path)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"Vin9": [0.0]}, "the netlist has the sources"),
        ({"Vin1": [0.0], "Vin2": [0.0, 1.0]}, "all need the same number"),
        ({"Vin1": [np.nan]}, "not a finite number"),
    ],
)
def test_wrong_inputs_are_one_sentence(inputs, told):
    with pytest.raises(PrintronError, match=told):
        operating_points(inverter(), {k: np.array(v) for k, v in inputs.items()}, ["out"])
