"""Sign-off of one circuit: ideal model, loaded model and SPICE side by side, and the verdict."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.base.quantity import NO_POWER_W
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice import NgspiceError, NgspiceMissing
from printron.circuits.ngspice.runner import NgspiceStopped, Runner
from printron.circuits.ngspice.samples import runner_for
from printron.errors import PrintronError
from printron.network import (
    Parameters,
    PrintedNetwork,
    Structure,
    network_netlist,
    printed_network,
)
from printron.results import finite
from printron.signoff.readings import (
    Floats,
    Reading,
    ideal_reading,
    loaded_reading,
    spice_reading,
)
from printron.signoff.settling import Settling, settling_or_reason

# Ideal model; simulated cells as ideal sources; circuit with all loading; ngspice.
MODEL_WORDS = {
    "ideal": "ideal model",
    "unloaded": "circuits, ideal sources",
    "loaded": "loaded model",
    "spice": "SPICE",
}
MODELS = tuple(MODEL_WORDS)
ACCURACY_POINTS, POWER_SHARE = 2.0, 0.03  # allowed differences of claim and reference
CROSS_CHECKED = 20  # samples solved again one by one, each from zero
SAME_V, SAME_POWER = 1e-3, 5e-3  # allowed differences of two engines
SETTLING_SAMPLES = 600  # a transient of all steps has the time of so many operating points
QUANTILES = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95}


@dataclass(frozen=True)
class Claim:
    """What training claims of a circuit.

    Attributes
    ----------
    model : model used in training: "ideal" (ideal sources) or "loaded" (loaded circuit).
    accuracy, power_W : as recorded; None if not recorded: the model is then evaluated again.
    """

    model: str = "ideal"
    accuracy: float | None = None
    power_W: float | None = None


@dataclass(frozen=True, eq=False)
class Verdict:
    """Readings of a circuit by every model, and its claim.

    Attributes
    ----------
    labels : classes of the samples, [S].
    readings : by model; without "spice" if ngspice was not run, for the reason in `missing`.
    claimed : what training claims of the circuit.
    cross_check_V : largest difference to samples that ngspice solved one by one, V; NaN without,
        for the reason in `unchecked`.
    netlist : the circuit, at the voltages of the first sample.
    default : class chosen if its output ties with the largest.
    settling : how fast the circuit is in ngspice; None without, for the reason in `unsettled`.
    settle_s : time in which the circuit must settle, s; None if any time will do.
    """

    labels: NDArray[np.integer[Any]]
    readings: dict[str, Reading]
    cross_check_V: float
    netlist: Netlist
    missing: str = ""
    claimed: Claim = Claim()
    unchecked: str = ""
    default: int = 0
    settling: Settling | None = None
    unsettled: str = ""
    settle_s: float | None = None

    @property
    def truth(self) -> str:
        """The reference model: "spice", or "loaded" without ngspice."""
        return "spice" if "spice" in self.readings else "loaded"

    def accuracy(self, model: str) -> float:
        """Fraction of the samples that a model classifies correctly."""
        return self.readings[model].accuracy(self.labels, self.default)

    def layer_error(self, model: str) -> list[float]:
        """RMS difference to the reference, V: of the columns of each layer, then of the outputs."""
        reading, truth = self.readings[model], self.readings[self.truth]
        both = reading.converged & truth.converged
        pairs = [
            *zip(reading.columns, truth.columns, strict=True),
            (reading.outputs, truth.outputs),
        ]
        return [_rms((a - b)[:, both]) for a, b in pairs]

    def record(self) -> dict[str, Any]:
        """As JSON: results of every model, error of the claim, agreement of the engines."""
        record = {
            **{name: self._one(name) for name in self.readings},
            "truth": self.truth,
            "samples": len(self.labels),
            "claim": self.claim(),
            "cross_check_V": self.cross_check_V,
            "cross_check_kept": self.cross_check_kept,
            "cross_check_missing": self.unchecked or None,
            "engines_agree": self.engines_agree,
            "missing": self.missing or None,
            **self._speed(),
        }
        return dict(finite(record))

    def _speed(self) -> dict[str, Any]:
        """Settling time, energy per decision, and the limit of the time."""
        found, limit_s = self.settling, self.settle_s
        limit = {"limit_s": limit_s, "missing": self.unsettled or None}
        if found is None:
            limit["kept"] = None if limit_s is None else False
            return {"settle_s": None, "energy_J": None, "settling": limit}
        limit["kept"] = None if limit_s is None else found.settle_s <= limit_s
        return {
            "settle_s": found.settle_s,
            "energy_J": self.readings[self.truth].mean_power["total"] * found.settle_s,
            "settling": limit | found.record(),
        }

    def _one(self, model: str) -> dict[str, Any]:
        reading = self.readings[model]
        lead = reading.lead
        return {
            "accuracy": self.accuracy(model),
            "balanced_accuracy": reading.balanced_accuracy(self.labels, self.default),
            "recall": reading.recalls(self.labels, self.default),
            "power_W": reading.mean_power,
            "layer_rms_V": self.layer_error(model),
            "lead_V": {
                name: float(np.quantile(lead, q)) if len(lead) else None
                for name, q in QUANTILES.items()
            },
            "not_converged": {
                int(k): reading.status[k] for k in np.flatnonzero(~reading.converged)
            },
        }

    def claim(self) -> dict[str, Any]:
        """Difference of the reference to what training claims, and whether it is allowed."""
        model = self.claimed.model
        accuracy, power_W = self.claimed.accuracy, self.claimed.power_W
        if accuracy is None:
            accuracy = self.accuracy(model)
        if power_W is None:
            power_W = self.readings[model].mean_power["total"]
        points = 100 * (self.accuracy(self.truth) - accuracy)
        found_W = self.readings[self.truth].mean_power["total"]
        near = abs(found_W - power_W) <= max(POWER_SHARE * power_W, NO_POWER_W)
        return {
            "model": model,
            "accuracy_points": points,
            "power_ratio": found_W / power_W if power_W > NO_POWER_W else None,
            "accuracy_kept": bool(abs(points) <= ACCURACY_POINTS),
            "power_kept": bool(near),
            "kept": bool(abs(points) <= ACCURACY_POINTS and near),
            "independent": model != self.truth,
        }

    @property
    def cross_check_kept(self) -> bool | None:
        """Whether samples solved one by one agree with the sweep; None without any."""
        return None if np.isnan(self.cross_check_V) else bool(self.cross_check_V <= SAME_V)

    @property
    def engines_agree(self) -> bool | None:
        """Whether the loaded model and ngspice agree; None without ngspice."""
        if "spice" not in self.readings:
            return None
        loaded, spice = self.readings["loaded"], self.readings["spice"]
        both = loaded.converged & spice.converged
        if not both.any() or not loaded.converged[spice.converged].all():
            return False
        apart = np.abs(loaded.outputs - spice.outputs)[:, both].max()
        first, second = (
            float(np.sum([each[both] for each in reading.power.values()], 0).mean())
            for reading in (loaded, spice)
        )
        near = abs(first - second) <= max(SAME_POWER * abs(second), NO_POWER_W)
        return bool(near and apart <= SAME_V)


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else 0.0


def sign_off(
    structure: Structure,
    parameters: Parameters,
    rows: tuple[NDArray[np.floating[Any]], NDArray[np.integer[Any]]],
    *,
    claimed: Claim = Claim(),
    default: int = 0,
    title: str = "printed network",
    spice: bool = True,
    workers: int | None = None,
    keep_dir: str | Path | None = None,
    timeout_s: float | None = None,
    progress: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    settle: bool = False,
    settle_s: float | None = None,
) -> Verdict:
    """Evaluate one circuit with every model, on the same samples.

    Parameters
    ----------
    parameters : of one run, without a run axis.
    rows : volts [inputs, S] and labels [S].
    claimed : what training claims of the circuit on these rows.
    default : class that is answered where its output ties with the largest: the commonest of the
        training rows.
    spice : whether to run ngspice; the verdict says if ngspice is missing.
    keep_dir : folder for decks that fail.
    timeout_s : time limit of all ngspice processes together, s; default: by the number of samples
        and components, at least a minute.
    progress, stop : called while ngspice takes long; event that ends the job; see `Runner`.
    settle : whether to measure the settling time, too, in ngspice.
    settle_s : time in which the circuit must settle, s; then it is measured in any case.

    Raises
    ------
    TechnologyError : a circuit must settle whose process has no capacitance of gates.
    NgspiceTimeout, NgspiceError : ngspice is installed, but solved no sample.
    PrintronError : no samples.
    """
    volts, labels = np.asarray(rows[0], np.float64), np.asarray(rows[1])
    if not len(labels):
        raise PrintronError("got no samples to sign the circuit off with")
    if settle_s is not None:
        _ = structure.process.gate_capacitance  # refused before any simulation
        settle = True
    printed = replace(printed_network(structure, parameters).at(volts[:, 0]), title=title)
    netlist = network_netlist(printed)
    readings = {
        "ideal": ideal_reading(structure, parameters, printed, volts),
        "unloaded": loaded_reading(structure, parameters, printed, volts, loading=0.0),
        "loaded": loaded_reading(structure, parameters, printed, volts),
    }
    missing, unchecked, apart = "", "", float("nan")
    settling, unsettled = None, ""
    if spice:
        count = len(labels) + (SETTLING_SAMPLES if settle else 0)
        runner = runner_for(netlist, count, timeout_s, keep_dir, progress=progress, stop=stop)
        circuit = (printed, netlist)
        try:
            readings["spice"] = spice_reading(*circuit, volts, runner, workers=workers)
            apart, unchecked = _cross_check(*circuit, volts, readings["spice"], runner, workers)
            if settle:
                settling, unsettled = settling_or_reason(
                    structure.process, *circuit, volts, readings["spice"], default, runner
                )
        except NgspiceMissing as error:
            missing = str(error)
    else:
        missing = "ngspice was not run"
    return Verdict(
        labels, readings, apart, netlist, missing, claimed, unchecked, default,
        settling, unsettled or missing, settle_s,
    )  # fmt: skip


def _cross_check(
    printed: PrintedNetwork,
    netlist: Netlist,
    volts: Floats,
    swept: Reading,
    runner: Runner,
    workers: int | None,
) -> tuple[float, str]:
    """Largest difference of outputs between the sweep and samples solved one by one, V.

    NaN, with the reason, if no sample could be solved alone.
    """
    count = volts.shape[1]
    some = np.random.default_rng(0).permutation(count)[:CROSS_CHECKED]
    try:
        alone = spice_reading(
            printed, netlist, volts[:, some], runner, one_by_one=True, workers=workers
        )
    except NgspiceStopped:
        raise
    except NgspiceError as error:  # only the sweep solved the samples
        return float("nan"), str(error)
    apart = np.abs(alone.outputs - swept.outputs[:, some])
    if np.isfinite(apart).any():
        return float(np.nanmax(apart)), ""
    return float("nan"), "the sweep solved none of the samples that were solved one by one"
