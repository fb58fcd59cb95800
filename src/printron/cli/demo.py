"""`printron demo`: everything on Iris, offline: a front, and one signed-off circuit."""

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from printron.base.sentence import number_of
from printron.cli.declare import with_options
from printron.cli.goals import GoalListOptions
from printron.cli.options import ConditionsOptions, TrainingOptions
from printron.cli.output import OutputOptions
from printron.cli.problem_options import ProblemOptions

if TYPE_CHECKING:
    from printron.results import Circuit, Problem

FOLDER = "demo"
BUDGET_W = 100e-6  # of a printed harvester


@with_options
def command(*, training: TrainingOptions, output: OutputOptions) -> int:
    """Train some circuits on Iris for their printed copies, show the front, and sign one off.

    The chosen circuit is compared with SPICE on every test row, as designed and as printed copies,
    and shown with its component values. With --sources ideal the demo ends with the front.

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
    from printron.cli.training_run import asked, planned, train_plan
    from printron.results import build_problem, write_results

    begin = time.perf_counter()
    options = ProblemOptions()
    spec, schedule = asked("iris", options, ConditionsOptions(), training)
    plan = planned(GoalListOptions(), None, options.usual, schedule)
    problem = build_problem(spec)
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
    if record["chosen"] and schedule.sources == "loaded" and not filled.refusal:
        return _finish(problem, record, filled.files, training.threads, output)
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    elif record["chosen"] and schedule.sources == "ideal":
        from printron.cli.advice import ideal_sentences

        say(*ideal_sentences(output.out), "without --sources ideal, the demo does so")
    return output.conclude(filled, 0 if record["chosen"] else 1)


def _show_front(record: dict[str, Any]) -> None:
    from printron.cli.advice import EVERY_RUN_DIVERGED, front_sentences
    from printron.cli.speak import say
    from printron.cli.tables import front_table

    say(front_table(record), *front_sentences(record))
    say(f"{number_of(record['runs'], 'run')} in {record['wall_s']:.1f} s")
    if record["chosen"] is None:
        say(EVERY_RUN_DIVERGED)


def _finish(
    problem: "Problem",
    record: dict[str, Any],
    files: tuple[str, ...],
    workers: int,
    output: OutputOptions,
) -> int:
    """Sign the chosen circuit off, write and show the result.

    Parameters
    ----------
    record : of the front.  files : already written files.  workers : threads.
    """
    from printron.base.place import place_at
    from printron.cli.signoff_view import signed_off_or_simulated
    from printron.cli.speak import say, say_json
    from printron.report.signoff_files import write_signoff
    from printron.report.sweep import FRONT
    from printron.results import read_circuit, write_json
    from printron.results.circuit_folder import CHOSEN
    from printron.results.copies import MOST_COPIES, Rule
    from printron.signoff import CopiesWanted
    from printron.signoff.rule import kept_without_spice, signed_off

    begin = time.perf_counter()
    place = place_at(str(output.out))
    circuit = read_circuit(f"{place.url}/{CHOSEN}")
    rows = problem.rows["test"]
    options: dict[str, Any] = {
        "workers": workers,
        "keep_dir": place.local,
        "copies": CopiesWanted(MOST_COPIES, rule=Rule(budget_W=BUDGET_W)),
    }
    verdict, found, failed = signed_off_or_simulated(
        circuit, "test", rows, as_json=output.json, **options
    )
    done = {**record, "signoff": found}

    def write(folder: Path) -> list[str]:
        signed = write_signoff(circuit, verdict, found, rows[0][:, 0], folder / CHOSEN)
        write_json(done, folder / FRONT)
        return [*(f"{CHOSEN}/{name}" for name in signed), FRONT]

    filled = output.fill(write)
    if output.json:
        every = list(dict.fromkeys((*files, *filled.files)))
        say_json({**done, "files": every, **output.refusal(filled)})
    else:
        say(*_view(problem, circuit, found, f"{output.out}/{CHOSEN}", failed))
        compared = "compared with SPICE" if found["truth"] == "spice" else "simulated"
        say(f"{compared} in {time.perf_counter() - begin:.1f} s")
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
    from printron.cli.signoff_view import verdict_view
    from printron.cli.tables import bill_tables, run_table

    title = "To print: the chosen circuit"
    shown = [
        run_table(circuit.record, title),
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
