"""Training a batch of runs, with the results as rows of the table."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron import __version__
from printron.experiments.supply import vdd_power
from printron.network import Parameters, Structure, build_layers, counts_of
from printron.results.by_layer import text_of
from printron.results.copies import IN_A_TABLE, JUDGED, copies_of, validated_copies
from printron.results.problem import Problem
from printron.results.runs import Runs
from printron.results.table import CAUSES, MERIT, SPLITS, check_written
from printron.training import Goal, Schedule, Trained, train
from printron.training.goal import check_kind, stacked
from printron.training.terms import Merits, balanced


def run_batch(
    problem: Problem,
    goals: Sequence[Goal],
    seeds: NDArray[np.int64],
    *,
    schedule: Schedule,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
    copies: Sequence[str] = JUDGED,
) -> Runs:
    """Train one run per entry of `goals` and `seeds` and record the results.

    Parameters
    ----------
    copies : as in `printron.experiments.Plan`.

    Returns
    -------
    Runs whose table has the columns of `printron.results.table`. A run without any snapshot (epoch
    -1) has no measurements: NaN, and missing counts.

    Raises
    ------
    PrintronError : goals of several kinds, or different numbers of goals and seeds.
    """
    begin = time.perf_counter()
    trained = train(
        problem.structure,
        problem.rows,
        goals,
        seeds,
        schedule=schedule,
        workers=workers,
        progress=progress,
    )
    measured = _measured(problem, trained, stacked(goals, trained.P_ref), schedule)
    if copies and problem.spec.conditions.varied:
        by_class = schedule.balanced
        found = [
            _of_copies(problem, trained, k, copies, workers, by_class=by_class)
            for k in range(len(seeds))
        ]
        measured |= {name: np.array([each[name] for each in found]) for name in found[0]}
    columns = {
        "dataset": problem.dataset.name,
        "protocol": problem.dataset.protocol,
        "split_seed": problem.spec.split_seed,
        "goal": check_kind(goals).kind,
        **pd.DataFrame([goal.row() for goal in goals], dtype=np.float64),
        "seed": np.asarray(seeds, np.int64),
        "status": list(trained.status),
        "epoch": trained.epoch.astype(np.int64),
        **measured,
        **_by_margin(problem, trained),
        **_counted(problem.structure, trained),
        "majority": problem.dataset.majority,
        "P_ref_W": float(trained.P_ref),
        "sources": schedule.sources,
        "epochs": schedule.epochs + (schedule.loaded_epochs if schedule.sources == "loaded" else 0),
        **_identity_columns(problem),
        "printron": __version__,
    }
    columns["power_VDD_W"] = vdd_power(
        problem, trained.parameters, columns["power_crossbar_W"], workers
    )
    table = pd.DataFrame(columns)
    table["wall_s"] = (time.perf_counter() - begin) / len(table)
    return Runs(check_written(table), trained.parameters)


def _measured(
    problem: Problem, trained: Trained, goals: Goal, schedule: Schedule
) -> dict[str, NDArray[Any]]:
    """Accuracies, powers and the score of every run, [runs] each; NaN without a snapshot.

    Runs that were selected by printed copies, or with class weights, have the score of training.
    """
    columns: dict[str, NDArray[Any]] = {}
    for split in SPLITS:
        terms, labels = trained.terms[split], problem.rows[split][1]
        columns[f"accuracy_{split}"] = np.asarray(terms.accuracy, np.float64)
        columns[f"balanced_accuracy_{split}"] = balanced(np.asarray(terms.of_class), labels)
    valid_terms = trained.terms["valid"]  # by the margin, where one is asked for
    by_class = balanced(np.asarray(valid_terms.clear_of_class), problem.rows["valid"][1])
    columns[MERIT] = by_class if schedule.balanced else np.asarray(valid_terms.clear, np.float64)
    test, valid = _causes(trained, "test"), _causes(trained, "valid")
    for cause, each in test.items():
        columns[f"power_{cause}_W"] = each.sum(-1)
        for layer, power in enumerate(each.T, start=1):
            columns[f"power_{cause}{layer}_W"] = power
    columns["power_total_W"] = np.sum(list(test.values()), axis=(0, -1))
    columns["power_valid_W"] = np.sum(list(valid.values()), axis=(0, -1))
    entropy = np.asarray(trained.terms["valid"].cross_entropy, np.float64)
    clear = np.asarray(trained.terms["valid"].clear, np.float64)
    merits = Merits(entropy, clear, columns["power_valid_W"])
    with jax.enable_x64(True):  # a goal may compute in JAX
        own = problem.structure.conditions.varied or schedule.balanced
        score = trained.score if own else goals.score(merits)
        columns["objective_valid"] = np.asarray(score, np.float64)
        feasible = np.asarray(goals.feasible(trained.merits if own else merits))
    missing = trained.epoch < 0
    numbers = {name: np.where(missing, np.nan, values) for name, values in columns.items()}
    return {**numbers, "feasible_valid": feasible & ~missing}


def _by_margin(problem: Problem, trained: Trained) -> dict[str, Any]:
    """Columns of runs that are trained for a margin, [runs] each."""
    if not problem.spec.conditions.given:
        return {}
    clear = np.asarray(trained.terms["test"].clear, np.float64)
    return {"clear_test": np.where(trained.epoch < 0, np.nan, clear)}


def _of_copies(
    problem: Problem,
    trained: Trained,
    run: int,
    splits: Sequence[str],
    workers: int,
    *,
    by_class: bool,
) -> dict[str, Any]:
    """Copies of one run: on the validation rows, by which it is chosen or not, and on the test
    rows, as far as asked for; NaN without a snapshot."""
    known = trained.epoch[run] >= 0
    one = jax.tree.map(lambda x: x[run], trained.parameters)
    columns: dict[str, Any] = {}
    if "valid" in splits:
        columns[MERIT] = (
            validated_copies(problem, one, workers, by_class=by_class) if known else np.nan
        )
    if "test" in splits:
        designed = float(trained.terms["test"].clear[run])
        columns |= _tested_copies(problem, one, designed, workers) if known else _UNTESTED
    return columns


_UNTESTED = {"copies": 0, "copies_unsolved": 0} | dict.fromkeys(
    ("copies_mean", "copies_p5", "copies_yield"), np.nan
)


def _tested_copies(
    problem: Problem, one: Parameters, designed: float, workers: int
) -> dict[str, Any]:
    """Columns of the copies of a run on the test rows."""
    found = copies_of(problem, one, designed, workers, most=IN_A_TABLE)
    assert found is not None  # copies of these conditions vary
    return {
        "copies": found["n"],
        "copies_mean": found["mean"],
        "copies_p5": found["p5"],
        "copies_yield": found["yield"],
        "copies_unsolved": found["unsolved"],
    }


def _causes(trained: Trained, split: str) -> dict[str, NDArray[np.float64]]:
    """Power by cause on the rows of a split, W, [runs, layers] each.

    The closed form of a crossbar's power may be below 0 by a rounding error.
    """
    power = trained.terms[split].power
    return {c: np.maximum(np.asarray(getattr(power, c), np.float64), 0) for c in CAUSES}


@partial(jax.jit, static_argnums=0)
def _counts(structure: Structure, parameters: Parameters) -> Any:
    return jax.vmap(lambda one: counts_of(build_layers(structure, one)))(parameters)


def _counted(structure: Structure, trained: Trained) -> dict[str, Any]:
    """Numbers of printed parts of every run, [runs] each; missing without a snapshot."""
    counts = _counts(structure, trained.parameters)._asdict()
    missing = trained.epoch < 0
    return {
        name: pd.arrays.IntegerArray(np.asarray(each, np.int64).sum(-1), missing.copy())
        for name, each in counts.items()
    }


def _identity_columns(problem: Problem) -> dict[str, str]:
    identity = problem.identity
    cells, network = identity["cells"], identity["network"]
    return {
        "hidden": ",".join(map(str, network["hidden"])) or "none",
        "sharing": network["sharing"],
        "activation_cell": text_of(cells["activation"]["name"]),
        "negation_cell": text_of(cells["negation"]["name"]),
        "process": identity["process"]["name"],
        "dataset_fingerprint": identity["dataset"]["fingerprint"][:16],
        "process_fingerprint": identity["process"]["fingerprint"],
        "activation_fingerprint": text_of(cells["activation"]["fingerprint"]),
        "negation_fingerprint": text_of(cells["negation"]["fingerprint"]),
    }
