"""`printron characterize` and `printron surrogates`."""

import importlib
import json

import numpy as np
import pandas as pd
import pytest
from quick import PUBLISHED

from printron import characterization
from printron.circuits.sweep import CONVERGED
from printron.technology.process import shipped


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
    words = ("--activation", "clipped_relu", "--surrogates", out, *PUBLISHED)
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


@pytest.fixture
def edited(tmp_path):
    """A shipped file with one passage replaced, and what is meant at its top."""

    def edit(name, old, new, meant="[]"):
        text = shipped(name).read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / name
        path.write_text(f"meant = {meant}\n{text.replace(old, new, 1)}", encoding="utf-8")
        return path

    return edit


@pytest.mark.parametrize(
    "command",
    [
        ("characterize", "ptanh"),
        ("surrogates", "ptanh"),
        ("train", "iris", "--alpha", "0.5"),
    ],
)
@pytest.mark.parametrize(
    ("file", "option", "old", "new", "says"),
    [
        ("cells.toml", "--cells", '["out", "x", "vss"]', '["oout", "x", "vss"]', "node 'oout'"),
        ("inkjet_egt.toml", "--process", 'gnd = "0 V"', 'gnd = "0.5 V"', "rail 'gnd'"),
        ("inkjet_egt.toml", "--process", '"28.229 uA"', '"28.229 A"', "transistors.B.K"),
        ("inkjet_egt.toml", "--process", "vss_divider =", "bias =", "rail 'bias'"),
        ("inkjet_egt.toml", "--process", '"10 kohm"', '"9**9**9**9 ohm"', "R_min"),
    ],
)
def test_a_bad_file_ends_every_command_in_one_sentence(
    run, edited, tmp_path, command, file, option, old, new, says
):
    out, path = tmp_path / "out", edited(file, old, new)
    code, text, err = run(*command, option, path, "--out", out, "--json")
    assert code == 2
    assert err.count("\n") == 1
    assert json.loads(text)["error"] in err
    assert f"{path}: " in err
    assert says in err
    assert not out.exists()


@pytest.mark.parametrize(
    ("file", "option", "old", "new", "met"),
    [
        ("cells.toml", "--cells", '["-1 V", "1 V"]', '["0.2 V", "1 V"]', "0 V (ground)"),
        ("cells.toml", "--cells", '["-1 V", "1 V"]', '["-1 V", "0.8 V"]', "1 V (a sensor)"),
        ("cells.toml", "--cells", '["-1 V", "1 V"]', '["0 V", "1 V"]', "-1 V (rail vss)"),
        ("inkjet_egt.toml", "--process", 'V_bias = "1 V"', 'V_bias = "1.5 V"', "1.5 V (V_bias)"),
    ],
)
def test_a_sweep_that_no_network_can_use_is_refused_before_any_work(
    run, edited, tmp_path, monkeypatch, file, option, old, new, met
):
    """Every role of cell; the first cell of the shipped file is ptanh."""
    monkeypatch.setattr(characterization, "characterize", None)
    path, out = edited(file, old, new), tmp_path / "out"
    code, _, err = run("surrogates", "ptanh", option, path, "--out", out)
    assert code == 2
    assert f"got {met} at the input of cell 'ptanh', whose curve is known for" in err
    assert err.count("\n") == 1
    assert not out.exists()


def test_nothing_converged_is_an_error_and_writes_nothing(run, edited, tmp_path, monkeypatch):
    solver = importlib.import_module("printron.circuits.operating_point")
    monkeypatch.setattr(solver, "MAX_STEPS", 1)
    monkeypatch.setattr(solver, "CROSSINGS", 0)
    process = edited("inkjet_egt.toml", 'vdd = "1 V"', 'vdd = "900 V"', '["rails.vdd"]')
    out = tmp_path / "out"
    for command in ("characterize", "surrogates"):
        words = (command, "negation", "--process", process, "--samples", 4, "--out", out)
        code, text, err = run(*words)
        assert code == 2
        assert "none of the 4 designs of 'negation' converged in jax" in err
        assert "vdd 900 V" in err
        assert text == ""
        assert not out.exists()


@pytest.fixture
def ten_designs():
    """Ten made-up designs, some of which did not converge or do not switch."""

    def make(lost, flat=0, cell="clipped_relu"):
        good = np.arange(10) >= lost
        columns = ("fit_rms_V", "edge_V", "power_W")
        table = pd.DataFrame(dict.fromkeys(columns, np.where(good, 0.5, np.nan)))
        table["status"] = np.where(good, CONVERGED, "did not converge")
        provenance = {
            "cell": cell, "engine": "jax", "engine_version": "0", "samples": 10,
            "not_converged": lost, "not_switching": flat,
        }  # fmt: skip
        return characterization.Characterization(table, provenance)

    return make


@pytest.mark.parametrize(("lost", "noted"), [(0, False), (1, False), (2, True), (9, True)])
def test_many_designs_that_do_not_converge_are_noted(run, monkeypatch, ten_designs, lost, noted):
    """One in ten is left to the table's caption."""
    monkeypatch.setattr(characterization, "characterize", lambda *_, **__: ten_designs(lost))
    code, text, _ = run("characterize", "clipped_relu", "--samples", 10)
    assert code == 0
    assert ("note: " in text) == noted
    assert "nan" not in text
    assert f"{lost} designs did not converge" in text
    code, text, _ = run("characterize", "clipped_relu", "--samples", 10, "--json")
    assert code == 0
    assert bool(json.loads(text)["notes"]) == noted


@pytest.mark.parametrize(
    ("cell", "flat", "noted"),
    [("ptanh", 1, False), ("ptanh", 2, True), ("negation", 9, True), ("clipped_relu", 9, False)],
)
def test_many_designs_that_do_not_switch_are_noted(
    run, monkeypatch, ten_designs, cell, flat, noted
):
    """A rectifier need not switch: its curve has no upper plateau."""
    made = ten_designs(0, flat, cell)
    monkeypatch.setattr(characterization, "characterize", lambda *_, **__: made)
    code, text, _ = run("characterize", cell, "--samples", 10)
    assert code == 0
    assert (f"note: {flat} of 10 designs of {cell} do not switch" in text) == noted


@pytest.mark.parametrize(
    ("file", "option", "old", "new", "rails"),
    [
        ("inkjet_egt.toml", "--process", 'vdd = "1 V"', 'vdd = "-1 V"', "vdd -1 V, vss -1 V"),
        ("inkjet_egt.toml", "--process", 'vss = "-1 V"', 'vss = "1 V"', "vdd 1 V, vss 1 V"),
        ("cells.toml", "--cells", '["250 kohm", "2050 kohm"]', '["0.2 ohm", "0.3 ohm"]', "vdd 1 V"),
    ],
)
def test_a_cell_that_never_switches_is_an_error_and_writes_nothing(
    run, edited, tmp_path, file, option, old, new, rails
):
    path, out = edited(file, old, new), tmp_path / "out"
    for command in ("characterize", "surrogates"):
        code, text, err = run(command, "ptanh", option, path, "--samples", 8, "--out", out)
        assert code == 2
        assert err.count("\n") == 1
        assert "none of the 8 designs of 'ptanh' switches" in err
        assert f"check the rails ({rails}" in err
        assert text == ""
        assert not out.exists()
