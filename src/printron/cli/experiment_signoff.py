"""`printron experiment signoff`: the circuits of an experiment in SPICE."""

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.options import OutputOptions, usable_cores, with_options
from printron.errors import PrintronError

if TYPE_CHECKING:
    import pandas as pd

    from printron.experiments import Runs


@with_options
def command(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of the experiment.")],
    *,
    alphas: Annotated[
        str, typer.Option(help="Values of alpha; of the experiment's the nearest are taken.")
    ] = "0.0,0.5",
    datasets: Annotated[
        str | None, typer.Option(help="Data sets: iris,seeds; default: all that are done.")
    ] = None,
    data_dir: Annotated[
        str | None, typer.Option(help="Folder with the raw files of the benchmarks.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Circuits at a time; default: one for each core.")
    ] = None,
    output: OutputOptions,
) -> int:
    """Sign off trained circuits of an experiment: what they claim, and what they do in SPICE.

    Into DIR/signoff, or where --out says: gap.md, tables as CSV, figures. Stopped, the same command
    goes on.
    """
    place = Path(output.out) if output.out else Path(folder) / "signoff"
    if output.out is None and "://" in folder:
        raise PrintronError(f"'{folder}' is not a local folder; say with --out where to write to")
    OutputOptions(json=output.json, out=str(place)).check()
    from printron.circuits.ngspice import executable
    from printron.cli.experiment_report import machine_size
    from printron.cli.speak import say, say_json
    from printron.experiments import keep_compiled_programs, stored_at
    from printron.report.gap_report import write_gap_report
    from printron.signoff import Gap

    executable()
    names = list(stored_at(folder).config["problems"])
    if datasets is not None:
        names = [name.strip() for name in datasets.split(",")]
    keep_compiled_programs()
    begin = time.perf_counter()
    tables = [
        _signed(folder, name, _values(alphas), data_dir, workers or usable_cores(), place, output)
        for name in names
    ]
    import pandas as pd

    gap = Gap(pd.concat(tables, ignore_index=True))
    typed = shlex.join(["printron", *sys.argv[1:]])
    files = write_gap_report(gap, place, command=typed, machine=machine_size())
    if output.json:
        say_json(
            {
                "circuits": len(gap.table),
                "overall": gap.overall().to_dict("records"),
                "by_dataset": gap.summary().to_dict("records"),
                "wall_s": round(time.perf_counter() - begin, 3),
                "files": [str(path) for path in files],
            }
        )
        return 0
    say(_table(gap), f"{len(gap.table)} circuits; written to {files[-1]}")
    return 0


def _values(text: str) -> list[float]:
    try:
        return [float(value) for value in text.split(",")]
    except ValueError:
        raise PrintronError(
            f"got --alphas '{text}'; write values with commas between: 0.0,0.5"
        ) from None


def _signed(
    folder: str,
    dataset: str,
    alphas: list[float],
    data_dir: str | None,
    workers: int,
    place: Path,
    output: OutputOptions,
) -> "pd.DataFrame":
    """Sign-offs of a data set's runs; kept in a file of its own, and read from there again."""
    import pandas as pd

    from printron.cli.speak import progress_of
    from printron.experiments import load_parameters, stored_problem
    from printron.signoff import gap_of
    from printron.technology.files import write_table

    runs = _chosen(load_parameters(folder, dataset), alphas)
    kept = place / "parts" / f"{dataset}.parquet"
    wanted = runs.table[["alpha", "seed", "config"]].reset_index(drop=True)
    if kept.exists():
        table = pd.read_parquet(kept)
        if table[["alpha", "seed", "config"]].equals(wanted):
            return table
    problem = stored_problem(folder, dataset, data_dir)
    stopped = f"stopped; finished data sets are kept in '{place}': the same command goes on"
    what = f"{len(runs.table)} circuits of {dataset}"
    with progress_of(what, len(runs.table), stopped=stopped, as_json=output.json) as progress:
        gap = gap_of(problem, runs, workers=workers, keep_dir=place, told=lambda: progress(1))
    table = gap.table.merge(wanted, on=["alpha", "seed"])
    write_table(table, kept, {})
    return table


def _chosen(runs: "Runs", alphas: list[float]) -> "Runs":
    """Runs whose alpha is the nearest to one that was asked for."""
    import jax
    import numpy as np

    from printron.experiments import Runs

    there = np.unique(runs.table["alpha"])
    nearest = {float(there[np.argmin(np.abs(there - alpha))]) for alpha in alphas}
    rows = np.flatnonzero(runs.table["alpha"].isin(nearest))
    kept = jax.tree.map(lambda array: array[rows], runs.parameters)
    return Runs(runs.table.iloc[rows].reset_index(drop=True), kept)


def _table(gap: Any) -> Any:
    from printron.cli.tables import table_of

    made = table_of(
        "Means over data sets and seeds",
        "at α", "claimed %", "circuits %", "SPICE %", "points", "power",
        caption="circuits: solved as circuits, still ideal sources; power: SPICE against the claim",
    )  # fmt: skip
    for row in gap.overall().to_dict("records"):
        made.add_row(
            f"{row['alpha']:.3g}",
            *(
                f"{row[f'accuracy_{model}_percent']:.1f}"
                for model in ("model", "unloaded", "spice")
            ),
            f"{row['accuracy_points']:+.1f}",
            f"{row['power_percent']:+.1f} %",
        )
    return made
