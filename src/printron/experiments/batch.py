"""A batch of runs trained, and what came out as rows of the table."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron import __version__
from printron.experiments.supply import vdd_power
from printron.network import Design, Parameters, build_layers, counts_of
from printron.results.problem import Problem
from printron.results.runs import CAUSES, SPLITS, Runs
from printron.training import Schedule, Trained, train


def run_batch(
    problem: Problem,
    alphas: NDArray[np.float64],
    seeds: NDArray[np.int64],
    *,
    schedule: Schedule,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Runs:
    """Train one run per entry of `alphas` and `seeds` and put down what came out.

    Columns of the table: accuracies are shares of rows; powers are averages over the TEST rows in W
    unless the name says valid; `sources` says which model they are of; `power_VDD_W` counts as the
    published numbers do (see `printron.experiments.supply`); `objective_valid` and `power_valid_W`
    are what selection looks at; counts are those of the whole network; `epoch` is that of the
    snapshot. A run without any snapshot (epoch -1) has no measurements: NaN, and missing counts.
    `wall_s` is the batch's time, shared out evenly.

    Raises
    ------
    PrintronError : an alpha outside 0 ... 1, or alphas and seeds of different length.
    """
    begin = time.perf_counter()
    trained = train(
        problem.design,
        problem.rows,
        alphas,
        seeds,
        schedule=schedule,
        workers=workers,
        progress=progress,
    )
    columns = {
        "dataset": problem.dataset.name,
        "protocol": problem.dataset.protocol,
        "alpha": np.asarray(alphas, np.float64),
        "seed": np.asarray(seeds, np.int64),
        "status": list(trained.status),
        "epoch": trained.epoch.astype(np.int64),
        **_measured(problem, trained, np.asarray(alphas, np.float64)),
        **_counted(problem.design, trained),
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
    return Runs(table, trained.parameters)


def _measured(
    problem: Problem, trained: Trained, alphas: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Accuracies, powers and the objective of every run, [runs] each; NaN without a snapshot."""
    columns: dict[str, NDArray[np.float64]] = {}
    for split in SPLITS:
        columns[f"accuracy_{split}"] = np.asarray(trained.terms[split].accuracy, np.float64)
    test, valid = _causes(trained, "test"), _causes(trained, "valid")
    for cause, each in test.items():
        columns[f"power_{cause}_W"] = each.sum(-1)
        for layer, power in enumerate(each.T, start=1):
            columns[f"power_{cause}{layer}_W"] = power
    columns["power_total_W"] = np.sum(list(test.values()), axis=(0, -1))
    columns["power_valid_W"] = np.sum(list(valid.values()), axis=(0, -1))
    entropy = np.asarray(trained.terms["valid"].cross_entropy, np.float64)
    share = alphas * columns["power_valid_W"] / trained.P_ref
    columns["objective_valid"] = (1 - alphas) * entropy + share
    missing = trained.epoch < 0
    return {name: np.where(missing, np.nan, values) for name, values in columns.items()}


def _causes(trained: Trained, split: str) -> dict[str, NDArray[np.float64]]:
    """Power by cause on the rows of a split, W, [runs, layers] each.

    The closed form of a crossbar's power may come out a rounding error below 0.
    """
    power = trained.terms[split].power
    return {c: np.maximum(np.asarray(getattr(power, c), np.float64), 0) for c in CAUSES}


@partial(jax.jit, static_argnums=0)
def _counts(design: Design, parameters: Parameters) -> Any:
    return jax.vmap(lambda one: counts_of(build_layers(design, one)))(parameters)


def _counted(design: Design, trained: Trained) -> dict[str, Any]:
    """Numbers of printed parts of every run, [runs] each; missing without a snapshot."""
    counts = _counts(design, trained.parameters)._asdict()
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
        "activation_cell": cells["activation"]["name"],
        "negation_cell": cells["negation"]["name"],
        "process": identity["process"]["name"],
        "dataset_fingerprint": identity["dataset"]["fingerprint"][:16],
        "process_fingerprint": identity["process"]["fingerprint"],
        "activation_fingerprint": cells["activation"]["fingerprint"],
        "negation_fingerprint": cells["negation"]["fingerprint"],
    }
