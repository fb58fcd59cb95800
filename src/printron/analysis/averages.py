"""Averages of an experiment over seeds and data sets, and the Pareto table.

The method's measure (Zhao et al., ICCAD 2023; its talk's figures and table). With A and P the test
accuracy and the power of a run on data set d at weight alpha from seed s:

    A(d, a) = mean_s A(d, a, s)               P(d, a) = mean_s P(d, a, s)       over the seeds
    A~(d, a) = A(d, a) / A(d, 0)              P~(d, a) = P(d, a) / P(d, 0)      by its own baseline
    A-(a) = mean_d A~(d, a)                   P-(a) = mean_d P~(d, a)           over the data sets

Goals of another kind stand in place of alpha, and their `baseline` in place of alpha = 0.

No run is selected by its test rows, and the rule MEAN selects none at all. The rule BEST replaces
the mean over seeds by the one run with the lowest validation objective (`pareto.best_seeds`), for
the baseline too. The goal for a level of accuracy is selected by the same averages over the
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
from printron.results.extend import goals_in
from printron.results.table import CAUSES, GOAL, MERIT, goal_columns, goal_kind
from printron.training import TRAINED, Goal
from printron.training.goal import goal_in

MEAN, BEST = "mean over seeds", "best seed by validation"
VALID, TEST = "valid", "test"  # rows that select a goal
LEVELS = (1.0, 0.95, 0.90, 0.85, 0.80, 0.75, 0.70)  # of the talk's table
POWERS = tuple(f"power_{cause}_W" for cause in CAUSES)
VDD = "power_VDD_W"  # power as published; not in every table
# Runs that differ in one of these belong to different experiments.
ONE_VALUE = (GOAL, "protocol", "hidden", "sharing", "activation_cell", "negation_cell", "process")
NEEDED = (
    "dataset", "seed", "status", "accuracy_valid", "accuracy_test", "power_total_W",
    "power_valid_W", MERIT, "objective_valid", "feasible_valid", "majority", *POWERS,
)  # fmt: skip
_NORMALISED = {
    "accuracy_mean": "accuracy_normalised",
    "power_mean_W": "power_normalised",
    "accuracy_valid_mean": "accuracy_valid_normalised",
    "power_valid_mean_W": "power_valid_normalised",
}
_DIGITS = 12  # to which numbers without a unit, such as alpha, are compared
_SLACK = 1e-12  # tolerance of a level of accuracy


class AnalysisError(PrintronError):
    """A table of runs cannot be averaged; the message names the reason and the remedy."""


@dataclass(frozen=True, eq=False)
class Averages:
    """Averages of an experiment, by one rule.

    Attributes
    ----------
    rule : MEAN or BEST, or the origin of the numbers.
    baseline : goal whose runs the others are divided by.
    by_dataset : one row per data set and goal: `runs`, `accuracy_mean`, `accuracy_sd`,
        `power_mean_W`, `power_sd_W`, causes `power_CAUSE_W`, `power_VDD_W` (of V_DD alone, where
        the runs have it), `accuracy_normalised`, `power_normalised`; `accuracy_valid_mean`,
        `power_valid_mean_W` and their `*_normalised` over the validation rows, where the runs have
        them; `feasible`, the fraction of runs that meet the goal's constraints, where some do not.
    by_goal : one row per goal that every data set has: `accuracy`, `power` (A- and P- of the
        module), `accuracy_valid`, `power_valid` (the same over the validation rows), their
        `*_sd_seeds` and `*_sd_datasets`, `power_CAUSE` (they add up to `power`),
        `power_VDD` (by its own baseline),
        `accuracy_of_means`, `power_of_means`, `accuracy_mean` (not normalised), `feasible`.
    incomplete : goals left out because a data set has no run of them.
    """

    rule: str
    baseline: Goal
    by_dataset: pd.DataFrame
    by_goal: pd.DataFrame
    incomplete: tuple[Goal, ...]

    @property
    def baselines(self) -> pd.DataFrame:
        """The rows of `by_dataset` at the baseline, indexed by data set."""
        return _at_baseline(self.by_dataset, self.baseline)


def columns_of(goal: Goal) -> list[str]:
    """Names of the columns with the numbers of such goals."""
    return list(goal.row())


def baseline_of(table: pd.DataFrame) -> Goal:
    """The goal of a table of runs whose runs the others are compared with."""
    return goal_kind(table).baseline(set(goals_in(table)))


def ordered_goals(table: pd.DataFrame, kind: type[Goal]) -> list[Goal]:
    """The goals of a table with columns of this kind, each once, in rising order."""
    names = [column.name for column in kind.columns]
    rows = table[names].drop_duplicates().sort_values(names)
    return [kind.of_row(row) for row in rows.to_dict("records")]


def rows_of(table: pd.DataFrame, goal: Goal) -> pd.DataFrame:
    """The rows of a table with this goal."""
    row = pd.Series(goal.row())
    return table[(table[row.index] == row).all(axis=1)]


def missing_goals(
    kind: type[Goal], every: pd.DataFrame, averages: pd.DataFrame
) -> tuple[Goal, ...]:
    """Goals of a table that have no row in another, in rising order."""
    found = set(ordered_goals(averages, kind))
    return tuple(goal for goal in ordered_goals(every, kind) if goal not in found)


def _at_baseline(by_dataset: pd.DataFrame, baseline: Goal) -> pd.DataFrame:
    """The rows at the baseline, indexed by data set."""
    return rows_of(by_dataset, baseline).set_index("dataset")


def _named(goal: Goal) -> str:
    return " and ".join(f"{name} = {value:g}" for name, value in goal.row().items())


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """The table in a fixed order, if its runs belong to one experiment and none occurs twice.

    Raises
    ------
    AnalysisError : one sentence.
    """
    missing = [name for name in (GOAL, *NEEDED) if name not in table]
    if not missing and len(table):
        missing = [name for name in goal_columns(table) if name not in table]
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
    rounded = {
        column.name: table[column.name].astype(float).round(_DIGITS)
        for column in goal_kind(table).columns
        if not column.unit
    }
    keys = ["dataset", *goal_columns(table), "seed"]
    ordered = table.assign(**rounded).sort_values(keys, kind="stable", ignore_index=True)
    twice = ordered[ordered.duplicated(keys)]
    if len(twice):
        one = twice.iloc[0]
        raise AnalysisError(
            f"the run of '{one['dataset']}' at {_named(goal_in(one.to_dict()))} with seed "
            f"{one['seed']} occurs twice; remove one of the two"
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
        good = pd.concat(chosen).sort_values(["dataset", *goal_columns(table)], kind="stable")
    baseline, keys = baseline_of(table), goal_columns(table)
    datasets = sorted(map(str, table["dataset"].unique()))
    by_dataset = normalised(_over_seeds(good, keys), baseline, datasets)
    by_goal = averaged(by_dataset, baseline)
    spread = _spread_over_seeds(good, by_dataset, baseline)
    by_goal = by_goal.merge(spread, on=keys, how="left")
    incomplete = missing_goals(type(baseline), table, by_goal)
    return Averages(rule, baseline, by_dataset, by_goal, incomplete)


def _over_seeds(good: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    grouped = good.groupby(["dataset", *keys])
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
    if not good["feasible_valid"].all():
        columns["feasible"] = grouped["feasible_valid"].mean()
    return pd.DataFrame(columns).reset_index()


def normalised(by_dataset: pd.DataFrame, baseline: Goal, names: Sequence[str] = ()) -> pd.DataFrame:
    """Add `accuracy_normalised`, `power_normalised`: divided by the data set's own baseline.

    The averages over the validation rows likewise, where the table has them.

    Parameters
    ----------
    baseline : goal whose runs the others are divided by.
    names : required data sets.

    Raises
    ------
    AnalysisError : a data set has no baseline, or one with zero accuracy or power.
    """
    t = by_dataset
    measured = [name for name in _NORMALISED if name in t]
    base = _at_baseline(t, baseline)[measured]
    for name in dict.fromkeys([*names, *t["dataset"]]):
        if name not in base.index:
            raise AnalysisError(
                f"'{name}' has no trained run at {_named(baseline)}, and every number is divided "
                f"by that baseline; run the data set with this goal among the {baseline.listed}"
            )
        if not (base.loc[name] > 0).all():
            raise AnalysisError(
                f"the baseline of '{name}' has zero accuracy or power to divide by; check its runs "
                f"at {_named(baseline)}"
            )
    return t.assign(
        **{_NORMALISED[name]: t[name] / t["dataset"].map(base[name]) for name in measured}
    )


def averaged(by_dataset: pd.DataFrame, baseline: Goal) -> pd.DataFrame:
    """Average a table of `normalised` over the data sets, for each goal that all of them have."""
    keys = columns_of(baseline)
    t = by_dataset.sort_values([*keys, "dataset"], kind="stable")
    datasets = t["dataset"].nunique()
    t = t[t.groupby(keys)["dataset"].transform("size") == datasets]
    grouped = t.groupby(keys)
    plain = grouped[["accuracy_mean", "power_mean_W"]].mean()
    ratio = plain / rows_of(plain.reset_index(), baseline)[plain.columns].iloc[0]
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
    if "feasible" in t:
        columns["feasible"] = grouped["feasible"].mean()
    base = _at_baseline(t, baseline)
    whole = dict.fromkeys(POWERS, "power_mean_W") | {VDD: VDD}
    for name, divisor in whole.items():
        if name in t:
            share = t[name] / t["dataset"].map(base[divisor])
            columns[name.removesuffix("_W")] = share.groupby([t[key] for key in keys]).mean()
    return pd.DataFrame(columns).reset_index()


def _spread_over_seeds(
    good: pd.DataFrame, by_dataset: pd.DataFrame, baseline: Goal
) -> pd.DataFrame:
    keys, base = columns_of(baseline), _at_baseline(by_dataset, baseline)
    each = pd.DataFrame(
        {
            **{key: good[key] for key in keys},
            "seed": good["seed"],
            "accuracy": good["accuracy_test"] / good["dataset"].map(base["accuracy_mean"]),
            "power": good["power_total_W"] / good["dataset"].map(base["power_mean_W"]),
        }
    )
    grouped = each.groupby([*keys, "seed"])
    whole = grouped.mean()[grouped.size() == len(base)].groupby(keys)
    spread = pd.DataFrame(
        {
            "seeds": whole.size(),
            "accuracy_sd_seeds": whole["accuracy"].std(),
            "power_sd_seeds": whole["power"].std(),
        }
    )
    return spread.reset_index()


def pareto_table(
    by_goal: pd.DataFrame,
    keys: Sequence[str],
    *,
    chosen_by: str,
    suffix: str = "",
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """The average power needed for a level of average accuracy, and its goal.

    Parameters
    ----------
    by_goal : of `Averages`.  keys : names of the goal's columns.
    chosen_by : VALID: the goal with the least power of those whose accuracy is at least the level,
        both over the validation rows. TEST: over the test rows, as in the talk's table.
    suffix : "" for normalised, then averaged; "_of_means" for averaged, then normalised (test rows
        alone).

    Returns
    -------
    One row per level: `accuracy`; the numbers of the selected goal; `power` and `accuracy_test`,
    there on the test rows; `saving` = 1 / power. NaN where no goal reaches the level; a saving is
    infinite at zero power.
    """
    accuracy, power = by_goal[f"accuracy{suffix}"], by_goal[f"power{suffix}"]
    shown = [*keys, "power_test", "accuracy_test"]
    seen = by_goal.assign(accuracy_test=accuracy, power_test=power)
    rows = []
    for level in levels:
        enough = seen[seen[f"accuracy_{chosen_by}"] >= level - _SLACK]
        if enough.empty:
            rows.append((level, *(np.nan for _ in shown)))
            continue
        cheapest = enough.sort_values([f"power_{chosen_by}", *keys], kind="stable").iloc[0]
        rows.append((level, *cheapest[shown]))
    table = pd.DataFrame(rows, columns=["accuracy", *keys, "power", "accuracy_test"])
    return table.assign(saving=_inverse(table["power"]))


def hull_table(
    by_goal: pd.DataFrame, *, suffix: str = "", levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """The average power of a level on the upper left hull of all (power, accuracy), test rows.

    Parameters
    ----------
    by_goal, suffix : as of `pareto_table`.

    Returns
    -------
    One row per level: `accuracy`; `power_hull`, linear between the points of the hull;
    `saving_hull`. NaN where no goal reaches the level.
    """
    accuracy, power = by_goal[f"accuracy{suffix}"], by_goal[f"power{suffix}"]
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
