"""What was trained with files of one's own goes on where the files are no more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_circuit import write_made_circuit
from quick import QUICK_SCHEDULE

from printron import signoff
from printron.characterization import save_surrogate, surrogate_for
from printron.cli import main
from printron.errors import PrintronError
from printron.experiments import Plan, run_sweep
from printron.results import ProblemSpec, build_problem, read_circuit, stored_problem
from printron.signoff.moved_tables import tables_named
from printron.technology import load_process, technology
from printron.technology.process import shipped
from printron.training import WeightedPower

TABLE = "x,y,kind\n" + "".join(f"{k % 7},{(3 * k) % 11},{'ab'[(k % 7) > 3]}\n" for k in range(60))


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A problem of table, process, cell and surrogate in the working folder, by relative paths."""
    monkeypatch.chdir(tmp_path)
    Path("own.csv").write_text(TABLE)
    text = shipped("inkjet_egt.toml").read_text()
    Path("process.toml").write_text(text.replace('R_max = "10 Mohm"', 'R_max = "20 Mohm"'))
    cells = shipped("cells.toml").read_text()
    start = cells.index("[cells.ptanh]")
    ptanh = cells[start : cells.index("\n\n", start)].replace("cells.ptanh", "cells.mine")
    Path("cells.toml").write_text(ptanh)
    library = technology(load_process("process.toml"), ["cells.toml"])
    mine = replace(
        surrogate_for(library, "ptanh"), cell="mine", fingerprint=library.fingerprint("mine")
    )
    save_surrogate(mine, Path("surrogates"))
    return build_problem(
        ProblemSpec(
            "own.csv",
            hidden=(2,),
            activation="mine",
            process="process.toml",
            cells=("cells.toml",),
            surrogates="surrogates",
        )
    )


TEST = "x,y,kind\n9,9,b\n-1,0,a\n"


@pytest.fixture
def tested(tmp_path, monkeypatch):
    """A problem with a test table, both by relative paths."""
    monkeypatch.chdir(tmp_path)
    Path("own.csv").write_text(TABLE)
    Path("test.csv").write_text(TEST)
    return build_problem(ProblemSpec("own.csv", hidden=(2,), test_table="test.csv"))


def remove_all(folder):
    for name in ("own.csv", "process.toml", "cells.toml"):
        (folder / name).unlink()
    (folder / "surrogates").rename(folder / "gone")


def test_a_circuit_carries_process_cells_and_surrogates(own, tmp_path, monkeypatch):
    write_made_circuit(own, tmp_path / "c")
    remove_all(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    circuit = read_circuit(tmp_path / "c")
    assert circuit.structure == own.structure
    assert circuit.structure.process.crossbar.R_max == 20e6
    np.testing.assert_array_equal(circuit.rows("test")[0], own.rows["test"][0])


def test_so_does_a_sweep_and_its_table_is_named_anew(own, tmp_path, no_training):
    run_sweep(
        own,
        Plan((WeightedPower(0.0), WeightedPower(1.0)), (0,), QUICK_SCHEDULE),
        tmp_path / "s",
    )
    remove_all(tmp_path)
    with pytest.raises(PrintronError, match=r"own\.csv"):
        stored_problem(tmp_path / "s")
    (tmp_path / "new.csv").write_text(TABLE)
    problem = stored_problem(tmp_path / "s", table=str(tmp_path / "new.csv"))
    assert problem.structure == own.structure
    (tmp_path / "new.csv").write_text(TABLE.replace("6,", "5,"))
    with pytest.raises(PrintronError, match="differ from those"):
        stored_problem(tmp_path / "s", table=str(tmp_path / "new.csv"))


def test_table_and_test_table_are_named_anew_each_by_its_place(tested, tmp_path, no_training):
    run_sweep(
        tested,
        Plan((WeightedPower(0.0), WeightedPower(1.0)), (0,), QUICK_SCHEDULE),
        tmp_path / "s",
    )
    (tmp_path / "one").mkdir()
    Path("test.csv").rename("one/T.csv")
    with pytest.raises(PrintronError, match=r"test\.csv.* with --table own=TABLE,TEST$"):
        stored_problem(tmp_path / "s")
    problem = stored_problem(tmp_path / "s", test_table="one/T.csv")
    assert problem.identity == tested.identity
    Path("own.csv").rename("one/M.csv")
    with pytest.raises(PrintronError, match=r"own\.csv.* give its path with --table own=PATH$"):
        stored_problem(tmp_path / "s")
    places = tables_named(["own=one/M.csv,one/T.csv"], {"own": "own.csv"})["own"]
    problem = stored_problem(tmp_path / "s", None, None, *places)
    assert problem.identity == tested.identity


def test_a_place_of_a_test_table_that_was_none_is_refused(own, tmp_path, no_training):
    run_sweep(own, Plan((WeightedPower(0.0),), (0,), QUICK_SCHEDULE), tmp_path / "s")
    with pytest.raises(PrintronError, match="trained without a test table"):
        stored_problem(tmp_path / "s", test_table="T.csv")


def test_a_circuit_is_signed_off_on_rows_of_tables_that_moved_apart(
    tested, tmp_path, monkeypatch, capsys
):
    write_made_circuit(tested, tmp_path / "c")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    seen = []

    def stop(circuit, rows, found, **_):
        seen.append((rows, found))
        raise PrintronError("enough")

    monkeypatch.setattr(signoff, "sign_off_circuit", stop)
    Path("test.csv").rename("one/T.csv")
    assert main(["signoff", "c", "--rows", "valid", "--test-table", "one/T.csv"]) == 2
    Path("own.csv").rename("two/M.csv")
    for rows in ("valid", "test"):
        words = ("--rows", rows, "--table", "two/M.csv", "--test-table", "one/T.csv")
        assert main(["signoff", "c", *words]) == 2
    assert capsys.readouterr().err == "error: enough\n" * 3
    assert [rows for rows, _ in seen] == ["valid", "valid", "test"]
    for rows, (volts, labels) in seen:
        np.testing.assert_array_equal(volts, tested.rows[rows][0])
        np.testing.assert_array_equal(labels, tested.rows[rows][1])
