"""`printron train`: one circuit."""

from typing import Annotated

import typer

from printron.cli.options import (
    Dataset,
    OutputOptions,
    ProblemOptions,
    TrainingOptions,
    with_options,
)


@with_options
def command(
    dataset: Dataset,
    *,
    alpha: Annotated[
        float, typer.Option(help="Weight of the power against the accuracy, 0 to 1.")
    ] = 0.5,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the run: everything random about it follows from it.")
    ] = 0,
    problem_options: ProblemOptions,
    training: TrainingOptions,
    output: OutputOptions,
) -> int:
    """Train one circuit; shows its accuracy, power and number of parts.

    Its accuracy and power are those of the circuit with all of its loading, unless it is trained
    with --sources ideal.

    With --out: circuit.json (with the scaling of readings to volts), components.csv, network.cir
    and what a sign-off or a prediction needs; the folder may be moved. Exit code 1 if the run
    diverged.
    """
    output.check()
    from printron.base.compiled import keep_compiled_programs
    from printron.cli.speak import progress_of, remark, say, say_json
    from printron.experiments import Plan, run_sweep
    from printron.results import (
        HASH,
        build_problem,
        check_circuit_folder,
        circuit_record,
        write_circuit,
    )
    from printron.training import TRAINED

    plan = Plan((alpha,), (seed,), training.schedule(sources="loaded"))
    problem = build_problem(problem_options.spec(dataset))
    remark(problem)
    if output.out:
        check_circuit_folder(output.out, problem)
    keep_compiled_programs()
    what = f"training on {problem.dataset.name}"
    with progress_of(
        what, 1, stopped="stopped; nothing was written", as_json=output.json
    ) as progress:
        runs = run_sweep(problem, plan, workers=training.threads, progress=progress)
    record = circuit_record(problem, runs, plan.schedule)
    filled = output.fill(lambda folder: write_circuit(problem, runs, record, folder))
    output.tidy(filled, record[HASH])
    if output.json:
        say_json(record | output.refusal(filled))
    else:
        from printron.cli.advice import majority_sentences
        from printron.cli.tables import run_table

        say(run_table(record), *majority_sentences(record))
    code = 0 if record["status"] == TRAINED else 1
    return output.conclude(filled, code)
