"""`printron demo`: a front, and a circuit that does what it claims."""

import json
from dataclasses import replace

import pytest
from quick import QUICK, QUICK_LOADED

from printron.cli.preset import PRESETS
from printron.results import HASH, circuit_named_in, read_circuit

FILES = {"alpha.png", "alpha.svg", "front.png", "front.svg", "results.csv", "chosen"}


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    few = replace(PRESETS["robust"], alphas="0.0,0.1", seeds="1")
    monkeypatch.setitem(PRESETS, "robust", few)


def test_with_ideal_sources_the_demo_ends_at_the_front_and_says_so(run, tmp_path):
    code, out, err = run("demo", *QUICK)
    assert code == 0, err
    for words in ("majority", "chosen", "trained with ideal sources"):
        assert words in out
    assert "signed off: " not in out
    assert {path.name for path in (tmp_path / "work" / "demo").iterdir()} >= FILES


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_the_demo_ends_in_a_circuit_that_is_signed_off(run, run_json, tmp_path, monkeypatch):
    words = ("demo", *QUICK_LOADED)
    code, out, err = run(*words)
    assert code == 0, err
    for said in (
        "SPICE",
        "petal_width",
        "R1",
        "yield",
        "signed off: the claim is confirmed",
    ):
        assert said in out
    folder = tmp_path / "work" / "demo"
    assert {path.name for path in folder.iterdir()} >= FILES
    circuit = read_circuit(folder)
    front = json.loads((folder / "front.json").read_text())
    assert front["chosen"] == circuit.record
    assert circuit.trained_with == "loaded"
    for name in ("signoff.json", "signoff.svg"):
        assert circuit_named_in(name, (folder / "chosen" / name).read_bytes()) == circuit.hash
    trained = (front["chosen"]["alpha"], front["chosen"]["seed"])
    assert trained in {(row["alpha"], row["seed"]) for row in front["front"] if row["chosen"]}

    monkeypatch.setenv("PRINTRON_NGSPICE", "no-such-program")
    code, out, _ = run(*words)
    assert code == 0
    assert "SPICE was not run" in out
    assert "package 'ngspice'" in out
    assert "signed off: the claim" not in out
    code, record = run_json(*words)
    assert code == 0
    assert record["signoff"][HASH] == record["chosen"][HASH]
    assert record["signoff"]["missing"]

    broken = tmp_path / "ngspice"
    broken.write_text("#!/bin/sh\necho ngspice-39\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PRINTRON_NGSPICE", str(broken))
    code, out, _ = run(*words)
    assert code == 1
    assert "SPICE gave no result" in out
    assert "compared with SPICE" not in out
    assert read_circuit(folder).trained_with == "loaded"
