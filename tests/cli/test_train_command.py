"""`printron train`: one JSON object, its files, its table."""

import json

import pandas as pd
import pytest
from quick import QUICK

from printron.training import TRAINED


def test_train_prints_one_json_object_with_the_promised_keys(run_json, tmp_path):
    out = tmp_path / "one"
    words = ("train", "iris", "--alpha", 0.5, "--seed", 0, *QUICK, "--out", out)
    code, record = run_json(*words)
    assert code == 0
    assert record["dataset"] == "iris"
    assert record["protocol"] == "clean"
    assert (record["alpha"], record["seed"]) == (0.5, 0)
    assert record["status"] == TRAINED
    assert set(record["accuracy"]) == {"train", "valid", "test"}
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
    }
    assert json.loads((out / "circuit.json").read_text()) == record
    components = pd.read_csv(out / "components.csv")
    crossbar = components[components["circuit"] == "crossbar"]
    assert len(crossbar) == record["counts"]["resistors"]
    assert "petal_length" in set(crossbar["input"])
    code, again = run_json(*words)
    assert again["power_W"] == record["power_W"]


def test_train_shows_accuracy_power_and_baseline(run):
    code, out, _ = run("train", "iris", *QUICK)
    assert code == 0
    for words in ("test accuracy", "majority class", "crossbar", "negation", "W"):
        assert words in out


@pytest.mark.slow
def test_a_diverged_run_is_exit_code_1_and_says_so(run_json, tmp_path):
    out = tmp_path / "out"
    code, record = run_json("train", "iris", *QUICK, "--learning-rate", 1e38, "--out", out)
    assert code == 1
    assert record["status"] == "diverged"
    assert record["accuracy"]["test"] is None
    assert [path.name for path in out.iterdir()] == ["circuit.json"]
