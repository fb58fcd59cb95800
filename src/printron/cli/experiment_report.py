"""`printron experiment report`: figures and tables of an experiment."""

import shlex
import sys
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.base.sentence import number_of
from printron.cli.declare import on_this_machine, with_options
from printron.cli.output import OutputOptions
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.analysis import Analysis


FOLDER = "report"


@with_options
def command(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of the experiment.")],
    *,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            callback=on_this_machine("table"),
            help="Published runs (published_alpha_sweep.csv); default: searched in DIR, beside "
            "DIR and in PRINTRON_SHARED.",
        ),
    ] = None,
    output: OutputOptions,
) -> int:
    """Write figures and tables of an experiment, with the published runs.

    Into DIR/report or --out: report.md, figures as PNG and SVG, tables as CSV.
    """
    output = OutputOptions(
        json=output.json, out=output.out or f"{folder.rstrip('/') or '/'}/{FOLDER}"
    )
    from printron.analysis import PUBLISHED_GOAL, analyse, find_reference, is_benchmark
    from printron.base.machine import machine_size
    from printron.cli.speak import say, say_json, waiting
    from printron.report import REPORT_FILES, analysis_record, write_experiment_report
    from printron.results import settings, stored_at
    from printron.results.store import NOTES
    from printron.training.goal import listed_in

    store = stored_at(folder)
    output.check(REPORT_FILES[:1])
    output.check(REPORT_FILES[1:], mark=REPORT_FILES[0])
    table, config = store.table(), store.config
    if table.empty:
        raise PrintronError(f"'{folder}' holds no finished part yet; let the experiment continue")
    notes = config.get(NOTES, {})
    with waiting("writing the report", as_json=output.json):
        configured = settings(config)
        published = listed_in(config) is PUBLISHED_GOAL and any(
            is_benchmark(name, configured) for name in table["dataset"].unique()
        )
        near = store.place.local or Path(folder)
        found = reference or (find_reference(near) if published else None)
        analysis = analyse(table, configured, found)
        made = {
            "command": shlex.join(["printron", *sys.argv[1:]]),
            "machine": machine_size(),
            "notes": notes,
        }
        filled = output.fill(lambda target: write_experiment_report(analysis, target, **made))
    if output.json:
        say_json(
            {
                **analysis_record(analysis),
                "notes": notes,
                "files": list(filled.files),
                **output.refusal(filled),
            }
        )
        return output.conclude(filled)
    say(pareto_view(analysis))
    if analysis.reference is None and analysis.of_benchmarks:
        say("no published runs to compare with: give them with --reference FILE")
    if len(analysis.left_out):
        say(f"{len(analysis.left_out)} of {number_of(len(table), 'run')} left out: they diverged")
    return output.conclude(filled)


def pareto_view(analysis: "Analysis") -> Any:
    """The Pareto table for a person."""
    from printron.cli.tables import percent, table_of
    from printron.training.goal_words import GoalWords

    compared, beside = analysis.published is not None, analysis.beside_published
    words, number = GoalWords(analysis.goal), len(analysis.datasets)
    caption = (
        f"each data set divided by its own baseline, then averaged; {words.one} chosen by "
        "validation rows"
    )
    if beside:
        caption += "; the slides' table averages watts first"
    made = table_of(
        f"Least average power, % of the baseline, {number_of(number, 'data set')}",
        *("accuracy", "power", "saving"),
        *(f"at {column.label}" for column in words.kind.columns),
        *("test", "by test rows", "hull"),
        *(["published"] if compared else []),
        *(["slides"] if beside else []),
        caption=caption,
    )
    for row in analysis.pareto.to_dict("records"):
        cells = [
            percent(row["power"]),
            f"{row['saving']:.3g}×" if isfinite(row["saving"]) else "-",
            *(
                column.text(row[column.name]) if isfinite(row[column.name]) else "-"
                for column in words.kind.columns
            ),
            percent(row["accuracy_test"]),
            percent(row["power_by_test"]),
            percent(row["power_hull"]),
        ]
        published = [percent(row["power_published"])] if compared else []
        slides = [f"{100 * row['power_slides']:.0f} %"] if beside else []
        made.add_row(f"{100 * row['accuracy']:.0f} %", *cells, *published, *slides)
    return made
