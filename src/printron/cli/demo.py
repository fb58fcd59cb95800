"""`printron demo`: everything on Iris, offline: a front, and one signed-off circuit."""

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from printron.base.sentence import number_of
from printron.cli.declare import with_options
from printron.cli.options import TrainingOptions
from printron.cli.output import OutputOptions

if TYPE_CHECKING:
    from printron.results import Circuit, Problem

ALPHAS, SEEDS = 20, 5
FOLDER = "demo"


@with_options
def command(*, training: TrainingOptions, output: OutputOptions) -> int:
    """Train 100 circuits on Iris, show the front, and sign one circuit off.

    The front is of circuits with ideal sources. The chosen alpha and seed are then trained against
    the loaded circuit; that circuit is compared with SPICE and shown with its component values.
    With --sources ideal the demo ends with the front.

    Always trains again. Writes into ./demo unless --out names another folder. Exit code 1 if the
    circuit's claim is not confirmed.
    """
    output = replace(output, out=output.out or FOLDER)
    from printron.report.sweep import SWEEP_FILES, sweep_record, write_sweep_report
    from printron.results import check_kind
    from printron.results.circuit_folder import CHOSEN

    output.check(SWEEP_FILES, mark="front.json")
    check_kind(str(output.out), "circuit.json", "a circuit")
    check_kind(str(output.out), "config.json", "an experiment")
    from printron.analysis import select
    from printron.cli.speak import say, say_json
    from printron.cli.training_run import train_plan
    from printron.experiments import Plan, alpha_grid
    from printron.results import ProblemSpec, build_problem, write_results
    from printron.training import WeightedPower

    begin = time.perf_counter()
    ideal = replace(training, sources="ideal", loaded_epochs=None).schedule()
    plan = Plan(tuple(map(WeightedPower, alpha_grid(ALPHAS))), tuple(range(SEEDS)), ideal)
    problem = build_problem(ProblemSpec("iris"))
    output.check_circuit(problem, below=CHOSEN)
    what = f"{number_of(plan.runs, 'run')} on iris"
    runs = train_plan(problem, plan, what=what, workers=training.threads, as_json=output.json)
    selection = select(runs.table)
    record = sweep_record(problem, plan, runs, selection, time.perf_counter() - begin)

    def write(folder: Path) -> list[str]:
        written = write_results(runs, folder)
        return [*written, *write_sweep_report(problem, runs, selection, record, folder)]

    filled = output.fill(write)
    if not output.json:
        _show_front(record)
    if selection.chosen is not None and training.sources != "ideal" and not filled.refusal:
        return _finish(problem, training, record, filled.files, output)
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    elif selection.chosen is not None:
        from printron.cli.advice import ideal_sentences

        say(*ideal_sentences(output.out), "without --sources ideal, the demo does so")
    return output.conclude(filled, 1 if selection.chosen is None else 0)


def _show_front(record: dict[str, Any]) -> None:
    from printron.cli.advice import EVERY_RUN_DIVERGED, front_sentences
    from printron.cli.speak import say
    from printron.cli.tables import front_table

    say(front_table(record), *front_sentences(record))
    say(f"{number_of(record['runs'], 'run')} with ideal sources in {record['wall_s']:.1f} s")
    if record["chosen"] is None:
        say(EVERY_RUN_DIVERGED)


def _finish(
    problem: "Problem",
    training: TrainingOptions,
    record: dict[str, Any],
    files: tuple[str, ...],
    output: OutputOptions,
) -> int:
    """Train the chosen alpha and seed against the loaded circuit, sign off, write and show.

    Parameters
    ----------
    record : of the front.  files : already written files.
    """
    from printron.base.machine import usable_cores
    from printron.base.place import place_at
    from printron.circuits.ngspice import NgspiceError
    from printron.cli.copies_view import copies_shown
    from printron.cli.signoff_view import sign_off_shown
    from printron.cli.speak import say, say_json
    from printron.cli.training_run import train_plan
    from printron.experiments import Plan
    from printron.report.signoff_files import write_signoff
    from printron.report.sweep import FRONT
    from printron.results import circuit_of, write_circuit, write_json
    from printron.results.circuit_folder import CHOSEN
    from printron.signoff.rule import kept_without_spice, signed_off
    from printron.training import WeightedPower

    begin = time.perf_counter()
    place = place_at(str(output.out))
    schedule = replace(training, sources="loaded").schedule()
    runs = train_plan(
        problem,
        Plan((WeightedPower(record["chosen"]["alpha"]),), (record["chosen"]["seed"],), schedule),
        what="the chosen run against the loaded circuit",
        workers=training.threads,
        as_json=output.json,
        stopped="stopped; the front is written, and no circuit was signed off",
    )
    copies = copies_shown(problem, runs, schedule, training.threads, output.json)
    circuit = circuit_of(problem, runs, schedule, f"{place.url}/{CHOSEN}", copies)
    rows = problem.rows["test"]
    options = {"workers": usable_cores(), "keep_dir": place.local}

    def write_first(folder: Path) -> list[str]:
        written = write_circuit(problem, runs, circuit.record, folder / CHOSEN)
        return [f"{CHOSEN}/{name}" for name in written]

    first = output.fill(write_first)  # before ngspice, which may fail
    output.tidy(first, circuit.hash, f"{CHOSEN}/")
    failed = ""
    try:
        verdict, found = sign_off_shown(circuit, "test", rows, as_json=output.json, **options)
    except NgspiceError as error:
        failed = str(error)
        verdict, found = sign_off_shown(
            circuit, "test", rows, as_json=output.json, spice=False, **options
        )
        found["missing"] = failed
    done = {**record, "chosen": circuit.record, "signoff": found}

    def write(folder: Path) -> list[str]:
        signed = write_signoff(circuit, verdict, found, rows[0][:, 0], folder / CHOSEN)
        write_json(done, folder / FRONT)
        return [*(f"{CHOSEN}/{name}" for name in signed), FRONT]

    filled = first if first.refusal else output.fill(write)
    if output.json:
        every = list(dict.fromkeys((*files, *first.files, *filled.files)))
        say_json({**done, "files": every, **output.refusal(filled)})
    else:
        say(*_view(problem, circuit, found, f"{output.out}/{CHOSEN}", bool(failed)))
        wall_s = time.perf_counter() - begin
        compared = " and compared with SPICE" if found["truth"] == "spice" else ""
        say(f"trained against the loaded circuit{compared} in {wall_s:.1f} s")
    good = signed_off(found) or (kept_without_spice(found) and not failed)
    return output.conclude(filled, 0 if good else 1)


def _view(
    problem: "Problem", circuit: "Circuit", found: dict[str, Any], folder: str, failed: bool
) -> list[Any]:
    """The tables of the circuit: its claim, SPICE, and its component values.

    Parameters
    ----------
    folder : of the circuit.  failed : ngspice is installed, but gave no result.
    """
    from printron.cli.advice import majority_sentences
    from printron.cli.copies_view import copies_sentence
    from printron.cli.signoff_view import verdict_view
    from printron.cli.tables import bill_tables, run_table

    title = "To print: the chosen alpha and seed, trained against the loaded circuit"
    shown = [
        run_table(circuit.record, title),
        copies_sentence(circuit.record),
        *majority_sentences(circuit.record),
        *bill_tables(problem, circuit.parameters),
        *verdict_view(found),
    ]
    if found["truth"] == "loaded":
        kept = "confirms" if found["claim"]["kept"] else "does not confirm"
        shown.append(
            f"SPICE {'gave no result' if failed else 'was not run'}: only the built-in solver "
            f"evaluated the circuit, and {kept} the claim. Once ngspice works: printron signoff "
            f"{shlex.quote(folder)}"
        )
    return shown
