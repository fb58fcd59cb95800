"""`printron experiment signoff`: many circuits in SPICE, each once."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from quick import QUICK

from printron import results, signoff
from printron.base.files import write_table
from printron.cli import experiment_signoff
from printron.cli.experiment_signoff import kept_table

SMALL = ("--datasets", "iris,balance_scale", "--alphas", "3", "--seeds", "2", *QUICK)


@pytest.fixture
def experiment(run, tmp_path):
    code, _, err = run(
        "experiment", "published", "--setting", "clean", *SMALL, "--starts", "1",
        "--out", tmp_path / "x",
    )  # fmt: skip
    assert code == 0, err
    return tmp_path / "x"


@pytest.mark.needs_ngspice
def test_circuits_of_an_experiment_are_signed_off_once(run_json, experiment, monkeypatch):
    words = ("experiment", "signoff", experiment, "--alphas", "0.0,0.6")
    code, record = run_json(*words)
    assert code == 0
    assert record["circuits"] == 2 * 2 * 2
    assert [row["alpha"] for row in record["overall"]] == [0.0, 0.5]  # the nearest
    for row in record["by_dataset"]:
        assert row["circuits"] == 2
        assert row["accuracy_spice_percent"] - row["accuracy_model_percent"] == pytest.approx(
            row["accuracy_points"], abs=1e-9
        )
        assert -60 < row["power_percent"] < 60
    page = (experiment / "signoff" / "gap.md").read_text()
    assert "on every circuit within 1 mV" in page
    assert (experiment / "signoff" / "gap_1.svg").exists()

    monkeypatch.setattr(signoff, "gap_of", None)  # nothing is done twice
    code, again = run_json(*words)
    assert code == 0
    assert again["by_dataset"] == record["by_dataset"]


def test_without_ngspice_it_is_one_sentence(run, experiment, monkeypatch):
    monkeypatch.setenv("PRINTRON_NGSPICE", "no-such-program")
    code, _, err = run("experiment", "signoff", experiment)
    assert (code, err.count("\n")) == (2, 1)
    assert "no-such-program" in err
    assert not (experiment / "signoff").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--datasets", "irs"), "has iris, balance_scale"),
        (("--datasets", "iris,iris"), "twice"),
        (("--alphas", "a"), "write values"),
        (("--alphas", "5"), "write values in [0, 1]"),
        (("--alphas", "nan"), "write values in [0, 1]"),
        (("--out", "memory://x"), "not a local folder"),
    ],
)
@pytest.mark.needs_ngspice
def test_a_mistake_is_one_sentence(run, experiment, words, told):
    code, _, err = run("experiment", "signoff", experiment, *words)
    assert (code, err.count("\n")) == (2, 1)
    assert told in err


@pytest.mark.needs_ngspice
def test_with_one_seed_and_into_the_experiments_own_folder(run, run_json, tmp_path):
    """No spread is null, and nothing that the store needs is written over."""
    out = tmp_path / "x"
    words = ("experiment", "published", "--setting", "clean", "--datasets", "iris", *QUICK)
    few = ("--starts", "1", "--alphas", "0.0,0.5", "--seeds", "1", "--out", out)
    assert run(*words, *few)[0] == 0
    code, record = run_json("experiment", "signoff", out, "--out", out)
    assert code == 0
    assert [row["accuracy_points_sd"] for row in record["by_dataset"]] == [None, None]
    assert run("experiment", "report", out, "--out", out)[0] == 0
    assert run(*words, *few)[0] == 0  # it still goes on, with nothing to do


@pytest.mark.needs_ngspice
def test_a_data_set_that_is_not_finished_is_named_and_left_out(run_json, experiment):
    for part in (experiment / "parts").glob("balance_scale-*"):
        part.unlink()
    code, record = run_json("experiment", "signoff", experiment, "--alphas", "0.0")
    assert code == 0
    assert record["skipped"] == ["balance_scale"]
    assert record["circuits"] == 2


@pytest.mark.parametrize("damage", [b"junk", b"", None])
def test_what_was_kept_and_is_damaged_is_done_anew(tmp_path, damage):
    table, mark, path = pd.DataFrame({"seed": [1, 2]}), {"format": 2}, tmp_path / "iris.parquet"
    assert kept_table(path, mark) is None
    write_table(table, path, mark)
    pd.testing.assert_frame_equal(kept_table(path, mark), table)
    assert kept_table(path, {"format": 1}) is None
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    assert kept_table(path, mark) is None


class MadeUpRuns:
    def __init__(self, seeds):
        self.table = pd.DataFrame({"seed": seeds})

    def take(self, numbers):
        return MadeUpRuns(self.table["seed"].to_numpy()[numbers])


@pytest.fixture
def work(monkeypatch, tmp_path):
    """Work on four made-up circuits a data set, without training and without ngspice."""
    monkeypatch.setattr(results, "load_parameters", lambda *_: MadeUpRuns(np.arange(4)))
    monkeypatch.setattr(results, "stored_problem", lambda *_: None)
    monkeypatch.setattr(experiment_signoff, "_chosen", lambda runs, _: runs)
    monkeypatch.setattr(experiment_signoff, "_checksum", lambda _: "x")
    files = experiment_signoff.Files(None, {})
    return experiment_signoff._Work(
        "x", [0.0], files, 1, tmp_path, {}, True, None, signoff.Hanging()
    )


@pytest.mark.parametrize("failing", [[0, 2], [0, 1, 2, 3]])
def test_circuits_that_failed_are_signed_off_again_and_no_others(monkeypatch, work, failing):
    asked = []

    def gap_of(_, runs, *, hanging, **options):
        assert hanging is work.hanging  # one for all data sets
        asked.append(runs.table["seed"].tolist())
        rows = [
            {"seed": k, "status": "no disk"}
            if k in failing and len(asked) == 1
            else {"seed": k, "status": signoff.SIGNED, "accuracy_spice": k / 4}
            for k in asked[-1]
        ]
        return SimpleNamespace(table=pd.DataFrame(rows))

    monkeypatch.setattr(signoff, "gap_of", gap_of)
    assert (work.signed("iris")["status"] == "no disk").sum() == len(failing)
    for _ in range(2):
        table = work.signed("iris")
        assert table["seed"].tolist() == [0, 1, 2, 3]
        assert table["accuracy_spice"].tolist() == [0, 0.25, 0.5, 0.75]
        assert set(table["status"]) == {signoff.SIGNED}
    assert asked == [[0, 1, 2, 3], failing]
