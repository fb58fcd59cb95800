"""The gap between what many trained circuits claim and what SPICE finds.

The gap has two causes. Cells: fitted curves, and power averaged over a sweep, instead of simulated
cells at the operating points of the data. Loading: ideal sources instead of loaded outputs.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from printron.analysis import ordered_goals
from printron.circuits.ngspice import NgspiceMissing, NgspiceTimeout
from printron.circuits.ngspice.runner import NgspiceStopped
from printron.errors import PrintronError
from printron.network import commonest_class
from printron.results import Problem, Runs
from printron.results.table import goal_columns, goal_kind
from printron.signoff.rule import signed_off
from printron.signoff.verdict import MODELS, NO_POWER_W, Claim, Verdict, sign_off
from printron.training import Goal

GIVE_UP = 3  # hangs of ngspice for circuits in a row, before the survey ends
SIMULATED = "simulated"  # status of a circuit that ngspice solved, signed off or not
CLAIMED_AND_MODELS = ("claimed", *MODELS)


@dataclass(frozen=True, eq=False)
class Gap:
    """Sign-offs of many circuits.

    Attributes
    ----------
    table : one row per circuit: dataset, goal, seed, majority, samples; the claims of training,
        `accuracy_claimed` and `power_claimed_W`; `accuracy_MODEL` and `power_MODEL_W` of every
        model, `outputs_rms_MODEL_V`, `not_converged_MODEL` samples,
        `cross_check_V`, `engines_agree`; `status` is SIMULATED, or a sentence and then no numbers;
        `signed_off`, whether the circuit passes the rule (see `printron.signoff.rule`).
    goal : kind of the goals; the table has their columns.
    """

    table: pd.DataFrame
    goal: type[Goal]

    @property
    def goals(self) -> list[Goal]:
        """Goals of the circuits that ngspice solved, in rising order."""
        return ordered_goals(self.simulated, self.goal)

    @property
    def simulated(self) -> pd.DataFrame:
        """The circuits that ngspice solved."""
        return self.table[self.table["status"] == SIMULATED]

    @property
    def failed(self) -> pd.DataFrame:
        """The circuits that ngspice did not solve; `status` gives the reason."""
        return self.table[self.table["status"] != SIMULATED]

    def record(self) -> dict[str, Any]:
        """As JSON: numbers of circuits, failed circuits, means; NaN and infinity are possible."""
        return {
            "circuits": len(self.simulated),
            "signed_off": int(self.simulated["signed_off"].sum()),
            "failed": self.failed[["dataset", *self._columns, "seed", "status"]].to_dict("records"),
            "overall": self.overall().to_dict("records"),
            "distances": self.distances(),
            "by_dataset": self.summary().to_dict("records"),
        }

    def summary(self) -> pd.DataFrame:
        """Means over the seeds, one row per data set and goal, in percent and W.

        `accuracy_points` and `power_percent` compare SPICE with the claim. `cells_points` and
        `loading_points` divide the accuracy error of the ideal model between its two causes,
        `cells_percent` and `loading_percent` the error of its power (NaN without power).
        Spread: `accuracy_points_sd`. `signed_off` is the fraction of circuits that pass the rule.
        """
        return _summary(self.simulated, ["dataset", *self._columns])

    def distances(self) -> dict[str, float]:
        """Distance of SPICE from the claims, over all circuits: mean and largest absolute
        difference of accuracy, in points, and of power, in percent of the claim."""
        t = self.simulated
        points, power = _points(t).abs(), _power_percent(t).abs()
        return {
            "points_mean": float(points.mean()),
            "points_max": float(points.max()),
            "power_mean_percent": float(power.mean()),
            "power_max_percent": float(power.max()),
        }

    def overall(self) -> pd.DataFrame:
        """The same over all data sets, one row per goal: means of the data sets' means."""
        each = self.summary()
        numbers = each.columns.difference(["dataset", *self._columns])
        return each.groupby(self._columns)[list(numbers)].mean().reset_index()

    @property
    def _columns(self) -> list[str]:
        return [column.name for column in self.goal.columns]


def gap_between(tables: Sequence[pd.DataFrame], goal: type[Goal]) -> Gap:
    """The gap of several data sets.

    Parameters
    ----------
    tables : of `Gap`, one per data set.  goal : kind of the goals of all.

    Raises
    ------
    PrintronError : ngspice solved none of the circuits.
    """
    gap = Gap(pd.concat(tables, ignore_index=True), goal)
    if gap.simulated.empty:
        raise PrintronError(f"no circuit could be simulated: {gap.table['status'].iloc[0]}")
    return gap


def some_power(table: pd.DataFrame, model: str) -> "pd.Series[float]":
    """Power of a model, or "claimed", W; NaN below NO_POWER_W, by which nothing can be divided."""
    power = table[f"power_{model}_W"]
    return power.where(power > NO_POWER_W)


def _points(table: pd.DataFrame) -> "pd.Series[float]":
    """Accuracy of SPICE against the claim, in points."""
    return 100 * (table["accuracy_spice"] - table["accuracy_claimed"])


def _power_percent(table: pd.DataFrame) -> "pd.Series[float]":
    """Power of SPICE against the claim, in percent of the claim."""
    return 100 * (table["power_spice_W"] / some_power(table, "claimed") - 1)


def _summary(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    t = table.copy()
    for model in CLAIMED_AND_MODELS:
        t[f"accuracy_{model}_percent"] = 100 * t[f"accuracy_{model}"]
    t["accuracy_points"] = _points(t)
    t["cells_points"] = t["accuracy_unloaded_percent"] - t["accuracy_ideal_percent"]
    t["loading_points"] = t["accuracy_spice_percent"] - t["accuracy_unloaded_percent"]
    ideal = some_power(t, "ideal")
    t["power_percent"] = _power_percent(t)
    t["cells_percent"] = 100 * (t["power_unloaded_W"] - ideal) / ideal
    t["loading_percent"] = 100 * (t["power_spice_W"] - t["power_unloaded_W"]) / ideal
    means = [
        *(f"accuracy_{model}_percent" for model in CLAIMED_AND_MODELS),
        *(f"power_{model}_W" for model in CLAIMED_AND_MODELS),
        "accuracy_points", "cells_points", "loading_points",
        "power_percent", "cells_percent", "loading_percent", "majority", "not_converged_spice",
        "signed_off",
    ]  # fmt: skip
    grouped = t.groupby(keys, sort=True)
    made = grouped[means].mean()
    made["accuracy_points_sd"] = grouped["accuracy_points"].std()
    made["accuracy_points_abs"] = grouped["accuracy_points"].agg(lambda x: x.abs().mean())
    made.insert(0, "circuits", grouped.size())
    return made.reset_index()


class Hanging:
    """Counts circuits in a row for which ngspice hung, over all data sets of a command."""

    def __init__(self) -> None:
        self._count, self._counting = 0, threading.Lock()

    def too_many(self, hung: bool) -> bool:
        """Count a circuit; returns whether to end the survey. Safe in any thread."""
        with self._counting:
            self._count = self._count + 1 if hung else 0
            return self._count >= GIVE_UP


def gap_of(
    problem: Problem,
    runs: Runs,
    *,
    workers: int = 1,
    keep_dir: str | Path | None = None,
    on_done: Callable[[], None] | None = None,
    timeout_s: float | None = None,
    waiting: Callable[[str], None] | None = None,
    hanging: Hanging | None = None,
) -> Gap:
    """Sign off trained runs of a data set on its test rows.

    Parameters
    ----------
    workers : circuits at the same time.  on_done : called after each.
    timeout_s, waiting : for each circuit, `timeout_s` and `progress` of `sign_off`.
    hanging : counter of other data sets, continued; default: a new one.

    Raises
    ------
    NgspiceMissing : ngspice is not installed.
    NgspiceTimeout : ngspice solved nothing in its time for several circuits in a row.
    """
    stop, hanging = threading.Event(), hanging or Hanging()
    options = {"workers": 1, "keep_dir": keep_dir, "timeout_s": timeout_s, "progress": waiting}
    verdict_of = partial(_verdict, problem, runs, options | {"stop": stop})

    def one(k: int) -> dict[str, Any]:
        row, hung = _row(problem, runs, k, verdict_of)
        if hanging.too_many(hung):
            raise NgspiceTimeout(f"given up after {GIVE_UP} circuits in a row: {row['status']}")
        if on_done is not None:
            on_done()
        return row

    with ThreadPoolExecutor(workers) as pool:
        try:
            rows = list(pool.map(one, range(len(runs.table))))
            return Gap(pd.DataFrame(rows), goal_kind(runs.table))
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _row(
    problem: Problem, runs: Runs, k: int, verdict_of: Callable[[int], Verdict]
) -> tuple[dict[str, Any], bool]:
    """A row of the table, and whether ngspice hung."""
    goal = goal_columns(runs.table)
    names = ("dataset", *goal, "seed", "activation_cell", "negation_cell", "majority")
    run = runs.table.iloc[k]
    row = {name: run[name] for name in names} | {
        "samples": len(problem.rows["test"][1]),
        "accuracy_claimed": float(run["accuracy_test"]),
        "power_claimed_W": float(run["power_total_W"]),
        "signed_off": False,
    }
    try:
        return {**row, "status": SIMULATED, **_found(verdict_of(k))}, False
    except (NgspiceMissing, NgspiceStopped):
        raise
    except PrintronError as error:  # of this circuit alone; the survey continues
        return {**row, "status": str(error)}, isinstance(error, NgspiceTimeout)


def _verdict(problem: Problem, runs: Runs, options: dict[str, Any], k: int) -> Verdict:
    run = runs.table.iloc[k]
    return sign_off(
        problem.structure,
        runs.one(k),
        problem.rows["test"],
        claimed=Claim(
            str(run.get("sources", "ideal")),
            float(run["accuracy_test"]),
            float(run["power_total_W"]),
        ),
        default=commonest_class(problem.rows["train"][1]),
        **options,
    )


def _found(verdict: Verdict) -> dict[str, Any]:
    if verdict.missing:
        raise NgspiceMissing(f"the gap is measured in SPICE: {verdict.missing}")
    readings = verdict.readings
    return {
        **{f"accuracy_{name}": verdict.accuracy(name) for name in readings},
        **{f"power_{name}_W": each.mean_power["total"] for name, each in readings.items()},
        **{f"outputs_rms_{name}_V": verdict.layer_error(name)[-1] for name in readings},
        **{f"not_converged_{k}": int((~each.converged).sum()) for k, each in readings.items()},
        "cross_check_V": verdict.cross_check_V,
        "engines_agree": verdict.engines_agree,
        "signed_off": signed_off(verdict.record()),
    }
