"""`printron doctor`: what is there, what works without the rest."""

import json


def test_doctor_finds_what_is_there(run, run_json, tmp_path):
    code, record = run_json("doctor", "--out", tmp_path)
    assert code == 0
    assert record["healthy"]
    found = {it["what"]: it for it in record["findings"]}
    assert {"Python", "jax", "surrogates", "ngspice", "data sets", "JAX computes on"} <= set(found)
    assert "iris" in found["data sets"]["detail"]
    assert json.loads((tmp_path / "doctor.json").read_text()) == record


def test_doctor_says_what_works_without_ngspice(run, monkeypatch):
    monkeypatch.setenv("PRINTRON_NGSPICE", "/nowhere/ngspice")
    code, out, _ = run("doctor")
    assert code == 0
    assert "missing" in out
    assert "work without ngspice" in out
