"""`printron experiment signoff`: many circuits in SPICE, each once."""

import shutil

import pytest
from quick import QUICK

from printron.cli import main
from printron.signoff import survey

SMALL = ("--datasets", "iris,balance_scale", "--alphas", "3", "--seeds", "2", *QUICK)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The experiment, trained once for all tests."""
    folder = tmp_path_factory.mktemp("trained") / "x"
    words = ("experiment", "published", "--setting", "clean", *SMALL)
    assert main([*words, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def experiment(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "x")


@pytest.mark.needs_ngspice
def test_circuits_of_an_experiment_are_signed_off_once(run_json, experiment, monkeypatch):
    words = ("experiment", "signoff", experiment, "--alphas", "0.0,0.6")
    code, record = run_json(*words)
    assert code == 0
    assert record["circuits"] == 2 * 2 * 2
    assert [row["alpha"] for row in record["overall"]] == [0.0, 0.5]  # the nearest
    for row in record["by_dataset"]:
        assert row["circuits"] == 2
        assert row["accuracy_spice_percent"] - row["accuracy_ideal_percent"] == pytest.approx(
            row["accuracy_points"], abs=1e-9
        )
        assert -60 < row["power_percent"] < 60
        assert row["circuits"] * row["signed_off"] <= record["signed_off"]
    page = (experiment / "signoff" / "gap.md").read_text()
    assert "on every circuit within 1 mV" in page
    assert (experiment / "signoff" / "gap_1.svg").exists()

    monkeypatch.setattr(survey, "gap_of", None)  # nothing is done twice
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
        (("--alphas", "5"), "must lie in [0, 1]"),
        (("--alphas", "nan"), "write values of alpha"),
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
    few = ("--alphas", "0.0,0.5", "--seeds", "1", "--out", out)
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
