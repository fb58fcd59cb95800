"""Trained runs: one row per run, and the learned parameters as plain arrays."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.network import Parameters
from printron.results.by_layer import listed, names_of
from printron.results.copies import YIELD, with_interval
from printron.results.table import (
    CAUSES,
    COPIES,
    COUNTS,
    FINGERPRINTS,
    GOAL,
    MARGIN,
    MERIT,
    SPLITS,
    layers_of,
)
from printron.training import TRAINED
from printron.training.goal import GOAL_KINDS, Goal

INFEASIBLE = "infeasible"  # status of a trained run that misses a constraint of its goal


@dataclass(frozen=True, eq=False)
class Runs:
    """Trained runs.

    Attributes
    ----------
    table : one row per run; see `printron.results.table`.
    parameters : of the best snapshot by validation, NumPy arrays; the leading axis is the run.
    """

    table: pd.DataFrame
    parameters: Parameters

    def one(self, run: int) -> Parameters:
        """Parameters of one run, without the run axis."""
        return jax.tree.map(lambda array: array[run], self.parameters)

    def only(self, run: int) -> "Runs":
        """One run, with the run axis."""
        return self.take(np.array([run]))

    def take(self, runs: NDArray[np.int64]) -> "Runs":
        """Some of the runs, by their places."""
        kept = jax.tree.map(lambda array: array[runs], self.parameters)
        return Runs(self.table.iloc[runs].reset_index(drop=True), kept)


def run_record(row: Mapping[Any, Any]) -> dict[str, Any]:
    """One row of the table as a JSON object; null where nothing was measured.

    `power_W` holds averages over the test rows, in W; `epoch` is that of the snapshot. A trained
    run is "infeasible" where it misses its goal's constraints on the validation rows, or takes more
    power on the test rows than its goal allows.
    """
    goal = GOAL_KINDS[row[GOAL]].of_row(row)
    hidden = [] if row["hidden"] == "none" else [int(n) for n in str(row["hidden"]).split(",")]
    return {
        "dataset": row["dataset"],
        "protocol": row["protocol"],
        "goal": row[GOAL],
        **goal.row(),
        "seed": int(row["seed"]),
        "status": judged_status(
            row["status"], goal, row["power_total_W"], bool(row["feasible_valid"])
        ),
        "feasible": bool(row["feasible_valid"]),
        **{
            name: {split: _number(row[f"{name}_{split}"]) for split in SPLITS}
            for name in ("accuracy", "balanced_accuracy")
        },
        **_under_conditions(row),
        "majority": float(row["majority"]),
        "better_than_majority": better_than_majority(row["accuracy_test"], row["majority"]),
        "power_W": {cause: _number(row[f"power_{cause}_W"]) for cause in (*CAUSES, "total")},
        "power_by_layer_W": {
            cause: [
                _number(row[f"power_{cause}{k + 1}_W"]) for k in range(layers_of(row["hidden"]))
            ]
            for cause in CAUSES
        },
        "counts": {k: None if pd.isna(row[k]) else int(row[k]) for k in COUNTS},
        "P_ref_W": float(row["P_ref_W"]),
        "epochs": int(row["epochs"]),
        "epoch": int(row["epoch"]),
        "cells": {
            role: listed(names_of(row[f"{role}_cell"])) for role in ("activation", "negation")
        },
        "hidden": hidden,
        "sharing": row["sharing"],
        "process": row["process"],
        "valid": {
            "objective": _number(row["objective_valid"]),
            "merit": _number(row[MERIT]),
            "power_W": _number(row["power_valid_W"]),
        },
        "fingerprints": {what: row[f"{what}_fingerprint"] for what in FINGERPRINTS},
        "version": row["printron"],
    }


def judged_status(status: str, goal: Goal, power_W: float, feasible: bool = True) -> str:
    """The status of a run, once its power is known; see `run_record`."""
    kept = feasible and bool(goal.allows(power_W))
    return INFEASIBLE if status == TRAINED and not kept else status


def _under_conditions(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What a row says of a margin and of printed copies."""
    found: dict[str, Any] = {}
    if MARGIN[0].name in row:
        found["clear"] = {"test": _number(row[MARGIN[0].name])}
    if COPIES[0].name in row:
        found["copies"] = _copies(row)
    return found


def _copies(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Printed copies of a row; null where older tables say nothing of them."""
    _, mean, p5, share, unsolved = (_number(row[column.name]) for column in COPIES)
    n = int(row[COPIES[0].name])
    known: dict[str, Any] = dict.fromkeys(YIELD)
    if share is not None:
        known = with_interval(round(share * n), n)
    lost = None if unsolved is None else int(unsolved)
    return {"n": n, "mean": mean, "p5": p5, "unsolved": lost, **known}


def better_than_majority(accuracy: float, majority: float) -> bool | None:
    """Whether an accuracy is above the majority class's on the same rows; None if it is unknown."""
    # Both are fractions of the same rows: equal, or at least a row apart.
    return bool(accuracy > majority + 1e-9) if math.isfinite(accuracy) else None


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
