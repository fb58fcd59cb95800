"""How far the claims of many trained circuits are from what SPICE says of them.

Two causes are told apart: the curve form (fitted curves against the same circuits as ideal
sources), and loading (ideal sources against loaded ones).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from printron.errors import PrintronError
from printron.experiments import Problem, Runs
from printron.signoff.verdict import MODELS, sign_off
from printron.training import TRAINED


@dataclass(frozen=True, eq=False)
class Gap:
    """Sign-offs of many circuits.

    Attributes
    ----------
    table : a row a circuit: dataset, alpha, seed, majority, samples; `accuracy_MODEL` and
        `power_MODEL_W` of every model, `outputs_rms_MODEL_V`, `not_converged` samples,
        `cross_check_V`, `engines_agree`.
    """

    table: pd.DataFrame

    def summary(self) -> pd.DataFrame:
        """Means over the seeds, a row a data set and alpha, in percent and W.

        `accuracy_points` and `power_percent` are SPICE against the claim; `curve_points` and
        `loading_points` share the accuracy out between its two causes, `curve_percent` and
        `loading_percent` the power, of the claimed power. Spread: `accuracy_points_sd`.
        """
        return _summary(self.table, ["dataset", "alpha"])

    def overall(self) -> pd.DataFrame:
        """The same over all data sets, a row an alpha: means of the data sets' means."""
        each = self.summary()
        numbers = each.columns.difference(["dataset", "alpha"])
        return each.groupby("alpha")[list(numbers)].mean().reset_index()


def _summary(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    t = table.copy()
    for model in MODELS:
        t[f"accuracy_{model}_percent"] = 100 * t[f"accuracy_{model}"]
    t["accuracy_points"] = t["accuracy_spice_percent"] - t["accuracy_model_percent"]
    t["curve_points"] = t["accuracy_unloaded_percent"] - t["accuracy_model_percent"]
    t["loading_points"] = t["accuracy_spice_percent"] - t["accuracy_unloaded_percent"]
    claimed = t["power_model_W"]
    t["power_percent"] = 100 * (t["power_spice_W"] / claimed - 1)
    t["curve_percent"] = 100 * (t["power_unloaded_W"] - claimed) / claimed
    t["loading_percent"] = 100 * (t["power_spice_W"] - t["power_unloaded_W"]) / claimed
    means = [
        *(f"accuracy_{model}_percent" for model in MODELS),
        *(f"power_{model}_W" for model in MODELS),
        "accuracy_points", "curve_points", "loading_points",
        "power_percent", "curve_percent", "loading_percent", "majority", "not_converged",
    ]  # fmt: skip
    grouped = t.groupby(keys, sort=True)
    made = grouped[means].mean()
    made["accuracy_points_sd"] = grouped["accuracy_points"].std()
    made["accuracy_points_abs"] = grouped["accuracy_points"].agg(lambda x: x.abs().mean())
    made.insert(0, "circuits", grouped.size())
    return made.reset_index()


def gap_of(
    problem: Problem,
    runs: Runs,
    *,
    workers: int = 1,
    keep_dir: str | Path | None = None,
    told: Callable[[], None] | None = None,
) -> Gap:
    """Sign off all runs of a data set that came through, on its test rows.

    Parameters
    ----------
    workers : circuits at the same time.  told : called after each.

    Raises
    ------
    NgspiceError : ngspice is missing or gave nothing.  PrintronError : no run came through.
    """
    chosen = np.flatnonzero((runs.table["status"] == TRAINED) & (runs.table["epoch"] >= 0))
    if not len(chosen):
        raise PrintronError(f"no run on '{problem.dataset.name}' came through training")

    def one(k: int) -> dict[str, Any]:
        row = _row(problem, runs, k, keep_dir)
        if told is not None:
            told()
        return row

    with ThreadPoolExecutor(workers) as pool:
        return Gap(pd.DataFrame(list(pool.map(one, chosen.tolist()))))


def _row(problem: Problem, runs: Runs, k: int, keep_dir: str | Path | None) -> dict[str, Any]:
    verdict = sign_off(
        problem.design, runs.one(k), problem.rows["test"], workers=1, keep_dir=keep_dir
    )
    if verdict.missing:
        raise PrintronError(f"the gap is measured in SPICE: {verdict.missing}")
    readings = verdict.readings
    run = runs.table.iloc[k]
    return {
        "dataset": run["dataset"],
        "alpha": run["alpha"],
        "seed": run["seed"],
        "activation_cell": run["activation_cell"],
        "negation_cell": run["negation_cell"],
        "majority": run["majority"],
        "samples": len(verdict.labels),
        **{f"accuracy_{name}": it.accuracy(verdict.labels) for name, it in readings.items()},
        **{f"power_{name}_W": it.mean_power["total"] for name, it in readings.items()},
        **{f"outputs_rms_{name}_V": verdict.layer_error(name)[-1] for name in readings},
        "not_converged": int((~readings["spice"].converged).sum()),
        "cross_check_V": verdict.cross_check_V,
        "engines_agree": verdict.engines_agree,
    }
