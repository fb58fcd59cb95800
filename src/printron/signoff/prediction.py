"""What a circuit answers to new readings: volts in, output voltages, class and margin out."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.errors import PrintronError
from printron.experiments import HASH, Circuit
from printron.network import network_netlist, printed_network
from printron.signoff.readings import Reading, loaded_reading, spice_reading

ENGINES = ("loaded", "ngspice")


def predict(
    circuit: Circuit,
    readings: NDArray[np.float64],
    engine: str = "loaded",
    *,
    workers: int | None = None,
    keep_dir: str | Path | None = None,
) -> pd.DataFrame:
    """Feed readings to a circuit.

    Parameters
    ----------
    readings : in the units of the table that the circuit was trained on, [samples, features].
    engine : "loaded", the built-in solver with all loading, or "ngspice".
    workers, keep_dir : of ngspice; see `printron.circuits.ngspice_samples`.

    Returns
    -------
    A row a sample: `in1_V` ... voltages of the inputs; `out1_V` ... of the outputs, in the order of
    the circuit's classes; `class`; `margin_V`, winner minus runner-up; `clipped`, number of
    readings outside the range of training, which are taken as 0 V or 1 V; `status`; the circuit's
    hash. Without an operating point there are no outputs, no class and no margin.

    Raises
    ------
    PrintronError : an unknown engine.  NgspiceError : ngspice is missing, or solved no sample.
    """
    if engine not in ENGINES:
        raise PrintronError(f"got the engine '{engine}'; allowed are {', '.join(ENGINES)}")
    scaling = circuit.scaling
    volts = np.asarray(scaling.volts(readings).T, np.float64)
    found = _reading(circuit, volts, engine, workers, keep_dir)
    classes = np.array([*circuit.record["classes"], ""], object)
    winner = np.where(found.converged, np.argmax(found.outputs, 0), -1)
    margin = np.full(len(winner), np.nan)
    margin[found.converged] = found.gap
    return pd.DataFrame(
        {
            **{f"in{k + 1}_V": each for k, each in enumerate(volts)},
            **{f"out{k + 1}_V": each for k, each in enumerate(found.outputs)},
            "class": classes[winner],
            "margin_V": margin,
            "clipped": scaling.outside(readings).sum(1),
            "status": found.status,
            HASH: circuit.hash,
        }
    )


def _reading(
    circuit: Circuit, volts: NDArray[np.float64], engine: str, workers: Any, keep_dir: Any
) -> Reading:
    design, parameters = circuit.design, circuit.parameters
    printed = printed_network(design, parameters)
    if engine == "loaded":
        return loaded_reading(design, parameters, printed, volts)
    netlist = network_netlist(design, printed, volts[:, 0], f"prediction of {circuit.name}")
    return spice_reading(design, printed, netlist, volts, workers=workers, keep_dir=keep_dir)
