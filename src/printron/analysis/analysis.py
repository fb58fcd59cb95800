"""Everything that is made of an experiment's table of runs, for a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from printron.analysis.averages import (
    BEST,
    MEAN,
    Averages,
    average,
    checked,
    is_trained,
    pareto_table,
)
from printron.analysis.fronts import dataset_fronts, hypervolumes
from printron.analysis.published import (
    SLIDES,
    average_published,
    comparable_power,
    compare,
    differences,
    read_published,
)
from printron.datasets import describe, names


@dataclass(frozen=True, eq=False)
class Analysis:
    """What an experiment comes to.

    Attributes
    ----------
    table : all runs, in one order.  config : the experiment's configuration, as stored.
    mean, best : averages by the two rules.
    pareto : a row a level of average accuracy: powers by rule, and published and of the slides
        where these are of the same data sets (`beside_published`).
    fronts, hypervolumes : of each data set, selected by validation rows.
    left_out : dataset, alpha, seed, status of the runs that did not come through.
    reference : path of the published table; None without one, and then no comparison.
    published_whole : averages of the published runs of all their data sets.
    published, comparison : its averages over the data sets that both have, so that averages are of
        the same; a row for each of them. None if there is none.
    differences : where the two experiments differ, a sentence each.
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
        """A run, for what all runs have in common."""
        return dict(self.table.iloc[0].to_dict())

    @property
    def of_benchmarks(self) -> bool:
        """Whether all data sets are among the published ones."""
        return are_benchmarks(self.datasets, self.config)

    @property
    def beside_published(self) -> bool:
        """Whether published numbers say anything beside these."""
        return self.comparison is not None or self.of_benchmarks

    @property
    def comparable_power(self) -> bool:
        """Whether published watts are of cells like these runs'."""
        return comparable_power(self.run)


def analyse(
    table: pd.DataFrame,
    config: dict[str, Any] | None = None,
    reference: str | Path | None = None,
) -> Analysis:
    """Average, select, compare.

    Parameters
    ----------
    table : one row a run, columns as of `run_batch`, any order.
    config : shown in the report as it is.
    reference : path of the published table (`read_published`).

    Raises
    ------
    AnalysisError : one sentence.
    """
    table = checked(table)
    mean, best = average(table, MEAN), average(table, BEST)
    whole = common = None
    if reference is not None:
        theirs = read_published(reference)
        whole = average_published(theirs)
        namesakes = {name for name in names() if not is_benchmark(name, config or {})}
        both = theirs[theirs["dataset"].isin(set(table["dataset"]) - namesakes)]
        common = None if both.empty else average_published(both)
    beside = common is not None or are_benchmarks(table["dataset"].unique(), config or {})
    fronts = dataset_fronts(table, mean)
    left_out = table.loc[~is_trained(table), ["dataset", "alpha", "seed", "status"]]
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
    """Whether a data set is a benchmark, and not a table of a user's that is called like one.

    Parameters
    ----------
    config : of the experiment; its problems say which features the data set has, if they are there.
    """
    problem = config.get("problems", {}).get(name)
    if not isinstance(problem, dict):
        return name in names()
    features = problem["dataset"]["features"]
    return name in names() and list(describe(name).feature_names) == features


def pareto_of(
    mean: Averages, best: Averages, published: Averages | None, slides: bool = True
) -> pd.DataFrame:
    """The Pareto tables of all rules side by side, and the slides' where they say something.

    `power_RULE` and `power_hull_RULE` as in `pareto_table`; `of_means` is averaged, then
    normalised; `VDD` counts V_DD alone, as the published numbers do.
    """
    main = pareto_table(mean.by_alpha)
    columns = {
        **{name: main[name] for name in ("accuracy", "alpha", "power", "saving")},
        **{name: main[name] for name in ("power_hull", "saving_hull")},
    }
    others = {"best": (best.by_alpha, ""), "of_means": (mean.by_alpha, "_of_means")}
    if "power_VDD" in mean.by_alpha:
        others["VDD"] = (mean.by_alpha.assign(power=mean.by_alpha["power_VDD"]), "")
    if published is not None:
        others |= {
            "published": (published.by_alpha, ""),
            "published_of_means": (published.by_alpha, "_of_means"),
        }
    for name, (by_alpha, suffix) in others.items():
        other = pareto_table(by_alpha, suffix=suffix)
        columns |= {f"power_{name}": other["power"], f"power_hull_{name}": other["power_hull"]}
    if slides:
        columns["power_slides"] = SLIDES["power"]
    return pd.DataFrame(columns)
