"""Results of a sweep: its record, its figures, and the chosen circuit."""

from pathlib import Path
from typing import Any

from printron import __version__
from printron.analysis import Selection, front_records
from printron.experiments import Plan
from printron.report.figures import front_figure, goal_figure
from printron.report.style import save_figure
from printron.results import Problem, Runs, circuit_record, write_circuit, write_json
from printron.results.circuit_folder import CHOSEN
from printron.results.store import RESULTS
from printron.training.goal import record_of

FRONT = "front.json"
FIGURES = tuple(f"{name}.{form}" for name in ("alpha", "front") for form in ("png", "svg"))
SWEEP_FILES = (*RESULTS, *FIGURES, FRONT)


def sweep_record(
    problem: Problem,
    plan: Plan,
    runs: Runs,
    selection: Selection,
    wall_s: float,
    copies: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Results of a sweep, as JSON.

    Parameters
    ----------
    copies : of the chosen circuit; see `circuit_record`.
    """
    chosen = None
    if selection.chosen is not None:
        chosen = circuit_record(problem, runs.only(selection.chosen), plan.schedule, copies)
    return {
        "dataset": problem.dataset.name,
        "protocol": problem.dataset.protocol,
        "runs": selection.runs,
        "left_out": selection.left_out,
        **record_of(plan.goals),
        "seeds": list(plan.seeds),
        "majority": selection.majority,
        "margin_V": problem.spec.conditions.margin,
        "rule": selection.rule,
        "front": front_records(selection),
        "choice": selection.choice,
        "chosen": chosen,
        "notes": list(problem.dataset.remarks),
        "version": __version__,
        "wall_s": round(wall_s, 3),
    }


def write_sweep_report(
    problem: Problem, runs: Runs, selection: Selection, record: dict[str, Any], folder: Path
) -> list[str]:
    """Write the figures, the front and the chosen circuit; returns the names of the files.

    Parameters
    ----------
    record : of `sweep_record`.

    Raises
    ------
    OSError : the folder cannot be written to.
    """
    written: list[str] = []
    if selection.chosen is not None:
        name, one = problem.dataset.name, runs.only(selection.chosen)
        save_figure(goal_figure(selection, name), folder / "alpha")
        save_figure(front_figure(runs.table, selection, name), folder / "front")
        files = write_circuit(problem, one, record["chosen"], folder / CHOSEN)
        written = [*FIGURES, *(f"{CHOSEN}/{file}" for file in files)]
    write_json(record, folder / FRONT)
    return [*written, FRONT]
