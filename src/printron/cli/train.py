"""`printron train`: one circuit."""

from pathlib import Path
from typing import Annotated

import typer

from printron.cli.declare import with_options
from printron.cli.goals import GoalOptions
from printron.cli.options import ConditionsOptions, Dataset, TrainingOptions
from printron.cli.output import OutputOptions
from printron.cli.problem_options import ProblemOptions


@with_options
def command(
    dataset: Dataset,
    *,
    goal_options: GoalOptions,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random in the run.")] = 0,
    problem_options: ProblemOptions,
    conditions: ConditionsOptions,
    training: TrainingOptions,
    output: OutputOptions,
) -> int:
    """Train one circuit; shows its accuracy, power and number of parts.

    Accuracy and power are those of the circuit with all loading, unless trained with
    --sources ideal. No circuit is printed exactly: training sees printed copies, with the variation
    that the process file states, and up to 1,000 of them are judged on the test rows. With
    --preset published training sees the circuit as designed.

    With --out: circuit.json (with the scaling of readings to volts), components.csv, network.cir
    and all that sign-off and prediction need; the folder may be moved. Exit code 1 if the run
    diverged, or did not keep its budget.
    """
    output.check()
    from printron.cli.copies_view import copies_sentence, copies_shown
    from printron.cli.speak import remark, say, say_json
    from printron.cli.training_run import asked, train_plan
    from printron.experiments import Plan
    from printron.results import HASH, build_problem, circuit_record, write_circuit
    from printron.training import TRAINED

    spec, schedule = asked(dataset, problem_options, conditions, training)
    goal = goal_options.goal(problem_options.usual.alpha)
    plan = Plan((goal,), (seed,), schedule, copies=())
    problem = build_problem(spec)
    remark(problem)
    output.check_circuit(problem)
    runs = train_plan(
        problem,
        plan,
        what=f"training on {problem.dataset.name}",
        workers=training.threads,
        as_json=output.json,
        stopped="stopped; nothing was written",
    )
    record = circuit_record(problem, runs, schedule)

    def write(folder: Path) -> tuple[str, ...]:
        return write_circuit(problem, runs, record, folder)

    filled = output.fill(write)  # before copies are judged, which may be stopped
    output.tidy(filled, record[HASH])
    where = f"the circuit is written to {output.out}" if output.out else "nothing was written"
    copies = copies_shown(
        problem,
        runs,
        schedule,
        training.threads,
        output.json,
        stopped=f"stopped while printed copies were judged; {where}",
    )
    if copies is not None:
        record = circuit_record(problem, runs, schedule, copies)
        filled = filled if filled.refusal else output.fill(write)
    if output.json:
        say_json(record | output.refusal(filled))
    else:
        from printron.cli.advice import run_sentences
        from printron.cli.tables import run_table

        say(run_table(record), copies_sentence(record), *run_sentences(record))
    code = 0 if record["status"] == TRAINED else 1
    return output.conclude(filled, code)
