"""Text and tables of an experiment's report."""

import json
from collections.abc import Container, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from printron import __version__
from printron.analysis import PUBLISHED_GOAL, SLIDES, SLIDES_SOURCE, Analysis, hull_table
from printron.base.columns import Column
from printron.base.quantity import power_text
from printron.base.sentence import number_of
from printron.report.experiment_figures import WORKS, WORKS_ABOVE
from printron.report.markdown import code_block, escaped, table
from printron.training.goal_words import GoalWords

LONGEST_LIST = 12  # of a configuration, shown in full

_FIGURES = {
    "accuracy": (
        "Accuracy against {the}. Each data set's test accuracy, mean over seeds, is divided by its "
        "own at {baseline}, then averaged over the data sets; the band is the standard deviation "
        "over seeds of that average."
    ),
    "power": "Power against {the}, averaged in the same way.",
    "average_front": (
        "The average front: averaged accuracy against averaged power, one point per {one}. Powers "
        f"below half of the least that reaches {100 * WORKS:g} % of the accuracy are drawn at the "
        "left end."
    ),
    "fronts": (
        "Every data set. Front: for each {one} the seed with the lowest objective on the "
        "validation rows, of these the ones that no other beats in validation accuracy and power; "
        "the figure shows their test accuracy and power, so that a point may lie below another. "
        f"Powers below half of the least whose accuracy is {100 * WORKS_ABOVE:g} % of the way from "
        "the majority class to 1 are drawn at the left end."
    ),
    "fronts_normalised": (
        "The same, with each data set's power relative to its own baseline, and the published runs."
    ),
    "power_split": (
        "Power by cause: in percent of the baseline's power (above), and of the remaining power "
        "(below)."
    ),
}


def page(
    analysis: Analysis,
    figures: Container[str],
    *,
    command: str,
    machine: str,
    notes: Mapping[str, Sequence[str]],
) -> str:
    """The report in Markdown.

    Parameters
    ----------
    figures : names of the figures beside the page.
    notes : on the rows of data sets, by name.
    command, machine : the typed command, and the machine's cores and memory.
    """
    drawn = [_figure(name, analysis) for name in _FIGURES if name in figures]
    parts = [
        "# Accuracy and power of printed neural networks",
        _what_it_is(analysis),
        "## Average accuracy against average power",
        *_pareto(analysis),
        *drawn[:3],
        "## Data sets",
        *_baselines(analysis),
        *_notes(notes),
        *drawn[3:],
        *_comparison(analysis),
        "## What was left out",
        *_left_out(analysis),
        "## How it was made",
        *_provenance(analysis, command, machine),
    ]
    return "\n\n".join(parts) + "\n"


def _figure(name: str, analysis: Analysis) -> str:
    words, baseline = GoalWords(analysis.goal), analysis.mean.baseline.heading()
    text = _FIGURES[name].format(one=words.one, the=words.the, baseline=baseline)
    return f"![{name}]({name}.svg)\n\n*{text}* ([PNG]({name}.png))"


def _what_it_is(analysis: Analysis) -> str:
    run, baselines = analysis.run, analysis.mean.baselines
    goals = analysis.goals
    hidden = "no hidden layer" if run["hidden"] == "none" else f"hidden layers {run['hidden']}"
    return (
        f"{number_of(len(analysis.table), 'run')}: "
        f"{number_of(len(analysis.datasets), 'data set')}, "
        f"{GoalWords(analysis.goal).span(goals)}, "
        f"{number_of(analysis.seeds, 'seed')}; protocol "
        f"{escaped(run['protocol'])}, {escaped(hidden)}, cells {escaped(run['activation_cell'])} "
        f"and {escaped(run['negation_cell'])}. {_sources(run)} Accuracies and powers "
        "are of the test rows, which selected no circuit. "
        f"At {analysis.mean.baseline.heading()} the mean accuracy over the data "
        f"sets is {baselines['accuracy_mean'].mean():.3f}" + _published_mean(analysis) + "."
    )


def _sources(run: dict[str, Any]) -> str:
    if run.get("sources", "ideal") == "loaded":
        return "All values are of the circuits with all loading."
    return "Sources are taken as ideal."


def _published_mean(analysis: Analysis) -> str:
    if analysis.published is None:
        return ""
    return f" (published: {analysis.published.baselines['accuracy_mean'].mean():.3f})"


def _pareto(analysis: Analysis) -> list[str]:
    t, words = analysis.pareto, GoalWords(analysis.goal)
    columns = {
        "accuracy": [_percent(v, 0) for v in t["accuracy"]],
        "power": [_percent(v) for v in t["power"]],
        "saving": [_factor(v) for v in t["saving"]],
        **{f"at {c.label}": [_number(c, v) for v in t[c.name]] for c in words.kind.columns},
        "test accuracy": [_percent(v) for v in t["accuracy_test"]],
        "best seed": [_percent(v) for v in t["power_best"]],
        "by test rows": [_percent(v) for v in t["power_by_test"]],
        "hull": [_percent(v) for v in t["power_hull"]],
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
        vdd += ", as the published runs count"
        slides = f" **slides**: {SLIDES_SOURCE}."
    rows = zip(*columns.values(), strict=True)
    return [
        table(list(columns), rows),
        f"All in % of the baseline ({analysis.mean.baseline.heading()}), each data set divided by "
        f"its own before averaging. **power**: at the {words.one} with the least power of those "
        "whose accuracy is at least the level, "
        "both averaged over the validation rows; **test accuracy** is that of the test rows "
        f"at this {words.one}, **saving** the inverse of the power. **best seed**: as power, from "
        f"the one seed of each data set and {words.one} with the lowest validation objective "
        "instead of the mean over seeds, the baseline's too. The columns that follow are **chosen "
        "by test rows**, as the talk's table is: **by test rows** as power; **hull**: linear "
        "between the points of the upper left hull, as if one could mix two "
        f"{words.several}; **watts first**: accuracies and watts averaged over the data sets "
        "before division by the averaged baseline, on the hull, so that a data set counts by its "
        f"watts; **V_DD alone**: as by test rows, {vdd}.{slides}",
        *_slides_order(analysis),
    ]


def _slides_order(analysis: Analysis) -> list[str]:
    """The order of averaging of the slides' table, found from the published runs."""
    if analysis.published_whole is None:
        return []
    by_goal = analysis.published_whole.by_goal
    slides = SLIDES["power"]
    each, first = (
        100 * (hull_table(by_goal, suffix=suffix)["power_hull"] - slides).abs().max()
        for suffix in ("", "_of_means")
    )
    sentence = (
        f"The published runs ({len(analysis.published_whole.baselines)} data sets) give the "
        f"slides' table within {first:.1f} points if watts are averaged first, and within "
        f"{each:.1f} points if each data set is divided by its own baseline first: compare ours "
        "in the same order of averaging."
    )
    if analysis.published is not None and len(analysis.published.baselines) < len(
        analysis.published_whole.baselines
    ):
        both = len(analysis.published.baselines)
        sentence += f' The columns "published" are of the {both} common data sets.'
    return [sentence]


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
                f"{volumes[name]:.3f}" if name in volumes else "–",
            )
        )
    columns = (
        "data set", "accuracy %", "majority %", "power", "± sd",
        "crossbar / activation / negation %", "runs", "hypervolume",
    )  # fmt: skip
    return [
        f"Baselines ({analysis.mean.baseline.heading()}), mean ± standard deviation over the runs:",
        table(columns, rows),
        "Powers are those delivered by all supplies and inputs. **majority**: accuracy of always "
        "answering the commonest class. **hypervolume**: of the front below, in test accuracy and "
        "power (linear, baseline = 1): the area dominated up to the reference point (accuracy of "
        "the majority class, power of the baseline), relative to that of an ideal circuit: all "
        "rows right without power.",
    ]


def _notes(notes: Mapping[str, Sequence[str]]) -> list[str]:
    lines = [f"- {escaped(name)}: {escaped(note)}" for name, each in notes.items() for note in each]
    return ["Notes on rows:", "\n".join(lines)] if lines else []


def _comparison(analysis: Analysis) -> list[str]:
    """The section on the published runs; empty without benchmarks."""
    t = analysis.comparison
    heading = "## Beside the published runs"
    if t is None and analysis.reference is not None:
        return [heading, "The published runs have no data set in common with these."]
    if t is None and analysis.of_another_goal:
        return [
            heading,
            f"The published runs have the goal '{PUBLISHED_GOAL.kind}'; runs with the goal "
            f"'{analysis.goal.kind}' are not compared with them.",
        ]
    if t is None and not analysis.of_benchmarks:
        return []
    if t is None:
        return [
            heading,
            "No published table was found; give the table with `--reference FILE`. The slides' "
            "table is above.",
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
        "baseline; – if no α saves so much. Whole: delivered by all supplies and inputs.",
        *([f"Not among the published: {', '.join(map(escaped, only))}."] if only else []),
        "Where the two differ:",
        "\n".join(f"- {sentence}" for sentence in analysis.differences),
    ]


def _left_out(analysis: Analysis) -> list[str]:
    t = analysis.left_out
    sentences = []
    if t.empty:
        sentences.append(f"No run: none of {number_of(len(analysis.table), 'run')} diverged.")
    else:
        counts = t.groupby(["dataset", "status"]).size().reset_index()
        names = [f"{escaped(d)} {n} ({escaped(s)})" for d, s, n in counts.to_numpy().tolist()]
        sentences.append(
            f"{len(t)} of {len(analysis.table)} runs left out: {', '.join(names)}; "
            "listed in [left_out.csv](left_out.csv)."
        )
    if analysis.mean.incomplete:
        goals = GoalWords(analysis.goal).listed(analysis.mean.incomplete)
        sentences.append(f"No average at {goals}: some data set has no run there.")
    if analysis.infeasible:
        sentences.append(
            f"{number_of(analysis.infeasible, 'trained run')} missed the constraints of their "
            "goals on the validation rows: the averages include them, the fronts do not."
        )
    few = _too_few_seeds(analysis)
    if few:
        sentences.append(few)
    return sentences


def _too_few_seeds(analysis: Analysis) -> str:
    t = analysis.mean.by_goal
    few = int((t["seeds"].fillna(0) < analysis.seeds).sum())
    if not few:
        return ""
    return (
        f"At {few} of {len(t)} {GoalWords(analysis.goal).values} the spread over seeds is of fewer "
        f"than {analysis.seeds} seeds, since it includes only seeds without a diverged run on any "
        "data set; the means are of all runs."
    )


def _provenance(analysis: Analysis, command: str, machine: str) -> list[str]:
    run_s = float(analysis.table["wall_s"].sum()) if "wall_s" in analysis.table else float("nan")
    trained = sorted(map(str, analysis.table["printron"].unique()))
    facts = [
        f"trained with printron {escaped(', '.join(trained))}; report by printron {__version__}, "
        f"pandas {version('pandas')}, matplotlib {version('matplotlib')}",
        *([f"training: {run_s:.0f} s, sum of the wall times of all runs"] if run_s > 0 else []),
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
            "Configuration of the experiment; [experiment.json](experiment.json) has all of it, "
            "with fingerprints of data, process and cells:",
            code_block(_config(analysis.config)),
        ]
    return parts


def _config(config: dict[str, Any]) -> str:
    """One line per key, with long lists shortened and problems by name."""
    record = {**config, "problems": list(config.get("problems", {}))}
    return "\n".join(
        f"{key}: {json.dumps(_shortened(value), ensure_ascii=False, default=str)}"
        for key, value in record.items()
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


def _number(column: Column, value: float) -> str:
    return column.text(value) if np.isfinite(value) else "–"


def _factor(value: float) -> str:
    return f"{value:.3g}×" if np.isfinite(value) else "–"


def _mean_sd(mean: float, sd: float) -> str:
    return f"{mean:.1f} ± {sd:.1f}" if np.isfinite(sd) else f"{mean:.1f}"
