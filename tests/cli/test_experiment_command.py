"""`printron experiment`: run, resume, show, fail."""

import json
import tomllib

import pytest
from quick import QUICK

from printron.errors import PrintronError
from printron.experiments import tasks
from printron.results import load_table

FILE = """
name = "small"
datasets = ["iris"]
alphas = [0.0, 0.5]
seeds = 2
[schedule]
epochs = 20
starts = 1
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "work" / "small.toml"
    path.write_text(FILE)
    return path


def test_an_experiment_is_one_object_and_resumes(run, run_json, file, tmp_path, monkeypatch):
    out = tmp_path / "out"
    code, record = run_json("experiment", "run", file, "--out", out)
    assert code == 0
    assert (record["experiment"], record["runs"], record["planned"]) == ("small", 4, 4)
    assert (record["left_out"], record["failed"]) == (0, [])
    assert set(record["baseline"]["iris"]) == {
        "runs", "accuracy_test", "power_W", "majority", "better_than_majority"
    }  # fmt: skip
    assert record["baseline"]["iris"]["accuracy_test"] > 0
    table = load_table(out)
    assert set(table["config"]) == {record["config"]}
    assert set(record["files"]) == {
        f"{out}/{name}" for name in ("config.json", "results.parquet", "results.csv")
    }
    schedule = json.loads((out / "config.json").read_text())["schedule"]
    assert (schedule["epochs"], "noise" in schedule) == (20, True)

    monkeypatch.setattr(tasks, "run_batch", None)  # would fail if anything were trained
    code, text, _ = run("experiment", "run", file, "--out", out)
    assert code == 0
    assert "4 of 4 runs" in text.replace("\n", " ")
    code, _, err = run("experiment", "run", file, "--out", out, "--epochs", 40)
    assert code == 2
    assert "another experiment: its 'schedule.epochs' is 20, not 40" in err


def test_draws_of_copies_that_do_not_differ_are_refused(run, file):
    words = ("experiment", "show", file, "--draws", 4)
    code, _, err = run(*words)
    assert (code, err.count("\n")) == (2, 1)
    assert "got --draws 4 for circuits whose copies do not differ" in err
    assert 'add variation = "process" under [conditions]' in err
    text = 'sources = "loaded"\n[conditions]\nvariation = "process"\n'
    file.write_text(FILE + text)
    code, out, _ = run(*words)
    assert code == 0
    assert "draws = 4" in out


def test_what_failed_is_shown_and_told_by_the_exit_code(run, run_json, file, monkeypatch):
    def fail(*args, **kwargs):
        raise PrintronError("got no raw file; give it")

    monkeypatch.setattr(tasks, "run_batch", fail)
    code, record = run_json("experiment", "run", file)
    assert code == 1
    assert record["failed"] == [
        {
            "task": "iris-00000",
            "dataset": "iris",
            "runs": 4,
            "attempts": 3,
            "reason": "got no raw file; give it",
        }
    ]
    assert (record["runs"], record["baseline"]) == (0, {})
    code, out, _ = run("experiment", "run", file)
    assert code == 1
    assert "iris-00000" in out
    assert "got no raw file" in out


def test_a_fault_in_a_task_is_shown_whole(run, file, monkeypatch):
    def fail(*args, **kwargs):
        raise TypeError("a fault")

    monkeypatch.setattr(tasks, "run_batch", fail)
    code, out, err = run("experiment", "run", file)
    assert code == 1
    assert "TypeError: a fault" in out.replace("\n", " ")
    assert "Traceback" in err


def test_options_stand_in_place_of_the_preset(run_json):
    words = ("--datasets", "iris,seeds", "--alphas", 5, "--seeds", "1,3", "--epochs", 200)
    code, record = run_json("experiment", "show", "published", *words)
    assert code == 0
    assert record["datasets"] == ["iris", "seeds"]
    assert record["alphas"] == [0, 0.25, 0.5, 0.75, 1]
    assert record["seeds"] == [1, 3]
    assert record["schedule"]["epochs"] == 200
    assert record["runs"] == 20


def test_show_is_a_file_that_says_the_same(run, run_json, tmp_path):
    code, text, _ = run("experiment", "show", "clean")
    assert code == 0
    assert tomllib.loads(text)["negation"] == "negation"
    (tmp_path / "again.toml").write_text(text)
    again = run_json("experiment", "show", tmp_path / "again.toml")
    assert again == run_json("experiment", "show", "clean")


def test_the_published_experiment_is_stored_below_runs(run_json, tmp_path):
    words = ("--setting", "clean", "--datasets", "iris", "--alphas", "0.0", "--seeds", 1)
    code, record = run_json("experiment", "published", *words, *QUICK)
    assert code == 0
    assert record["experiment"] == "clean"
    assert len(load_table(tmp_path / "work" / "runs" / "clean")) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("published", "--setting", "x"), "allowed are published, clean"),
        (("run", "none.toml"), "none.toml"),
        (("published", "--datasets", "irs"), "did you mean 'iris'"),
        (("published", "--alphas", "0,2"), "[0, 1]"),
        (("published", "--seeds", "9" * 9), "at most"),
        (("published", "--cluster", "here"), "local:N"),
        (("published", "--out", "nowhere://x"), "cannot be opened"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(run, tmp_path, words, told):
    code, out, err = run("experiment", *words)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert told in err
    assert not (tmp_path / "work" / "runs").exists()
