"""`printron train`: one circuit."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.options import (
    Dataset,
    OutputOptions,
    ProblemOptions,
    TrainingOptions,
    with_options,
)

if TYPE_CHECKING:
    from printron.experiments import Problem, Runs
    from printron.network import Parameters
    from printron.training import Schedule


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

    With --out: circuit.json, components.csv, network.cir and parameters.npz. Exit code 1 if the run
    diverged.
    """
    output.check()
    from printron.cli.speak import progress_of, remark, say, say_json
    from printron.experiments import Plan, build_problem, keep_compiled_programs, run_sweep
    from printron.training import TRAINED

    plan = Plan((alpha,), (seed,), training.schedule(sources="loaded"))
    problem = build_problem(problem_options.spec(dataset))
    remark(problem)
    keep_compiled_programs()
    what = f"training on {problem.dataset.name}"
    with progress_of(
        what, 1, stopped="stopped; nothing was written", as_json=output.json
    ) as progress:
        runs = run_sweep(problem, plan, workers=training.threads, progress=progress)
    record = circuit_record(problem, runs, plan.schedule)
    if output.out:
        write_circuit(problem, runs, record, Path(output.out))
    if output.json:
        say_json(record)
    else:
        from printron.cli.tables import run_table

        say(run_table(record), *([f"written to {output.out}"] if output.out else []))
    return 0 if record["status"] == TRAINED else 1


def circuit_record(problem: "Problem", runs: "Runs", schedule: "Schedule") -> dict[str, Any]:
    """All there is to say about the one run in `runs`, as JSON; see `run_record`."""
    from printron.experiments import run_record

    return {
        **run_record(runs.table.iloc[0].to_dict()),
        "topology": list(problem.design.topology),
        "features": list(problem.dataset.feature_names),
        "classes": list(problem.dataset.class_names),
        "split_seed": problem.spec.split_seed,
        "schedule": asdict(schedule),
        "sources": problem.sources,
        "surrogates": {role: it["surrogate"] for role, it in problem.identity["cells"].items()},
        "wall_s": round(float(runs.table["wall_s"].iloc[0]), 3),
    }


CIRCUIT_FILES = ("circuit.json", "components.csv", "network.cir", "parameters.npz")


def write_circuit(problem: "Problem", runs: "Runs", record: dict[str, Any], folder: Path) -> None:
    """Write one circuit: `circuit.json` last, so that a folder that has it is whole.

    A run that diverged before it had any snapshot has no circuit to write, only its record.
    """
    from printron.experiments import write_json, write_parameters
    from printron.export import FILE_NAME, bill, write_bill, write_spice

    content = None
    if record["epoch"] >= 0:
        title = f"printed network for {problem.dataset.name}, at its first test row"
        content = (
            bill(problem.design, runs.one(0), problem.dataset.feature_names),
            netlist_text(problem, runs.one(0), "test", title),
        )
    for stale in CIRCUIT_FILES:  # of an earlier circuit
        (folder / stale).unlink(missing_ok=True)
    if content:
        write_parameters(runs.parameters, folder / "parameters.npz")
        write_bill(content[0], folder / "components.csv")
        write_spice(content[1], folder / FILE_NAME)
    write_json(record, folder / "circuit.json")


def netlist_text(problem: "Problem", parameters: "Parameters", rows: str, title: str) -> str:
    """The netlist of a circuit as SPICE, at the first of these rows."""
    from printron.export import spice_of

    return spice_of(
        problem.design,
        parameters,
        problem.rows[rows][0][:, 0],
        title=title,
        features=problem.dataset.feature_names,
        classes=problem.dataset.class_names,
    )
