"""What a circuit answers to new readings: volts in, output voltages, class and margin out."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.circuits.ngspice.runner import Told
from printron.circuits.ngspice.samples import runner_for
from printron.errors import PrintronError
from printron.network import network_netlist, printed_network, winner
from printron.results import HASH, Circuit
from printron.signoff.readings import loaded_reading, spice_reading

ENGINES = ("loaded", "ngspice")


def predict(
    circuit: Circuit,
    readings: NDArray[np.float64],
    engine: str = "loaded",
    *,
    workers: int | None = None,
    keep_dir: str | Path | None = None,
    timeout_s: float | None = None,
    told: Told | None = None,
) -> pd.DataFrame:
    """Feed readings to a circuit.

    Parameters
    ----------
    readings : in the units of the table that the circuit was trained on, [samples, features].
    engine : "loaded", the built-in solver with all loading, or "ngspice".
    workers, keep_dir, timeout_s, told : of ngspice; see `sign_off`.

    Returns
    -------
    A row a sample: `in1_V` ... voltages of the inputs; `out1_V` ... of the outputs, in the order of
    the circuit's classes; `class`, see `printron.network.winner`; `margin_V`, largest output minus
    the second; `clipped`, number of readings outside the range of training, which are taken as 0 V
    or 1 V; `status`; the circuit's hash. Without an operating point there are no outputs, no class
    and no margin.

    Raises
    ------
    PrintronError : an unknown engine.  NgspiceError : ngspice is missing, or solved no sample.
    """
    if engine not in ENGINES:
        raise PrintronError(f"got the engine '{engine}'; allowed are {', '.join(ENGINES)}")
    scaling = circuit.scaling
    volts = np.asarray(scaling.volts(readings).T, np.float64)
    printed = printed_network(circuit.design, circuit.parameters)
    if engine == "loaded":
        found = loaded_reading(circuit.design, circuit.parameters, printed, volts)
    else:
        netlist = network_netlist(
            circuit.design, printed, volts[:, 0], f"prediction of {circuit.name}"
        )
        runner = runner_for(netlist, volts.shape[1], timeout_s, keep_dir, told=told)
        found = spice_reading(circuit.design, printed, netlist, volts, runner, workers=workers)
    classes = np.array([*circuit.record["classes"], ""], object)
    answer = np.where(found.converged, winner(found.outputs, circuit.default), -1)
    margin = np.full(len(answer), np.nan)
    margin[found.converged] = found.gap
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
