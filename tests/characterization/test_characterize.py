"""A characterization is a table that says where it comes from."""

import numpy as np
import pytest

from printron.characterization import characterize, read_characterization, sobol_designs
from printron.characterization.characterize import design_columns, sweep_cell


def test_a_row_is_a_design_with_its_curve_and_power(library, few):
    cell = library.cell("ptanh")
    np.testing.assert_array_equal(few.designs(cell), sobol_designs(cell, 20, seed=7))
    assert design_columns(cell)[:3] == ("R_in_ohm", "R_shift_ohm", "R1_ohm")
    sources = [f"power_{name}_W" for name in (*cell.supplies, "in")]
    np.testing.assert_allclose(few.table[sources].sum(axis=1), few.table["power_W"])
    transfer = few.transfer()
    assert transfer.eta.shape == (4, 20)
    assert (transfer.power > 0).all()
    assert (transfer.shape.high > transfer.shape.low).all()


def test_it_says_where_it_comes_from(library, few):
    said = few.provenance
    assert said["fingerprint"] == library.fingerprint("ptanh")
    assert (said["cell"], said["engine"], said["seed"], said["samples"]) == ("ptanh", "jax", 7, 20)
    assert (said["points"], said["sweep_V"], said["not_converged"]) == (401, [-1, 1], 0)


def test_it_is_the_same_for_the_same_seed(library, few):
    assert characterize(library, "ptanh", samples=20, seed=7).table.equals(few.table)


def test_it_is_read_back_as_it_was_written(few, tmp_path):
    few.write(tmp_path / "new" / "ptanh.parquet")
    again = read_characterization(tmp_path / "new" / "ptanh.parquet")
    assert again.provenance == few.provenance
    assert again.table.equals(few.table)
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "ptanh.parquet"]


def test_designs_that_did_not_converge_are_left_out_on_request(few):
    table = few.table.copy()
    table.loc[[3, 5], "status"] = "did not converge"
    kept = type(few)(table, few.provenance).converged()
    assert len(kept.table) == 18
    assert list(kept.table.index) == list(range(18))


@pytest.mark.needs_ngspice
def test_both_engines_characterize_alike(library, few):
    other = characterize(library, "ptanh", samples=20, seed=7, engine="ngspice")
    assert other.provenance["engine"] == "ngspice"
    np.testing.assert_allclose(other.table["edge_V"], few.table["edge_V"], atol=1e-5)
    np.testing.assert_allclose(other.table["power_W"], few.table["power_W"], rtol=1e-5)


def test_an_unknown_engine_is_answered_with_those_there_are(library):
    cell = library.cell("ptanh")
    with pytest.raises(ValueError, match="got the engine 'spectre'; allowed are jax, ngspice"):
        sweep_cell(library, cell, sobol_designs(cell, 2), "spectre", 1)
