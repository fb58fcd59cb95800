"""The aim of training: nearly every seed reaches what was published without regard to power."""

import csv

import numpy as np
import pytest

from printron.datasets import load_dataset
from printron.training import WeightedPower, train

ONE_POINT = 0.01
SEEDS = np.arange(10)


def published_accuracy(shared, dataset):
    """Published mean test accuracy at alpha = 0."""
    with (shared / "reference" / "published_alpha_sweep.csv").open() as file:
        return next(
            float(row["test_accuracy_mean"])
            for row in csv.DictReader(file)
            if row["dataset"] == dataset and float(row["alpha"]) == 0
        )


def trained_on(shared, make_design, dataset):
    """Test accuracy of every seed, [10], and that of always answering the commonest class."""
    data = load_dataset(dataset, protocol="published", data_dir=shared / "datasets" / "raw")
    rows = {
        k: (getattr(data, k).volts, getattr(data, k).labels) for k in ("train", "valid", "test")
    }
    design = make_design((len(data.feature_names), 3, len(data.class_names)))
    trained = train(design, rows, [WeightedPower(0.0)] * len(SEEDS), SEEDS)
    assert set(trained.status) == {"trained"}
    return np.asarray(trained.terms["test"].accuracy), data.majority


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["iris", "seeds", "breast_cancer_wisconsin"])
def test_nine_of_ten_seeds_reach_the_published_accuracy(shared, make_design, dataset):
    """Less one point; default cells and schedule, one hidden layer of 3, the published split.

    Rounding differs between machines, and with it the runs: where exactly 9 seeds get there here,
    another machine may find 8 or 10 of them.
    """
    accuracy, majority = trained_on(shared, make_design, dataset)
    reached = accuracy >= published_accuracy(shared, dataset) - ONE_POINT - 1e-6
    assert reached.sum() >= 9, f"{reached.sum()} of 10 seeds; test accuracies {accuracy.tolist()}"
    assert accuracy.min() > majority


@pytest.mark.slow
def test_pendigits_is_learned_better_than_published(shared, make_design):
    """Published 0.62 on average over the seeds; steep cells kill the gradients of ten classes."""
    accuracy, majority = trained_on(shared, make_design, "pendigits")
    assert accuracy.mean() >= 0.78, accuracy.tolist()
    assert accuracy.min() > 5 * majority
