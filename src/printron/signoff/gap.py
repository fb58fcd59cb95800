"""How far the claims of many trained circuits are from what SPICE says of them.

Two causes are told apart. Cells: fitted curves, and power averaged over a sweep, against the same
circuits as ideal sources at the data's own operating points. Loading: ideal sources against loaded
ones.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from printron.circuits.ngspice import NgspiceMissing, NgspiceTimeout
from printron.circuits.ngspice.runner import NgspiceStopped
from printron.errors import PrintronError
from printron.network import commonest_class
from printron.results import Problem, Runs
from printron.signoff.verdict import MODELS, NO_POWER_W, Verdict, sign_off

GIVE_UP = 3  # circuits in a row for which ngspice hangs, before all are given up
SIGNED = "signed off"
CLAIMED_AND_MODELS = ("claimed", *MODELS)


@dataclass(frozen=True, eq=False)
class Gap:
    """Sign-offs of many circuits.

    Attributes
    ----------
    table : a row a circuit: dataset, alpha, seed, majority, samples; what training claims,
        `accuracy_claimed` and `power_claimed_W`; `accuracy_MODEL` and `power_MODEL_W` of every
        model, `outputs_rms_MODEL_V`, `not_converged_MODEL` samples,
        `cross_check_V`, `engines_agree`; `status` is SIGNED, or a sentence and then no numbers.
    """

    table: pd.DataFrame

    @property
    def signed(self) -> pd.DataFrame:
        """The circuits that could be signed off."""
        return self.table[self.table["status"] == SIGNED]

    def summary(self) -> pd.DataFrame:
        """Means over the seeds, a row a data set and alpha, in percent and W.

        `accuracy_points` and `power_percent` are SPICE against the claim. `cells_points` and
        `loading_points` share out between two causes what the ideal model of the same circuit is
        wrong by, `cells_percent` and `loading_percent` its power (NaN where there is none).
        Spread: `accuracy_points_sd`.
        """
        return _summary(self.signed, ["dataset", "alpha"])

    def distances(self) -> dict[str, float]:
        """How far SPICE is from the claims, over all circuits: mean and largest absolute
        difference of accuracy, in points, and of power, in percent of the claimed."""
        t = self.signed
        points, power = _points(t).abs(), _power_percent(t).abs()
        return {
            "points_mean": float(points.mean()),
            "points_max": float(points.max()),
            "power_mean_percent": float(power.mean()),
            "power_max_percent": float(power.max()),
        }

    def overall(self) -> pd.DataFrame:
        """The same over all data sets, a row an alpha: means of the data sets' means."""
        each = self.summary()
        numbers = each.columns.difference(["dataset", "alpha"])
        return each.groupby("alpha")[list(numbers)].mean().reset_index()


def some_power(table: pd.DataFrame, model: str) -> "pd.Series[float]":
    """Power that a model, or "claimed", says, W; NaN where that is none: nothing can be a share."""
    power = table[f"power_{model}_W"]
    return power.where(power > NO_POWER_W)


def _points(table: pd.DataFrame) -> "pd.Series[float]":
    """Accuracy of SPICE against the claim, in points."""
    return 100 * (table["accuracy_spice"] - table["accuracy_claimed"])


def _power_percent(table: pd.DataFrame) -> "pd.Series[float]":
    """Power of SPICE against the claim, in percent of it."""
    return 100 * (table["power_spice_W"] / some_power(table, "claimed") - 1)


def _summary(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    t = table.copy()
    for model in CLAIMED_AND_MODELS:
        t[f"accuracy_{model}_percent"] = 100 * t[f"accuracy_{model}"]
    t["accuracy_points"] = _points(t)
    t["cells_points"] = t["accuracy_unloaded_percent"] - t["accuracy_model_percent"]
    t["loading_points"] = t["accuracy_spice_percent"] - t["accuracy_unloaded_percent"]
    ideal = some_power(t, "model")
    t["power_percent"] = _power_percent(t)
    t["cells_percent"] = 100 * (t["power_unloaded_W"] - ideal) / ideal
    t["loading_percent"] = 100 * (t["power_spice_W"] - t["power_unloaded_W"]) / ideal
    means = [
        *(f"accuracy_{model}_percent" for model in CLAIMED_AND_MODELS),
        *(f"power_{model}_W" for model in CLAIMED_AND_MODELS),
        "accuracy_points", "cells_points", "loading_points",
        "power_percent", "cells_percent", "loading_percent", "majority", "not_converged_spice",
    ]  # fmt: skip
    grouped = t.groupby(keys, sort=True)
    made = grouped[means].mean()
    made["accuracy_points_sd"] = grouped["accuracy_points"].std()
    made["accuracy_points_abs"] = grouped["accuracy_points"].agg(lambda x: x.abs().mean())
    made.insert(0, "circuits", grouped.size())
    return made.reset_index()


class Hanging:
    """Circuits in a row for which ngspice hung; one for all data sets of a command."""

    def __init__(self) -> None:
        self._count, self._counting = 0, threading.Lock()

    def too_many(self, hung: bool) -> bool:
        """Count a circuit; whether to give up with it. May be called from any thread."""
        with self._counting:
            self._count = self._count + 1 if hung else 0
            return self._count >= GIVE_UP


def gap_of(
    problem: Problem,
    runs: Runs,
    *,
    workers: int = 1,
    keep_dir: str | Path | None = None,
    told: Callable[[], None] | None = None,
    timeout_s: float | None = None,
    waiting: Callable[[str], None] | None = None,
    hanging: Hanging | None = None,
) -> Gap:
    """Sign off runs of a data set, which have come through training, on its test rows.

    Parameters
    ----------
    workers : circuits at the same time.  told : called after each.
    timeout_s, waiting : for each circuit, `timeout_s` and `told` of `sign_off`.
    hanging : counts on from other data sets; default: from none.

    Raises
    ------
    NgspiceMissing : ngspice is not installed.
    NgspiceTimeout : it ran out of time for several circuits in a row, solving nothing.
    """
    stop, hanging = threading.Event(), hanging or Hanging()
    options = {"workers": 1, "keep_dir": keep_dir, "timeout_s": timeout_s, "told": waiting}
    verdict_of = partial(_verdict, problem, runs, options | {"stop": stop})

    def one(k: int) -> dict[str, Any]:
        row, hung = _row(problem, runs, k, verdict_of)
        if hanging.too_many(hung):
            raise NgspiceTimeout(f"given up after {GIVE_UP} circuits in a row: {row['status']}")
        if told is not None:
            told()
        return row

    with ThreadPoolExecutor(workers) as pool:
        try:
            return Gap(pd.DataFrame(list(pool.map(one, range(len(runs.table))))))
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _row(
    problem: Problem, runs: Runs, k: int, verdict_of: Callable[[int], Verdict]
) -> tuple[dict[str, Any], bool]:
    """A row of the table, and whether ngspice hung."""
    names = ("dataset", "alpha", "seed", "activation_cell", "negation_cell", "majority")
    run = runs.table.iloc[k]
    row = {name: run[name] for name in names} | {
        "samples": len(problem.rows["test"][1]),
        "accuracy_claimed": float(run["accuracy_test"]),
        "power_claimed_W": float(run["power_total_W"]),
    }
    try:
        return {**row, "status": SIGNED, **_found(verdict_of(k))}, False
    except (NgspiceMissing, NgspiceStopped):
        raise
    except PrintronError as error:  # this circuit; the others go on
        return {**row, "status": str(error)}, isinstance(error, NgspiceTimeout)


def _verdict(problem: Problem, runs: Runs, options: dict[str, Any], k: int) -> Verdict:
    return sign_off(
        problem.design,
        runs.one(k),
        problem.rows["test"],
        default=commonest_class(problem.rows["train"][1]),
        **options,
    )


def _found(verdict: Verdict) -> dict[str, Any]:
    if verdict.missing:
        raise NgspiceMissing(f"the gap is measured in SPICE: {verdict.missing}")
    readings = verdict.readings
    return {
        **{f"accuracy_{name}": verdict.accuracy(name) for name in readings},
        **{f"power_{name}_W": it.mean_power["total"] for name, it in readings.items()},
        **{f"outputs_rms_{name}_V": verdict.layer_error(name)[-1] for name in readings},
        **{f"not_converged_{n}": int((~it.converged).sum()) for n, it in readings.items()},
        "cross_check_V": verdict.cross_check_V,
        "engines_agree": verdict.engines_agree,
    }
