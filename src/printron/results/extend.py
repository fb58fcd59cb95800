"""Adding seeds and goals to a stored experiment.

The result of a run depends on its data set, goal, seed and settings alone, not on the other runs.
So a part is marked with the hash of the settings that decide a run, and config.json lists the
planned runs separately: added runs are trained into new parts, and stored parts do not change.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.results.runs import Runs
from printron.results.table import goal_kind
from printron.training import Goal
from printron.training.goal import GOAL_KINDS, goals_of

Pair = tuple[Goal, int]  # goal and seed of a run


def planned_keys() -> tuple[str, ...]:
    """Keys of config.json that list the planned runs and do not affect a run's result."""
    return (*(kind.listed for kind in GOAL_KINDS.values()), "seeds")


def lacking(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    """The key of which some stored value is not wanted; None where all are."""
    for key in planned_keys():
        old, new = (set(map(_hashable, config.get(key, ()))) for config in (stored, wanted))
        if old - new:
            return key
    return None


def _hashable(entry: Any) -> Any:
    return frozenset(entry.items()) if isinstance(entry, dict) else entry


def extended(stored: dict[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The stored configuration with the wanted runs planned, in their order."""
    keys = [key for key in planned_keys() if key in wanted]
    if all(stored.get(key) == wanted[key] for key in keys):
        return stored
    return {**stored, **{key: wanted[key] for key in (*keys, "runs_per_task")}}


def goals_in(table: pd.DataFrame) -> list[Goal]:
    """The goal of each row."""
    kind = goal_kind(table)
    names = [column.name for column in kind.columns]
    rows = list(table[names].itertuples(index=False, name=None))
    goals = {row: kind.of_row(dict(zip(names, row, strict=True))) for row in set(rows)}
    return [goals[row] for row in rows]


def pairs_of(table: pd.DataFrame) -> list[Pair]:
    """Goal and seed of each row."""
    return list(zip(goals_in(table), table["seed"].tolist(), strict=True))


def missing(planned: Iterable[Pair], done: Iterable[Iterable[Pair]]) -> list[Pair]:
    """The planned runs that are not done, in the planned order."""
    finished = {pair for pairs in done for pair in pairs}
    return [pair for pair in planned if pair not in finished]


def all_planned(table: pd.DataFrame, config: Mapping[str, Any]) -> bool:
    """Whether each row belongs to a planned run."""
    goals, seeds = set(goals_of(config)), set(config["seeds"])
    return all(goal in goals and seed in seeds for goal, seed in set(pairs_of(table)))


def in_order(table: pd.DataFrame, config: Mapping[str, Any]) -> NDArray[np.int64]:
    """Places of the rows in the planned order: data set, goal, seed; each run once."""
    number = np.zeros(len(table), np.int64)
    for planned, values in (
        (config["problems"], table["dataset"]),
        (goals_of(config), goals_in(table)),
        (config["seeds"], table["seed"]),
    ):
        place = {value: k for k, value in enumerate(planned)}
        number = number * len(place) + np.array([place[value] for value in values], np.int64)
    return np.unique(number, return_index=True)[1]


def arranged(runs: Runs, config: Mapping[str, Any]) -> Runs:
    """Runs in the planned order, each once."""
    return runs.take(in_order(runs.table, config))
