"""`printron export`: a circuit's folder in any format, to a folder or to standard output."""

import json
from pathlib import Path

import pandas as pd
import pytest
from made_up_circuit import write_made_circuit

from printron.circuits.netlist import read_spice
from printron.export import FORMATS
from printron.results import HASH, ProblemSpec, build_problem, read_circuit


@pytest.fixture(scope="module")
def circuit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "c"
    write_made_circuit(build_problem(ProblemSpec("iris")), folder)
    return folder


@pytest.mark.parametrize("name", ["bill", "spice"])
def test_what_the_folder_has_is_what_is_exported(run, circuit, name):
    code, out, err = run("export", circuit, "--format", name)
    assert (code, err) == (0, "")
    assert out == (circuit / FORMATS[name].file).read_text()


def test_json_says_the_circuit_and_its_hash(run, circuit):
    code, out, _ = run("export", circuit, "--format", "json")
    record = json.loads(out)
    assert code == 0
    assert record[HASH] == read_circuit(circuit).hash
    bill = pd.read_csv(circuit / "components.csv")
    assert [part["name"] for part in record["parts"]] == bill["part"].tolist()


def test_all_formats_are_written_into_a_folder(run, circuit, tmp_path):
    words = ("export", circuit, "--out", tmp_path / "made")
    for _ in range(2):  # its own files may be written over
        assert run(*words)[0] == 0
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        f.file for f in FORMATS.values()
    }
    read_spice((tmp_path / "made" / "network.cir").read_text())


def test_formats_may_be_several(run_json, circuit, tmp_path):
    words = ("--format", "spice", "--format", "bill", "--format", "spice")
    code, record = run_json("export", circuit, *words, "--out", tmp_path / "made")
    assert code == 0
    assert [Path(file).name for file in record["files"]] == ["network.cir", "components.csv"]
    assert record["formats"]["spice"] == (circuit / "network.cir").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "gds"), "got the format 'gds'; allowed are bill, spice, json"),
        ((), "got 3 formats for standard output"),
        (("--format", "bill", "--format", "spice"), "got 2 formats for standard output"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(run, circuit, words, says):
    code, out, err = run("export", circuit, *words)
    assert (code, out) == (2, "")
    assert says in err


def test_a_folder_without_a_circuit_is_one_sentence(run, tmp_path):
    code, _, err = run("export", tmp_path, "--format", "bill")
    assert code == 2
    assert "holds no circuit" in err
