"""All evaluations of an experiment's table of runs, for a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from printron.analysis.averages import (
    BEST,
    MEAN,
    TEST,
    VALID,
    AnalysisError,
    Averages,
    average,
    checked,
    columns_of,
    hull_table,
    is_trained,
    ordered_goals,
    pareto_table,
)
from printron.analysis.fronts import dataset_fronts, hypervolumes
from printron.analysis.published import (
    PUBLISHED_GOAL,
    SLIDES,
    average_published,
    comparable_power,
    compare,
    differences,
    read_published,
)
from printron.datasets import describe, names
from printron.results.table import goal_columns, goal_kind
from printron.training import Goal


@dataclass(frozen=True, eq=False)
class Analysis:
    """The evaluation of an experiment.

    Attributes
    ----------
    table : all runs, in a fixed order.  config : the experiment's configuration, as stored.
    mean, best : averages by the two rules.
    pareto : one row per level of average accuracy: powers by rule, with those published and of the
        slides where these have the same data sets (`beside_published`).
    fronts, hypervolumes : of each data set, selected by validation rows.
    left_out : dataset, goal, seed, status of the runs that diverged or were not measured.
    reference : path of the published table; None without one, and then no comparison.
    published_whole : averages of the published runs over all their data sets.
    published, comparison : published averages over the common data sets, and one row for each of
        these; None without a common data set.
    differences : one sentence for each difference between the two experiments.
    """

    table: pd.DataFrame
    config: dict[str, Any]
    mean: Averages
    best: Averages
    pareto: pd.DataFrame
    fronts: pd.DataFrame
    hypervolumes: pd.DataFrame
    left_out: pd.DataFrame
    reference: str | None
    published_whole: Averages | None
    published: Averages | None
    comparison: pd.DataFrame | None
    differences: list[str]

    @property
    def datasets(self) -> list[str]:
        """Names of the data sets."""
        return sorted(self.table["dataset"].unique())

    @property
    def seeds(self) -> int:
        """Number of seeds."""
        return int(self.table["seed"].nunique())

    @property
    def run(self) -> dict[Any, Any]:
        """One run, for the values common to all runs."""
        return dict(self.table.iloc[0].to_dict())

    @property
    def goal(self) -> type[Goal]:
        """The kind of the runs' goals."""
        return type(self.mean.baseline)

    @property
    def goals(self) -> list[Goal]:
        """The runs' goals, in rising order."""
        return ordered_goals(self.table, self.goal)

    @property
    def infeasible(self) -> int:
        """Number of trained runs that miss the constraints of their goals on validation rows."""
        return int((is_trained(self.table) & ~self.table["feasible_valid"].astype(bool)).sum())

    @property
    def of_benchmarks(self) -> bool:
        """Whether data sets and goals are like the published ones."""
        return self.goal is PUBLISHED_GOAL and are_benchmarks(self.datasets, self.config)

    @property
    def of_another_goal(self) -> bool:
        """Whether the data sets are like the published ones, but not the goals."""
        return self.goal is not PUBLISHED_GOAL and are_benchmarks(self.datasets, self.config)

    @property
    def beside_published(self) -> bool:
        """Whether published numbers belong beside these."""
        return self.comparison is not None or self.of_benchmarks

    @property
    def comparable_power(self) -> bool:
        """Whether published watts belong to cells like those of these runs."""
        return comparable_power(self.run)


def analyse(
    table: pd.DataFrame,
    config: dict[str, Any] | None = None,
    reference: str | Path | None = None,
) -> Analysis:
    """Average, select, compare.

    Parameters
    ----------
    table : one row per run, with the columns of `run_batch`, in any order.
    config : shown unchanged in the report.
    reference : path of the published table (`read_published`), for runs with its kind of goal.

    Raises
    ------
    AnalysisError : one sentence.
    """
    table = checked(table)
    kind = goal_kind(table)
    if reference is not None and kind is not PUBLISHED_GOAL:
        raise AnalysisError(
            f"got the published table '{reference}' for runs with the goal '{kind.kind}'; the "
            f"published runs have the goal '{PUBLISHED_GOAL.kind}': leave --reference out"
        )
    mean, best = average(table, MEAN), average(table, BEST)
    whole = common = None
    if reference is not None:
        runs = read_published(reference)
        whole = average_published(runs)
        namesakes = {name for name in names() if not is_benchmark(name, config or {})}
        both = runs[runs["dataset"].isin(set(table["dataset"]) - namesakes)]
        common = None if both.empty else average_published(both)
    benchmarks = are_benchmarks(table["dataset"].unique(), config or {})
    beside = common is not None or (kind is PUBLISHED_GOAL and benchmarks)
    fronts = dataset_fronts(table, mean)
    left_out = table.loc[~is_trained(table), ["dataset", *goal_columns(table), "seed", "status"]]
    return Analysis(
        table=table,
        config=config or {},
        mean=mean,
        best=best,
        pareto=pareto_of(mean, best, common, slides=beside),
        fronts=fronts,
        hypervolumes=hypervolumes(fronts),
        left_out=left_out.reset_index(drop=True),
        reference=None if reference is None else str(reference),
        published_whole=whole if beside else None,
        published=common,
        comparison=None if common is None else compare(mean, common),
        differences=[] if common is None else differences(dict(table.iloc[0].to_dict())),
    )


def are_benchmarks(datasets: Iterable[str], config: Mapping[str, Any]) -> bool:
    """Whether all data sets are benchmarks."""
    return all(is_benchmark(name, config) for name in datasets)


def is_benchmark(name: str, config: Mapping[str, Any]) -> bool:
    """Whether a data set is a benchmark, and not a user's table of the same name.

    Parameters
    ----------
    config : of the experiment; its problems list the features of the data set, where it has any.
    """
    problem = config.get("problems", {}).get(name)
    if not isinstance(problem, dict):
        return name in names()
    features = problem["dataset"]["features"]
    return name in names() and list(describe(name).feature_names) == features


def pareto_of(
    mean: Averages, best: Averages, published: Averages | None, slides: bool = True
) -> pd.DataFrame:
    """The Pareto tables of all rules side by side, on request with that of the slides.

    The goal's numbers (`alpha`), `power`, `saving` and `accuracy_test` belong to the goal selected
    by validation rows, as does `power_best`. The others are selected by test rows, like published
    numbers: `alpha_by_test`, `power_by_test`, `saving_by_test`, the hulls, `of_means` (averaged,
    then normalised), `VDD` (counts V_DD alone) and the published ones.
    """
    keys = columns_of(mean.baseline)
    main = pareto_table(mean.by_goal, keys, chosen_by=VALID)
    by_test = pareto_table(mean.by_goal, keys, chosen_by=TEST)
    hull = hull_table(mean.by_goal)
    columns = {
        **{name: main[name] for name in ("accuracy", *keys, "power", "saving", "accuracy_test")},
        **{f"{name}_by_test": by_test[name] for name in (*keys, "power", "saving")},
        **{name: hull[name] for name in ("power_hull", "saving_hull")},
        "power_best": pareto_table(best.by_goal, keys, chosen_by=VALID)["power"],
        "power_hull_best": hull_table(best.by_goal)["power_hull"],
    }
    others = {"of_means": (mean.by_goal, "_of_means")}
    if "power_VDD" in mean.by_goal:
        others["VDD"] = (mean.by_goal.assign(power=mean.by_goal["power_VDD"]), "")
    if published is not None:
        others |= {
            "published": (published.by_goal, ""),
            "published_of_means": (published.by_goal, "_of_means"),
        }
    for name, (by_goal, suffix) in others.items():
        other = pareto_table(by_goal, keys, chosen_by=TEST, suffix=suffix)
        columns[f"power_{name}"] = other["power"]
        columns[f"power_hull_{name}"] = hull_table(by_goal, suffix=suffix)["power_hull"]
    if slides:
        columns["power_slides"] = SLIDES["power"]
    return pd.DataFrame(columns)
