"""The goal of the recipe is added by what the page says: trained, stored, resumed, read back."""

import json

import numpy as np
import pytest
from recipes import followed

from printron.experiments import Plan, run_sweep
from printron.results import (
    circuit_record,
    load_parameters,
    load_table,
    read_circuit,
    run_record,
    write_circuit,
)
from printron.training import Schedule
from printron.training.goal import goal_in

SCHEDULE = Schedule(epochs=200, check_every=10, anneal_share=0.3, starts=1)


@pytest.fixture(scope="module")
def capped():
    with followed("Add a goal") as defined:
        yield defined["Capped"]


@pytest.fixture(scope="module")
def plan(capped):
    """Two caps: one that binds, one that never does."""
    return Plan((capped(1e-4, 2.0), capped(1.0, 2.0)), (0,), SCHEDULE)


@pytest.fixture(scope="module")
def stored(problem, plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("capped")
    return folder, run_sweep(problem, plan, folder, workers=1)


def test_the_goal_decides_what_is_learned(stored):
    """Under its cap a circuit is feasible; without one that binds, it takes more and errs less."""
    table = stored[1].table
    assert table["cap_W"].tolist() == [1e-4, 1.0]
    assert (table["power_valid_W"] <= table["cap_W"]).tolist() == table["feasible_valid"].tolist()
    assert table["feasible_valid"].all()
    assert table["power_valid_W"][0] < table["power_valid_W"][1]
    assert table["objective_valid"][0] > table["objective_valid"][1]


def test_runs_and_goals_come_back(stored, plan, capped):
    folder, runs = stored
    config = json.loads((folder / "config.json").read_text())
    assert config["caps"] == [{"cap_W": 1e-4, "rate": 2.0}, {"cap_W": 1.0, "rate": 2.0}]
    assert "alphas" not in config
    table = load_table(folder)
    assert [capped.of_row(row) for row in table.to_dict("records")] == list(plan.goals)
    again = load_parameters(folder)
    assert np.array_equal(again.parameters.theta[0], runs.parameters.theta[0])
    assert run_record(table.iloc[0].to_dict())["cap_W"] == 1e-4


def test_a_stored_sweep_is_not_trained_again(stored, plan, problem, monkeypatch):
    from printron.experiments import tasks

    monkeypatch.setattr(tasks, "run_batch", None)  # would fail if anything were trained
    assert len(run_sweep(problem, plan, stored[0], workers=1).table) == 2


def test_its_circuit_is_written_read_and_shown(stored, plan, problem, tmp_path):
    from printron.analysis import front_records, select
    from printron.cli.tables import run_table

    runs = stored[1]
    selection = select(runs.table)
    assert selection.by_goal["cap_W"].tolist() == [1e-4, 1.0]
    assert {record["cap_W"] for record in front_records(selection)} <= {1e-4, 1.0}
    record = circuit_record(problem, runs.only(0), SCHEDULE)
    write_circuit(problem, runs.only(0), record, tmp_path)
    assert goal_in(read_circuit(tmp_path).record) == plan.goals[0]
    assert "cap_W = 100 µW, rate = 2" in " ".join(run_table(record).title)
