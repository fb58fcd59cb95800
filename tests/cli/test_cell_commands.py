"""`printron characterize` and `printron surrogates`."""

import pandas as pd
import pytest
from quick import QUICK


def test_characterize_gives_power_and_fit(run_json, tmp_path):
    code, record = run_json("characterize", "clipped_relu", "--samples", 20, "--out", tmp_path)
    assert code == 0
    assert record["engine"] == "jax"
    assert record["samples"] == 20
    assert record["not_converged"] == 0
    assert len(pd.read_parquet(tmp_path / "clipped_relu.parquet")) == 20


@pytest.mark.needs_ngspice
def test_characterize_with_ngspice(run):
    code, out, err = run("characterize", "clipped_relu", "--engine", "ngspice", "--samples", 4)
    assert code == 0, err
    assert "ngspice" in out


@pytest.mark.slow
def test_surrogates_of_ones_own_are_built_and_used(run_json, tmp_path):
    out = tmp_path / "surrogates"
    code, record = run_json("surrogates", "clipped_relu", "--samples", 60, "--out", out)
    assert code == 0
    assert record["surrogates"][0]["cell"] == "clipped_relu"
    assert {path.name for path in out.iterdir()} == {"clipped_relu.npz", "clipped_relu.json"}
    words = ("--activation", "clipped_relu", "--surrogates", out, *QUICK)
    code, record = run_json("train", "iris", *words)
    assert code == 0
    assert record["cells"]["activation"] == "clipped_relu"


def test_surrogates_need_a_folder(run):
    code, _, err = run("surrogates", "ptanh")
    assert code == 2
    assert "--out" in err


def test_ngspice_missing_is_a_sentence(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PRINTRON_NGSPICE", "/nowhere/ngspice")
    out = tmp_path / "out"
    code, _, err = run("characterize", "ptanh", "--engine", "ngspice", "--out", out)
    assert code == 2
    assert "install ngspice" in err
    assert not out.exists()
