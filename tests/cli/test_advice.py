"""What is said where a circuit is no better than the majority class, and what to do next."""

import shlex

import pytest
from quick import PUBLISHED

from printron.cli.advice import (
    baseline_sentences,
    front_sentences,
    loaded_command,
    majority_sentences,
)
from printron.cli.options import TrainingOptions
from printron.results import ProblemSpec, better_than_majority, build_problem
from printron.training import WeightedPower

# Three quarters are of class "b", which the readings do not tell.
ROWS = "".join(f"{k % 7},{(3 * k) % 11},{'abbb'[k % 4]}\n" for k in range(60))


def record(accuracy, majority=0.5):
    better = better_than_majority(accuracy, majority)
    return {
        "better_than_majority": better,
        "accuracy": {"test": accuracy},
        "majority": majority,
        "alpha": 0.5,
    }


@pytest.mark.parametrize(
    ("accuracy", "better"), [(0.5, False), (0.4, False), (0.6, True), (float("nan"), None)]
)
def test_a_sentence_stands_where_accuracy_is_not_above_the_majority(accuracy, better):
    made = record(accuracy)
    assert made["better_than_majority"] is better
    said = majority_sentences(made)
    assert len(said) == (better is False)
    assert all("smaller alpha" in text and "50.0 %" in text for text in said)


def test_a_front_names_the_alphas_and_an_experiment_the_data_sets():
    rows = [record(x) | {"alpha": alpha} for x, alpha in ((0.5, 1.0), (0.7, 0.25))]
    (said,) = front_sentences({"front": rows, "majority": 0.5})
    assert "α = 1" in said
    assert "0.25" not in said
    assert front_sentences({"front": rows[1:], "majority": 0.5}) == []
    (said,) = baseline_sentences(
        {"iris": record(0.5), "pendigits": record(0.6)}, WeightedPower(0.0)
    )
    assert "iris" in said
    assert "pendigits" not in said


@pytest.mark.slow
def test_all_power_is_too_much_power(run, run_json, tmp_path):
    """At alpha = 1 nothing is left: the answer is the commonest class, and that is said."""
    (tmp_path / "work" / "own.csv").write_text("x,y,kind\n" + ROWS)
    words = ("train", "own.csv", "--alpha", "1", *PUBLISHED, "--out", tmp_path / "c")
    code, made = run_json(*words)
    assert code == 0
    assert made["answer_where_outputs_tie"] == "b"
    assert made["accuracy"]["test"] == made["majority"] > 0.7
    assert made["power_W"]["total"] == 0
    assert made["better_than_majority"] is False
    _, text, _ = run(*words)
    assert "NO BETTER THAN THE MAJORITY CLASS" in text
    code, found = run_json("signoff", tmp_path / "c", "--no-spice")
    assert code == 0
    assert found["loaded"]["accuracy"] == made["majority"]
    assert found["better_than_majority"] is False
    _, text, _ = run("signoff", tmp_path / "c", "--no-spice")
    assert "NO BETTER THAN THE MAJORITY CLASS" in text


def test_the_command_after_a_sweep_trains_what_was_chosen(tmp_path):
    table = tmp_path / "my table.csv"
    table.write_text("x,kind,y\n" + "".join(f"{k % 7},{'ab'[k % 2]},{k % 5}\n" for k in range(60)))
    spec = ProblemSpec(str(table), label="kind", hidden=(4, 3), sharing="layer", split_seed=3)
    training = TrainingOptions(epochs=40, sources="ideal")
    line = loaded_command(
        build_problem(spec), "published", training, WeightedPower(1 / 3), 7, "runs/mine"
    )
    assert shlex.split(line) == [
        "printron", "train", str(table), "--alpha", repr(1 / 3), "--seed", "7",
        "--preset", "published",
        "--split-seed", "3", "--label", "kind", "--sharing", "layer", "--hidden", "4,3",
        "--epochs", "40", "--out", "runs/mine-loaded",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_sweep_ends_in_a_command_that_can_be_pasted(run, monkeypatch):
    """One line, however narrow the terminal, and that line trains."""
    monkeypatch.setenv("COLUMNS", "60")
    code, out, err = run("sweep", "iris", "--alphas", "0,0.5", "--seeds", 2, *PUBLISHED)
    assert code == 0, err
    words = shlex.split(out.splitlines()[-1])
    assert words[:3] == ["printron", "train", "iris"]
    assert "--sources" not in words  # the default of train is the loaded circuit
    code, _, err = run(*words[1:], "--sources", "ideal")
    assert code == 0, err
