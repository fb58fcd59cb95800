"""`printron experiment signoff`: many circuits in SPICE, each once."""

import pytest
from quick import QUICK

from printron import signoff

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
        both = row["curve_points"] + row["loading_points"]
        assert row["accuracy_points"] == pytest.approx(both, abs=1e-9)
        assert row["power_percent"] == pytest.approx(
            row["curve_percent"] + row["loading_percent"], abs=1e-9
        )
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
    [(("--datasets", "irs"), "has iris, balance_scale"), (("--alphas", "a"), "write values")],
)
@pytest.mark.needs_ngspice
def test_a_mistake_is_one_sentence(run, experiment, words, told):
    code, _, err = run("experiment", "signoff", experiment, *words)
    assert (code, err.count("\n")) == (2, 1)
    assert told in err
