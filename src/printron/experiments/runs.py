"""A batch of runs: one row a run, and what each run has learned as plain arrays."""

import io
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron import __version__
from printron.errors import PrintronError
from printron.experiments.ownership import HASH
from printron.experiments.problem import Problem
from printron.experiments.supply import vdd_power
from printron.network import Design, Parameters, build_layers, counts_of
from printron.training import Schedule, Trained, train

SPLITS = ("train", "valid", "test")
CAUSES = ("crossbar", "activation", "negation")


@dataclass(frozen=True, eq=False)
class Runs:
    """Trained runs.

    Attributes
    ----------
    table : one row a run; see `run_batch`.
    parameters : of the best snapshot by validation, NumPy arrays; the leading axis is the run.
    """

    table: pd.DataFrame
    parameters: Parameters

    def one(self, run: int) -> Parameters:
        """Parameters of one run, without the run axis."""
        return jax.tree.map(lambda array: array[run], self.parameters)

    def only(self, run: int) -> "Runs":
        """The same with one run."""
        return self.take(np.array([run]))

    def take(self, runs: NDArray[np.int64]) -> "Runs":
        """The same with some of the runs, by their places."""
        kept = jax.tree.map(lambda array: array[runs], self.parameters)
        return Runs(self.table.iloc[runs].reset_index(drop=True), kept)


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


def run_record(row: Mapping[Any, Any]) -> dict[str, Any]:
    """One row of the table as a JSON object; what was not measured is null.

    `power_W` holds averages over the test rows, in W; `epoch` is that of the snapshot.
    """
    hidden = [] if row["hidden"] == "none" else [int(n) for n in str(row["hidden"]).split(",")]
    return {
        "dataset": row["dataset"],
        "protocol": row["protocol"],
        "alpha": float(row["alpha"]),
        "seed": int(row["seed"]),
        "status": row["status"],
        "accuracy": {split: _number(row[f"accuracy_{split}"]) for split in SPLITS},
        "majority": float(row["majority"]),
        "better_than_majority": better_than_majority(row["accuracy_test"], row["majority"]),
        "power_W": {cause: _number(row[f"power_{cause}_W"]) for cause in (*CAUSES, "total")},
        "power_by_layer_W": {
            cause: [_number(row[f"power_{cause}{k + 1}_W"]) for k in range(len(hidden) + 1)]
            for cause in CAUSES
        },
        "counts": {
            k: None if pd.isna(row[k]) else int(row[k])
            for k in ("resistors", "activations", "negations")
        },
        "P_ref_W": float(row["P_ref_W"]),
        "epochs": int(row["epochs"]),
        "epoch": int(row["epoch"]),
        "cells": {"activation": row["activation_cell"], "negation": row["negation_cell"]},
        "hidden": hidden,
        "sharing": row["sharing"],
        "process": row["process"],
        "valid": {
            "objective": _number(row["objective_valid"]),
            "power_W": _number(row["power_valid_W"]),
        },
        "fingerprints": {
            what: row[f"{what}_fingerprint"]
            for what in ("dataset", "process", "activation", "negation")
        },
        "version": row["printron"],
    }


def better_than_majority(accuracy: float, majority: float) -> bool | None:
    """Whether an accuracy is above the majority class's on the same rows; None if it is unknown."""
    # Both are shares of the same rows: they are equal, or a row apart.
    return bool(accuracy > majority + 1e-9) if math.isfinite(accuracy) else None


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def arrays_of(parameters: Parameters) -> dict[str, NDArray[np.float32]]:
    """Parameters as named arrays: theta0, ..., activation0, ..., negation0, ..., and scale0, ...
    where columns have scales; runs first."""
    return {
        f"{name}{k}": np.asarray(array)
        for name, arrays in parameters._asdict().items()
        for k, array in enumerate(arrays)
    }


def parameters_from(arrays: Mapping[str, NDArray[np.float32]]) -> Parameters:
    """What `arrays_of` took apart.

    Raises
    ------
    KeyError : there are no surrogate conductances, or no cells, among the arrays.
    PrintronError : there are scales of some layers alone.
    """

    def all_of(name: str, least: int = 1) -> tuple[Any, ...]:
        count = sum(key.startswith(name) for key in arrays)
        return tuple(arrays[f"{name}{k}"] for k in range(max(count, least)))

    theta, scale = all_of("theta"), all_of("scale", least=0)
    if scale and len(scale) != len(theta):
        raise PrintronError(
            f"got scales of {len(scale)} of {len(theta)} layers; give those of all, or none"
        )
    return Parameters(theta, all_of("activation"), all_of("negation"), scale)


def parameter_bytes(parameters: Parameters, mark: str = "") -> bytes:
    """Parameters as the bytes of an npz file: plain arrays, no pickles.

    Parameters
    ----------
    mark : hash of the circuit, where the parameters are of one.
    """
    file = io.BytesIO()
    arrays: dict[str, Any] = arrays_of(parameters)
    if mark:
        arrays[HASH] = np.array(mark)
    np.savez(file, **arrays)
    return file.getvalue()
