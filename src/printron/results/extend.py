"""Adding seeds and alphas to an experiment that has been stored.

What a run becomes depends on its data set, alpha, seed and settings alone, and not on which other
runs there are. So a part is marked with the hash of what decides a run, and which runs are planned
stands beside it in config.json: more of them are trained into new parts, and the stored parts stay
as they are.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.results.runs import Runs

# Keys of config.json that say which runs there are to be, and not what one becomes; their columns.
PLANNED = {"alphas": "alpha", "seeds": "seed"}

Pair = tuple[float, int]  # alpha and seed of a run


def lacking(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    """The key of which some stored value is not wanted; None where all are."""
    return next((k for k in PLANNED if set(stored.get(k, ())) - set(wanted.get(k, ()))), None)


def extended(stored: dict[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The stored configuration, with those runs planned that are wanted, in their order."""
    if all(stored.get(key) == wanted.get(key) for key in PLANNED):
        return stored
    return {**stored, **{key: wanted[key] for key in (*PLANNED, "runs_per_task")}}


def pairs_of(table: pd.DataFrame) -> list[Pair]:
    """Alpha and seed of each row."""
    return list(zip(table["alpha"].tolist(), table["seed"].tolist(), strict=True))


def missing(planned: Iterable[Pair], done: Iterable[Iterable[Pair]]) -> list[Pair]:
    """What is planned and not done, in its order."""
    there = {pair for pairs in done for pair in pairs}
    return [pair for pair in planned if pair not in there]


def all_planned(table: pd.DataFrame, config: Mapping[str, Any]) -> bool:
    """Whether each row is of a run that is planned."""
    return all(
        table[name].isin(config[key]).all() for key, name in PLANNED.items() if key in config
    )


def in_order(table: pd.DataFrame, config: Mapping[str, Any]) -> NDArray[np.int64]:
    """Places of the rows in the order that is planned: data set, alpha, seed; each run once."""
    if not all(key in config for key in PLANNED):
        return np.arange(len(table))
    number = np.zeros(len(table), np.int64)
    for key, column in {"problems": "dataset", **PLANNED}.items():
        values = list(config[key])
        place = {value: k for k, value in enumerate(values)}
        number = number * len(place) + table[column].map(place).to_numpy(np.int64)
    return np.unique(number, return_index=True)[1]


def arranged(runs: Runs, config: Mapping[str, Any]) -> Runs:
    """Runs in the order that is planned, each once."""
    return runs.take(in_order(runs.table, config))
