"""What was trained with files of one's own goes on where the files are no more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_circuit import write_made_circuit

from printron.characterization import save, surrogate_for
from printron.errors import PrintronError
from printron.experiments import (
    Plan,
    ProblemSpec,
    build_problem,
    read_circuit,
    run_sweep,
    stored_problem,
)
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
