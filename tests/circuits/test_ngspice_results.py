"""Results that ngspice cannot have meant are none: a status or one sentence, never numbers."""

import numpy as np
import pytest
from made_up_parts import resistor, voltage

from printron.circuits.components import GROUND
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice import NgspiceError, operating_point, sweep
from printron.circuits.ngspice import runner as ngspice_runner
from printron.circuits.ngspice.samples import operating_points
from printron.technology import default_process, technology

pytestmark = pytest.mark.needs_ngspice
CELL = technology().cells["clipped_relu"]
DESIGNS = np.exp(np.log(CELL.bounds).mean(0))[:, None] * np.ones(3)
V_IN = np.linspace(0, 1, 5)
DIVIDER = Netlist(
    "divider",
    (
        voltage("Vin", "in", GROUND, 0.4),
        resistor("R1", "in", "out", 3e3),
        resistor("R2", "out", GROUND, 1e3),
    ),
)
WORK = {
    "operating point": lambda folder: operating_point(DIVIDER, keep_dir=folder),
    "samples": lambda folder: operating_points(
        DIVIDER, {"Vin": V_IN}, ["out"], workers=1, keep_dir=folder
    ),
    "one by one": lambda folder: operating_points(
        DIVIDER, {"Vin": V_IN}, ["out"], workers=1, one_by_one=True, keep_dir=folder
    ),
    "sweep": lambda folder: sweep(
        CELL, default_process(), DESIGNS, V_IN, workers=1, keep_dir=folder
    ),
}


def without(name):
    return lambda plot: {key: column for key, column in plot.items() if name not in key}


def every(change):
    return lambda plot: {key: change(column) for key, column in plot.items()}


def where(name, value):
    def change(plot):
        return {key: np.full_like(c, value) if name in key else c for key, c in plot.items()}

    return change


DAMAGES = {
    "no voltages": without("v("),
    "no currents": without("i("),
    "nothing": lambda plot: {},
    "no rows": every(lambda column: column[:0]),
    "too many rows": every(lambda column: np.tile(column, 2)),
    "currents that are infinite": where("i(", np.inf),
    "voltages that are no number": where("v(", np.nan),
}


@pytest.fixture
def damaged(monkeypatch):
    def install(change):
        real = ngspice_runner.read_raw

        def read(data):
            plots, whole = real(data)
            return [change(plot) for plot in plots], whole

        monkeypatch.setattr(ngspice_runner, "read_raw", read)

    return install


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("work", WORK)
def test_what_cannot_be_meant_is_one_sentence(tmp_path, damaged, work, damage):
    damaged(DAMAGES[damage])
    with pytest.raises(NgspiceError, match=r"no operating point of|none of the|no design of"):
        WORK[work](tmp_path)


@pytest.mark.parametrize("value", [99.0, -1.0, 0.5, np.nan, np.inf])
@pytest.mark.parametrize(("work", "index"), [("one by one", "sample_index"), ("sweep", "design")])
def test_a_result_of_nothing_that_was_asked_is_none(tmp_path, damaged, work, index, value):
    damaged(where(index, value))
    with pytest.raises(NgspiceError, match=r"none of the|no design of"):
        WORK[work](tmp_path)


def test_rows_in_another_order_are_none(tmp_path, damaged):
    """Each on its own they are; so no value is at the wrong sample."""
    damaged(every(lambda column: column[::-1]))
    got = operating_points(DIVIDER, {"Vin": V_IN}, ["out"], workers=1, keep_dir=tmp_path)
    np.testing.assert_allclose(got.voltages["out"], V_IN / 4, atol=1e-6)
