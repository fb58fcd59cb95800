"""A sweep is the same whether it was interrupted or not, and never mixed with another."""

import dataclasses
import json

import jax
import numpy as np
import pandas as pd
import pytest
from quick import QUICK_SCHEDULE

from printron.base import versions
from printron.base.files import unfinished_name
from printron.base.place import StoreError, place_at
from printron.experiments import Plan, alpha_grid, run, run_sweep, tasks
from printron.results import load_table, store
from printron.training import Schedule, WeightedPower

PLAN = Plan(tuple(map(WeightedPower, (0.0, 0.5, 1.0))), (0, 1, 2), QUICK_SCHEDULE)


def assert_same(one, two):
    """Equal but for the time it took."""
    pd.testing.assert_frame_equal(
        one.table.drop(columns="wall_s"), two.table.drop(columns="wall_s")
    )
    assert jax.tree.all(jax.tree.map(np.array_equal, one.parameters, two.parameters))


def files_of(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def interrupt_after(monkeypatch, number):
    """Make the sweep fail when it begins the task after so many."""
    true_batch, count = tasks.run_batch, iter(range(100))

    def run_batch(*args, **kwargs):
        if next(count) >= number:
            raise KeyboardInterrupt
        return true_batch(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "run_batch", run_batch)
        yield


def interrupted_sweep(monkeypatch, problem, folder, number):
    for _ in interrupt_after(monkeypatch, number):
        with pytest.raises(KeyboardInterrupt):
            run_sweep(problem, PLAN, folder, workers=1)


def test_every_alpha_has_every_seed_in_a_fixed_order(problem, no_training, tmp_path):
    table = run_sweep(problem, PLAN, tmp_path).table
    assert table["alpha"].tolist() == [0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1]
    assert table["seed"].tolist() == [0, 1, 2] * 3
    assert sorted(no_training) == [[0, 1], [0, 1], [1, 2], [2], [2, 0]]


def test_resuming_trains_nothing_twice(problem, no_training, tmp_path, monkeypatch):
    whole = run_sweep(problem, PLAN, tmp_path / "whole")
    no_training.clear()
    interrupted_sweep(monkeypatch, problem, tmp_path / "cut", number=2)
    assert not (tmp_path / "cut" / "results.parquet").exists()
    resumed = run_sweep(problem, PLAN, tmp_path / "cut", workers=1)
    assert no_training == [[0, 1], [2, 0], [1, 2], [0, 1], [2]]
    assert_same(whole, resumed)
    run_sweep(problem, PLAN, tmp_path / "cut", workers=7)
    assert len(no_training) == 5


def test_resumed_training_equals_uninterrupted_training(problem, tmp_path, monkeypatch):
    """The same law with real training: runs do not depend on the task they stand in."""
    whole = run_sweep(problem, PLAN, tmp_path / "whole", workers=1)
    monkeypatch.setattr(run, "runs_per_task", lambda problem, plan: 2)
    interrupted_sweep(monkeypatch, problem, tmp_path / "cut", number=2)
    assert_same(whole, run_sweep(problem, PLAN, tmp_path / "cut", workers=2))


def test_results_are_written_as_parquet_csv_and_arrays(problem, no_training, tmp_path):
    runs = run_sweep(problem, PLAN, tmp_path)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "results.parquet"), runs.table)
    table = pd.read_csv(tmp_path / "results.csv")
    np.testing.assert_allclose(table["power_total_W"], runs.table["power_total_W"], rtol=1e-15)
    with np.load(tmp_path / "parameters.npz", allow_pickle=False) as file:
        assert np.array_equal(file["theta0"], runs.parameters.theta[0])


def test_what_a_diverged_run_lacks_is_an_empty_cell(problem, no_training, tmp_path):
    runs = run_sweep(problem, PLAN, tmp_path)
    lost = runs.table.assign(power_total_W=[np.nan, np.inf, *runs.table["power_total_W"][2:]])
    store.write_results(dataclasses.replace(runs, table=lost), tmp_path / "lost")
    text = (tmp_path / "lost" / "results.csv").read_text(encoding="utf-8")
    assert not {"nan", "inf"} & set(text.lower().replace("\n", ",").split(","))
    column = lost.columns.get_loc("power_total_W")
    assert [line.split(",")[column] for line in text.splitlines()[1:3]] == ["", ""]
    again = pd.read_parquet(tmp_path / "lost" / "results.parquet")
    pd.testing.assert_frame_equal(again, lost)


def test_progress_reaches_its_end_on_resuming(problem, no_training, tmp_path):
    run_sweep(problem, PLAN, tmp_path)
    done = []
    run_sweep(problem, PLAN, tmp_path, progress=done.append)
    assert sum(done) == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"goals": tuple(map(WeightedPower, (0.0, 0.5)))}, "alphas"),
        ({"seeds": (0, 1, 3)}, "seeds"),
        ({"schedule": Schedule(epochs=40)}, "schedule.epochs"),
    ],
)
def test_a_folder_with_another_sweep_is_refused(problem, no_training, tmp_path, change, key):
    run_sweep(problem, PLAN, tmp_path)
    before = files_of(tmp_path)
    with pytest.raises(StoreError, match=f"another experiment: its '{key}' is") as caught:
        run_sweep(problem, dataclasses.replace(PLAN, **change), tmp_path)
    assert "\n" not in str(caught.value)
    assert files_of(tmp_path) == before


def test_other_code_or_another_version_is_another_sweep(
    problem, no_training, tmp_path, monkeypatch
):
    run_sweep(problem, PLAN, tmp_path)
    monkeypatch.setattr(run, "versions", lambda: {**versions.versions(), "code": "other"})
    with pytest.raises(StoreError, match="'code' is"):
        run_sweep(problem, PLAN, tmp_path)


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [_truncate, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_a_damaged_part_is_named_before_anything_is_trained(
    problem, no_training, tmp_path, monkeypatch, harm, suffix
):
    interrupted_sweep(monkeypatch, problem, tmp_path, number=3)
    part = (tmp_path / "parts" / "iris-00001").with_suffix(suffix)
    harm(part)
    no_training.clear()
    with pytest.raises(StoreError, match="is damaged .*; remove .* and run again") as caught:
        run_sweep(problem, PLAN, tmp_path)
    assert str(part) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert no_training == []
    part.with_suffix(".parquet").unlink()
    part.with_suffix(".npz").unlink()
    run_sweep(problem, PLAN, tmp_path)
    assert [2, 0] in no_training


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_a_flipped_bit_is_found_or_changes_nothing(problem, no_training, tmp_path, suffix):
    whole = run_sweep(problem, PLAN, tmp_path)
    part = (tmp_path / "parts" / "iris-00001").with_suffix(suffix)
    data, found = part.read_bytes(), 0
    for position in np.linspace(0, len(data) - 1, 60).astype(int):
        part.write_bytes(data[:position] + bytes([data[position] ^ 16]) + data[position + 1 :])
        try:
            assert_same(whole, run_sweep(problem, PLAN, tmp_path))
        except StoreError as error:
            found += str(part.with_suffix("")) in str(error)
    assert found > 10
    assert len(no_training) == 5


def test_a_part_of_another_sweep_is_refused(problem, no_training, tmp_path):
    run_sweep(problem, PLAN, tmp_path / "one")
    other = dataclasses.replace(PLAN, seeds=(5, 6, 7))
    run_sweep(problem, other, tmp_path / "two")
    for suffix in (".npz", ".parquet"):
        source = (tmp_path / "two" / "parts" / "iris-00000").with_suffix(suffix)
        (tmp_path / "one" / "parts" / source.name).write_bytes(source.read_bytes())
    with pytest.raises(StoreError, match="belongs to another experiment"):
        run_sweep(problem, PLAN, tmp_path / "one")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}', "\x00"])
def test_a_config_that_is_none_is_refused(problem, no_training, tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(StoreError, match=r"config\.json.*--out"):
        run_sweep(problem, PLAN, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_parts_without_a_config_are_refused(problem, no_training, tmp_path):
    run_sweep(problem, PLAN, tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(StoreError, match=r"without its config\.json"):
        run_sweep(problem, PLAN, tmp_path)


def test_two_processes_do_not_share_a_folder(problem, no_training, tmp_path):
    with store.alone(place_at(tmp_path)), pytest.raises(StoreError, match="another printron"):
        run_sweep(problem, PLAN, tmp_path)
    run_sweep(problem, PLAN, tmp_path)


def test_leftovers_of_a_killed_process_are_cleared_away(problem, no_training, tmp_path):
    (tmp_path / "parts").mkdir()
    left = tmp_path / "parts" / unfinished_name(tmp_path / "iris-00000.parquet")
    mine = tmp_path / ".my-notes.csv"
    left.write_bytes(b"half")
    mine.write_text("notes")
    run_sweep(problem, PLAN, tmp_path)
    assert not left.exists()
    assert mine.read_text() == "notes"


def test_a_data_set_with_a_hidden_name_resumes(problem, no_training, tmp_path):
    hidden = dataclasses.replace(
        problem, dataset=dataclasses.replace(problem.dataset, name=".readings")
    )
    first = run_sweep(hidden, PLAN, tmp_path)
    done = len(no_training)
    assert_same(run_sweep(hidden, PLAN, tmp_path), first)
    assert len(no_training) == done
    assert len(load_table(tmp_path)) == PLAN.runs


def test_the_config_tells_what_is_needed_to_do_it_again(problem, no_training, tmp_path):
    run_sweep(problem, PLAN, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["schedule"] == json.loads(json.dumps(dataclasses.asdict(PLAN.schedule)))
    assert (config["alphas"], config["seeds"]) == ([0, 0.5, 1], [0, 1, 2])
    assert config["problems"]["iris"]["dataset"]["fingerprint"] == problem.dataset.fingerprint
    for key in ("printron", "jax", "code", "selection", "runs_per_task", "sources"):
        assert config[key]


@pytest.mark.parametrize(
    ("alphas", "seeds", "words"),
    [
        ((0.0, 1.5), (0,), "got alpha = 1.5"),
        ((-0.1,), (0,), "got alpha = -0.1"),
        ((float("nan"),), (0,), "got alpha = nan"),
        ((), (0,), "got 0 goals"),
        ((0.5,), (), "0 seeds"),
        ((0.5, 0.5), (0,), "goal alpha = 0.5 twice"),
        ((0.5,), (1, 1), "seed 1 twice"),
        ((0.5,), (-1,), "got the seeds -1"),
        ((0.5,), (2**32,), "got the seeds 4294967296"),
    ],
)
def test_a_plan_that_makes_no_sense_is_one_sentence(alphas, seeds, words):
    with pytest.raises(ValueError, match=words):
        Plan(tuple(map(WeightedPower, alphas)), seeds, QUICK_SCHEDULE)


def test_the_grid_of_alpha_is_even_from_0_to_1():
    assert alpha_grid(5) == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert alpha_grid(1) == (0.0,)
    assert len(alpha_grid(20)) == 20
    with pytest.raises(ValueError, match="above 0"):
        alpha_grid(0)
