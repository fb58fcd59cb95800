"""The accuracy/power front of a sweep, selected by validation rows alone.

The rule, in two steps. For each alpha, the trained run with the lowest objective on the validation
rows: what this alpha asks for, and what training itself selects snapshots and starts by (of equal
ones the higher validation accuracy, then the lower seed). Of these, the ones that no other beats:
none has at least the same validation accuracy for at most the same power on the validation rows.
Test rows are looked at by nothing here; their numbers stand beside, for the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from printron.results.runs import run_record
from printron.training import TRAINED

TOLERANCE = 0.01  # validation accuracy that the chosen circuit may lie below the best


@dataclass(frozen=True, eq=False)
class Selection:
    """What a sweep comes to.

    Attributes
    ----------
    by_alpha : one row an alpha: numbers of runs, mean and standard deviation over the seeds.
    front : rows of the table of runs, by rising power; the index is the run's.
    chosen : the run (index) that is offered as the circuit to print; None without a front.
    seeds, runs, left_out : numbers behind it; `left_out` runs diverged or gave no snapshot.
    majority : accuracy of always answering the commonest class.
    """

    by_alpha: pd.DataFrame
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
            f"selected by validation rows: for each alpha the lowest objective of {self.seeds} "
            "seeds, then those that none beats in validation accuracy and power "
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
    best = best_seeds(good)
    front = non_dominated(best)
    return Selection(
        by_alpha=over_seeds(table),
        front=front,
        chosen=_cheapest_good(front),
        seeds=int(table["seed"].nunique()),
        runs=len(table),
        left_out=len(table) - len(good),
        majority=float(table["majority"].iloc[0]),
    )


def trained_runs(table: pd.DataFrame) -> "pd.Series[bool]":
    """Which runs have come to something; the others diverged or gave no snapshot."""
    return (table["status"] == TRAINED) & table["accuracy_valid"].notna()


def best_seeds(good: pd.DataFrame) -> pd.DataFrame:
    """The run of each alpha with the lowest validation objective; the index is kept."""
    ordered = good.sort_values(
        ["alpha", "objective_valid", "accuracy_valid", "seed"],
        ascending=[True, True, False, True],
        kind="stable",
    )
    return ordered.drop_duplicates("alpha")


def non_dominated(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs that no other beats in validation accuracy and power, by rising power.

    Of runs that are equal in both, the one with the smaller alpha stays.
    """
    ordered = runs.sort_values(
        ["power_valid_W", "accuracy_valid", "alpha"], ascending=[True, False, True], kind="stable"
    )
    before = ordered["accuracy_valid"].cummax().shift(fill_value=-np.inf)
    return ordered[ordered["accuracy_valid"] > before]


def _cheapest_good(front: pd.DataFrame) -> int | None:
    if front.empty:
        return None
    # A little slack, since accuracies are shares of rows in floating point.
    enough = front["accuracy_valid"] >= front["accuracy_valid"].max() - TOLERANCE - 1e-9
    return int(front.index[enough][0])


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation (n - 1) over the trained seeds of each alpha.

    Columns: alpha, runs, left_out, and NAME_mean, NAME_sd of the accuracies and of the total
    power. With one seed the deviation is NaN.
    """
    good = trained_runs(table)
    grouped = table.where(good)[["accuracy_valid", "accuracy_test", "power_total_W"]].groupby(
        table["alpha"]
    )
    columns: dict[str, Any] = {"runs": table.groupby("alpha").size()}
    columns["left_out"] = (~good).groupby(table["alpha"]).sum()
    for name in ("accuracy_valid", "accuracy_test", "power_total_W"):
        columns[f"{name}_mean"] = grouped[name].mean()
        columns[f"{name}_sd"] = grouped[name].std()
    return pd.DataFrame(columns).reset_index()


def front_records(selection: Selection) -> list[dict[str, Any]]:
    """The front as JSON objects: each run's record, beside it the spread over its alpha's seeds."""
    by_alpha = selection.by_alpha.to_dict("records")
    spread = {row["alpha"]: _spread(row) for row in by_alpha}
    runs, rows = selection.front.index.tolist(), selection.front.to_dict("records")
    return [
        {
            **run_record(row),
            "run": run,
            "chosen": run == selection.chosen,
            "over_seeds": spread[row["alpha"]],
        }
        for run, row in zip(runs, rows, strict=True)
    ]


def _spread(row: Mapping[Any, Any]) -> dict[str, Any]:
    numbers = {str(key): float(value) for key, value in row.items() if key != "alpha"}
    counts = {key: int(numbers.pop(key)) for key in ("runs", "left_out")}
    return counts | {key: value if np.isfinite(value) else None for key, value in numbers.items()}
