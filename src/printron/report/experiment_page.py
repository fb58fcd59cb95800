"""The words and tables of an experiment's report."""

import json
from collections.abc import Container
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from printron import __version__
from printron.analysis import SLIDES, SLIDES_SOURCE, Analysis, pareto_table
from printron.base.quantity import power_text
from printron.report.experiment_figures import WORKS, WORKS_ABOVE
from printron.report.markdown import code_block, escaped, table

LONGEST_LIST = 12  # of a configuration, written out

_FIGURES = {
    "accuracy": (
        "Accuracy against α. Each data set's test accuracy, mean over seeds, is divided by its own "
        "at α = 0, then averaged over the data sets; the band is the standard deviation over seeds "
        "of that average."
    ),
    "power": "Power against α, likewise.",
    "average_front": (
        "The average front: averaged accuracy against averaged power, each α a point. Powers below "
        f"half of the least that reaches {100 * WORKS:g} % of the accuracy are drawn at the left "
        "end."
    ),
    "fronts": (
        "Every data set. Front: for each α the seed with the lowest objective on the validation "
        "rows, of these the ones that none beats in validation accuracy and power; drawn are their "
        "test accuracy and power, so that a point may lie below another. Powers below half of the "
        f"least whose accuracy is {100 * WORKS_ABOVE:g} % of the way from the majority class to 1 "
        "are drawn at the left end."
    ),
    "fronts_normalised": (
        "The same, each data set's power as a share of its own baseline's, the published runs "
        "beside."
    ),
    "power_split": (
        "Power by what takes it: as a share of the baseline's power (above), and of the power that "
        "is left (below)."
    ),
}


def page(analysis: Analysis, figures: Container[str], *, command: str, machine: str) -> str:
    """The report in Markdown.

    Parameters
    ----------
    figures : names of the figures that stand beside.
    command, machine : what was typed, and on how large a machine.
    """
    drawn = [_figure(name) for name in _FIGURES if name in figures]
    parts = [
        "# Accuracy and power of printed neural networks",
        _what_it_is(analysis),
        "## Average accuracy against average power",
        *_pareto(analysis),
        *drawn[:3],
        "## Data sets",
        *_baselines(analysis),
        *drawn[3:],
        *_comparison(analysis),
        "## What was left out",
        *_left_out(analysis),
        "## How it was made",
        *_provenance(analysis, command, machine),
    ]
    return "\n\n".join(parts) + "\n"


def _figure(name: str) -> str:
    return f"![{name}]({name}.svg)\n\n*{_FIGURES[name]}* ([PNG]({name}.png))"


def _what_it_is(analysis: Analysis) -> str:
    run, baselines = analysis.run, analysis.mean.baselines
    alphas = sorted(analysis.table["alpha"].unique())
    hidden = "no hidden layer" if run["hidden"] == "none" else f"hidden layers {run['hidden']}"
    return (
        f"{_number_of(len(analysis.table), 'run')}: "
        f"{_number_of(len(analysis.datasets), 'data set')}, "
        f"{_number_of(len(alphas), 'value')} of α from {alphas[0]:g} to {alphas[-1]:g}, "
        f"{_number_of(analysis.seeds, 'seed')}; protocol "
        f"{escaped(run['protocol'])}, {escaped(hidden)}, cells {escaped(run['activation_cell'])} "
        f"and {escaped(run['negation_cell'])}. {_sources(run)} Accuracies and powers "
        "are of the test rows, which chose nothing. At α = 0 the mean accuracy over the data sets "
        f"is {baselines['accuracy_mean'].mean():.3f}" + _published_mean(analysis) + "."
    )


def _sources(run: dict[str, Any]) -> str:
    if run.get("sources", "ideal") == "loaded":
        return "They are of the circuits with all of their loading."
    return "Sources are taken as ideal."


def _number_of(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _published_mean(analysis: Analysis) -> str:
    if analysis.published is None:
        return ""
    return f" (published: {analysis.published.baselines['accuracy_mean'].mean():.3f})"


def _pareto(analysis: Analysis) -> list[str]:
    t = analysis.pareto
    columns = {
        "accuracy": [_percent(v, 0) for v in t["accuracy"]],
        "power": [_percent(v) for v in t["power"]],
        "saving": [_factor(v) for v in t["saving"]],
        "at α": [_number(v) for v in t["alpha"]],
        "hull": [_percent(v) for v in t["power_hull"]],
        "best seed": [_percent(v) for v in t["power_best"]],
        "watts first": [_percent(v) for v in t["power_hull_of_means"]],
    }
    if "power_VDD" in t:
        columns["V_DD alone"] = [_percent(v) for v in t["power_VDD"]]
    if analysis.published is not None:
        columns |= {
            "published": [_percent(v) for v in t["power_published"]],
            "published, hull": [_percent(v) for v in t["power_hull_published"]],
            "published, watts first": [_percent(v) for v in t["power_hull_published_of_means"]],
        }
    vdd = "of what the rails above ground deliver to the nonlinear circuits and of the crossbars"
    slides = ""
    if analysis.beside_published:
        columns["slides"] = [_percent(v, 0) for v in t["power_slides"]]
        vdd += ", which is how the published runs count"
        slides = f" **slides**: {SLIDES_SOURCE}."
    rows = zip(*columns.values(), strict=True)
    return [
        table(list(columns), rows),
        "All in % of the baseline (α = 0). **power**: the least averaged power among the α whose "
        "averaged accuracy is at least the level, each data set divided by its own baseline before "
        "averaging; **saving** is its inverse. **hull**: the same, linear between the points of "
        "the upper left hull, as if one could mix two α. **best seed**: as power, from the one "
        "seed of each data set and α with the lowest validation objective instead of the mean over "
        "seeds, the baseline's too. **watts first**: accuracies and watts averaged over the data "
        "sets before they are divided by the averaged baseline, on the hull; there a data set "
        f"counts by its watts. **V_DD alone**: as power, {vdd}.{slides}",
        *_slides_order(analysis),
    ]


def _slides_order(analysis: Analysis) -> list[str]:
    """Which order of averaging the slides' table has, judged by the published runs."""
    if analysis.published_whole is None:
        return []
    by_alpha = analysis.published_whole.by_alpha
    slides = SLIDES["power"]
    each, first = (
        100 * (pareto_table(by_alpha, suffix=suffix)["power_hull"] - slides).abs().max()
        for suffix in ("", "_of_means")
    )
    said = (
        f"The published runs ({len(analysis.published_whole.baselines)} data sets) give the "
        f"slides' table within {first:.1f} points if watts are averaged first, and within "
        f"{each:.1f} points if each data set is divided by its own baseline first: compare ours "
        "with what is averaged in the same order."
    )
    if analysis.published is not None and len(analysis.published.baselines) < len(
        analysis.published_whole.baselines
    ):
        both = len(analysis.published.baselines)
        said += f' The columns "published" are of the {both} data sets that both have.'
    return [said]


def _baselines(analysis: Analysis) -> list[str]:
    volumes = dict(analysis.hypervolumes[["dataset", "hypervolume"]].to_numpy().tolist())
    rows = []
    for name, row in analysis.mean.baselines.iterrows():
        power = row["power_mean_W"]
        causes = [row[f"power_{c}_W"] / power for c in ("crossbar", "activation", "negation")]
        rows.append(
            (
                name,
                _mean_sd(100 * row["accuracy_mean"], 100 * row["accuracy_sd"]),
                f"{100 * row['majority']:.1f}",
                _watts(power),
                f"{100 * row['power_sd_W'] / power:.0f} %" if pd.notna(row["power_sd_W"]) else "–",
                " / ".join(f"{100 * c:.0f}" for c in causes),
                int(row["runs"]),
                f"{volumes[name]:.3f}",
            )
        )
    columns = (
        "data set", "accuracy %", "majority %", "power", "± sd",
        "crossbar / activation / negation %", "runs", "hypervolume",
    )  # fmt: skip
    return [
        "Baselines (α = 0), mean ± standard deviation over the runs:",
        table(columns, rows),
        "Powers are what all supplies and inputs deliver. **majority**: accuracy of always "
        "answering the commonest class. **hypervolume**: of the front below, in test accuracy and "
        "power (linear, baseline = 1): the area it dominates up to the reference point (accuracy "
        "of the majority class, power of the baseline), over the area that all rows right for no "
        "power would.",
    ]


def _comparison(analysis: Analysis) -> list[str]:
    """The section on the published runs; none where there is nothing to say of them."""
    t = analysis.comparison
    heading = "## Beside the published runs"
    if t is None and analysis.reference is not None:
        return [heading, "The published runs have no data set in common with these."]
    if t is None and not analysis.of_benchmarks:
        return []
    if t is None:
        return [
            heading,
            "No published table was found; give it with `--reference FILE`. The slides' table "
            "stands above.",
        ]
    rows = [
        (
            row["dataset"],
            *(
                f"{_percent(row[f'accuracy_{what}published'])} → "
                f"{_percent(row[f'accuracy_{what}ours'])}"
                for what in ("", "at_50_", "at_25_")
            ),
            f"{_watts(row['power_published_W'])} → {_watts(row['power_VDD_ours_W'])}",
            _watts(row["power_ours_W"]),
        )
        for row in t.to_dict("records")
    ]
    watts = "power of V_DD alone, α = 0"
    if not analysis.comparable_power:
        watts += ", **of different cells**"
    columns = (
        "data set", "accuracy at α = 0", "at 50 % power", "at 25 % power", watts,
        "our whole power",
    )  # fmt: skip
    only = sorted(set(analysis.datasets) - set(t["dataset"]))
    return [
        heading,
        "Published → ours, test accuracy, mean over seeds:",
        table(columns, rows),
        "At 50 % power: at the smallest α whose power is at most 50 % of the data set's own "
        "baseline; – where no α saves so much. Whole: what all supplies and inputs deliver.",
        *([f"Not among the published: {', '.join(map(escaped, only))}."] if only else []),
        "Where the two differ:",
        "\n".join(f"- {sentence}" for sentence in analysis.differences),
    ]


def _left_out(analysis: Analysis) -> list[str]:
    t = analysis.left_out
    said = []
    if t.empty:
        said.append(f"No run: all {len(analysis.table)} came through.")
    else:
        counts = t.groupby(["dataset", "status"]).size().reset_index()
        names = [f"{escaped(d)} {n} ({escaped(s)})" for d, s, n in counts.to_numpy().tolist()]
        said.append(
            f"{len(t)} of {len(analysis.table)} runs did not come through: {', '.join(names)}; "
            "each by name in [left_out.csv](left_out.csv)."
        )
    if analysis.mean.incomplete:
        alphas = ", ".join(f"{alpha:.4g}" for alpha in analysis.mean.incomplete)
        said.append(f"No average at α = {alphas}: some data set has no run there.")
    few = _too_few_seeds(analysis)
    if few:
        said.append(few)
    return said


def _too_few_seeds(analysis: Analysis) -> str:
    t = analysis.mean.by_alpha
    few = t.loc[t["seeds"].fillna(0) < analysis.seeds, "alpha"]
    if few.empty:
        return ""
    return (
        f"At {len(few)} of {len(t)} values of α the spread over seeds is of fewer than "
        f"{analysis.seeds} seeds, since a seed counts there only if it came through on every data "
        "set; the means are of all runs."
    )


def _provenance(analysis: Analysis, command: str, machine: str) -> list[str]:
    run_s = float(analysis.table["wall_s"].sum()) if "wall_s" in analysis.table else float("nan")
    trained = sorted(map(str, analysis.table["printron"].unique()))
    facts = [
        f"trained with printron {escaped(', '.join(trained))}; report by printron {__version__}, "
        f"pandas {version('pandas')}, matplotlib {version('matplotlib')}",
        *([f"training: {run_s:.0f} s, wall times of all runs added up"] if run_s > 0 else []),
        *([f"report made on {escaped(machine)}"] if machine else []),
        "tables: averages.csv, averages_by_dataset.csv, pareto.csv, baselines.csv, fronts.csv, "
        "left_out.csv"
        + (", comparison.csv, published_by_dataset.csv" if analysis.comparison is not None else ""),
    ]
    if analysis.reference is not None:
        facts.insert(0, f"published table: {escaped(analysis.reference)}")
    parts = ["\n".join(f"- {fact}" for fact in facts)]
    if command:
        parts += ["Command:", code_block(command, "sh")]
    if analysis.config:
        parts += [
            "Configuration of the experiment; all of it, with fingerprints of data, process and "
            "cells, stands in [experiment.json](experiment.json):",
            code_block(_config(analysis.config)),
        ]
    return parts


def _config(config: dict[str, Any]) -> str:
    """A line a key, long lists cut short; of the problems their names."""
    said = {**config, "problems": list(config.get("problems", {}))}
    return "\n".join(
        f"{key}: {json.dumps(_shortened(value), ensure_ascii=False, default=str)}"
        for key, value in said.items()
    )


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    numbers = isinstance(value, list | tuple) and not any(isinstance(x, str) for x in value)
    if numbers and len(value) > LONGEST_LIST:
        return [*value[:3], f"... {len(value)} values ...", value[-1]]
    return value


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %" if np.isfinite(share) else "–"


def _watts(value: float) -> str:
    return power_text(value) if np.isfinite(value) else "–"


def _number(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "–"


def _factor(value: float) -> str:
    return f"{value:.3g}×" if np.isfinite(value) else "–"


def _mean_sd(mean: float, sd: float) -> str:
    return f"{mean:.1f} ± {sd:.1f}" if np.isfinite(sd) else f"{mean:.1f}"
