"""`printron experiment report`: what an experiment comes to."""

import os
import shlex
import sys
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.options import OutputOptions, usable_cores, with_options
from printron.errors import PrintronError

if TYPE_CHECKING:
    import pandas as pd

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
            help="Published runs (published_alpha_sweep.csv); looked for in and beside DIR, and in "
            "PRINTRON_SHARED.",
        ),
    ] = None,
    output: OutputOptions,
) -> int:
    """Write the figures and tables of an experiment, the published runs beside.

    Into DIR/report, or where --out says: report.md, figures as PNG and SVG, tables as CSV.
    """
    output = OutputOptions(
        json=output.json, out=output.out or f"{folder.rstrip('/') or '/'}/{FOLDER}"
    )
    from printron.analysis import analyse, find_reference, is_benchmark
    from printron.cli.speak import say, say_json, waiting
    from printron.report import REPORT_FILES, write_experiment_report
    from printron.results import settings, stored_at

    store = stored_at(folder)
    output.check(REPORT_FILES[:1])
    output.check(REPORT_FILES[1:], mark=REPORT_FILES[0])
    table, config = store.table(), store.config
    if table.empty:
        raise PrintronError(f"'{folder}' holds no finished part yet; let the experiment go on")
    with waiting("writing the report", as_json=output.json):
        told = settings(config)
        published = any(is_benchmark(name, told) for name in table["dataset"].unique())
        near = store.place.local or Path(folder)
        analysis = analyse(table, told, reference or (find_reference(near) if published else None))
        how = {
            "command": shlex.join(["printron", *sys.argv[1:]]),
            "machine": machine_size(),
        }
        filled = output.fill(lambda target: write_experiment_report(analysis, target, **how))
    if output.json:
        say_json({**report_record(analysis, filled.files), **output.refusal(filled)})
        return output.conclude(filled)
    say(pareto_view(analysis))
    if analysis.reference is None and analysis.of_benchmarks:
        say("no published runs to compare with: give them with --reference FILE")
    if len(analysis.left_out):
        say(f"{len(analysis.left_out)} of {len(table)} runs left out: they did not come through")
    return output.conclude(filled)


def report_record(analysis: "Analysis", files: Sequence[str]) -> dict[str, Any]:
    """The report as JSON; what is not there is null."""
    from printron.results import finite

    def rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
        return list(finite(table.to_dict("records")))

    return {
        "datasets": analysis.datasets,
        "runs": len(analysis.table),
        "seeds": analysis.seeds,
        "left_out": rows(analysis.left_out),
        "accuracy_at_alpha_0": float(analysis.mean.baselines["accuracy_mean"].mean()),
        "pareto": rows(analysis.pareto),
        "hypervolumes": rows(analysis.hypervolumes),
        "comparison": None if analysis.comparison is None else rows(analysis.comparison),
        "differences": analysis.differences,
        "reference": analysis.reference,
        "files": list(files),
    }


def pareto_view(analysis: "Analysis") -> Any:
    """The Pareto table for a person."""
    from printron.cli.tables import percent, table_of

    compared, beside = analysis.published is not None, analysis.beside_published
    number = len(analysis.datasets)
    caption = "each data set divided by its own baseline, then averaged"
    if beside:
        caption += "; the slides' table averages watts first"
    made = table_of(
        f"Least average power, % of the baseline, {number} data set{'s' if number > 1 else ''}",
        *("accuracy", "power", "saving", "at α", "hull"),
        *(["published"] if compared else []),
        *(["slides"] if beside else []),
        caption=caption,
    )
    for row in analysis.pareto.to_dict("records"):
        cells = [
            percent(row["power"]),
            f"{row['saving']:.3g}×" if isfinite(row["saving"]) else "-",
            f"{row['alpha']:.3g}" if isfinite(row["alpha"]) else "-",
            percent(row["power_hull"]),
        ]
        published = [percent(row["power_published"])] if compared else []
        slides = [f"{100 * row['power_slides']:.0f} %"] if beside else []
        made.add_row(f"{100 * row['accuracy']:.0f} %", *cells, *published, *slides)
    return made


def machine_size() -> str:
    """Cores and memory of this machine, in words."""
    cores = usable_cores()
    said = f"{cores} core{'s' if cores > 1 else ''}"
    try:
        memory_byte = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not told on this system
        return said
    return f"{said}, {memory_byte / 2**30:.0f} GiB of memory"
