"""`printron design`: from a table and a budget to the best circuit that survives printing."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.declare import with_options
from printron.cli.options import ClusterOptions, ConditionsOptions, Dataset, WorkOptions
from printron.cli.output import OutputOptions
from printron.cli.problem_options import DataOptions

if TYPE_CHECKING:
    from printron.base.filling import Filled
    from printron.designer import Choice, Searched, Supply, Wish
    from printron.results import Circuit, ProblemSpec


@with_options
def command(
    dataset: Dataset,
    *,
    budget: Annotated[
        str | None,
        typer.Option(help="Largest power of the circuit: 100uW. Default: any, searched from 1 mW."),
    ] = None,
    accuracy: Annotated[
        str | None,
        typer.Option(
            help="Accuracy of printed copies that is asked for, at the least power: 95%. Default: "
            "as much as the budget allows."
        ),
    ] = None,
    yield_: Annotated[
        str | None,
        typer.Option(
            "--yield",
            help="Share of the printed copies that must reach the accuracy, each within the "
            "budget: 95%. Default: the mean of the copies counts.",
        ),
    ] = None,
    settle: Annotated[
        str | None,
        typer.Option(help="Time in which the circuit must settle after any step: 100ms."),
    ] = None,
    supplies: Annotated[
        str | None,
        typer.Option(help="TOML file of harvesters and batteries. Default: those of the field."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="First seed of the search.")] = 0,
    data: DataOptions,
    conditions: ConditionsOptions,
    work: WorkOptions,
    cluster: ClusterOptions,
    output: OutputOptions,
) -> int:
    """Find the circuit that classifies best within a budget, and sign it off.

    Tries a passive crossbar and neurons of differential pairs, each for several budgets and seeds,
    trained for printed copies: with the variation of the process and a margin of 10 mV, unless
    other conditions are given. The choice is made by copies on the validation rows. The chosen
    circuit is compared with SPICE on every test row, 1,000 copies of it are judged, and classifiers
    in software are trained on the same rows.

    With --out DIR: the folder of the circuit, as of train, and design.json. The search is stored
    below DIR/search as it goes: after a stop the same command continues. Exit code 1 if the wish is
    not kept, or the circuit not signed off.
    """
    from printron.base.compiled import keep_compiled_programs
    from printron.cli.preset import PRESETS
    from printron.cli.quantities import quantity_of
    from printron.cli.speak import remark
    from printron.designer import Wish, check_wish, choose, read_supplies
    from printron.results import build_problem, check_kind
    from printron.results.circuit_folder import DESIGN

    output.check(DESIGN, mark="circuit.json")
    if output.out:
        check_kind(output.out, "config.json", "an experiment")
    wish = Wish(
        quantity_of("--budget", budget, "W"),
        quantity_of("--accuracy", accuracy, "%"),
        quantity_of("--settle", settle, "s"),
        quantity_of("--yield", yield_, "%"),
    )
    known = read_supplies(supplies)
    asked = data.spec_of(dataset, conditions.spec(PRESETS["robust"].conditions_for(None)))
    problem = build_problem(asked)
    check_wish(wish, problem.dataset.majority, asked.conditions.varied)
    remark(problem)
    output.check_circuit(problem)
    if wish.settle_s is not None:
        _ = problem.technology.process.gate_capacitance  # says what is missing
    keep_compiled_programs()
    begin = time.perf_counter()
    searched = _searched(asked, wish, seed, work, cluster, output)
    choice = choose(searched.table, wish)
    if choice.chosen is None:
        return _nothing(searched, choice, wish, output)
    return _finish(searched, choice, wish, known, begin, work, output)


def _searched(
    asked: "ProblemSpec",
    wish: "Wish",
    seed: int,
    work: WorkOptions,
    cluster: ClusterOptions,
    output: OutputOptions,
) -> "Searched":
    """The search, behind a progress bar; the best circuit so far is shown and written."""
    from printron.base.place import place_at
    from printron.cli.speak import progress_of
    from printron.designer import choose, search, so_far
    from printron.results.circuit_folder import DESIGN

    pool, stopped, unfinished = cluster.pool(), "stopped; nothing was stored", False
    if output.out:
        # A finished design keeps its files until the same search, read again, has its own.
        unfinished = not place_at(output.out).exists(DESIGN[0])
        stopped = (
            f"stopped; finished parts are kept in '{output.out}': the same command again continues"
        )
    with progress_of("designing", 1, stopped=stopped, as_json=output.json) as progress:

        def report(what: str, share: float) -> None:
            progress.note(what)
            progress(share)

        def found(part: "Searched") -> None:
            choice = choose(part.table, wish)
            if choice.chosen is not None:
                if unfinished:
                    _write(part, choice.chosen, output)
                progress.line(so_far(part, choice, wish))

        return search(
            asked,
            wish,
            seed=seed,
            folder=output.out,
            workers=work.threads,
            cluster=pool,
            progress=report,
            found=found,
        )


def _write(searched: "Searched", index: int, output: OutputOptions) -> tuple["Circuit", "Filled"]:
    """A circuit of the search, and how the folder took its files."""
    from printron.results import HASH, circuit_of, write_circuit

    problem, runs = searched.runs_of(index)
    circuit = circuit_of(problem, runs, searched.schedule, output.url)
    filled = output.fill(lambda folder: write_circuit(problem, runs, circuit.record, folder))
    output.tidy(filled, circuit.record[HASH])
    return circuit, filled


def _nothing(searched: "Searched", choice: "Choice", wish: "Wish", output: OutputOptions) -> int:
    """Say that no circuit was found."""
    from printron.cli.speak import say, say_json
    from printron.designer import explanation

    sentences = explanation(searched, choice, wish)
    if output.json:
        say_json({"status": "diverged", "explanation": sentences})
    else:
        say(*sentences)
    return 1


def _finish(
    searched: "Searched",
    choice: "Choice",
    wish: "Wish",
    supplies: "tuple[Supply, ...]",
    begin: float,
    work: WorkOptions,
    output: OutputOptions,
) -> int:
    """Sign the chosen circuit off, compare, write and show."""
    from printron.base.place import place_at
    from printron.cli.design_view import design_view
    from printron.cli.signoff_view import signed_off_or_simulated
    from printron.cli.speak import say, say_json
    from printron.designer.record import DESIGNED, design_record
    from printron.report.design_figure import design_figure
    from printron.report.signoff_files import write_signoff
    from printron.report.style import save_figure
    from printron.results import HASH, write_json
    from printron.results.circuit_folder import DESIGN
    from printron.results.copies import MOST_COPIES, Rule, judged_conditions
    from printron.signoff import CopiesWanted

    assert choice.chosen is not None
    circuit, first = _write(searched, choice.chosen, output)  # before ngspice, which may fail
    problem = searched.tried_in(choice.chosen).problem
    place = place_at(output.out) if output.out else None
    rows = problem.rows["test"]
    options: dict[str, Any] = {
        "workers": work.threads,
        "keep_dir": place.local if place else None,
        "settle_s": wish.settle_s,
    }
    if judged_conditions(problem.spec.conditions, problem.technology.process):
        least = wish.accuracy if wish.yield_ else None
        rule = Rule(budget_W=wish.budget_W, least=least)
        options["copies"] = CopiesWanted(MOST_COPIES, rule=rule)
    verdict, found, failed = signed_off_or_simulated(
        circuit, "test", rows, as_json=output.json, **options
    )
    record = design_record(searched, choice, wish, circuit, found, supplies, failed)
    record["wall_s"] = round(time.perf_counter() - begin, 3)

    drawn = design_figure(searched, choice, wish, supplies)

    def write(folder: Path) -> list[str]:
        signed = write_signoff(circuit, verdict, found, rows[0][:, 0], folder)
        figures = save_figure(drawn, folder / "design", f"{HASH}: {circuit.hash}")
        write_json(record, folder / DESIGN[0])
        return [*signed, *(path.name for path in figures), DESIGN[0]]

    filled = first if first.refusal else output.fill(write)
    if output.json:
        files = list(dict.fromkeys((*first.files, *filled.files)))
        say_json({**record, "files": files, **output.refusal(filled)})
    else:
        say(*design_view(record))
    return output.conclude(filled, 0 if record["status"] == DESIGNED else 1)
