"""--test-table: test rows of one's own, and what is said of them."""

import pytest
from made_up_circuit import made_runs

from printron.analysis import select
from printron.cli.advice import loaded_command
from printron.cli.options import TrainingOptions
from printron.errors import PrintronError
from printron.experiments import Plan, tasks
from printron.experiments.run import configuration
from printron.report.sweep import sweep_record
from printron.results import ProblemSpec, build_problem, circuit_record, settings
from printron.training import Schedule, WeightedPower

MAIN = "temp,ph,class\n" + "".join(f"{k},{k / 7:.4f},{k % 2}\n" for k in range(20))
NEW = "class,ph,temp\n1,0.4286,3\n0,9.5,30\n"


@pytest.fixture
def tables(tmp_path):
    paths = tmp_path / "main.csv", tmp_path / "new.csv"
    for path, text in zip(paths, (MAIN, NEW), strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize("command", ["train", "sweep"])
def test_rows_that_are_learned_from_too_are_counted_before_training(
    run, tables, monkeypatch, command
):
    def stop(problem, *args, **kwargs):
        raise PrintronError(f"{len(problem.dataset.test.labels)} test rows")

    monkeypatch.setattr(tasks, "run_batch", stop)
    code, out, err = run(command, tables[0], "--test-table", tables[1])
    assert (code, out) == (2, "")
    assert f"note: 1 of 2 rows of the test table '{tables[1]}'" in err
    assert "error: 2 test rows" in err


def test_a_table_that_does_not_fit_is_one_sentence(run, tables):
    tables[1].write_text(NEW.replace("ph", "rh"))
    code, out, err = run("train", tables[0], "--test-table", tables[1])
    assert (code, out) == (2, "")
    assert f"error: the test table '{tables[1]}' lacks ph and has in addition rh" in err
    assert err.count("\n") == 1


def test_the_command_after_a_sweep_names_the_test_table(tables):
    problem = build_problem(ProblemSpec(str(tables[0]), test_table=str(tables[1])))
    line = loaded_command(problem, "published", TrainingOptions(), WeightedPower(0.5), 0, None)
    assert f"--test-table {tables[1]}" in line


def test_files_may_be_named_by_the_home_or_a_url(run, tables, tmp_path, monkeypatch):
    def stop(problem, *args, **kwargs):
        raise PrintronError(f"{problem.spec.dataset} {problem.spec.test_table}")

    monkeypatch.setattr(tasks, "run_batch", stop)
    monkeypatch.setenv("HOME", str(tmp_path))
    code, _, err = run("train", f"file://{tmp_path}/main.csv", "--test-table=~/new.csv")
    assert code == 2
    assert f"error: {tables[0]} {tables[1]}" in err
    code, _, err = run("train", "s3://bucket/main.csv")
    assert (code, err.count("\n")) == (2, 1)


def test_notes_on_rows_stand_in_every_record(tables):
    """A row of the test table is one of the main table, too."""
    problem = build_problem(ProblemSpec(str(tables[0]), test_table=str(tables[1])))
    assert problem.dataset.remarks
    runs = made_runs(problem)
    plan = Plan((WeightedPower(0.5),), (0,), Schedule())
    notes = list(problem.dataset.remarks)
    assert circuit_record(problem, runs, plan.schedule)["notes"] == notes
    assert sweep_record(problem, plan, runs, select(runs.table), 0.0)["notes"] == notes
    config = configuration("x", {"main": problem}, plan)
    assert config["notes"] == {"main": notes}
    assert "notes" not in settings(config)  # of rows, whose fingerprint decides
