"""The folder of a circuit carries all that is needed, and says when something does not fit."""

import dataclasses
import errno
import json
import shutil
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from made_up_circuit import made_runs, write_made_circuit

from printron.base.place import place_at
from printron.circuits.netlist import read_spice
from printron.errors import PrintronError
from printron.results import (
    HASH,
    ProblemSpec,
    build_problem,
    circuit_named_in,
    read_circuit,
    remove_stale,
)
from printron.results.circuit_folder import BILL, NETLIST, PARAMETERS, RECORD, ROWS, SIGNOFF
from printron.technology.conditions import ConditionsSpec


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A problem on a table of one's own, whose columns have units; the last is constant in the
    training rows."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"t [°C]": rng.uniform(-5, 40, 60), "x (V)": rng.uniform(0, 3, 60), "c": 0.0}
    )
    table["kind"] = np.where(table["t [°C]"] > 15, "warm", "cold")
    spec = ProblemSpec(str(folder / "own.csv"), hidden=(2,))
    for row in reversed(table.index):
        table.assign(c=np.where(table.index == row, 2.5, 1.5)).to_csv(spec.dataset, index=False)
        made = build_problem(spec)
        if made.dataset.scaling.maximum[2] == 1.5:
            return made
    raise AssertionError("every row is a training row")


@pytest.fixture
def folder(own, tmp_path):
    write_made_circuit(own, tmp_path / "c")
    return tmp_path / "c"


def change(folder, **keys):
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_text(json.dumps({**record, **keys}))


def test_a_circuit_read_back_is_the_one_that_was_written(own, folder):
    circuit, runs = read_circuit(folder), made_runs(own)
    assert circuit.structure == own.structure
    assert jax.tree.all(jax.tree.map(np.array_equal, circuit.parameters, runs.one(0)))
    for one, other in zip(circuit.rows("test"), own.rows["test"], strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(circuit.scaling, own.dataset.scaling, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_circuit_has_the_conditions_that_were_written(own, folder, tmp_path):
    """They are part of what the hash covers; records of circuits without any stay as they were."""
    assert "conditions" not in json.loads((folder / RECORD).read_text())
    assert not read_circuit(folder).conditions.given
    asked = ConditionsSpec(variation=0.5, margin="10 mV", source_resistance="100 kohm")
    made = build_problem(dataclasses.replace(own.spec, conditions=asked))
    written = tmp_path / "conditions"
    write_made_circuit(made, written)
    circuit = read_circuit(written)
    assert circuit.conditions == asked
    assert circuit.structure == made.structure
    assert circuit.record["margin_V"] == 0.01
    assert circuit.printed().source_resistance == 1e5
    assert circuit.hash != read_circuit(folder).hash
    change(written, conditions=ConditionsSpec(variation=1).written)
    with pytest.raises(PrintronError, match="do not belong to the same circuit"):
        read_circuit(written)
    change(written, conditions={"margin": "1 ohm"})
    with pytest.raises(PrintronError, match=r"'conditions\.margin': got '1 ohm'"):
        read_circuit(written)


def test_a_folder_works_where_nothing_that_made_the_circuit_is(own, folder, tmp_path, monkeypatch):
    shutil.move(folder, tmp_path / "moved")
    gone = tmp_path / "gone.csv"
    change(tmp_path / "moved", sources={**own.named_files, "dataset": str(gone)})
    circuit = read_circuit(tmp_path / "moved")
    assert len(circuit.rows("test")[1])
    with pytest.raises(PrintronError, match=r"valid rows .* there is no file .* with --table"):
        circuit.rows("valid")
    shutil.copy(own.spec.dataset, gone)
    for split in ("train", "valid", "test"):
        np.testing.assert_array_equal(circuit.rows(split, str(gone))[0], own.rows[split][0])
    gone.write_text(gone.read_text().replace("1.5", "1.6", 1))
    with pytest.raises(PrintronError, match="differ from those that the circuit"):
        circuit.rows("test", str(gone))


def test_a_folder_may_stand_on_any_storage(own, folder):
    place = place_at(f"memory://{folder.parent.name}/c")
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    for name in names:
        place.write(name, (folder / name).read_bytes())
    assert read_circuit(place.url).hash == read_circuit(folder).hash


def test_which_reading_is_which_voltage_stands_in_record_and_netlist(own, folder):
    record = json.loads((folder / RECORD).read_text())
    assert [each["feature"] for each in record["scaling"]] == ["t [°C]", "x (V)", "c"]
    assert [each["unit"] for each in record["scaling"]] == ["°C", "V", None]
    low, high = own.dataset.scaling
    assert record["scaling"][1]["reading_at_0V"] == low[1]
    assert record["scaling"][1]["reading_at_1V"] == high[1]
    text = (folder / NETLIST).read_text(encoding="utf-8")
    assert text.isascii()
    assert f"* scaling in1: 0 V at {float(low[0])!r}, 1 V at {float(high[0])!r} \\xb0C\n" in text
    assert "* scaling in3: constant, always 0 V (trained at 1.5)\n" in text
    assert read_spice(text).counts["resistors"] > 3


def test_every_file_names_the_hash_of_the_circuit(folder):
    circuit = read_circuit(folder).hash
    for name in (RECORD, PARAMETERS, ROWS, BILL, NETLIST):
        assert circuit_named_in(name, (folder / name).read_bytes()) == circuit, name
    assert set(pd.read_csv(folder / BILL)[HASH]) == {circuit}


def test_equal_circuits_have_equal_hashes_and_others_others(own, folder, tmp_path):
    assert write_made_circuit(own, tmp_path / "d")[HASH] == read_circuit(folder).hash
    assert write_made_circuit(own, tmp_path / "d", seed=1)[HASH] != read_circuit(folder).hash
    hotter = own.dataset.scaling._replace(maximum=own.dataset.scaling.maximum + 1)
    record = json.loads((folder / RECORD).read_text())
    change(folder, scaling=hotter.as_records(own.dataset.feature_names))
    with pytest.raises(PrintronError, match="do not belong to the same circuit"):
        read_circuit(folder)
    change(folder, **record)
    assert read_circuit(folder)


def test_another_circuit_in_the_folder_takes_the_sign_off_away(own, folder):
    """And the same circuit, trained once more, does not."""
    mine = read_circuit(folder).hash
    for name in SIGNOFF:
        (folder / name).write_text(f'"{HASH}": "{mine}"')
    (folder / "notes.txt").write_text("mine")
    write_made_circuit(own, folder)
    assert all((folder / name).exists() for name in SIGNOFF)
    write_made_circuit(own, folder, seed=1)
    assert not any((folder / name).exists() for name in SIGNOFF)
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_sign_off_that_is_not_printrons_stays(own, folder):
    (folder / SIGNOFF[0]).write_text("my own words")
    write_made_circuit(own, folder, seed=1)
    assert (folder / SIGNOFF[0]).read_text() == "my own words"


def test_a_diverged_run_leaves_no_file_of_an_earlier_circuit(own, folder):
    record = write_made_circuit(own, folder, epoch=-1, accuracy_test=np.nan)
    assert record[HASH] is None
    assert [path.name for path in folder.iterdir() if path.is_file()] == [RECORD]
    with pytest.raises(PrintronError, match="diverged before its first circuit"):
        read_circuit(folder)


def damage(name, content):
    return lambda folder: (folder / name).write_bytes(content)


DAMAGES = {
    "no record": (lambda f: (f / RECORD).unlink(), "holds no circuit"),
    "record cut": (damage(RECORD, b'{"format": 2,'), "cannot be read as JSON"),
    "record is no text": (damage(RECORD, b"\xff\xfe"), "cannot be read as JSON"),
    "record is a list": (damage(RECORD, b"[]"), "is not of a circuit"),
    "old format": (lambda f: change(f, format=1), "reads the format 2"),
    "no format": (lambda f: change(f, format=None), "train the circuit again"),
    "hidden": (lambda f: change(f, hidden="x"), "'hidden': got 'x'"),
    "hidden bool": (lambda f: change(f, hidden=[True]), "'hidden.0'"),
    "hidden below 1": (lambda f: change(f, hidden=[0]), "'hidden.0'"),
    "another topology": (lambda f: change(f, hidden=[4]), "do not belong to the same circuit"),
    "classes": (lambda f: change(f, classes=["cold"]), "do not belong to the same circuit"),
    "deep": (damage(RECORD, b"[" * 100_000), "cannot be read as JSON"),
    "classes swapped": (
        lambda f: change(f, classes=["warm", "cold"]),
        "do not belong to the same circuit",
    ),
    "features swapped": (
        lambda f: change(f, features=["x (V)", "t [°C]", "c"]),
        "do not belong to the same circuit",
    ),
    "accuracy": (lambda f: change(f, accuracy={"train": 1.0, "valid": 1.0, "test": 1.0}), "same"),
    "sources": (lambda f: change(f, sources={}), "'sources.dataset' is missing"),
    "sources of a number": (lambda f: change(f, sources={"dataset": 3, "cells": []}), "sources"),
    "fingerprints": (lambda f: change(f, fingerprints={}), "'fingerprints.dataset' is missing"),
    "text for numbers": (
        lambda f: np.savez(f / PARAMETERS, theta0=["x"], activation0=["x"], negation0=["x"]),
        "cannot be read",
    ),
    "no run": (
        lambda f: np.savez(f / PARAMETERS, theta0=1.0, activation0=1.0, negation0=1.0),
        "cannot be read",
    ),
    "scaling": (lambda f: change(f, scaling=[{"feature": 3}]), "'scaling.0"),
    "cells": (lambda f: change(f, cells={"activation": 1, "negation": "n"}), "'cells.activation'"),
    "unknown cell": (
        lambda f: change(f, cells={"activation": "nand", "negation": "negation"}),
        "'nand', which is not an activation cell",
    ),
    "process": (lambda f: change(f, technology={}), "a table 'process'"),
    "parameters cut": (damage(PARAMETERS, b"PK"), r"parameters\.npz' cannot be read"),
    "no parameters": (lambda f: (f / PARAMETERS).unlink(), r"parameters\.npz' cannot be read"),
    "no surrogate": (lambda f: (f / "surrogates/ptanh.npz").unlink(), "ptanh"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_folder_is_one_sentence(folder, what):
    damaging, words = DAMAGES[what]
    damaging(folder)
    with pytest.raises(PrintronError, match=words) as caught:
        read_circuit(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("hidden", [(2,), (4,), ()])
def test_parameters_of_another_circuit_are_refused(own, folder, tmp_path, hidden):
    other = build_problem(ProblemSpec(own.spec.dataset, hidden=hidden))
    write_made_circuit(other, tmp_path / "d", seed=1)
    shutil.copy(tmp_path / "d" / PARAMETERS, folder / PARAMETERS)
    with pytest.raises(PrintronError, match="do not belong to the same circuit"):
        read_circuit(folder)


def inverted(rows):
    return {"volts": rows[0], "labels": 1 - rows[1]}


ROW_DAMAGES = {
    "nothing": lambda rows: {},
    "no labels": lambda rows: {"volts": rows[0]},
    "fewer": lambda rows: {"volts": rows[0][:, :5], "labels": rows[1][:5]},
    "other classes": inverted,
    "volts of text": lambda rows: {"volts": rows[0].astype(str), "labels": rows[1]},
    "one label": lambda rows: {"volts": rows[0], "labels": np.int32(1)},
    "doubles": lambda rows: {"volts": rows[0].astype(float), "labels": rows[1]},
    "far too high": lambda rows: {"volts": rows[0] * np.float32(1e30), "labels": rows[1]},
}


@pytest.mark.parametrize("what", ROW_DAMAGES)
def test_test_rows_that_are_not_those_of_the_circuit_are_refused(own, folder, what):
    np.savez(folder / ROWS, **ROW_DAMAGES[what](own.rows["test"]))
    with pytest.raises(
        PrintronError, match=r"rows\.npz' does not hold the test rows of this circuit"
    ):
        read_circuit(folder).rows("test")


def test_other_test_rows_are_another_circuit_for_whoever_signed_it_off(own, folder):
    """What was learned is the same; what is claimed is not."""
    test = dataclasses.replace(own.dataset.test, labels=1 - own.dataset.test.labels)
    other = dataclasses.replace(own, dataset=dataclasses.replace(own.dataset, test=test))
    mine = read_circuit(folder).hash
    (folder / SIGNOFF[0]).write_text(f'{{"{HASH}": "{mine}"}}')
    assert write_made_circuit(other, folder)[HASH] != mine
    assert not (folder / SIGNOFF[0]).exists()


def test_a_full_disk_leaves_the_earlier_circuit_whole(own, folder, monkeypatch):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write = Path.write_bytes

    def on_a_full_disk(path, content):
        if b"answer_where_outputs_tie" in content:  # the record, which is last
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", on_a_full_disk)
    with pytest.raises(OSError, match="No space left") as caught:
        write_made_circuit(own, folder, seed=1)
    assert caught.value.filename == str(folder / RECORD)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_on_other_storages_nothing_of_another_circuit_stays(own, folder):
    place = place_at(f"memory://{folder.parent.name}/d")
    first = read_circuit(folder).hash
    for name in (*SIGNOFF, "notes.txt"):
        place.write(name, f'"{HASH}": "{first}"'.encode())
    record = write_made_circuit(own, folder, seed=1)
    remove_stale(place, record[HASH])
    assert place.names("") == ["notes.txt"]
