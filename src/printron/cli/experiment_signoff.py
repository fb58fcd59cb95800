"""`printron experiment signoff`: the circuits of an experiment in SPICE."""

import shlex
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli import completion
from printron.cli.experiment import dataset_names
from printron.cli.notes import Timeout, checked_timeout
from printron.cli.options import DataDir, OutputOptions, usable_cores, with_options
from printron.errors import PrintronError

if TYPE_CHECKING:
    import pandas as pd

    from printron.results import Runs
    from printron.results.store import Store
    from printron.signoff import Hanging

FORMAT = 2  # of the tables that are kept
FOLDER = "signoff"
Places = tuple[str | None, str | None]  # of a table and its test table; None: where they were


@with_options
def command(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of the experiment.")],
    *,
    alphas: Annotated[
        str, typer.Option(help="Values of alpha; of the experiment's the nearest are taken.")
    ] = "0.0,0.5",
    datasets: Annotated[
        str | None,
        typer.Option(
            help="Data sets: iris,seeds; default: all that are done.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            help="Where a table of yours is now: PATH, or DATASET=PATH, or DATASET=TABLE,TEST with "
            "the place of its test table; repeatable."
        ),
    ] = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Circuits at a time; default: one for each core.")
    ] = None,
    timeout: Timeout = None,
    output: OutputOptions,
) -> int:
    """Sign off trained circuits of an experiment: what they claim, and what they do in SPICE.

    Into DIR/signoff, or where --out says: gap.md, tables as CSV, figures. Stopped, the same command
    goes on.
    """
    from printron.base.place import place_at
    from printron.report.gap_report import GAP_FILES, write_gap_report

    output = OutputOptions(
        json=output.json, out=output.out or f"{folder.rstrip('/') or '/'}/{FOLDER}"
    )
    place = place_at(str(output.out)).local
    if place is None:  # finished data sets are kept there while the others are signed off
        raise PrintronError(
            f"'{output.out}' is not a local folder; name a folder of this machine with --out"
        )
    timeout_s = checked_timeout(timeout)
    output.check(GAP_FILES[:1])
    output.check(GAP_FILES[1:], mark=GAP_FILES[0])
    from printron import __version__
    from printron.base.compiled import keep_compiled_programs
    from printron.circuits.ngspice import version
    from printron.cli.experiment_report import machine_size
    from printron.cli.speak import say, say_json
    from printron.results import finite, stored_at
    from printron.signoff import SIGNED, Gap, Hanging

    versions = {"printron": __version__, "ngspice": version()}
    store = stored_at(folder)
    done, skipped = _datasets(store, datasets)
    wanted = _nearest(store.config["alphas"], alphas)
    keep_compiled_programs()
    begin = time.perf_counter()
    files = Files(data_dir, tables_named(table or (), _came_from(store), done))
    cores = workers or usable_cores()
    work = _Work(folder, wanted, files, cores, place, versions, output.json, timeout_s, Hanging())
    import pandas as pd

    gap = Gap(pd.concat([work.signed(name) for name in done], ignore_index=True))
    if not (gap.table["status"] == SIGNED).any():
        raise PrintronError(f"no circuit could be signed off: {gap.table['status'].iloc[0]}")
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
    failed = gap.table[gap.table["status"] != SIGNED]
    if output.json:
        record = {
            "circuits": len(gap.signed),
            "failed": failed[["dataset", "alpha", "seed", "status"]].to_dict("records"),
            "skipped": skipped,
            "overall": gap.overall().to_dict("records"),
            "distances": gap.distances(),
            "by_dataset": gap.summary().to_dict("records"),
            "versions": versions,
            "wall_s": round(time.perf_counter() - begin, 3),
            "files": list(filled.files),
            **output.refusal(filled),
        }
        say_json(finite(record))
        return output.conclude(filled)
    say(_table(gap))
    if skipped:
        say(f"left out, because they are not finished: {', '.join(skipped)}")
    if len(failed):
        say(f"{len(failed)} circuits could not be signed off: {failed['status'].iloc[0]}")
    say(f"{len(gap.signed)} circuits")
    return output.conclude(filled)


def _datasets(store: "Store", asked: str | None) -> tuple[list[str], list[str]]:
    """Data sets to do, and those that are left out because they are not finished."""
    there = list(store.config["problems"])
    runs = len(store.config["alphas"]) * len(store.config["seeds"])
    counts = store.table()["dataset"].value_counts()
    if asked is None:
        done = [name for name in there if counts.get(name, 0) == runs]
        if not done:
            raise PrintronError("no data set is finished yet; let the experiment go on")
        return done, [name for name in there if name not in done]
    names = dataset_names(asked)
    for k, name in enumerate(names):
        if name not in there:
            raise PrintronError(f"got the data set '{name}'; the experiment has {', '.join(there)}")
        if name in names[:k]:
            raise PrintronError(f"got the data set '{name}' twice; name each data set once")
        if counts.get(name, 0) < runs:
            raise PrintronError(f"'{name}' is not finished yet; let the experiment go on")
    return names, []


def _came_from(store: "Store") -> dict[str, str]:
    """Of each data set the path of its table, or the name of the benchmark."""
    sources = store.config["sources"]
    return {name: sources.get(name, {}).get("dataset", name) for name in store.config["problems"]}


def tables_named(
    texts: Sequence[str], datasets: Mapping[str, str], chosen: Collection[str] | None = None
) -> dict[str, Places]:
    """Where tables are now by data set, from the texts of --table.

    Parameters
    ----------
    datasets : of the experiment; where each came from: the path of a table, or a benchmark's name.
    chosen : those that are signed off; default: all.

    Raises
    ------
    PrintronError : a table of no data set that is signed off, or of one of several.
    """
    tables: dict[str, Places] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or name not in datasets:
            name, path = _dataset_of(text, datasets), text
        if not datasets[name].lower().endswith(".csv"):
            raise PrintronError(
                f"got --table {text}, but '{name}' is a benchmark and has no table; leave it out"
            )
        if chosen is not None and name not in chosen:
            raise PrintronError(
                f"got --table {text}, but '{name}' is not signed off here: {', '.join(chosen)}; "
                "leave the table out, or add its data set, once finished, to --datasets"
            )
        if name in tables:
            raise PrintronError(f"got --table twice for '{name}'; name each table once")
        tables[name] = _places(path)
    return tables


def _dataset_of(text: str, datasets: Mapping[str, str]) -> str:
    """The one data set that is called as this table, or came from a file of that name."""
    from printron.datasets import table_name

    stem = table_name(_places(text)[0] or "")
    names = [
        name
        for name, source in datasets.items()
        if source.lower().endswith(".csv") and stem in (name, table_name(source))
    ]
    if len(names) == 1:
        return names[0]
    if names:
        raise PrintronError(
            f"got --table {text}, which could be a table of {', '.join(names)}; write "
            f"DATASET=PATH: --table {names[0]}={text}"
        )
    raise PrintronError(
        f"got --table {text}; the experiment has the data sets {', '.join(datasets)}: "
        "write DATASET=PATH, or DATASET=TABLE,TEST"
    )


def _places(text: str) -> Places:
    """Of a table and its test table, from PATH or TABLE,TEST; a path may have commas itself."""
    parts = text.split(",")
    if len(parts) == 1 or Path(text).is_file():
        return text, None
    ways = [(",".join(parts[:k]), ",".join(parts[k:])) for k in range(1, len(parts))]
    there = [way for way in ways if all(Path(path).is_file() for path in way if path)]
    table, test = (there or ways)[0]
    return table or None, test or None


def _nearest(alphas: list[float], text: str) -> list[float]:
    """Of the experiment's values of alpha the nearest to those that were asked for."""
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(0 <= value <= 1 for value in values):
        raise PrintronError(
            f"got --alphas '{text}'; write values in [0, 1] with commas between: 0.0,0.5"
        )
    return sorted({min(alphas, key=lambda there: abs(there - value)) for value in values})


@dataclass(frozen=True)
class Files:
    """Where raw files of the benchmarks and tables of data sets are now."""

    data_dir: str | None
    tables: dict[str, Places]


@dataclass(frozen=True)
class _Work:
    """What is signed off, and where it is kept."""

    folder: str
    alphas: list[float]
    files: Files
    workers: int
    place: Path
    versions: dict[str, str]
    as_json: bool
    timeout_s: float | None  # for one circuit
    hanging: "Hanging"  # counts through all data sets

    def signed(self, dataset: str) -> "pd.DataFrame":
        """Sign-offs of a data set's runs; kept in a file of its own, and read from there again.

        Only what was signed off: a circuit that failed may have met a broken ngspice, or had too
        little time.
        """
        import numpy as np
        import pandas as pd

        from printron.base.compiled import make_room
        from printron.base.files import write_table
        from printron.cli.speak import progress_of
        from printron.results import load_parameters, stored_problem
        from printron.signoff import SIGNED, gap_of

        runs = _chosen(load_parameters(self.folder, dataset), self.alphas)
        mark = {**self.versions, "format": FORMAT, "circuits": _checksum(runs)}
        kept = self.place / "signed" / f"{dataset}.parquet"
        earlier = kept_table(kept, mark)
        again = np.arange(len(runs.table))
        if earlier is not None:
            again = np.flatnonzero(earlier["status"] != SIGNED)
            if not len(again):
                return earlier
        make_room()
        files = self.files
        places = files.tables.get(dataset, (None, None))
        problem = stored_problem(self.folder, dataset, files.data_dir, *places)
        number = len(again)
        stopped = (
            f"stopped; finished data sets are kept in '{self.place}': the same command goes on"
        )
        with progress_of(
            f"{number} circuits of {dataset}",
            number,
            stopped=stopped,
            as_json=self.as_json,
            processes=True,
        ) as progress:
            gap = gap_of(
                problem,
                runs.take(again),
                workers=self.workers,
                keep_dir=self.place,
                told=lambda: progress(1),
                timeout_s=self.timeout_s,
                waiting=progress.note,
                hanging=self.hanging,
            )
        table = gap.table
        if earlier is not None and len(again) < len(earlier):
            signed = earlier[earlier["status"] == SIGNED]
            table = pd.concat([signed, table.set_index(again)]).sort_index()
        write_table(table, kept, mark)
        return table


def kept_table(path: Path, mark: dict[str, Any]) -> "pd.DataFrame | None":
    """What was kept of these very circuits; None where nothing was, or the file is damaged."""
    from printron.base.files import read_table

    try:
        table, found = read_table(path)
    except Exception:  # a file is damaged in many ways; its circuits are signed off anew
        return None
    return table if found == mark else None


def _checksum(runs: "Runs") -> str:
    """Of everything that decides what the circuits are."""
    import hashlib

    from printron.results.parameters import arrays_of

    digest = hashlib.sha256(runs.table.to_csv(index=False).encode())
    for name, array in sorted(arrays_of(runs.parameters).items()):
        digest.update(name.encode() + array.tobytes())
    return digest.hexdigest()


def _chosen(runs: "Runs", alphas: list[float]) -> "Runs":
    """Runs at these values of alpha that came through training."""
    import numpy as np

    from printron.analysis.pareto import trained_runs

    wanted = runs.table["alpha"].isin(alphas) & trained_runs(runs.table)
    return runs.take(np.flatnonzero(wanted))


def _table(gap: Any) -> Any:
    from printron.cli.tables import table_of
    from printron.report.gap_report import SHOWN

    made = table_of(
        "Means over data sets and seeds",
        "at α", "claimed %", "ideal model %", "circuits %", "SPICE %", "points", "power",
        caption="circuits: solved as circuits, still ideal sources; points, power: SPICE against "
        "the claim",
    )  # fmt: skip
    for row in gap.overall().to_dict("records"):
        made.add_row(
            f"{row['alpha']:.3g}",
            *(f"{row[f'accuracy_{model}_percent']:.1f}" for model in SHOWN),
            f"{row['accuracy_points']:+.1f}",
            f"{row['power_percent']:+.1f} %",
        )
    return made
