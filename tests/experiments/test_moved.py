"""What was trained with files of one's own goes on where the files are no more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_circuit import write_made_circuit

from printron.characterization import save, surrogate_for
from printron.cli import main, signoff
from printron.cli.experiment_signoff import tables_named
from printron.errors import PrintronError
from printron.experiments import Plan, run_sweep
from printron.results import ProblemSpec, build_problem, read_circuit, stored_problem
from printron.technology import load_process, technology
from printron.technology.process import shipped
from printron.training import Schedule

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
    save(mine, Path("surrogates"))
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
    assert circuit.design == own.design
    assert circuit.design.process.crossbar.R_max == 20e6
    np.testing.assert_array_equal(circuit.rows("test")[0], own.rows["test"][0])


def test_so_does_a_sweep_and_its_table_is_named_anew(own, tmp_path, no_training):
    run_sweep(own, Plan((0.0, 1.0), (0,), Schedule(epochs=20)), tmp_path / "s")
    remove_all(tmp_path)
    with pytest.raises(PrintronError, match=r"own\.csv"):
        stored_problem(tmp_path / "s")
    (tmp_path / "new.csv").write_text(TABLE)
    problem = stored_problem(tmp_path / "s", table=str(tmp_path / "new.csv"))
    assert problem.design == own.design
    (tmp_path / "new.csv").write_text(TABLE.replace("6,", "5,"))
    with pytest.raises(PrintronError, match="differ from those"):
        stored_problem(tmp_path / "s", table=str(tmp_path / "new.csv"))


def test_table_and_test_table_are_named_anew_each_by_its_place(tested, tmp_path, no_training):
    run_sweep(tested, Plan((0.0, 1.0), (0,), Schedule(epochs=20)), tmp_path / "s")
    (tmp_path / "one").mkdir()
    Path("test.csv").rename("one/T.csv")
    with pytest.raises(PrintronError, match=r"test\.csv.* with --table own=TABLE,TEST$"):
        stored_problem(tmp_path / "s")
    problem = stored_problem(tmp_path / "s", test_table="one/T.csv")
    assert problem.identity == tested.identity
    Path("own.csv").rename("one/M.csv")
    with pytest.raises(PrintronError, match=r"own\.csv.* name its place with --table own=PATH$"):
        stored_problem(tmp_path / "s")
    places = tables_named(["own=one/M.csv,one/T.csv"], {"own": "own.csv"})["own"]
    problem = stored_problem(tmp_path / "s", None, None, *places)
    assert problem.identity == tested.identity


def test_a_place_of_a_test_table_that_was_none_is_refused(own, tmp_path, no_training):
    run_sweep(own, Plan((0.0,), (0,), Schedule(epochs=20)), tmp_path / "s")
    with pytest.raises(PrintronError, match="trained without a test table"):
        stored_problem(tmp_path / "s", test_table="T.csv")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("own=a.csv", ("a.csv", None)),
        ("d/own.csv,t.csv", ("d/own.csv", "t.csv")),
        ("own=,t.csv", (None, "t.csv")),
        ("own=with,comma.csv", ("with,comma.csv", None)),
        ("own=with,comma.csv,own.csv", ("with,comma.csv", "own.csv")),
    ],
)
def test_a_path_may_have_a_comma(tmp_path, monkeypatch, text, places):
    monkeypatch.chdir(tmp_path)
    for name in ("with,comma.csv", "own.csv"):
        Path(name).write_text("x")
    assert tables_named([text], {"own": "own.csv", "iris": "iris"}) == {"own": places}


CAME_FROM = {"x": "a/x.csv", "x_2": "b/x.csv", "A": "c/y.csv", "iris": "iris"}


def test_a_table_belongs_to_the_data_set_that_came_from_a_file_of_its_name():
    assert tables_named(["new/y.csv", "x_2=x.csv"], CAME_FROM, ["A", "x_2"]) == {
        "A": ("new/y.csv", None),
        "x_2": ("x.csv", None),
    }


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["new/x.csv"], "could be a table of x, x_2; write DATASET=PATH: --table x=new/x.csv"),
        (["x_2=x.csv"], "'x_2' is not signed off here: x, A, iris; leave the table out"),
        (["iris=i.csv"], "'iris' is a benchmark and has no table"),
        (["z.csv"], "the experiment has the data sets x, x_2, A, iris: write DATASET=PATH"),
        (["A=y.csv", "c/y.csv"], "twice for 'A'"),
    ],
)
def test_a_table_of_no_or_of_several_data_sets_is_refused(texts, told):
    with pytest.raises(PrintronError) as caught:
        tables_named(texts, CAME_FROM, ["x", "A", "iris"])
    assert told in str(caught.value)


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

    monkeypatch.setattr(signoff, "judged", stop)
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
