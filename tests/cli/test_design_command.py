"""`printron design`: a circuit that keeps its budget, a search that is resumed, its mistakes."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from printron.cli import design
from printron.designer import Wish, candidates, search, searching
from printron.designer.compact import compact
from printron.experiments import run_sweep, tasks
from printron.experiments.cluster import cluster_named, pool_of
from printron.network import printed_network
from printron.results import ProblemSpec, read_circuit
from printron.results.copies import printed_terms
from printron.technology.conditions import ConditionsSpec
from printron.training import DIVERGED, Schedule

VARIED = {"variation": 1.0, "margin": "10 mV"}
QUICK = Schedule(
    epochs=20, starts=1, sources="loaded", loaded_epochs=20, check_every=20, draws=2, judges=2
)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--budget", "0W"), "a budget of 0 W; give a power above 0 W"),
        (("--budget", "100mV"), "--budget: got '100mV', which is not a finite number with the"),
        (("--accuracy", "0.9"), "--accuracy: got '0.9'; write a percentage"),
        (("--accuracy", "20%"), "commonest class has 33.3 % without any circuit"),
        (("--yield", "0%"), "a yield of 0 %; give the percentage of printed copies"),
        (("--yield", "90%", "--variation", "none"), "which do not differ; add --variation process"),
        (("--settle", "3"), "--settle: got '3', which is not a finite number with the unit s"),
        (("--cluster", "local:0"), "got --cluster local:0; give local:N with N worker processes"),
        (("--supplies", "none.toml"), "none.toml: cannot be read (No such file or directory)"),
        (("--margin", "5V"), "the supplies of process 'inkjet-egt' lie 3.2 V apart"),
    ],
)
def test_a_wish_that_cannot_be_is_one_sentence(run, words, says):
    code, out, err = run("design", "iris", *words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.fixture
def quick(monkeypatch):
    """A search of seconds: three pairs, few steps, two budgets."""
    passive, pairs, _ = candidates.CANDIDATES
    monkeypatch.setattr(candidates, "CANDIDATES", (passive, replace(pairs, hidden=(3,))))
    monkeypatch.setattr("printron.designer.wish.SHARES", (1.0, 0.3))
    monkeypatch.setattr(searching, "FURTHER_SEEDS", 1)
    monkeypatch.setattr(searching, "SCHEDULE", QUICK)


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_a_design_is_signed_off_written_and_resumed(run, run_json, tmp_path, quick, monkeypatch):
    out = tmp_path / "d"
    words = ("design", "iris", "--budget", "100uW", "--out", out)
    code, record = run_json(*words)
    assert (code, record["status"]) == (0, "designed"), record["explanation"]
    assert record["power_W"]["total"] <= 100e-6
    assert record["spice"]["power_W"]["total"] <= 100e-6
    assert record["copies"]["power_mean_W"] <= 100e-6
    assert set(record["accuracy"]) == {"train", "valid", "test"}
    assert {"n", "mean", "p5", "yield", "yield_low", "yield_high"} <= set(record["copies"])
    assert record["copies"]["n"] == 1000
    assert record["spice"]["accuracy"] == record["accuracy"]["test"]
    assert record["settle_s"] >= 0
    assert record["supply"]["power_W"] >= record["spice"]["power_W"]["total"]
    assert f"{record['supply']['summary']} feeds the circuit" in record["explanation"]
    assert record["software"]["accuracy"] > record["majority"]
    assert sum(row["chosen"] for row in record["front"]) == 1
    assert json.loads((out / "design.json").read_text())["circuit"] == record["circuit"]
    circuit = read_circuit(out)
    assert circuit.record == record["circuit"]
    parts = printed_network(circuit.structure, circuit.parameters).parts
    assert sum(record["structure"]["parts"].values()) == len(parts)
    assert set(record["structure"]["film_area_m2"]) == set(record["structure"]["parts"])

    monkeypatch.setattr(tasks, "run_batch", None)  # would fail if anything were trained
    finished = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    with monkeypatch.context() as stopped:  # as by Ctrl-C before the sign-off
        stopped.setattr(design, "_finish", lambda *_: 130)
        assert run(*words)[0] == 130
    assert finished == {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    code, again, err = run(*words)
    assert code == 0, err
    assert "status: designed" in again
    monkeypatch.setenv("PRINTRON_NGSPICE", "no-such-program")
    code, unmeasured = run_json(*words, "--settle", "100ms")
    assert code == 1
    assert unmeasured["status"] != "designed"  # nothing measured the time
    code, _, err = run(*words[:2], "--budget", "50uW", *words[4:])
    assert code == 2
    assert "another experiment" in err


@pytest.mark.slow
def test_a_yield_is_asked_of_the_validation_rows_and_claimed_of_the_test_rows(run_json, quick):
    asked = ("--accuracy", "40%", "--yield", "60%", "--budget", "100uW")
    code, record = run_json("design", "iris", *asked)
    assert code == 0, record["explanation"]
    assert (record["wish"]["accuracy"], record["wish"]["yield"]) == (0.4, 0.6)
    assert record["copies"]["least"] == 0.4
    assert record["copies"]["budget_W"] == pytest.approx(100e-6)
    assert "by 60 % of the copies" in record["explanation"][0]
    spec = ProblemSpec("iris", conditions=ConditionsSpec.model_validate(VARIED))
    searched = search(spec, Wish(yield_=0.95), workers=1)
    means = search(spec, Wish(), workers=1)
    table, plain = searched.table["merit_valid"], means.table["merit_valid"]
    for row in range(4):  # of the first round, in which both searches train the same circuits
        problem, runs = searched.runs_of(row)
        terms = printed_terms(
            problem.structure,
            problem.spec.conditions,
            runs.one(0),
            problem.rows["valid"],
            copies=1000,
            default=0,
            workers=1,
        )
        good = np.asarray(terms.clear) >= table[row] - 1e-6
        assert good.mean() >= 0.95 > np.mean(good & (np.asarray(terms.clear) > table[row] + 1e-6))
        assert table[row] <= plain[row]


@pytest.mark.slow
def test_a_search_without_any_trained_run_says_so(run_json, quick, monkeypatch):
    def diverged(*args, **options):
        runs = run_sweep(*args, **options)
        return replace(runs, table=runs.table.assign(status=DIVERGED, feasible_valid=False))

    monkeypatch.setattr(searching, "run_sweep", diverged)
    code, record = run_json("design", "iris", "--budget", "100uW")
    assert (code, record["status"]) == (1, "diverged")
    assert record["explanation"][0].startswith("every run diverged")


@pytest.mark.slow
def test_ngspice_that_fails_leaves_a_circuit_that_is_not_signed_off(
    run, run_json, tmp_path, quick, monkeypatch
):
    broken = tmp_path / "ngspice"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PRINTRON_NGSPICE", str(broken))
    words = ("design", "iris", "--budget", "100uW", "--out", tmp_path / "d")
    code, record = run_json(*words)
    assert (code, record["status"]) == (1, "not signed off")
    assert record["spice"] is None
    assert record["signoff"]["missing"]
    assert read_circuit(tmp_path / "d").record == record["circuit"]
    code, _, err = run(*words, "--seed", 7)  # another search in the same folder
    assert code == 2
    assert "its 'seeds' is [0], not [7]" in err


def values_of(parts):
    """The values of all parts, in order of size."""
    return sorted(tuple(each.element.values.values()) for each in parts)


@pytest.mark.slow
def test_without_variation_a_design_is_judged_by_that_of_its_process(run_json, quick):
    code, record = run_json("design", "iris", "--variation", "none", "--budget", "1nW")
    assert (code, record["status"]) == (1, "wish missed")
    assert "would be needed" in record["explanation"][0]
    assert record["copies"]["conditions"]["variation"] == 1


@pytest.mark.slow
def test_a_cluster_finds_the_same_circuits(quick):
    asked = ProblemSpec("iris", conditions=ConditionsSpec())
    here = search(asked, Wish(1e-4)).table
    there = search(asked, Wish(1e-4), cluster=pool_of(cluster_named("local:2"))).table
    pd.testing.assert_frame_equal(here.drop(columns="wall_s"), there.drop(columns="wall_s"))


@pytest.mark.slow
def test_two_layers_are_tried_where_the_others_stay_behind_software(quick, monkeypatch):
    cells = ("pair", "pair", "none")
    last = candidates.Candidate("two", "two layers", (3, 2), cells, last=True)
    monkeypatch.setattr(candidates, "CANDIDATES", (candidates.CANDIDATES[0], last))
    found = []
    for behind, structures in ((1.0, {0}), (-1.0, {0, 1})):
        monkeypatch.setattr(searching, "BEHIND", behind)
        asked = ProblemSpec("iris", conditions=ConditionsSpec())
        searched = search(asked, Wish(1e-4), found=found.append)
        assert set(searched.table["structure"]) == structures
    assert [len(each.table) for each in found] == [2, 4, 2, 4, 8]
    problem, runs = compact(searched.tried[1].problem, searched.tried[1].runs.only(0))
    before = printed_network(searched.tried[1].problem.structure, searched.tried[1].runs.one(0))
    after = printed_network(problem.structure, runs.one(0))
    assert values_of(before.parts) == values_of(after.parts)


@pytest.mark.slow
def test_neurons_that_are_not_printed_leave_the_structure_and_nothing_else(quick):
    """The same parts with the same values, fewer neurons."""
    tried = search(ProblemSpec("iris", conditions=ConditionsSpec()), Wish(1e-4)).tried[1]
    runs = tried.runs.only(0)
    theta = [np.array(each) for each in runs.parameters.theta]
    theta[1][0, 1] = 0  # no output reads the second neuron
    unread = replace(runs, parameters=runs.parameters._replace(theta=tuple(theta)))
    problem, smaller = compact(tried.problem, unread)
    assert problem.structure.topology == (4, 2, 3)
    before = printed_network(tried.problem.structure, unread.one(0)).parts
    after = printed_network(problem.structure, smaller.one(0)).parts
    assert values_of(before) == values_of(after)
