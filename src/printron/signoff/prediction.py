"""Prediction: input voltages of new readings in; output voltages, class and margin out."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.circuits.ngspice.runner import Progress
from printron.circuits.ngspice.samples import runner_for
from printron.datasets import class_numbers
from printron.errors import PrintronError
from printron.network import network_netlist, winner
from printron.results import HASH, Circuit
from printron.signoff.readings import loaded_reading, spice_reading

SOLVERS = ("loaded", "ngspice")


def predict(
    circuit: Circuit,
    readings: NDArray[np.float64],
    engine: str = "loaded",
    *,
    workers: int | None = None,
    keep_dir: str | Path | None = None,
    timeout_s: float | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Feed readings to a circuit.

    Parameters
    ----------
    readings : in the units of the training table, [samples, features].
    engine : "loaded" (built-in solver with all loading) or "ngspice".
    workers, keep_dir, timeout_s, progress : of ngspice; see `sign_off`.

    Returns
    -------
    One row per sample: `in1_V` ... voltages of the inputs; `out1_V` ... of the outputs, in the
    order of the circuit's classes; `class`, see `printron.network.winner`; `margin_V`, largest
    output minus the second; `clipped`, number of readings outside the training range, clipped to
    0 V or 1 V; `status`; the circuit's hash. Samples without an operating point have no outputs,
    class or margin.

    Raises
    ------
    PrintronError : an unknown engine.  NgspiceError : ngspice is missing, or solved no sample.
    """
    if engine not in SOLVERS:
        raise PrintronError(f"got the engine '{engine}'; allowed are {', '.join(SOLVERS)}")
    scaling = circuit.scaling
    volts = np.asarray(scaling.volts(readings).T, np.float64)
    printed = circuit.printed(volts[:, 0], f"prediction of {circuit.name}")
    if engine == "loaded":
        found = loaded_reading(circuit.structure, circuit.parameters, printed, volts)
    else:
        netlist = network_netlist(printed)
        runner = runner_for(netlist, volts.shape[1], timeout_s, keep_dir, progress=progress)
        found = spice_reading(printed, netlist, volts, runner, workers=workers)
    classes = np.array([*circuit.record["classes"], ""], object)
    answer = np.where(found.converged, winner(found.outputs, circuit.default), -1)
    margin = np.full(len(answer), np.nan)
    margin[found.converged] = found.lead
    return pd.DataFrame(
        {
            **{f"in{k + 1}_V": each for k, each in enumerate(volts)},
            **{f"out{k + 1}_V": each for k, each in enumerate(found.outputs)},
            "class": classes[answer],
            "margin_V": margin,
            "clipped": scaling.outside(readings).sum(1),
            "status": found.status,
            HASH: circuit.hash,
        }
    )


def prediction_record(
    circuit: Circuit, found: pd.DataFrame, right: list[str] | None, engine: str
) -> dict[str, Any]:
    """Summary of a prediction, as JSON.

    Parameters
    ----------
    found : of `predict`.  right : label of every row, "" for none; None without labels.
    """
    labelled = sum(map(bool, right or ()))
    return {
        HASH: circuit.hash,
        "engine": engine,
        "samples": len(found),
        "features": circuit.record["features"],
        "classes": circuit.record["classes"],
        "accuracy": _accuracy(circuit, found, right) if right and labelled else None,
        "without_label": None if right is None else len(right) - labelled,
        "clipped_rows": int((found["clipped"] > 0).sum()),
        "not_converged": int((found["class"] == "").sum()),
    }


def _accuracy(circuit: Circuit, found: pd.DataFrame, right: list[str]) -> float:
    """Fraction of the labelled rows that are classified correctly."""
    classes = circuit.record["classes"]
    numbers = class_numbers(right, classes)
    hits = [
        number >= 0 and answer == classes[number]
        for number, answer, label in zip(numbers, found["class"], right, strict=True)
        if label
    ]
    return sum(hits) / len(hits)
