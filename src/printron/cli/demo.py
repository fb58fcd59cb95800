"""`printron demo`: the whole way on Iris, offline: a front, and one circuit that is signed off."""

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from printron.cli.options import OutputOptions, TrainingOptions, usable_cores, with_options

if TYPE_CHECKING:
    from printron.results import Circuit, Problem, Runs
    from printron.training import Schedule

ALPHAS, SEEDS = 20, 5
FOLDER = "demo"


@with_options
def command(*, training: TrainingOptions, output: OutputOptions) -> int:
    """Train 100 circuits on Iris, show the front, and sign one circuit off.

    The front is of circuits with ideal sources. The chosen alpha and seed are then trained against
    the loaded circuit; that circuit is shown beside SPICE, with its component values. With
    --sources ideal the front is all.

    Always trains anew. Writes into ./demo unless --out names another folder. Exit code 1 if the
    circuit does not do what it claims.
    """
    output = replace(output, out=output.out or FOLDER)
    from printron.cli.sweep import SWEEP_FILES, check_chosen, run, sweep_record, write_report
    from printron.results import check_kind

    output.check(SWEEP_FILES, mark="front.json")
    check_kind(str(output.out), "circuit.json", "a circuit")
    check_kind(str(output.out), "config.json", "an experiment")
    from printron.analysis import select
    from printron.cli.speak import say, say_json
    from printron.experiments import Plan, alpha_grid
    from printron.results import ProblemSpec, build_problem, write_results

    begin = time.perf_counter()
    ideal = replace(training, sources="ideal", loaded_epochs=None).schedule()
    plan = Plan(alpha_grid(ALPHAS), tuple(range(SEEDS)), ideal)
    problem = build_problem(ProblemSpec("iris"))
    check_chosen(output, problem)
    runs = run(problem, plan, training.threads, output, store=False)
    selection = select(runs.table)
    record = sweep_record(problem, plan, runs, selection, time.perf_counter() - begin)

    def write(folder: Path) -> list[str]:
        written = write_results(runs, folder)
        return [*written, *write_report(problem, runs, selection, record, folder)]

    filled = output.fill(write)
    if not output.json:
        _show_front(record)
    if selection.chosen is not None and training.sources != "ideal" and not filled.refusal:
        return _finish(problem, training, record, filled.files, output)
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    elif selection.chosen is not None:
        from printron.cli.advice import ideal_sentences

        say(*ideal_sentences(output.out), "leave out --sources ideal, and the demo does so")
    return output.conclude(filled, 1 if selection.chosen is None else 0)


def _show_front(record: dict[str, Any]) -> None:
    from printron.cli.advice import front_sentences
    from printron.cli.speak import say
    from printron.cli.sweep import NONE_CAME_THROUGH
    from printron.cli.tables import front_table

    say(front_table(record), *front_sentences(record))
    say(f"{record['runs']} runs with ideal sources in {record['wall_s']:.1f} s")
    if record["chosen"] is None:
        say(NONE_CAME_THROUGH)


def _finish(
    problem: "Problem",
    training: TrainingOptions,
    record: dict[str, Any],
    files: tuple[str, ...],
    output: OutputOptions,
) -> int:
    """Train the chosen alpha and seed against the loaded circuit, sign it off, write and show.

    Parameters
    ----------
    record : of the front.  files : that are written by now.
    """
    from printron.base.place import place_at
    from printron.circuits.ngspice import NgspiceError
    from printron.cli.signoff import judged, write_signoff
    from printron.cli.speak import say, say_json
    from printron.cli.sweep import CHOSEN
    from printron.results import write_circuit, write_json
    from printron.signoff.rule import signed_off

    begin = time.perf_counter()
    place = place_at(str(output.out))
    schedule = replace(training, sources="loaded").schedule()
    runs = train_loaded(problem, schedule, record["chosen"], training.threads, output.json)
    circuit = _circuit(problem, runs, schedule, f"{place.url}/{CHOSEN}")
    rows = problem.rows["test"]
    options = {"workers": usable_cores(), "keep_dir": place.local}

    def write_first(folder: Path) -> list[str]:
        written = write_circuit(problem, runs, circuit.record, folder / CHOSEN)
        return [f"{CHOSEN}/{name}" for name in written]

    first = output.fill(write_first)  # before ngspice, which may fail
    output.tidy(first, circuit.hash, f"{CHOSEN}/")
    failed = ""
    try:
        verdict, found = judged(circuit, "test", rows, as_json=output.json, **options)
    except NgspiceError as error:
        failed = str(error)
        verdict, found = judged(circuit, "test", rows, as_json=output.json, spice=False, **options)
        found["missing"] = failed
    done = {**record, "chosen": circuit.record, "signoff": found}

    def write(folder: Path) -> list[str]:
        signed = write_signoff(circuit, verdict, found, rows[0][:, 0], folder / CHOSEN)
        write_json(done, folder / "front.json")
        return [*(f"{CHOSEN}/{name}" for name in signed), "front.json"]

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


def train_loaded(
    problem: "Problem", schedule: "Schedule", chosen: dict[str, Any], workers: int, as_json: bool
) -> "Runs":
    """The run of the chosen alpha and seed, against the loaded circuit."""
    from printron.cli.speak import progress_of
    from printron.experiments import Plan, run_sweep

    plan = Plan((chosen["alpha"],), (chosen["seed"],), schedule)
    what = "the chosen one against the loaded circuit"
    stopped = "stopped; the front is written, and no circuit was signed off"
    with progress_of(what, 1, stopped=stopped, as_json=as_json) as progress:
        return run_sweep(problem, plan, workers=workers, progress=progress)


def _circuit(problem: "Problem", runs: "Runs", schedule: "Schedule", folder: str) -> "Circuit":
    """The one run as a circuit.

    Raises
    ------
    PrintronError : the run diverged before there was any.
    """
    from printron.base.place import place_at
    from printron.errors import PrintronError
    from printron.results import Circuit, circuit_record

    record = circuit_record(problem, runs, schedule)
    if record["epoch"] < 0:
        raise PrintronError(
            "the chosen circuit diverged when it was trained against the loaded circuit; a lower "
            "--learning-rate may help"
        )
    return Circuit(place_at(folder), record, problem.technology, problem.design, runs.one(0))


def kept_without_spice(found: dict[str, Any]) -> bool:
    """Whether the built-in solver, asked alone, finds what was claimed."""
    alone = found["truth"] == "loaded"
    return bool(alone and found["claim"]["kept"] and not found["loaded"]["not_converged"])


def _view(
    problem: "Problem", circuit: "Circuit", found: dict[str, Any], folder: str, failed: bool
) -> list[Any]:
    """What to show of the circuit: its claim, SPICE, and its component values.

    Parameters
    ----------
    folder : of the circuit.  failed : ngspice is installed and gave no result.
    """
    from printron.cli.advice import majority_sentences
    from printron.cli.signoff import verdict_view
    from printron.cli.tables import bill_tables, run_table

    title = "To print: the chosen alpha and seed, trained against the loaded circuit"
    shown = [
        run_table(circuit.record, title),
        *majority_sentences(circuit.record),
        *bill_tables(problem, circuit.parameters),
        *verdict_view(found),
    ]
    if found["truth"] == "loaded":
        kept = "finds what was claimed" if found["claim"]["kept"] else "finds something else"
        shown.append(
            f"SPICE {'gave no result' if failed else 'was not asked'}: the built-in solver alone "
            f"looked at the circuit, and {kept}. Once ngspice is installed and works: printron "
            f"signoff {shlex.quote(folder)}"
        )
    return shown
