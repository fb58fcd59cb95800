"""`printron sweep`: many circuits, and the front of accuracy and power."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from printron.base.sentence import number_of
from printron.cli.declare import with_options
from printron.cli.goals import GoalListOptions
from printron.cli.options import ConditionsOptions, Dataset, TrainingOptions
from printron.cli.output import OutputOptions
from printron.cli.problem_options import ProblemOptions

if TYPE_CHECKING:
    from printron.experiments import Plan
    from printron.results import Problem, Runs


@with_options
def command(
    dataset: Dataset,
    *,
    goal_options: GoalListOptions,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="Number of seeds for each alpha or budget, from 0; or the seeds: 0,3,7. Default: "
            "2 (published: 5)."
        ),
    ] = None,
    problem_options: ProblemOptions,
    conditions: ConditionsOptions,
    training: TrainingOptions,
    output: OutputOptions,
) -> int:
    """Train a circuit for every alpha, or budget, and seed; shows the front of accuracy and power.

    Training sees printed copies and the circuit with all loading; with --preset published, ideal
    sources and the circuit as designed.

    With --out every finished part is stored at once: after a stop the same command continues.
    Writes results.parquet, results.csv, parameters.npz, front.json, two figures, and the chosen
    circuit. A sweep has at most 100,000 runs; larger ones can be divided by their seeds.
    """
    from printron.report.sweep import SWEEP_FILES
    from printron.results.circuit_folder import CHOSEN

    output.check(SWEEP_FILES, mark="config.json")
    from printron.cli.speak import remark
    from printron.cli.training_run import asked, planned, train_plan
    from printron.results import build_problem

    usual = problem_options.usual
    spec, schedule = asked(dataset, problem_options, conditions, training, usual.sweep_sources)
    plan = planned(goal_options, seeds, usual, schedule)
    problem = build_problem(spec)
    remark(problem)
    output.check_circuit(problem, below=CHOSEN)
    begin = time.perf_counter()
    runs = train_plan(
        problem,
        plan,
        what=f"{number_of(plan.runs, 'run')} on {problem.dataset.name}",
        workers=training.threads,
        as_json=output.json,
        folder=output.out,
    )
    wall_s = time.perf_counter() - begin
    return present(problem, plan, runs, output, wall_s, problem_options.preset, training)


def present(
    problem: "Problem",
    plan: "Plan",
    runs: "Runs",
    output: OutputOptions,
    wall_s: float,
    preset: str,
    training: TrainingOptions,
) -> int:
    """Show and write the results of a sweep; returns the exit code, 1 without a chosen circuit."""
    from printron.analysis import select
    from printron.base.place import place_at
    from printron.cli.advice import (
        front_sentences,
        ideal_sentences,
        loaded_command,
        no_circuit_sentence,
        run_sentences,
    )
    from printron.cli.copies_view import copies_sentence, copies_shown
    from printron.cli.speak import say, say_json, say_text
    from printron.cli.tables import front_table, run_table
    from printron.report.sweep import sweep_record, write_sweep_report
    from printron.results import HASH
    from printron.results.circuit_folder import CHOSEN
    from printron.results.store import RESULTS
    from printron.training import TRAINED
    from printron.training.goal import goal_in

    selection = select(runs.table)
    copies = None
    if selection.chosen is not None:
        one = runs.only(selection.chosen)
        resumed = f"its runs are kept in '{output.out}': the same command again continues"
        copies = copies_shown(
            problem,
            one,
            plan.schedule,
            training.threads,
            output.json,
            stopped="stopped while printed copies of the chosen circuit were judged; "
            + (resumed if output.out else "nothing was stored"),
        )
    record = sweep_record(problem, plan, runs, selection, wall_s, copies)
    chosen, command = record["chosen"], None
    if chosen and plan.schedule.sources == "ideal":
        at = goal_in(chosen), chosen["seed"]
        command = loaded_command(problem, preset, training, *at, output.out)
    record["train_against_the_loaded_circuit"] = command
    code = 0 if chosen and chosen["status"] == TRAINED else 1
    filled = output.fill(
        lambda folder: write_sweep_report(problem, runs, selection, record, folder)
    )
    output.tidy(filled, chosen[HASH] if chosen else None, f"{CHOSEN}/")
    if output.json:
        kept = map(place_at(output.out).address, RESULTS) if output.out else ()
        say_json({**record, "files": [*kept, *filled.files], **output.refusal(filled)})
        return output.conclude(filled, code)
    say(front_table(record), *front_sentences(record))
    if chosen:
        say(run_table(chosen, f"Chosen: {selection.choice}"))
        say(copies_sentence(chosen), *run_sentences(chosen))
    else:
        say(no_circuit_sentence(runs.table))
    say(f"{number_of(selection.runs, 'run')} in {wall_s:.1f} s")
    code = output.conclude(filled, code)
    if command:
        say(*ideal_sentences(output.out))
        say_text(command)  # one unwrapped line, for pasting
    return code
