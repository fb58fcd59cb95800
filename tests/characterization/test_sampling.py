"""Sobol designs stay in the design space, fill it, and are the same for the same seed."""

import numpy as np
import pytest

from printron.characterization import sobol_designs
from printron.technology import Cell, technology

CELLS = technology().cells


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_designs_respect_ranges_and_constraints(cell):
    designs = sobol_designs(cell, 300, seed=1)
    low, high = cell.bounds
    assert designs.shape == (len(cell.variables), 300)
    assert (designs >= low[:, None]).all()
    assert (designs <= high[:, None]).all()
    assert cell.inside(designs).all()


def test_the_constraints_are_kept_as_they_are_written():
    cell = CELLS["negation_divider"]
    R1, R2, R3, R4, *_ = sobol_designs(cell, 1000)
    assert (R1 > R2 * (1 - 1e-5)).all()
    assert (R3 > R4 * (1 - 1e-5)).all()
    assert (R1 / R2 > R3 / R4 * (1 - 1e-5)).all()
    R_in, R_shift, *_ = sobol_designs(CELLS["ptanh"], 1000)
    assert (R_in / R_shift).min() == pytest.approx(2, rel=0.01)
    assert (R_in / R_shift).max() == pytest.approx(3.7, rel=0.01)


def test_designs_are_the_same_for_the_same_seed_only():
    cell = CELLS["ptanh"]
    assert np.array_equal(sobol_designs(cell, 50, seed=3), sobol_designs(cell, 50, seed=3))
    assert not np.isin(sobol_designs(cell, 50, seed=3), sobol_designs(cell, 50, seed=4)).any()


def test_designs_fill_the_logarithm_of_every_range_evenly():
    """A Sobol sample has the mean of the box within far less than a random one (0.009)."""
    cell = CELLS["clipped_relu"]
    low, high = np.log(cell.bounds)[..., None]
    u = (np.log(sobol_designs(cell, 1024)) - low) / (high - low)
    assert u.mean(1) == pytest.approx(0.5, abs=1e-3)
    assert [np.histogram(row, 8, (0, 1))[0] for row in u] == [pytest.approx(128, abs=1)] * 3


@pytest.mark.parametrize("count", [1, 2, 3, 100])
def test_any_number_of_designs(count):
    assert sobol_designs(CELLS["negation"], count).shape == (11, count)


def test_constraints_that_leave_nothing_are_said_in_a_sentence():
    table = {
        "role": "negation",
        "curve": "negated_tanh",
        "rails": ["vdd", "gnd"],
        "sweep": ["0 V", "1 V"],
        "constraints": ["L1 > 10 W1"],
        "design": {"W1": ["100 um", "400 um"], "L1": ["40 um", "90 um"]},
        "components": {
            "R1": {"resistor": ["vdd", "out"], "R": "1 Mohm"},
            "X1": {"egt": ["out", "in", "gnd"], "card": "B", "W": "W1", "L": "L1"},
        },
    }
    cell = Cell.model_validate({"name": "inverter", **table})
    with pytest.raises(
        ValueError, match="'inverter': only 0 of 4 designs respect its constraints; widen"
    ):
        sobol_designs(cell, 4)
