"""`printron experiment signoff`: the circuits of an experiment in SPICE."""

import shlex
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.base.machine import usable_cores
from printron.base.sentence import number_of
from printron.cli import completion
from printron.cli.declare import with_options
from printron.cli.lists import dataset_names
from printron.cli.notes import CircuitTimeout, checked_timeout
from printron.cli.options import DataDir
from printron.cli.output import OutputOptions
from printron.errors import PrintronError

if TYPE_CHECKING:
    import pandas as pd

    from printron.signoff import Gap
    from printron.signoff.survey import Survey

FOLDER = "signoff"


@with_options
def command(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of the experiment.")],
    *,
    goals: Annotated[
        str | None,
        typer.Option(
            "--alphas",
            "--goals",
            help="Values of alpha, or of the first number of other goals; the nearest ones of the "
            "experiment are taken. Default: alpha 0.0 and 0.5, or all goals of another kind.",
        ),
    ] = None,
    datasets: Annotated[
        str | None,
        typer.Option(
            help="Data sets: iris,seeds; default: all finished ones.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            help="New path of a moved table: PATH, or DATASET=PATH, or DATASET=TABLE,TEST with its "
            "test table; repeatable."
        ),
    ] = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Circuits at a time; default: one for each core.")
    ] = None,
    timeout: CircuitTimeout = None,
    output: OutputOptions,
) -> int:
    """Simulate trained circuits of an experiment in SPICE, and compare with their claims.

    Into DIR/signoff or --out: gap.md, tables as CSV, figures. After a stop the same command
    continues.
    """
    from printron.base.place import place_at
    from printron.report.gap_report import GAP_FILES, write_gap_report

    output = OutputOptions(
        json=output.json, out=output.out or f"{folder.rstrip('/') or '/'}/{FOLDER}"
    )
    place = place_at(str(output.out)).local
    if place is None:  # keeps finished data sets during the simulation of others
        raise PrintronError(
            f"'{output.out}' is not a local folder; name a folder of this machine with --out"
        )
    timeout_s = checked_timeout(timeout)
    output.check(GAP_FILES[:1])
    output.check(GAP_FILES[1:], mark=GAP_FILES[0])
    from printron import __version__
    from printron.base.compiled import keep_compiled_programs
    from printron.base.machine import machine_size
    from printron.circuits.ngspice import version
    from printron.results import stored_at
    from printron.signoff import gap_between
    from printron.signoff.moved_tables import tables_named
    from printron.signoff.survey import Survey, finished_datasets, nearest_goals, origins
    from printron.training.goal import goals_of

    versions = {"printron": __version__, "ngspice": version()}
    store = stored_at(folder)
    done, skipped = finished_datasets(store, None if datasets is None else dataset_names(datasets))
    wanted = nearest_goals(goals_of(store.config), goals)
    tables = tables_named(table or (), origins(store), done)
    keep_compiled_programs()
    begin = time.perf_counter()
    survey = Survey(folder, wanted, place, versions, tables, data_dir)
    cores = workers or usable_cores()
    tables_of_runs = [_simulated(survey, name, cores, timeout_s, output.json) for name in done]
    gap = gap_between(tables_of_runs, type(wanted[0]))
    filled = output.fill(
        partial(
            write_gap_report,
            gap,
            command=shlex.join(["printron", *sys.argv[1:]]),
            machine=machine_size(),
            versions=versions,
            skipped=skipped,
            sources=store.config["schedule"].get("sources", "ideal"),
        )
    )
    if output.json:
        from printron.cli.speak import say_json
        from printron.results import finite

        record = {
            **gap.record(),
            "skipped": skipped,
            "versions": versions,
            "wall_s": round(time.perf_counter() - begin, 3),
            "files": list(filled.files),
            **output.refusal(filled),
        }
        say_json(finite(record))
    else:
        _show(gap, skipped)
    return output.conclude(filled)


def _simulated(
    survey: "Survey", dataset: str, workers: int, timeout_s: float | None, as_json: bool
) -> "pd.DataFrame":
    """Rows of a data set's circuits; simulates missing ones, with a progress bar."""
    from printron.cli.speak import progress_of

    part = survey.part(dataset)
    number = len(part.missing)
    if not number:
        return survey.simulate(part)
    stopped = (
        f"stopped; finished data sets are kept in '{survey.place}': the same command continues"
    )
    what = f"{number_of(number, 'circuit')} of {dataset}"
    with progress_of(what, number, stopped=stopped, as_json=as_json, processes=True) as progress:
        return survey.simulate(
            part,
            workers=workers,
            timeout_s=timeout_s,
            on_done=lambda: progress(1),
            waiting=progress.note,
        )


def _show(gap: "Gap", skipped: list[str]) -> None:
    from printron.cli.speak import say

    say(_table(gap))
    if skipped:
        say(f"left out, since not finished: {', '.join(skipped)}")
    failed = gap.failed
    if len(failed):
        what = number_of(len(failed), "circuit")
        say(f"{what} could not be simulated: {failed['status'].iloc[0]}")
    passed = int(gap.simulated["signed_off"].sum())
    say(f"{number_of(len(gap.simulated), 'circuit')}, of which {passed} would be signed off")


def _table(gap: "Gap") -> Any:
    from printron.cli.tables import table_of
    from printron.report.gap_report import SHOWN

    made = table_of(
        "Means over data sets and seeds",
        *(f"at {column.label}" for column in gap.goal.columns),
        "claimed %", "ideal model %", "circuits %", "SPICE %", "points", "power",
        caption="circuits: simulated cells as ideal sources; points, power: SPICE against claim",
    )  # fmt: skip
    for row in gap.overall().to_dict("records"):
        made.add_row(
            *(column.text(row[column.name]) for column in gap.goal.columns),
            *(f"{row[f'accuracy_{model}_percent']:.1f}" for model in SHOWN),
            f"{row['accuracy_points']:+.1f}",
            f"{row['power_percent']:+.1f} %",
        )
    return made
