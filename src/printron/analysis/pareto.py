"""The accuracy/power front of a sweep, selected by validation rows alone.

The rule has two steps. First, for each goal (alpha), the trained run with the lowest objective on
the validation rows, by which training selects snapshots and starts, too (of equal ones the higher
validation accuracy, then the lower seed). Second, of these the runs that no other dominates: none
has at least the same validation accuracy for at most the same power on the validation rows. Test
rows take no part; their numbers are only reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from printron.results.runs import run_record
from printron.results.table import goal_columns, goal_kind
from printron.training import TRAINED, Goal

TOLERANCE = 0.01  # validation accuracy by which the chosen circuit may lie below the best


@dataclass(frozen=True, eq=False)
class Selection:
    """The selection from a sweep.

    Attributes
    ----------
    goal : kind of the goals.
    by_goal : one row per goal: numbers of runs, mean and standard deviation over the seeds.
    front : rows of the table of runs, by rising power; the index is the run's.
    chosen : the run (index) proposed for printing; None without a front.
    seeds, runs, left_out : numbers of seeds and runs; `left_out` runs diverged or have no snapshot.
    majority : accuracy of always answering the commonest class.
    """

    goal: type[Goal]
    by_goal: pd.DataFrame
    front: pd.DataFrame
    chosen: int | None
    seeds: int
    runs: int
    left_out: int
    majority: float

    @property
    def rule(self) -> str:
        """How the front was selected, in words."""
        left_out = f"; {self.left_out} runs left out (diverged)" if self.left_out else ""
        return (
            f"selected by validation rows: for each {self.goal.noun} the lowest objective of "
            f"{self.seeds} seeds, then those that none beats in validation accuracy and power "
            f"({self.runs} runs{left_out}); test rows took no part"
        )

    @property
    def choice(self) -> str:
        """How the chosen circuit was picked, in words."""
        return (
            "the circuit of the front with the least power whose validation accuracy is within "
            f"{100 * TOLERANCE:g} point of the best"
        )


def select(table: pd.DataFrame) -> Selection:
    """Select the front of a table of runs; see the module for the rule."""
    good = table[trained_runs(table)]
    best = best_seeds(good[good["feasible_valid"].astype(bool)])
    front = non_dominated(best)
    return Selection(
        goal=goal_kind(table),
        by_goal=over_seeds(table),
        front=front,
        chosen=_cheapest_good(front),
        seeds=int(table["seed"].nunique()),
        runs=len(table),
        left_out=len(table) - len(good),
        majority=float(table["majority"].iloc[0]),
    )


def trained_runs(table: pd.DataFrame) -> "pd.Series[bool]":
    """Which runs were trained; the others diverged or have no snapshot."""
    return (table["status"] == TRAINED) & table["accuracy_valid"].notna()


def best_seeds(good: pd.DataFrame) -> pd.DataFrame:
    """The run of each goal with the lowest validation objective; the index is kept."""
    if good.empty:
        return good
    goal = goal_columns(good)
    ordered = good.sort_values(
        [*goal, "objective_valid", "accuracy_valid", "seed"],
        ascending=[*(True for _ in goal), True, False, True],
        kind="stable",
    )
    return ordered.drop_duplicates(goal)


def non_dominated(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs that no other dominates in validation accuracy and power, by rising power.

    Of runs that are equal in both, the one with the smaller numbers of its goal is kept.
    """
    if runs.empty:
        return runs
    goal = goal_columns(runs)
    ordered = runs.sort_values(
        ["power_valid_W", "accuracy_valid", *goal],
        ascending=[True, False, *(True for _ in goal)],
        kind="stable",
    )
    before = ordered["accuracy_valid"].cummax().shift(fill_value=-np.inf)
    return ordered[ordered["accuracy_valid"] > before]


def _cheapest_good(front: pd.DataFrame) -> int | None:
    if front.empty:
        return None
    # A small tolerance, since accuracies are fractions of rows in floating point.
    enough = front["accuracy_valid"] >= front["accuracy_valid"].max() - TOLERANCE - 1e-9
    return int(front.index[enough][0])


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation (n - 1) over the trained seeds of each goal.

    Columns: those of the goal (alpha), runs, left_out, and NAME_mean, NAME_sd of the accuracies and
    of the total power. With one seed the deviation is NaN.
    """
    good, goal = trained_runs(table), goal_columns(table)
    by_goal = [table[name] for name in goal]
    grouped = table.where(good)[["accuracy_valid", "accuracy_test", "power_total_W"]].groupby(
        by_goal
    )
    columns: dict[str, Any] = {"runs": table.groupby(goal).size()}
    columns["left_out"] = (~good).groupby(by_goal).sum()
    for name in ("accuracy_valid", "accuracy_test", "power_total_W"):
        columns[f"{name}_mean"] = grouped[name].mean()
        columns[f"{name}_sd"] = grouped[name].std()
    return pd.DataFrame(columns).reset_index()


def front_records(selection: Selection) -> list[dict[str, Any]]:
    """The front as JSON objects: each run's record with the spread over the seeds of its goal."""
    if selection.front.empty:
        return []
    goal = goal_columns(selection.front)
    spread = {
        tuple(row[name] for name in goal): _spread(row, goal)
        for row in selection.by_goal.to_dict("records")
    }
    runs, rows = selection.front.index.tolist(), selection.front.to_dict("records")
    return [
        {
            **run_record(row),
            "run": run,
            "chosen": run == selection.chosen,
            "over_seeds": spread[tuple(row[name] for name in goal)],
        }
        for run, row in zip(runs, rows, strict=True)
    ]


def _spread(row: Mapping[Any, Any], goal: Sequence[str]) -> dict[str, Any]:
    numbers = {str(key): float(value) for key, value in row.items() if key not in goal}
    counts = {key: int(numbers.pop(key)) for key in ("runs", "left_out")}
    return counts | {key: value if np.isfinite(value) else None for key, value in numbers.items()}
