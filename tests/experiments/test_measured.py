"""A batch of runs as rows and arrays."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import QUICK_SCHEDULE

from printron.experiments import measured, run_batch
from printron.network import build_layers, commonest_class, counts_of, forward, power_of
from printron.results import Runs, build_problem, parameters, run_record
from printron.results.copies import IN_A_TABLE, copies_of, printed_terms, training_size
from printron.technology.conditions import ConditionsSpec
from printron.training import Schedule, WeightedPower

SCHEDULE = QUICK_SCHEDULE
GOALS = tuple(map(WeightedPower, (0.0, 0.5, 1.0)))


@pytest.fixture(scope="module")
def trained(problem) -> Runs:
    return run_batch(problem, GOALS, np.array([0, 1, 2]), schedule=SCHEDULE, workers=1)


def read_parameters(path):
    with np.load(path, allow_pickle=False) as file:
        return parameters.parameters_from(dict(file))


def _layers(problem, trained, run):
    return build_layers(problem.structure, jax.tree.map(jnp.asarray, trained.one(run)))


def test_a_row_a_run_in_the_order_asked(trained):
    assert trained.table["alpha"].tolist() == [0.0, 0.5, 1.0]
    assert trained.table["seed"].tolist() == [0, 1, 2]
    assert set(trained.table["status"]) == {"trained"}


def test_power_and_accuracy_are_those_of_the_stored_parameters_on_the_test_rows(problem, trained):
    volts, labels = problem.rows["test"]
    for run, row in trained.table.iterrows():
        layers = _layers(problem, trained, run)
        out, crossbar = forward(problem.structure, layers, jnp.asarray(volts))
        power = power_of(layers, crossbar)
        assert row["power_total_W"] == pytest.approx(float(power.total), rel=1e-4)
        causes = [row[f"power_{c}_W"] for c in ("crossbar", "activation", "negation")]
        assert row["power_total_W"] == pytest.approx(sum(causes), rel=1e-12)
        hits = np.asarray(out).argmax(0) == labels
        assert row["accuracy_test"] == hits.sum() / len(labels)


@pytest.mark.slow
def test_runs_for_copies_that_differ_say_how_these_fare(problem):
    asked = ConditionsSpec(variation=0.2, margin="10 mV")
    made = build_problem(dataclasses.replace(problem.spec, conditions=asked))
    schedule = Schedule(epochs=20, starts=1, loaded_epochs=20, sources="loaded", draws=2, judges=8)
    runs = run_batch(made, GOALS[:1], np.array([0]), schedule=schedule, workers=1)
    row = runs.table.iloc[0]
    assert row["clear_test"] <= row["accuracy_test"]
    again = copies_of(made, runs.one(0), row["clear_test"], 1, most=IN_A_TABLE)
    shown = run_record(row)["copies"]
    assert shown == {name: again[name] for name in shown}
    assert shown["n"] == IN_A_TABLE
    valid = judged_on(made, runs.one(0), "valid")
    assert row["merit_valid"] == pytest.approx(valid.clear.mean())
    assert row["merit_valid"] != row["accuracy_valid"]


def judged_on(problem, parameters, split):
    """The same copies on the rows of a split."""
    return printed_terms(
        problem.structure,
        problem.spec.conditions,
        parameters,
        problem.rows[split],
        copies=IN_A_TABLE,
        default=commonest_class(problem.rows["train"][1]),
        workers=1,
        size=training_size(problem),
    )


def test_counts_are_those_of_the_stored_parameters(problem, trained):
    for run, row in trained.table.iterrows():
        counts = counts_of(_layers(problem, trained, run))
        for name, each in counts._asdict().items():
            assert row[name] == int(np.sum(each))


def test_the_majority_baseline_stands_in_every_row(problem, trained):
    assert set(trained.table["majority"]) == {problem.dataset.majority}


def test_parameters_written_and_read_back_are_the_same(trained, tmp_path):
    path = tmp_path / "parameters.npz"
    path.write_bytes(parameters.parameter_bytes(trained.parameters))
    again = read_parameters(path)
    assert jax.tree.structure(again) == jax.tree.structure(trained.parameters)
    assert jax.tree.all(jax.tree.map(np.array_equal, again, trained.parameters))
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file) == ["activation0", "negation0", "theta0", "theta1"]
        assert {array.shape[0] for array in file.values()} == {3}


def scaled(parameters):
    """With a scale for every column."""
    return parameters._replace(scale=tuple(theta[:, 0] for theta in parameters.theta))


def test_scales_are_written_and_read_back(trained, tmp_path):
    path, learned = tmp_path / "parameters.npz", scaled(trained.parameters)
    path.write_bytes(parameters.parameter_bytes(learned))
    again = read_parameters(path)
    assert len(again.scale) == 2
    assert jax.tree.all(jax.tree.map(np.array_equal, again, learned))


def test_scales_of_some_layers_alone_are_refused(trained):
    arrays = parameters.arrays_of(scaled(trained.parameters))
    del arrays["scale1"]
    with pytest.raises(ValueError, match="got scales of 1 of 2 layers; give those of all"):
        parameters.parameters_from(arrays)


def test_a_record_is_json_with_the_promised_keys(trained):
    record = run_record(trained.table.iloc[1].to_dict())
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert set(record["accuracy"]) == {"train", "valid", "test"}
    assert set(record["power_W"]) == {"crossbar", "activation", "negation", "total"}
    for cause, layers in record["power_by_layer_W"].items():
        assert len(layers) == 2
        assert sum(layers) == pytest.approx(record["power_W"][cause])
    assert set(record["counts"]) == {"resistors", "activations", "negations"}
    assert record["hidden"] == [3]


def test_a_run_without_snapshot_has_no_measurements(problem, monkeypatch):
    def train(*args, **kwargs):
        result = true_train(*args, **kwargs)
        bad = {"status": ("trained", "diverged"), "epoch": np.array([20, -1])}
        return dataclasses.replace(result, **bad)

    true_train = measured.train
    monkeypatch.setattr(measured, "train", train)
    two = run_batch(problem, GOALS[:2], np.array([0, 1]), schedule=SCHEDULE, workers=1)
    good, bad = (run_record(row) for row in two.table.to_dict("records"))
    assert good["status"] == "trained"
    assert good["power_W"]["total"] > 0
    assert good["counts"]["resistors"] > 0
    assert bad["status"] == "diverged"
    assert set(bad["power_W"].values()) == {None}
    assert set(bad["accuracy"].values()) == {None}
    assert set(bad["counts"].values()) == {None}
    json.dumps(bad, allow_nan=False)
