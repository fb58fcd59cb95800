"""Seeds and alphas are added to what is stored: nothing is trained twice, and nothing changes."""

import dataclasses
import json

import jax
import numpy as np
import pandas as pd
import pytest
from quick import QUICK_SCHEDULE

from printron.base.place import StoreError
from printron.experiments import Experiment, Plan, build_problems, run_experiment, run_sweep, tasks
from printron.results import ProblemSpec, load_parameters, load_table
from printron.results.store import config_hash, stored_at
from printron.training import Schedule, WeightedPower


def weighted(*alphas):
    return tuple(map(WeightedPower, alphas))


PLAN = Plan(weighted(0.0, 0.5), (0, 1, 2), QUICK_SCHEDULE)
MORE = dataclasses.replace(PLAN, seeds=(0, 1, 2, 3, 4))
DENSE = dataclasses.replace(MORE, goals=weighted(0.0, 0.25, 0.5))


def assert_same(one, two):
    """Equal to the last bit, but for the time it took and the sum `power_VDD_W`."""
    left, right = (it.table.drop(columns="wall_s") for it in (one, two))
    # The power of a supply is a sum of parts; in a block of another number of runs the order of
    # the sum, and so its last bit, may be another one. All else must not differ at all.
    summed = ["power_VDD_W"]
    pd.testing.assert_frame_equal(
        left.drop(columns=summed), right.drop(columns=summed), check_exact=True
    )
    pd.testing.assert_frame_equal(left[summed], right[summed], rtol=1e-12, atol=0)
    assert jax.tree.all(jax.tree.map(np.array_equal, one.parameters, two.parameters))


def parts_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "parts").glob("*.*")}


@pytest.mark.parametrize("larger", [MORE, DENSE])
def test_what_is_added_comes_to_the_same_as_all_at_once(problem, no_training, tmp_path, larger):
    whole = run_sweep(problem, larger, tmp_path / "whole")
    run_sweep(problem, PLAN, tmp_path / "grown")
    before = parts_of(tmp_path / "grown")
    no_training.clear()
    grown = run_sweep(problem, larger, tmp_path / "grown")
    assert_same(grown, whole)
    assert sum(map(len, no_training)) == larger.runs - PLAN.runs
    after = parts_of(tmp_path / "grown")
    assert {name: after[name] for name in before} == before
    for name in ("whole", "grown"):
        stored = pd.read_parquet(tmp_path / name / "results.parquet")
        pd.testing.assert_frame_equal(stored, load_table(tmp_path / name))
        assert_same(load_parameters(tmp_path / name), whole)
    no_training.clear()
    assert_same(run_sweep(problem, larger, tmp_path / "grown"), whole)
    assert no_training == []


def test_killed_half_way_it_goes_on(problem, no_training, tmp_path, monkeypatch):
    whole = run_sweep(problem, DENSE, tmp_path / "whole")
    run_sweep(problem, PLAN, tmp_path / "grown")
    true_batch, begun = tasks.run_batch, iter(range(100))

    def run_batch(*args, **kwargs):
        if next(begun) >= 2:
            raise KeyboardInterrupt
        return true_batch(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "run_batch", run_batch)
        with pytest.raises(KeyboardInterrupt):
            run_sweep(problem, DENSE, tmp_path / "grown", workers=1)
    assert len(load_table(tmp_path / "grown")) == PLAN.runs + 4
    before = parts_of(tmp_path / "grown")
    # The smaller sweep is no more: what was planned since would be lost from sight.
    with pytest.raises(StoreError, match="give all stored values"):
        run_sweep(problem, PLAN, tmp_path / "grown")
    no_training.clear()
    shares = []
    assert_same(run_sweep(problem, DENSE, tmp_path / "grown", progress=shares.append), whole)
    assert sum(map(len, no_training)) == DENSE.runs - PLAN.runs - 4
    assert sum(shares) == pytest.approx(1)
    after = parts_of(tmp_path / "grown")
    assert {name: after[name] for name in before} == before


def test_a_lost_part_is_done_again_among_many(problem, no_training, tmp_path):
    whole = run_sweep(problem, PLAN, tmp_path)
    grown = run_sweep(problem, MORE, tmp_path)
    for suffix in (".parquet", ".npz"):
        (tmp_path / "parts" / f"iris-00001{suffix}").unlink()
    no_training.clear()
    assert_same(run_sweep(problem, MORE, tmp_path), grown)
    assert no_training == [[2, 0]]
    assert len(whole.table) == 6


SMALLER = {
    "seeds": ({"seeds": (0, 1)}, "'seeds' is [0, 1, 2], not [0, 1]"),
    "other seeds": ({"seeds": (1, 2, 3)}, "'seeds' is [0, 1, 2], not [1, 2, 3]"),
    "alphas": ({"goals": weighted(0.0)}, "'alphas' is [0.0, 0.5], not [0.0]"),
    "more and less": ({"seeds": (0, 1, 2, 3), "goals": weighted(0.5)}, "'alphas' is"),
}


@pytest.mark.parametrize("change", SMALLER)
def test_fewer_are_refused_in_one_sentence(problem, no_training, tmp_path, change):
    run_sweep(problem, PLAN, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    keys, told = SMALLER[change]
    with pytest.raises(
        StoreError, match="give all stored values and any further ones to add"
    ) as caught:
        run_sweep(problem, dataclasses.replace(PLAN, **keys), tmp_path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_other_settings_are_refused_with_more_seeds_too(problem, no_training, tmp_path):
    run_sweep(problem, PLAN, tmp_path)
    other = dataclasses.replace(MORE, schedule=Schedule(epochs=40))
    with pytest.raises(StoreError, match=r"its 'schedule\.epochs' is 20, not 40"):
        run_sweep(problem, other, tmp_path)


def test_every_data_set_of_an_experiment_gets_them(no_training, tmp_path):
    def of(plan):
        return Experiment("two", ("iris", "balance_scale"), ProblemSpec(""), plan)

    problems = build_problems(of(PLAN))
    run_experiment(of(PLAN), tmp_path / "grown", problems=problems)
    no_training.clear()
    grown = run_experiment(of(DENSE), tmp_path / "grown", problems=problems)
    assert sum(map(len, no_training)) == 2 * (DENSE.runs - PLAN.runs)
    whole = run_experiment(of(DENSE), tmp_path / "whole", problems=problems)
    pd.testing.assert_frame_equal(grown.table, whole.table)
    assert grown.planned == len(grown.table) == 2 * DENSE.runs
    assert grown.config_hash == whole.config_hash


def test_the_folder_says_what_is_planned_and_keeps_its_name_for_what_decides_a_run(
    problem, no_training, tmp_path
):
    run_sweep(problem, PLAN, tmp_path)
    first = stored_at(tmp_path)
    run_sweep(problem, MORE, tmp_path)
    second = stored_at(tmp_path)
    assert second.config["seeds"] == [0, 1, 2, 3, 4]
    assert second.config_hash == first.config_hash


def test_an_experiment_of_the_format_before_is_read_and_not_gone_on_with(
    problem, no_training, tmp_path
):
    whole = run_sweep(problem, PLAN, tmp_path / "new")
    config = json.loads((tmp_path / "new" / "config.json").read_text()) | {"format": 3}
    # As that format did: the runs that are planned decide the hash, too.
    other = {**config, "seeds": [0, 1]}
    assert config_hash(other) != config_hash(config)
    old = stored_at(tmp_path / "new")
    old = dataclasses.replace(old, place=dataclasses.replace(old.place, root=str(tmp_path / "old")))
    old = dataclasses.replace(old, config=config)
    old.place.write("config.json", json.dumps(config).encode())
    old.write("iris-00000", whole)
    table = load_table(tmp_path / "old")
    assert set(table["config"]) == {config_hash(config)}
    pd.testing.assert_frame_equal(table.drop(columns="config"), whole.table.drop(columns="config"))
    with pytest.raises(StoreError, match=r"earlier version \(format 3\), which can be read but"):
        run_sweep(problem, PLAN, tmp_path / "old")
