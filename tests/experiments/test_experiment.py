"""An experiment: many data sets, one table, whatever happens on the way."""

import dataclasses
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from quick import QUICK_SCHEDULE

from printron.base.compiled import make_room
from printron.base.place import StoreError, place_at
from printron.errors import PrintronError
from printron.experiments import (
    Experiment,
    Plan,
    baselines,
    build_problems,
    run,
    run_batch,
    run_experiment,
    tasks,
)
from printron.results import ProblemSpec, load_parameters, load_table
from printron.technology.conditions import ConditionsSpec
from printron.training import Schedule, WeightedPower

PLAN = Plan((WeightedPower(0.0), WeightedPower(0.5)), (0, 1), QUICK_SCHEDULE)
TWO = Experiment("two", ("iris", "balance_scale"), ProblemSpec(""), PLAN)


@pytest.fixture(scope="module")
def problems():
    return build_problems(TWO)


@pytest.fixture
def failing(monkeypatch, no_training):
    """Let every task on a data set fail with an error; gives the attempts by data set."""
    true_batch, attempts = tasks.run_batch, []

    def fail_with(dataset, error):
        def run_batch(problem, *args, **kwargs):
            attempts.append(problem.dataset.name)
            if problem.dataset.name == dataset:
                raise error
            return true_batch(problem, *args, **kwargs)

        monkeypatch.setattr(tasks, "run_batch", run_batch)
        return attempts

    return fail_with


@pytest.fixture
def memory(request):
    """A folder in memory, as fsspec knows it, that is empty afterwards."""
    import fsspec

    yield f"memory://{request.node.name}"
    fsspec.filesystem("memory").store.clear()


def test_every_data_set_has_every_run_in_the_order_of_the_experiment(
    problems, no_training, tmp_path
):
    outcome = run_experiment(TWO, tmp_path, problems=problems)
    table = outcome.table
    assert len(table) == outcome.planned == 8
    assert table["alpha"].tolist() == [0, 0, 0.5, 0.5] * 2
    assert table["seed"].tolist() == [0, 1] * 4
    assert set(table["config"]) == {outcome.config_hash}
    names = {path.name for path in (tmp_path / "parts").glob("*.parquet")}
    assert names == {f"{d}-0000{k}.parquet" for d in TWO.datasets for k in (0, 1)}
    pd.testing.assert_frame_equal(load_table(tmp_path), table)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "results.parquet"), table)


def test_progress_adds_up_to_1(problems, no_training, tmp_path):
    for _ in range(2):
        shares = []
        run_experiment(TWO, tmp_path, problems=problems, progress=shares.append)
        assert sum(shares) == pytest.approx(1)


def test_a_failing_task_is_tried_again_and_told_of_while_the_rest_goes_on(
    problems, failing, tmp_path
):
    attempts = failing("iris", PrintronError("no such file"))
    outcome = run_experiment(TWO, tmp_path, problems=problems)
    assert len(outcome.table) == 4
    assert [(it.dataset, it.attempts, it.runs) for it in outcome.failures] == [("iris", 3, 2)] * 2
    assert {it.task for it in outcome.failures} == {"iris-00000", "iris-00001"}
    assert str(outcome.failures[0].error) == "no such file"
    assert attempts.count("balance_scale") == 2


def test_the_same_command_after_a_failure_does_what_is_missing(problems, failing, tmp_path):
    failing("iris", TypeError("a fault"))
    assert len(run_experiment(TWO, tmp_path, problems=problems).failures) == 2
    attempts = failing("none", TypeError())
    attempts.clear()
    outcome = run_experiment(TWO, tmp_path, problems=problems)
    assert attempts == ["iris", "iris"]
    assert (len(outcome.table), outcome.failures) == (8, ())


def test_a_full_disk_is_told_of_by_name(problems, no_training, tmp_path, monkeypatch):
    from printron.results.store import Store

    true_write = Store.write

    def write(self, task, runs):
        if task == "iris-00001":
            raise OSError(28, "No space left on device", "iris-00001.parquet")
        return true_write(self, task, runs)

    monkeypatch.setattr(Store, "write", write)
    monkeypatch.setattr(run.time, "sleep", lambda _: None)
    outcome = run_experiment(TWO, tmp_path, problems=problems)
    assert [it.task for it in outcome.failures] == ["iris-00001"]
    assert len(outcome.table) == 6
    assert len(load_table(tmp_path)) == 6


def test_any_storage_that_fsspec_knows_gives_the_same(problems, no_training, tmp_path, memory):
    here = run_experiment(TWO, tmp_path, problems=problems).table
    there = run_experiment(TWO, memory, problems=problems).table
    pd.testing.assert_frame_equal(here, there)
    pd.testing.assert_frame_equal(load_table(memory), here)
    no_training.clear()
    run_experiment(TWO, memory, problems=problems)
    assert no_training == []
    other = dataclasses.replace(TWO, plan=dataclasses.replace(PLAN, seeds=(1, 2)))
    with pytest.raises(StoreError, match="another experiment: its 'seeds"):
        run_experiment(other, memory, problems=problems)
    place_at(memory).write("parts/iris-00000.parquet", b"PAR1 nonsense")
    with pytest.raises(StoreError, match=r"iris-00000\.parquet' is damaged"):
        load_table(memory)


def test_a_storage_that_is_unknown_is_one_sentence():
    with pytest.raises(StoreError, match="got the place 'nowhere://x', which cannot be opened"):
        place_at("nowhere://x")


def test_an_unfinished_store_loads_its_whole_parts(problems, no_training, tmp_path):
    run_experiment(TWO, tmp_path, problems=problems)
    for name in ("results.parquet", "results.csv", "parts/iris-00001.parquet"):
        (tmp_path / name).unlink()
    (tmp_path / "parts" / ".iris-00001-x.parquet").write_bytes(b"half")
    assert len(load_table(tmp_path)) == 6
    assert load_parameters(tmp_path, "iris").parameters.theta[0].shape[0] == 2


def test_parameters_belong_to_their_rows(problems, no_training, tmp_path):
    run_experiment(TWO, tmp_path, problems=problems)
    runs = load_parameters(tmp_path, "balance_scale")
    expected = runs.table[["alpha", "seed"]].to_numpy(np.float32)
    assert np.array_equal(runs.parameters.theta[0], expected)
    with pytest.raises(PrintronError, match="has iris, balance_scale"):
        load_parameters(tmp_path)
    with pytest.raises(PrintronError, match="got the data set 'seeds'"):
        load_parameters(tmp_path, "seeds")


def test_a_folder_without_an_experiment_is_one_sentence(tmp_path):
    with pytest.raises(StoreError, match=r"holds no experiment \(no config\.json\)"):
        load_table(tmp_path)


def test_where_it_is_done_and_how_it_is_called_decide_nothing(problems, no_training, tmp_path):
    one = run_experiment(TWO, tmp_path, problems=problems, workers=1)
    renamed = dataclasses.replace(TWO, name="other")
    two = run_experiment(renamed, tmp_path, problems=problems, workers=2)
    assert one.config_hash == two.config_hash


def test_baselines_are_means_at_alpha_0(problems, no_training, tmp_path):
    table = run_experiment(TWO, tmp_path, problems=problems).table
    row = baselines(table)["iris"]
    free = table[(table["alpha"] == 0) & (table["dataset"] == "iris")]
    assert row["accuracy_test"] == free["accuracy_test"].mean()
    assert row["power_W"] == free["power_total_W"].mean()
    assert baselines(table[table["alpha"] > 0])["iris"]["power_W"] is None
    assert baselines(pd.DataFrame()) == {}


def test_a_run_is_the_same_in_whatever_batch_it_stands(problem):
    """A run's result depends on its own data set, alpha, seed and schedule alone, to 0.01 %: a
    processor may add up 41 runs in another order than one."""

    def row(alphas, seeds):
        runs = run_batch(
            problem, list(map(WeightedPower, alphas)), np.array(seeds), schedule=QUICK_SCHEDULE
        )
        k = list(zip(alphas, seeds, strict=True)).index((0.5, 3))
        numbers = runs.table.drop(columns="wall_s").select_dtypes("number").iloc[k]
        return numbers.to_numpy(float), runs.one(k)

    alone, parameters = row([0.5], [3])
    several, others = row([*np.linspace(0, 1, 40), 0.5, 1.0], [*range(40), 3, 3])
    np.testing.assert_allclose(several, alone, rtol=1e-4)
    for a, b in zip(parameters.theta, others.theta, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4)


def test_tasks_fill_tiles_and_hold_every_run_once(problems):
    plan = Plan(
        tuple(map(WeightedPower, np.linspace(0, 1, 100))), tuple(range(10)), Schedule(starts=2)
    )
    sizes = {name: tasks.runs_per_task(problem, plan) for name, problem in problems.items()}
    made, seconds = tasks.cut(problems, plan, sizes)
    for name, problem in problems.items():
        tile = tasks.tile_size(problem.structure, len(problem.rows["train"][1]))
        assert sizes[name] * plan.schedule.starts % tile == 0
        own = [task for task in made if task.name.startswith(name)]
        pairs = [pair for task in own for pair in zip(task.goals, task.seeds, strict=True)]
        assert len(pairs) == len(set(pairs)) == plan.runs
    # One task of every data set first, then those of the largest.
    assert [task.name for task in made[:3]] == [
        "balance_scale-00000",
        "iris-00000",
        "balance_scale-00001",
    ]
    assert set(seconds) == {task.name for task in made}


def test_tasks_of_copies_are_short_and_hold_every_run_once(problems):
    """Copies take most of a run's time, in steps, checks and the final judgement."""
    schedule = Schedule(sources="loaded")
    plan = Plan(tuple(map(WeightedPower, np.linspace(0, 1, 50))), tuple(range(10)), schedule)
    printed = {
        name: dataclasses.replace(
            each, spec=dataclasses.replace(each.spec, conditions=ConditionsSpec(variation=1))
        )
        for name, each in problems.items()
    }
    for each in (plan, dataclasses.replace(plan, schedule=Schedule(sources="loaded", draws=64))):
        sizes = {name: tasks.runs_per_task(problem, each) for name, problem in printed.items()}
        made, seconds = tasks.cut(printed, each, sizes)
        assert sum(task.runs for task in made) == len(printed) * plan.runs
        for task in made:
            assert task.runs == 1 or seconds[task.name] < 1.5 * tasks.TASK_SECONDS
    name = "iris"
    cost = {
        what: tasks.run_cost(of[name].spec, work)
        for what, of, work in (
            ("as designed", problems, plan),
            ("trained for copies", printed, dataclasses.replace(plan, copies=())),
            ("and judged by them", printed, plan),
        )
    }
    assert sorted(cost, key=cost.get) == list(cost)


def test_data_sets_begin_some_ahead_of_their_turn(problems):
    plan = Plan(tuple(map(WeightedPower, np.linspace(0, 1, 4))), tuple(range(2)), Schedule())
    several = {f"set_{k}": problems["iris"] for k in range(7)}
    made, _ = tasks.cut(several, plan, dict.fromkeys(several, 4))
    names = [task.name for task in made]
    assert sorted(names) == [f"set_{k}-{part:05d}" for k in range(7) for part in (0, 1)]
    for k, begun in enumerate(names.index(f"set_{k}-00000") for k in range(7)):
        assert begun == (k if k < 4 else 4 + 2 * (k - 4) + 1)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="a limit of Linux")
def test_programs_are_forgotten_only_where_they_crowd_the_process(monkeypatch):
    forgotten = []
    monkeypatch.setattr(jax, "clear_caches", lambda: forgotten.append(True))
    make_room(share=1.0)
    assert not forgotten
    make_room(share=0.0)
    assert forgotten


def test_every_task_makes_room_first(problems, monkeypatch):
    made = []
    monkeypatch.setattr(tasks, "make_room", lambda: made.append(True))
    plan = Plan((WeightedPower(0.5),), (0,), QUICK_SCHEDULE)
    (task,), _ = tasks.cut({"iris": problems["iris"]}, plan, {"iris": 1})
    assert tasks.do_task(task, problems["iris"]).table["status"].tolist() == ["trained"]
    assert made == [True]


def test_a_data_set_is_named_once():
    twice = dataclasses.replace(TWO, datasets=("iris", "iris"))
    with pytest.raises(PrintronError, match="'iris' twice"):
        build_problems(twice)
