"""The accuracy/power front of a sweep, selected by validation rows alone.

The rule has two steps. First, for each goal (alpha), the trained run with the lowest objective on
the validation rows, by which training selects snapshots and starts, too (of equal ones the higher
validation accuracy, then the lower seed). Second, of these the runs that no other dominates: none
has at least the same validation accuracy for at most the same power on the validation rows. Test
rows take no part; their numbers are only reported.

Validation accuracy is the column `merit_valid`: of circuits that are trained for printed copies the
mean over copies, since a circuit that only works as designed is none to print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from printron.results.runs import run_record
from printron.results.table import COPIES, MERIT, goal_columns, goal_kind
from printron.training import TRAINED, Goal

TOLERANCE = 0.01  # validation accuracy by which the chosen circuit may lie below the best
_COPIES_MERIT = "validation accuracy of printed copies"


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
    merit : what validation accuracy is, in words.
    """

    goal: type[Goal]
    by_goal: pd.DataFrame
    front: pd.DataFrame
    chosen: int | None
    seeds: int
    runs: int
    left_out: int
    majority: float
    merit: str

    @property
    def rule(self) -> str:
        """How the front was selected, in words."""
        left_out = f"; {self.left_out} runs left out (diverged)" if self.left_out else ""
        return (
            f"selected by validation rows: for each {self.goal.noun} the lowest objective of "
            f"{self.seeds} seeds, then those that none beats in {self.merit} and power "
            f"({self.runs} runs{left_out}); test rows took no part"
        )

    @property
    def choice(self) -> str:
        """How the chosen circuit was picked, in words."""
        return (
            f"the circuit of the front with the least power whose {self.merit} is within "
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
        merit=_COPIES_MERIT if COPIES[0].name in table else "validation accuracy",
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
        [*goal, "objective_valid", MERIT, "seed"],
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
        ["power_valid_W", MERIT, *goal],
        ascending=[True, False, *(True for _ in goal)],
        kind="stable",
    )
    before = ordered[MERIT].cummax().shift(fill_value=-np.inf)
    return ordered[ordered[MERIT] > before]


def _cheapest_good(front: pd.DataFrame) -> int | None:
    if front.empty:
        return None
    # A small tolerance, since accuracies are fractions of rows in floating point.
    enough = front[MERIT] >= front[MERIT].max() - TOLERANCE - 1e-9
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
