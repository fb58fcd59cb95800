"""`printron sweep`: many circuits, and the front of accuracy and power."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron import __version__
from printron.cli.options import (
    Dataset,
    OutputOptions,
    ProblemOptions,
    TrainingOptions,
    with_options,
)
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.analysis import Selection
    from printron.experiments import Plan
    from printron.results import Problem, Runs
    from printron.training import Schedule

CHOSEN = "chosen"  # folder of the circuit that is offered
RUN_FILES = ("results.parquet", "results.csv", "parameters.npz")
FIGURES = tuple(f"{name}.{form}" for name in ("alpha", "front") for form in ("png", "svg"))
SWEEP_FILES = (*RUN_FILES, *FIGURES, "front.json")
MOST_RUNS = 100_000  # of a sweep: days on a large machine, and more than a front can need
LONGEST_NUMBER = 30  # digits
NONE_CAME_THROUGH = "no run came through: all diverged; a lower --learning-rate may help"


@with_options
def command(
    dataset: Dataset,
    *,
    alphas: Annotated[
        str,
        typer.Option(
            help="How many values, 2 or more, evenly in 0 to 1; or the values: 0,0.1,0.5. The one "
            "value 0 or 1 is written 0.0 or 1.0."
        ),
    ] = "20",
    seeds: Annotated[
        str, typer.Option(help="How many seeds for each alpha, from 0 on; or the seeds: 0,3,7.")
    ] = "5",
    problem_options: ProblemOptions,
    training: TrainingOptions,
    output: OutputOptions,
) -> int:
    """Train a circuit for every alpha and seed; shows the front of accuracy and power.

    With --out every finished part is stored at once: the same command again goes on where it was
    stopped. At the end results.parquet, results.csv, parameters.npz, front.json, two figures, and
    the chosen circuit. A sweep has at most 100,000 runs; several sweeps may share out the seeds.
    """
    output.check(SWEEP_FILES, mark="config.json")
    from printron.cli.speak import remark
    from printron.results import build_problem

    plan = planned(alphas, seeds, training.schedule())
    problem = build_problem(problem_options.spec(dataset))
    remark(problem)
    check_chosen(output, problem)
    begin = time.perf_counter()
    runs = run(problem, plan, training.threads, output)
    wall_s = time.perf_counter() - begin
    return present(problem, plan, runs, output, wall_s, training)


def run(
    problem: "Problem", plan: "Plan", workers: int, output: OutputOptions, store: bool = True
) -> "Runs":
    """Do the sweep under a progress bar.

    Parameters
    ----------
    store : keep finished parts in the folder of `output`, if it names one.
    """
    from printron.base.compiled import keep_compiled_programs
    from printron.cli.speak import progress_of
    from printron.experiments import run_sweep

    keep_compiled_programs()
    folder = output.out if store and output.out else None
    stopped = "stopped; nothing was stored"
    if folder:
        stopped = (
            f"stopped; finished parts are kept in '{folder}': give the same command again to go on"
        )
    what = f"{plan.runs} runs on {problem.dataset.name}"
    with progress_of(what, 1, stopped=stopped, as_json=output.json) as progress:
        return run_sweep(problem, plan, folder, workers=workers, progress=progress)


def present(
    problem: "Problem",
    plan: "Plan",
    runs: "Runs",
    output: OutputOptions,
    wall_s: float,
    training: TrainingOptions,
) -> int:
    """Show and write what a sweep came to; returns the exit code, 1 if no run came through."""
    from printron.analysis import select
    from printron.base.place import place_at
    from printron.cli.advice import (
        front_sentences,
        ideal_sentences,
        loaded_command,
        majority_sentences,
    )
    from printron.cli.speak import say, say_json, say_text
    from printron.cli.tables import front_table, run_table
    from printron.results import HASH

    selection = select(runs.table)
    record = sweep_record(problem, plan, runs, selection, wall_s)
    chosen, command = record["chosen"], None
    if chosen and plan.schedule.sources == "ideal":
        at = chosen["alpha"], chosen["seed"]
        command = loaded_command(problem, training, *at, output.out)
    record["train_against_the_loaded_circuit"] = command
    code = 0 if chosen else 1
    filled = output.fill(lambda folder: write_report(problem, runs, selection, record, folder))
    output.tidy(filled, chosen[HASH] if chosen else None, f"{CHOSEN}/")
    if output.json:
        kept = map(place_at(output.out).address, RUN_FILES) if output.out else ()
        say_json({**record, "files": [*kept, *filled.files], **output.refusal(filled)})
        return output.conclude(filled, code)
    say(front_table(record), *front_sentences(record))
    if chosen:
        say(run_table(chosen, f"Chosen: {selection.choice}"), *majority_sentences(chosen))
    else:
        say(NONE_CAME_THROUGH)
    say(f"{selection.runs} runs in {wall_s:.1f} s")
    code = output.conclude(filled, code)
    if command:
        say(*ideal_sentences(output.out))
        say_text(command)  # in one line, whatever the terminal's width: to be pasted
    return code


def sweep_record(
    problem: "Problem", plan: "Plan", runs: "Runs", selection: "Selection", wall_s: float
) -> dict[str, Any]:
    """What a sweep came to, as JSON."""
    from printron.analysis import front_records
    from printron.results import circuit_record

    chosen = None
    if selection.chosen is not None:
        chosen = circuit_record(problem, runs.only(selection.chosen), plan.schedule)
    return {
        "dataset": problem.dataset.name,
        "protocol": problem.dataset.protocol,
        "runs": selection.runs,
        "left_out": selection.left_out,
        "alphas": list(plan.alphas),
        "seeds": list(plan.seeds),
        "majority": selection.majority,
        "rule": selection.rule,
        "front": front_records(selection),
        "choice": selection.choice,
        "chosen": chosen,
        "version": __version__,
        "wall_s": round(wall_s, 3),
    }


def check_chosen(output: OutputOptions, problem: "Problem") -> None:
    """Refuse files of somebody else in the folder of the chosen circuit."""
    from printron.results import check_circuit_folder

    if output.out:
        check_circuit_folder(f"{output.out.rstrip('/')}/{CHOSEN}", problem)


def write_report(
    problem: "Problem",
    runs: "Runs",
    selection: "Selection",
    record: dict[str, Any],
    folder: Path,
) -> list[str]:
    """Write the figures, the front and the chosen circuit; returns the files' names in it."""
    from printron.report import alpha_figure, front_figure, save_figure
    from printron.results import write_circuit, write_json

    written: list[str] = []
    if selection.chosen is not None:
        name, one = problem.dataset.name, runs.only(selection.chosen)
        save_figure(alpha_figure(selection, name), folder / "alpha")
        save_figure(front_figure(runs.table, selection, name), folder / "front")
        files = write_circuit(problem, one, record["chosen"], folder / CHOSEN)
        written = [*FIGURES, *(f"{CHOSEN}/{file}" for file in files)]
    write_json(record, folder / "front.json")
    return [*written, "front.json"]


def planned(alphas: str, seeds: str, schedule: "Schedule") -> "Plan":
    """The sweep that was asked for, counted before it is laid out: numbers can be mistyped."""
    from printron.experiments import Plan

    check_number(alphas, seeds, MOST_RUNS)
    return Plan(alpha_list(alphas), seed_list(seeds), schedule)


def check_number(alphas: str, seeds: str, most: int) -> None:
    """Refuse more runs than a sweep or an experiment can need."""
    runs = _count_of("--alphas", alphas) * _count_of("--seeds", seeds)
    if runs > most:
        raise PrintronError(
            f"got --alphas {_short(alphas)} and --seeds {_short(seeds)}, which are {runs} runs; at "
            f"most {most} are done at once: give less of either, or make several, each with its "
            "own list of --seeds and its own --out"
        )


def alpha_list(text: str) -> tuple[float, ...]:
    """Values of alpha: "20" is 20 values evenly in 0 to 1, "0,0.5" and "0.5" are the values.

    "0" and "1" could be either, and are refused.
    """
    from printron.experiments import alpha_grid

    if _is_whole(text):
        count = int(text)
        if count < 2:
            raise PrintronError(
                f"got --alphas {text}, which could be a value or how many; write {count}.0 for "
                f"alpha = {count} alone, or how many values, a number above 1"
            )
        return alpha_grid(count)
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise PrintronError(
            f"got --alphas {_short(text)}; give how many values (20), or the values (0,0.1,0.5)"
        ) from None


def seed_list(text: str) -> tuple[int, ...]:
    """Seeds: "5" is 0 to 4, "0,3,7" are the seeds."""
    parts = text.split(",")
    if not all(_is_whole(part) for part in parts):
        raise PrintronError(
            f"got --seeds {_short(text)}; give how many seeds (5), or the seeds (0,3,7)"
        )
    seeds = tuple(int(part) for part in parts)
    if seeds == (0,):
        raise PrintronError(
            "got --seeds 0, which is no seed; give how many seeds, 1 or more (1 is the seed 0 "
            "alone), or the seeds (0,3,7)"
        )
    return seeds if len(seeds) > 1 else tuple(range(seeds[0]))


def _count_of(option: str, text: str) -> int:
    """How many values the text of an option stands for."""
    parts = text.split(",")
    if any(_is_whole(part) and len(part.strip()) > LONGEST_NUMBER for part in parts):
        raise PrintronError(
            f"got {option} {_short(text)}; a number of so many digits is too large: give at most "
            f"{LONGEST_NUMBER} digits"
        )
    return int(text) if _is_whole(text) else len(parts)


def _is_whole(text: str) -> bool:
    return text.strip().isdecimal()


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:36]} ..."
