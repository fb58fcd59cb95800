"""Tables that benchmarks make of runs, by hand."""

import sys

import numpy as np
import pandas as pd
import pytest
from test_benchmarks import FOLDER


@pytest.fixture
def benchmark(monkeypatch):
    """Import a benchmark by its name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    names = ("endings", "splits", "published_watts", "equal_power")
    yield lambda name: __import__(name)
    for name in names:
        sys.modules.pop(name, None)


def runs(accuracy):
    """Runs of one data set; accuracies by [split, seed]."""
    split, seed = np.indices(np.shape(accuracy)).reshape(2, -1)
    return pd.DataFrame(
        {
            "dataset": "made",
            "split_seed": split,
            "alpha": 0.5,
            "seed": seed,
            "status": "trained",
            "accuracy_test": np.ravel(accuracy),
            "power_total_W": 1e-3,
            "majority": 0.4,
        }
    )


def test_the_spread_over_splits_is_that_of_their_means(benchmark):
    (row,) = benchmark("splits").summary(runs([[0.9, 1.0], [0.7, 0.6]])).to_dict("records")
    assert row["accuracy %, mean ± sd over splits"] == "80.0 ± 21.2"  # of 95 and 65
    assert row["sd over seeds"] == "7.1"
    assert row["split 0"] == "95.0 ± 7.1"
    assert row["worst … best split"] == "65.0 … 95.0"


def test_a_diverged_run_is_counted_and_changes_no_number(benchmark):
    summary = benchmark("splits").summary
    good = runs([[0.9, 1.0], [0.7, 0.6]])
    lost = good.iloc[:1].assign(status="diverged", seed=0, accuracy_test=np.nan, split_seed=1)
    a, b = summary(good), summary(pd.concat([good, lost]))
    assert (a["diverged"].item(), b["diverged"].item()) == (0, 1)
    pd.testing.assert_frame_equal(a.drop(columns="diverged"), b.drop(columns="diverged"))


def test_published_watts_are_read_off_at_equal_power_and_at_equal_accuracy(benchmark):
    alphas = pd.Index([0.0, 0.5, 1.0], name="alpha")
    published = pd.DataFrame({"accuracy": [0.9, 0.8, 0.6], "mW": [100.0, 50.0, 10.0]}, alphas)
    ours = pd.DataFrame({"accuracy": [0.95, 0.85, 0.7], "mW": [200.0, 75.0, 30.0]}, alphas)
    table = benchmark("published_watts").beside(ours, published)
    np.testing.assert_allclose(table["published_accuracy_at_this_power"], [np.nan, 0.85, 0.7])
    np.testing.assert_allclose(table["published_mW_at_this_accuracy"], [np.nan, 75, 30])
    assert table["share_of_power"].tolist() == [1, 0.375, 0.15]
