"""`printron experiment`: many circuits for many data sets, here or on a cluster."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron import __version__
from printron.base.sentence import number_of
from printron.cli import completion
from printron.cli.declare import on_this_machine, with_options
from printron.cli.options import ClusterOptions, DataDir, TrainingOptions
from printron.cli.output import OutputOptions
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.experiments import Outcome
    from printron.experiments.file import Setup

FOLDER = "runs"

app = typer.Typer(
    help="Many circuits for many data sets; after a stop the same command continues.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def _experiment(context: typer.Context) -> None:
    """Many circuits for many data sets; after a stop the same command continues."""
    if context.invoked_subcommand is None:
        from printron.cli.speak import say_text

        say_text(context.get_help())


@dataclass(frozen=True)
class ChangeOptions:
    """Changes of an experiment file's settings, and the place of its data."""

    datasets: Annotated[
        str | None,
        typer.Option(
            help="Data sets instead of the file's: iris,seeds.",
            autocompletion=completion.benchmarks,
        ),
    ] = None
    alphas: Annotated[
        str | None, typer.Option(help="How many alphas, or the values: 0,0.1,0.5.")
    ] = None
    seeds: Annotated[str | None, typer.Option(help="How many seeds, or the seeds: 0,3,7.")] = None
    data_dir: DataDir = None


@app.command("published")
@with_options
def published_command(
    *,
    setting: Annotated[
        str,
        typer.Option(
            help="published: the published cells and splits; clean: printable cells; "
            "loaded: clean, then against the loaded circuit.",
            autocompletion=completion.one_of(completion.SETTINGS),
        ),
    ] = "published",
    changes: ChangeOptions,
    training: TrainingOptions,
    cluster: ClusterOptions,
    output: OutputOptions,
) -> int:
    """The published experiment: 13 data sets, 100 alphas, 10 seeds, one hidden layer of 3.

    Stored part by part below --out (default: runs/SETTING); the same command again continues. Exit
    code 1 if a part failed.
    """
    from printron.experiments.file import PRESETS

    if setting not in PRESETS:
        raise PrintronError(f"got --setting {setting}; allowed are {', '.join(PRESETS)}")
    return _do(setting, changes, training, cluster, output)


@app.command("run")
@with_options
def run_command(
    file: Annotated[
        str,
        typer.Argument(
            help="Experiment file (TOML); see 'experiment show'.",
            callback=on_this_machine("experiment file"),
        ),
    ],
    *,
    changes: ChangeOptions,
    training: TrainingOptions,
    cluster: ClusterOptions,
    output: OutputOptions,
) -> int:
    """Train the circuits of an experiment file.

    Stored part by part below --out (default: runs/NAME, a folder or a URL such as
    s3://bucket/name); the same command again continues. Exit code 1 if a part failed.
    """
    return _do(file, changes, training, cluster, output)


@app.command("show")
@with_options
def show_command(
    file: Annotated[
        str,
        typer.Argument(
            help="Experiment file (TOML), or a shipped one: published, clean, loaded.",
            autocompletion=completion.one_of(completion.SETTINGS),
            callback=on_this_machine("experiment file"),
        ),
    ],
    *,
    changes: ChangeOptions,
    training: TrainingOptions,
    output: OutputOptions,
) -> int:
    """Show all settings of an experiment, with defaults, as an experiment file.

    With --out: experiment.toml.
    """
    output.check(["experiment.toml"])
    from printron.base.files import write_bytes
    from printron.cli.speak import say_json, say_text
    from printron.experiments.file import as_toml, effective

    experiment = _setup(file, changes, training).experiment
    record = effective(experiment)
    text = as_toml(record)

    def write(folder: Path) -> list[str]:
        content = f"# printron {__version__}: an experiment, all settings\n{text}"
        write_bytes(content.encode(), folder / "experiment.toml")
        return ["experiment.toml"]

    filled = output.fill(write)
    if output.json:
        say_json({**record, "runs": experiment.runs, **output.refusal(filled)})
    else:
        say_text(f"{text}# {number_of(experiment.runs, 'run')}")
    return output.conclude(filled)


def _setup(file: str, changes: ChangeOptions, training: TrainingOptions) -> "Setup":
    """The experiment of the file and the options."""
    from printron.cli.lists import alpha_list, check_number, dataset_names, seed_list
    from printron.experiments.file import MOST_RUNS, read_experiment

    changed: dict[str, Any] = {f"schedule.{name}": value for name, value in training.given.items()}
    if changes.datasets is not None:
        changed["datasets"] = dataset_names(changes.datasets)
    check_number("--alphas", changes.alphas or "2", changes.seeds or "1", MOST_RUNS)
    if changes.alphas is not None:
        changed["alphas"] = alpha_list(changes.alphas)
    if changes.seeds is not None:
        changed["seeds"] = seed_list(changes.seeds)
    setup = read_experiment(file, changed, changes.data_dir)
    remedy = 'add variation = "process" under [conditions] of the file'
    training.check_draws(setup.experiment.circuit.conditions, remedy)
    return setup


def _do(
    file: str,
    changes: ChangeOptions,
    training: TrainingOptions,
    cluster: ClusterOptions,
    output: OutputOptions,
) -> int:
    setup = _setup(file, changes, training)
    experiment = setup.experiment
    folder = output.out or f"{FOLDER}/{experiment.name}"
    from printron.base.compiled import keep_compiled_programs
    from printron.base.place import check_writable
    from printron.cli.speak import progress_of, remark
    from printron.experiments import build_problems, run_experiment

    check_writable(folder)
    pool = cluster.pool(setup.cluster)
    begin = time.perf_counter()
    problems = build_problems(experiment)
    remark(*problems.values())
    keep_compiled_programs()
    runs, number = number_of(experiment.runs, "run"), len(experiment.datasets)
    what = f"{runs} on {number_of(number, 'data set')}"
    stopped = f"stopped; finished parts are kept in '{folder}': the same command again continues"
    with progress_of(what, 1, stopped=stopped, as_json=output.json) as progress:
        outcome = run_experiment(
            experiment,
            folder,
            problems=problems,
            workers=training.threads,
            cluster=pool,
            progress=progress,
        )
    wall_s = round(time.perf_counter() - begin, 3)
    notes = {name: list(each.dataset.remarks) for name, each in problems.items()}
    return _present(setup, outcome, notes, folder, wall_s, output.json)


def _present(
    setup: "Setup",
    outcome: "Outcome",
    notes: dict[str, list[str]],
    folder: str,
    wall_s: float,
    as_json: bool,
) -> int:
    """Show the results of an experiment; returns the exit code."""
    from printron.analysis import baseline_of
    from printron.base.place import place_at
    from printron.cli.advice import baseline_sentences
    from printron.cli.faults import reason_of, show_faults
    from printron.cli.speak import say, say_json
    from printron.cli.tables import baseline_table, failure_table
    from printron.experiments import baselines

    failed = [
        {
            "task": failure.task,
            "dataset": failure.dataset,
            "runs": failure.runs,
            "attempts": failure.attempts,
            "reason": reason_of(failure.error),
        }
        for failure in outcome.failures
    ]
    place = place_at(folder)
    names = ("config.json", "results.parquet", "results.csv")
    baseline = baselines(outcome.table)
    record = {
        "experiment": setup.experiment.name,
        "config": outcome.config_hash,
        "planned": outcome.planned,
        "runs": len(outcome.table),
        "left_out": outcome.left_out,
        "failed": failed,
        "baseline": baseline,
        "notes": notes,
        "version": __version__,
        "wall_s": wall_s,
        "files": [place.address(name) for name in names if place.exists(name)],
    }
    show_faults([failure.error for failure in outcome.failures])
    code = 1 if failed or not record["runs"] else 0
    if as_json:
        say_json(record)
        return code
    if record["runs"]:
        goal = baseline_of(outcome.table)
        say(baseline_table(baseline, goal), *baseline_sentences(baseline, goal))
    if failed:
        say(failure_table(failed))
        parts = number_of(len(failed), "part")
        say(f"{parts} failed; the same command again trains the missing runs")
    left_out = f", {outcome.left_out} of them diverged" if outcome.left_out else ""
    runs = f"{record['runs']} of {number_of(outcome.planned, 'run')}"
    say(f"{runs}{left_out}, in {wall_s:.1f} s; stored in {folder} (config {outcome.config_hash})")
    return code
