"""Averages of an experiment over seeds and data sets, and the Pareto table.

The method's measure (Zhao et al., ICCAD 2023; its talk's figures and table). With A and P the test
accuracy and the power of a run on data set d at weight alpha from seed s:

    A(d, a) = mean_s A(d, a, s)               P(d, a) = mean_s P(d, a, s)       over the seeds
    A~(d, a) = A(d, a) / A(d, 0)              P~(d, a) = P(d, a) / P(d, 0)      by its own baseline
    A-(a) = mean_d A~(d, a)                   P-(a) = mean_d P~(d, a)           over the data sets

No run is selected by its test rows, and the rule MEAN selects none at all. The rule BEST replaces
the mean over seeds by the one run with the lowest validation objective (`pareto.best_seeds`), for
the baseline too. The alpha for a level of accuracy is selected by the same averages over the
validation rows (`accuracy_valid`, `power_valid`; `pareto_table`). The talk's table and the
published runs have test rows only, and are compared with ours on test rows.

The talk's own table averages first, mean_d P(d, a) / mean_d P(d, 0), and likewise for accuracy: the
columns `accuracy_of_means` and `power_of_means`. There data sets are weighted by their watts.

Two standard deviations, both n - 1. `*_sd_seeds`: over seeds s of mean_d A(d, a, s) / A(d, 0), the
spread of repeated experiments. Only seeds with a trained run on every data set count.
`*_sd_datasets`: over data sets of A~(d, a), the spread between data sets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.analysis.pareto import best_seeds
from printron.errors import PrintronError
from printron.results.table import CAUSES
from printron.training import TRAINED

MEAN, BEST = "mean over seeds", "best seed by validation"
VALID, TEST = "valid", "test"  # rows that select an alpha
LEVELS = (1.0, 0.95, 0.90, 0.85, 0.80, 0.75, 0.70)  # of the talk's table
POWERS = tuple(f"power_{cause}_W" for cause in CAUSES)
VDD = "power_VDD_W"  # power as published; not in every table
# Runs that differ in one of these belong to different experiments.
ONE_VALUE = ("protocol", "hidden", "sharing", "activation_cell", "negation_cell", "process")
NEEDED = (
    "dataset", "alpha", "seed", "status", "accuracy_valid", "accuracy_test", "power_total_W",
    "power_valid_W", "objective_valid", "majority", *POWERS,
)  # fmt: skip
_NORMALISED = {
    "accuracy_mean": "accuracy_normalised",
    "power_mean_W": "power_normalised",
    "accuracy_valid_mean": "accuracy_valid_normalised",
    "power_valid_mean_W": "power_valid_normalised",
}
_DIGITS = 12  # to which values of alpha are compared
_SLACK = 1e-12  # tolerance of a level of accuracy


class AnalysisError(PrintronError):
    """A table of runs cannot be averaged; the message names the reason and the remedy."""


@dataclass(frozen=True, eq=False)
class Averages:
    """Averages of an experiment, by one rule.

    Attributes
    ----------
    rule : MEAN or BEST, or the origin of the numbers.
    by_dataset : one row per data set and alpha: `runs`, `accuracy_mean`, `accuracy_sd`,
        `power_mean_W`, `power_sd_W`, causes `power_CAUSE_W`, `power_VDD_W` (of V_DD alone, where
        the runs have it), `accuracy_normalised`, `power_normalised`; `accuracy_valid_mean`,
        `power_valid_mean_W` and their `*_normalised` over the validation rows, where the runs have
        them.
    by_alpha : one row per alpha that every data set has: `accuracy`, `power` (A- and P- of the
        module), `accuracy_valid`, `power_valid` (the same over the validation rows), their
        `*_sd_seeds` and `*_sd_datasets`, `power_CAUSE` (they add up to `power`),
        `power_VDD` (by its own baseline),
        `accuracy_of_means`, `power_of_means`, `accuracy_mean` (not normalised).
    incomplete : values of alpha left out because a data set has no run of it.
    """

    rule: str
    by_dataset: pd.DataFrame
    by_alpha: pd.DataFrame
    incomplete: tuple[float, ...]

    @property
    def baselines(self) -> pd.DataFrame:
        """The rows of `by_dataset` at alpha = 0, indexed by data set."""
        t = self.by_dataset
        return t[t["alpha"] == 0].set_index("dataset")


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """The table in a fixed order, if its runs belong to one experiment and none occurs twice.

    Raises
    ------
    AnalysisError : one sentence.
    """
    missing = [name for name in NEEDED if name not in table]
    if missing:
        raise AnalysisError(
            f"the table of runs has no column '{missing[0]}'; give the results of an experiment"
        )
    if table.empty:
        raise AnalysisError("the table of runs is empty; run the experiment first")
    for name in ONE_VALUE:
        values = sorted(map(str, table[name].unique())) if name in table else []
        if len(values) > 1:
            raise AnalysisError(
                f"the table mixes runs whose '{name}' is {values[0]} and {values[1]}; report each "
                "experiment separately"
            )
    alpha = table["alpha"].astype(float).round(_DIGITS)
    keys = ["dataset", "alpha", "seed"]
    ordered = table.assign(alpha=alpha).sort_values(keys, kind="stable", ignore_index=True)
    twice = ordered[ordered.duplicated(keys)]
    if len(twice):
        one = twice.iloc[0]
        raise AnalysisError(
            f"the run of '{one['dataset']}' at alpha = {one['alpha']:g} with seed {one['seed']} "
            "occurs twice; remove one of the two"
        )
    return ordered


def is_trained(table: pd.DataFrame) -> pd.Series:
    """Whether each run was trained and measured; the others are left out."""
    measured = table[["accuracy_valid", "accuracy_test", "power_total_W"]].notna().all(axis=1)
    return (table["status"] == TRAINED) & measured


def average(table: pd.DataFrame, rule: str = MEAN) -> Averages:
    """Average a table of runs; see the module.

    Raises
    ------
    AnalysisError : runs of several experiments, a run twice, or a data set without a baseline.
    """
    table = checked(table)
    good = table[is_trained(table)]
    if rule == BEST and len(good):
        chosen = [best_seeds(group) for _, group in good.groupby("dataset")]
        good = pd.concat(chosen).sort_values(["dataset", "alpha"], kind="stable")
    by_dataset = normalised(_over_seeds(good), sorted(map(str, table["dataset"].unique())))
    by_alpha = averaged(by_dataset)
    spread = _spread_over_seeds(good, by_dataset).reindex(by_alpha["alpha"])
    for name in spread:
        by_alpha[name] = spread[name].to_numpy()
    every = set(table["alpha"])
    return Averages(rule, by_dataset, by_alpha, tuple(sorted(every - set(by_alpha["alpha"]))))


def _over_seeds(good: pd.DataFrame) -> pd.DataFrame:
    grouped = good.groupby(["dataset", "alpha"])
    columns = {
        "runs": grouped.size(),
        "majority": grouped["majority"].first(),
        "accuracy_mean": grouped["accuracy_test"].mean(),
        "accuracy_sd": grouped["accuracy_test"].std(),
        "power_mean_W": grouped["power_total_W"].mean(),
        "power_sd_W": grouped["power_total_W"].std(),
        "accuracy_valid_mean": grouped["accuracy_valid"].mean(),
        "power_valid_mean_W": grouped["power_valid_W"].mean(),
        **{name: grouped[name].mean() for name in (*POWERS, VDD) if name in good},
    }
    return pd.DataFrame(columns).reset_index()


def normalised(by_dataset: pd.DataFrame, names: Sequence[str] = ()) -> pd.DataFrame:
    """Add `accuracy_normalised`, `power_normalised`: divided by the data set's own baseline.

    The averages over the validation rows likewise, where the table has them.

    Parameters
    ----------
    names : required data sets.

    Raises
    ------
    AnalysisError : a data set has no baseline, or one with zero accuracy or power.
    """
    t = by_dataset
    measured = [name for name in _NORMALISED if name in t]
    base = t[t["alpha"] == 0].set_index("dataset")[measured]
    for name in dict.fromkeys([*names, *t["dataset"]]):
        if name not in base.index:
            raise AnalysisError(
                f"'{name}' has no trained run at alpha = 0, and every number is divided by that "
                "baseline; run the data set with 0 among the alphas"
            )
        if not (base.loc[name] > 0).all():
            raise AnalysisError(
                f"the baseline of '{name}' has zero accuracy or power to divide by; check its runs "
                "at alpha = 0"
            )
    return t.assign(
        **{_NORMALISED[name]: t[name] / t["dataset"].map(base[name]) for name in measured}
    )


def averaged(by_dataset: pd.DataFrame) -> pd.DataFrame:
    """Average a table of `normalised` over the data sets, for each alpha that all of them have."""
    t = by_dataset.sort_values(["alpha", "dataset"], kind="stable")
    datasets = t["dataset"].nunique()
    t = t[t.groupby("alpha")["dataset"].transform("size") == datasets]
    grouped = t.groupby("alpha")
    plain = grouped[["accuracy_mean", "power_mean_W"]].mean()
    ratio = plain / plain.loc[0.0]
    columns = {
        "datasets": grouped.size(),
        "runs": grouped["runs"].sum(),
        "accuracy": grouped["accuracy_normalised"].mean(),
        "accuracy_sd_datasets": grouped["accuracy_normalised"].std(),
        "power": grouped["power_normalised"].mean(),
        "power_sd_datasets": grouped["power_normalised"].std(),
        "accuracy_mean": plain["accuracy_mean"],
        "accuracy_of_means": ratio["accuracy_mean"],
        "power_of_means": ratio["power_mean_W"],
    }
    for name in ("accuracy_valid", "power_valid"):
        if f"{name}_normalised" in t:
            columns[name] = grouped[f"{name}_normalised"].mean()
    base = t[t["alpha"] == 0].set_index("dataset")
    whole = dict.fromkeys(POWERS, "power_mean_W") | {VDD: VDD}
    for name, baseline in whole.items():
        if name in t:
            share = t[name] / t["dataset"].map(base[baseline])
            columns[name.removesuffix("_W")] = share.groupby(t["alpha"]).mean()
    return pd.DataFrame(columns).reset_index()


def _spread_over_seeds(good: pd.DataFrame, by_dataset: pd.DataFrame) -> pd.DataFrame:
    base = by_dataset[by_dataset["alpha"] == 0].set_index("dataset")
    each = pd.DataFrame(
        {
            "alpha": good["alpha"],
            "seed": good["seed"],
            "accuracy": good["accuracy_test"] / good["dataset"].map(base["accuracy_mean"]),
            "power": good["power_total_W"] / good["dataset"].map(base["power_mean_W"]),
        }
    )
    grouped = each.groupby(["alpha", "seed"])
    whole = grouped.mean()[grouped.size() == len(base)].groupby("alpha")
    return pd.DataFrame(
        {
            "seeds": whole.size(),
            "accuracy_sd_seeds": whole["accuracy"].std(),
            "power_sd_seeds": whole["power"].std(),
        }
    )


def pareto_table(
    by_alpha: pd.DataFrame,
    *,
    chosen_by: str,
    suffix: str = "",
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """The average power needed for a level of average accuracy, and its alpha.

    Parameters
    ----------
    by_alpha : of `Averages`.
    chosen_by : VALID: the alpha with the least power of those whose accuracy is at least the level,
        both over the validation rows. TEST: over the test rows, as in the talk's table.
    suffix : "" for normalised, then averaged; "_of_means" for averaged, then normalised (test rows
        alone).

    Returns
    -------
    One row per level: `accuracy`; `alpha`, the selected one; `power` and `accuracy_test`, there on
    the test rows; `saving` = 1 / power. NaN where no alpha reaches the level; a saving is infinite
    at zero power.
    """
    accuracy, power = by_alpha[f"accuracy{suffix}"], by_alpha[f"power{suffix}"]
    seen = by_alpha.assign(accuracy_test=accuracy, power_test=power)
    rows = []
    for level in levels:
        enough = seen[seen[f"accuracy_{chosen_by}"] >= level - _SLACK]
        if enough.empty:
            rows.append((level, np.nan, np.nan, np.nan))
            continue
        cheapest = enough.sort_values([f"power_{chosen_by}", "alpha"], kind="stable").iloc[0]
        rows.append((level, *cheapest[["alpha", "power_test", "accuracy_test"]]))
    table = pd.DataFrame(rows, columns=["accuracy", "alpha", "power", "accuracy_test"])
    return table.assign(saving=_inverse(table["power"]))


def hull_table(
    by_alpha: pd.DataFrame, *, suffix: str = "", levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """The average power of a level on the upper left hull of all (power, accuracy), test rows.

    Parameters
    ----------
    by_alpha, suffix : as of `pareto_table`.

    Returns
    -------
    One row per level: `accuracy`; `power_hull`, linear between the points of the hull;
    `saving_hull`. NaN where no alpha reaches the level.
    """
    accuracy, power = by_alpha[f"accuracy{suffix}"], by_alpha[f"power{suffix}"]
    hull = upper_left_hull(power.to_numpy(), accuracy.to_numpy())
    between = [
        np.interp(level, hull[:, 1], hull[:, 0]) if level <= hull[-1, 1] + _SLACK else np.nan
        for level in levels
    ]
    table = pd.DataFrame({"accuracy": levels, "power_hull": between})
    return table.assign(saving_hull=_inverse(table["power_hull"]))


def _inverse(power: pd.Series) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return 1 / power.to_numpy()


def upper_left_hull(
    power: NDArray[np.float64], accuracy: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The concave envelope of points from the least power to the highest accuracy.

    Returns
    -------
    [points, 2] powers and accuracies, both rising.
    """
    hull: list[tuple[float, float]] = []
    best = -np.inf
    for k in np.lexsort((-accuracy, power)):
        if accuracy[k] <= best:
            continue
        best = accuracy[k]
        point = (float(power[k]), float(best))
        while len(hull) > 1 and _not_above(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return np.array(hull)


def _not_above(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether b does not lie above the line from a to c."""
    return (b[1] - a[1]) * (c[0] - a[0]) <= (c[1] - a[1]) * (b[0] - a[0])
