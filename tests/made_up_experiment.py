"""A table of several data sets' runs that nobody trained."""

import numpy as np
import pandas as pd
from made_up_runs import made_up_table

from printron.datasets import describe, names

NUMBERS = ("accuracy_train", "accuracy_valid", "accuracy_test", "power_crossbar_W",
           "power_activation_W", "power_negation_W", "power_total_W", "power_VDD_W",
           "power_valid_W", "objective_valid")  # fmt: skip


def made_up_experiment(datasets=("iris", "seeds", "own"), alphas=(0, 0.25, 0.5, 1), seeds=3):
    """Every data set at every alpha with every seed; numbers differ by data set."""
    tables = []
    for k, name in enumerate(datasets):
        table = made_up_table(np.repeat(alphas, seeds), np.tile(np.arange(seeds), len(alphas)))
        rng = np.random.default_rng(k)
        power = (2 + k) * rng.uniform(0.8, 1.2, len(table))
        for column in NUMBERS:
            share = rng.uniform(0.7, 0.95, len(table))
            table[column] *= power if "power" in column else share
        tables.append(table.assign(dataset=name, majority=0.2))
    return pd.concat(tables, ignore_index=True)


def made_up_config(datasets, seeds=(0, 1, 2)):
    """What the configuration of these runs says; a data set that is no benchmark has a column x."""
    sources = dict.fromkeys(("data_dir", "label", "process", "surrogates"))
    return {
        "problems": {
            name: {
                "dataset": {
                    "protocol": "clean",
                    "split_seed": 0,
                    "features": list(describe(name).feature_names) if name in names() else ["x"],
                },
                "network": {"hidden": [3], "sharing": "network"},
                "cells": {"activation": {"name": "ptanh"}, "negation": {"name": "negation"}},
            }
            for name in datasets
        },
        "alphas": [0, 0.25, 0.5, 1],
        "seeds": list(seeds),
        "schedule": {"epochs": 20},
        "runs_per_task": dict.fromkeys(datasets, 2),
        "sources": {name: {**sources, "dataset": name, "cells": []} for name in datasets},
    }


def diverged(row):
    """The same run, without numbers."""
    return {**row, "status": "diverged", **dict.fromkeys(NUMBERS, np.nan)}


def published_table(datasets=("iris", "seeds", "own"), alphas=(0, 0.5, 1)):
    """What a published table looks like, with straight lines."""
    rows = [
        {
            "dataset": name,
            "alpha": alpha,
            "test_accuracy_mean": 0.9 - 0.3 * alpha,
            "test_accuracy_std": 0.01,
            "power_mean_mW": (50 + 10 * k) * (1 - 0.8 * alpha),
            "power_std_mW": 1.0,
            "valid_accuracy_mean": 0.9,
        }
        for k, name in enumerate(datasets)
        for alpha in alphas
    ]
    return pd.DataFrame(rows)
