"""The report of an experiment: a page in Markdown, its figures, and its tables as CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from printron.analysis import Analysis
from printron.base.files import write_atomically
from printron.report.csv_table import write_csv
from printron.report.experiment_figures import (
    accuracy_figure,
    average_front_figure,
    fronts_figure,
    power_figure,
    split_figure,
)
from printron.report.experiment_page import page
from printron.report.markdown import MARK
from printron.report.style import save_figure
from printron.results import finite, write_json
from printron.training import WeightedPower

PAGE = "report.md"
TABLES = (
    "averages", "averages_by_dataset", "pareto", "baselines", "fronts", "left_out",
    "published_by_dataset", "comparison",
)  # fmt: skip
REPORT_FILES = (PAGE, "experiment.json", *(f"{name}.csv" for name in TABLES))


def write_experiment_report(
    analysis: Analysis,
    folder: Path,
    *,
    command: str = "",
    machine: str = "",
    notes: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Write the report; `report.md` last, so that a folder with this file is complete.

    Parameters
    ----------
    command : that makes the report.  machine : cores and memory, in words.
    notes : on the rows of data sets, by name.

    Returns
    -------
    Names of the written files.

    Raises
    ------
    OSError : the folder cannot be written to.
    """
    written: list[Path] = []
    for name, table in experiment_tables(analysis).items():
        written.append(folder / f"{name}.csv")
        write_csv(table, written[-1])
    if analysis.config:
        written.append(folder / "experiment.json")
        write_json(analysis.config, written[-1])
    figures = experiment_figures(analysis)
    for name, figure in figures.items():
        written += save_figure(figure, folder / name)
    text = page(analysis, figures, command=command, machine=machine, notes=notes or {}) + MARK
    path = folder / PAGE
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
    return [each.name for each in (*written, path)]


def experiment_figures(analysis: Analysis) -> dict[str, Figure]:
    """All figures, by the names of their files."""
    figures = {
        "accuracy": accuracy_figure(analysis),
        "power": power_figure(analysis),
        "average_front": average_front_figure(analysis),
        "fronts": fronts_figure(analysis, normalised=False),
        "power_split": split_figure(analysis),
    }
    if analysis.published is not None:
        figures["fronts_normalised"] = fronts_figure(analysis, normalised=True)
    return figures


def experiment_tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """All tables, by the names of their files; columns ending in _W are in watts."""
    averages: Mapping[str, Any] = {a.rule: a for a in (analysis.mean, analysis.best)}
    if analysis.published is not None:
        averages = {**averages, analysis.published.rule: analysis.published}
    baselines = analysis.mean.baselines.reset_index().merge(
        analysis.hypervolumes, on="dataset", how="left"
    )
    tables = {
        "averages": pd.concat([a.by_goal.assign(rule=r) for r, a in averages.items()]),
        "averages_by_dataset": pd.concat(
            [a.by_dataset.assign(rule=a.rule) for a in (analysis.mean, analysis.best)]
        ),
        "pareto": analysis.pareto,
        "baselines": baselines,
        "fronts": analysis.fronts,
        "left_out": analysis.left_out,
    }
    if analysis.published is not None:
        # In a file of its own: watts of other cells, or otherwise defined.
        tables["published_by_dataset"] = analysis.published.by_dataset
    if analysis.comparison is not None:
        tables["comparison"] = analysis.comparison
    return tables


def _at_baseline(analysis: Analysis) -> dict[str, Any]:
    """The mean accuracy at the baseline, as JSON; with the baseline where it is not alpha = 0."""
    accuracy = float(analysis.mean.baselines["accuracy_mean"].mean())
    if analysis.goal is WeightedPower:
        return {"accuracy_at_alpha_0": accuracy}
    return {"baseline": analysis.mean.baseline.row(), "accuracy_at_baseline": accuracy}


def analysis_record(analysis: Analysis) -> dict[str, Any]:
    """The report as JSON; unknown values are null."""

    def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
        return list(finite(table.to_dict("records")))

    return {
        "datasets": analysis.datasets,
        "runs": len(analysis.table),
        "seeds": analysis.seeds,
        "left_out": rows(analysis.left_out),
        **_at_baseline(analysis),
        "pareto": rows(analysis.pareto),
        "hypervolumes": rows(analysis.hypervolumes),
        "comparison": None if analysis.comparison is None else rows(analysis.comparison),
        "differences": analysis.differences,
        "reference": analysis.reference,
    }
