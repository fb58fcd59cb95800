"""`printron train`: one JSON object, its files, its table."""

import errno
import json
from pathlib import Path

import pandas as pd
import pytest
from made_up_circuit import made_runs
from made_up_copies import made_terms
from quick import PUBLISHED

from printron.cli import training_run
from printron.results import copies, read_circuit
from printron.technology.conditions import ConditionsSpec
from printron.training import TRAINED


def test_train_prints_one_json_object_with_the_promised_keys(run_json, tmp_path):
    out = tmp_path / "one"
    words = ("train", "iris", "--alpha", 0.5, "--seed", 3, *PUBLISHED, "--out", out)
    code, record = run_json(*words)
    assert code == 0
    assert record["dataset"] == "iris"
    assert record["protocol"] == "clean"
    assert (record["alpha"], record["seed"]) == (0.5, 3)
    assert record["status"] == TRAINED
    for name in ("accuracy", "balanced_accuracy"):
        assert set(record[name]) == {"train", "valid", "test"}
    assert set(record["power_W"]) == {"crossbar", "activation", "negation", "total"}
    assert set(record["counts"]) == {"resistors", "activations", "negations"}
    assert record["majority"] == pytest.approx(1 / 3)
    causes = [record["power_W"][c] for c in ("crossbar", "activation", "negation")]
    assert record["power_W"]["total"] == pytest.approx(sum(causes))
    assert {path.name for path in out.iterdir()} == {
        "circuit.json",
        "components.csv",
        "network.cir",
        "parameters.npz",
        "rows.npz",
        "surrogates",
    }
    assert json.loads((out / "circuit.json").read_text()) == record
    components = pd.read_csv(out / "components.csv")
    crossbar = components[components["circuit"] == "crossbar"]
    assert len(crossbar) == record["counts"]["resistors"]
    assert "petal_length" in set(crossbar["input"])
    code, again = run_json(*words)
    assert again["power_W"] == record["power_W"]


def test_train_writes_to_the_place_that_it_was_told(run, tmp_path):
    """As a file URL and as a path, and nowhere else."""
    code, _, err = run("train", "iris", *PUBLISHED, "--out", f"file://{tmp_path}/a%20b")
    assert code == 0, err
    assert (tmp_path / "a b" / "circuit.json").is_file()
    assert not list((tmp_path / "work").iterdir())


def test_a_finished_training_is_not_lost_to_a_full_disk(run, tmp_path, monkeypatch):
    """The last file cannot be written: everything goes elsewhere, and a sentence says where."""
    write = Path.write_bytes
    full, other = tmp_path / "full", tmp_path / "other"
    other.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(other))

    def on_a_full_disk(path, content):
        if path.parent == full and b"answer_where_outputs_tie" in content:  # the record
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", on_a_full_disk)
    code, out, err = run("train", "iris", *PUBLISHED, "--out", full)
    assert code == 2
    assert "test accuracy" in out
    last = err.splitlines()[-1]
    assert f"cannot write '{full / 'circuit.json'}' (No space left on device)" in last
    kept = next(other.iterdir())
    assert str(kept) in last
    assert read_circuit(kept).name == "iris"


@pytest.fixture
def trained(problem, monkeypatch):
    """A command that trains gets a circuit that nobody trained, at once."""
    monkeypatch.setattr(training_run, "train_plan", lambda *_, **__: made_runs(problem))


def test_a_circuit_is_written_before_its_copies_are_judged(run, tmp_path, trained, monkeypatch):
    """Whoever stops the judgement keeps the circuit; who does not gets both."""
    out = tmp_path / "one"
    words = ("train", "iris", "--preset", "published", "--out", out)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(copies, "copies_of", stop)
    code, _, err = run(*words)
    assert code == 130
    assert "Traceback" not in err
    kept = read_circuit(out)
    assert "copies" not in kept.record

    def judge(problem, parameters, designed, workers):
        assert read_circuit(out).hash == kept.hash
        return copies.copies_record(
            made_terms([designed] * 4 + [0.0] * 4), ConditionsSpec(variation=1), 30, designed
        )

    monkeypatch.setattr(copies, "copies_of", judge)
    code, text, _ = run(*words)
    assert code == 0
    whole = read_circuit(out)
    assert whole.hash == kept.hash
    found = whole.record["copies"]
    assert found["yield"] == 0.5
    assert {"n", "mean", "p5", "yield_low", "yield_high"} <= set(found)
    assert "n = 8" in text


def test_train_shows_accuracy_power_and_baseline(run):
    code, out, _ = run("train", "iris", *PUBLISHED)
    assert code == 0
    for words in ("test accuracy", "majority class", "crossbar", "negation", "W"):
        assert words in out


@pytest.mark.parametrize(
    "words",
    [
        ("--hidden", "none", "--activation", "none", "--negation", "none"),
        pytest.param(
            ("--activation", "ptanh,none", "--negation", "none,negation"), marks=pytest.mark.slow
        ),
    ],
)
def test_a_passive_circuit_trains_has_a_bill_and_is_read_back(run, run_json, tmp_path, words):
    out = tmp_path / "one"
    code, record = run_json("train", "iris", *words, *PUBLISHED, "--out", out)
    assert code == 0
    names = [value.split(",") for value in words[-3::2]]
    for role, each in zip(("activation", "negation"), names, strict=True):
        assert record["cells"][role] == (each if len(each) > 1 else each[0])
    bill = pd.read_csv(out / "components.csv")
    assert len(bill[bill["circuit"] == "crossbar"]) == record["counts"]["resistors"]
    crossbar_alone = "none" in words
    assert (set(bill["circuit"]) == {"crossbar"}) == crossbar_alone
    circuit = read_circuit(out)
    assert circuit.structure.topology == ((4, 3) if crossbar_alone else (4, 3, 3))
    code, text, err = run("signoff", out, "--rows", "valid", "--json")
    assert code in (0, 1), err


@pytest.mark.slow
def test_a_diverged_run_is_exit_code_1_and_says_so(run_json, tmp_path):
    out = tmp_path / "out"
    code, record = run_json("train", "iris", *PUBLISHED, "--learning-rate", 1e38, "--out", out)
    assert code == 1
    assert record["status"] == "diverged"
    assert record["accuracy"]["test"] is None
    assert [path.name for path in out.iterdir()] == ["circuit.json"]


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_a_circuit_of_pairs_is_in_spice_what_training_claims(run, run_json, tmp_path):
    """Trained against the loaded circuit, written, read, simulated, fed with readings."""
    out, words = tmp_path / "one", ("--hidden", 3, "--activation", "pair,none")
    words += ("--negation", "none", "--sources", "loaded", "--epochs", 20, "--starts", 1)
    code, record = run_json("train", "iris", *words, "--out", out)
    assert code == 0
    assert record["counts"]["negations"] == 0
    bill = pd.read_csv(out / "components.csv")
    hidden = bill[(bill["circuit"] == "crossbar") & (bill["layer"] == 1)]
    assert set(hidden["side"]) == {"plus", "minus"}
    code, text, err = run("signoff", out, "--json")
    assert code in (0, 1), err
    found = json.loads(text)
    assert found["spice"]["accuracy"] == record["accuracy"]["test"]
    power = found["spice"]["power_W"]["total"]
    assert power == pytest.approx(found["loaded"]["power_W"]["total"], rel=1e-3)
    volts = read_circuit(out).record["features"]
    new = tmp_path / "new.csv"
    pd.DataFrame([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], columns=volts).to_csv(new)
    answers = [
        run_json("predict", out, new, "--engine", engine, "--out", tmp_path / engine)[0]
        for engine in ("loaded", "ngspice")
    ]
    assert answers == [0, 0]
    one, two = (
        pd.read_csv(tmp_path / engine / "predictions.csv") for engine in ("loaded", "ngspice")
    )
    assert (one["class"] == two["class"]).all()
    for column in ("out1_V", "out2_V", "out3_V"):
        assert one[column].to_numpy() == pytest.approx(two[column].to_numpy(), abs=1e-5)
