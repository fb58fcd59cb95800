"""Sign-off of one circuit: model, loaded model and SPICE side by side, and what they say."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
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
    Design,
    Parameters,
    PrintedNetwork,
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

# The ideal model; the nonlinear circuits as circuits, but ideal as sources; all loading; ngspice.
WORDS = {
    "model": "model",
    "unloaded": "circuits, ideal sources",
    "loaded": "loaded model",
    "spice": "SPICE",
}
MODELS = tuple(WORDS)
ACCURACY_POINTS, POWER_SHARE = 2.0, 0.03  # claimed and found may differ by so much
CROSS_CHECKED = 20  # samples solved once more, each from nothing
SAME_V, SAME_POWER = 1e-3, 5e-3  # two engines agree
QUANTILES = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95}


@dataclass(frozen=True)
class Claim:
    """What training said of a circuit.

    Attributes
    ----------
    model : that it was trained by: "model" for ideal sources, "loaded" for the loaded circuit.
    accuracy, power_W : as they were written down; None where they were not: that model is asked
        again.
    """

    model: str = "model"
    accuracy: float | None = None
    power_W: float | None = None


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was found.

    Attributes
    ----------
    labels : classes of the samples, [S].
    readings : by model; without "spice" where ngspice could not be had, and `missing` says why.
    claimed : what training said of the circuit.
    cross_check_V : largest difference to samples that ngspice solved one by one, V; NaN without,
        and `unchecked` says why.
    netlist : the circuit, at the voltages of the first sample.
    default : class that is answered where its output ties with the largest.
    """

    labels: NDArray[np.integer[Any]]
    readings: dict[str, Reading]
    cross_check_V: float
    netlist: Netlist
    missing: str = ""
    claimed: Claim = Claim()
    unchecked: str = ""
    default: int = 0

    @property
    def truth(self) -> str:
        """What the model is judged by: "spice", or "loaded" without ngspice."""
        return "spice" if "spice" in self.readings else "loaded"

    def accuracy(self, model: str) -> float:
        """Share of the samples that a model answers right."""
        return self.readings[model].accuracy(self.labels, self.default)

    def layer_error(self, model: str) -> list[float]:
        """RMS difference of each layer's column voltages to the truth, V; then of the outputs."""
        ours, truth = self.readings[model], self.readings[self.truth]
        both = ours.converged & truth.converged
        pairs = [*zip(ours.columns, truth.columns, strict=True), (ours.outputs, truth.outputs)]
        return [_rms((a - b)[:, both]) for a, b in pairs]

    def record(self) -> dict[str, Any]:
        """As JSON: what every model says, how far the claim is off, whether engines agree."""
        said = {
            **{name: self._one(name) for name in self.readings},
            "truth": self.truth,
            "samples": len(self.labels),
            "claim": self.claim(),
            "cross_check_V": self.cross_check_V,
            "cross_check_kept": self.cross_check_kept,
            "cross_check_missing": self.unchecked or None,
            "engines_agree": self.engines_agree,
            "missing": self.missing or None,
        }
        return dict(finite(said))

    def _one(self, model: str) -> dict[str, Any]:
        reading = self.readings[model]
        gap = reading.gap
        return {
            "accuracy": self.accuracy(model),
            "power_W": reading.mean_power,
            "layer_rms_V": self.layer_error(model),
            "gap_V": {
                name: float(np.quantile(gap, q)) if len(gap) else None
                for name, q in QUANTILES.items()
            },
            "not_converged": {
                int(k): reading.status[k] for k in np.flatnonzero(~reading.converged)
            },
        }

    def claim(self) -> dict[str, Any]:
        """How far what training claims is from the truth, and whether that is near enough."""
        model = self.claimed.model
        ours, truth = self.readings[model], self.readings[self.truth]
        said, claimed = self.claimed.accuracy, self.claimed.power_W
        said = self.accuracy(model) if said is None else said
        claimed = ours.mean_power["total"] if claimed is None else claimed
        points = 100 * (self.accuracy(self.truth) - said)
        found = truth.mean_power["total"]
        near = abs(found - claimed) <= max(POWER_SHARE * claimed, NO_POWER_W)
        return {
            "model": model,
            "accuracy_points": points,
            "power_ratio": found / claimed if claimed > NO_POWER_W else None,
            "accuracy_kept": bool(abs(points) <= ACCURACY_POINTS),
            "power_kept": bool(near),
            "kept": bool(abs(points) <= ACCURACY_POINTS and near),
            "independent": model != self.truth,
        }

    @property
    def cross_check_kept(self) -> bool | None:
        """Whether samples solved alone are those of the sweep; None where none was."""
        return None if np.isnan(self.cross_check_V) else bool(self.cross_check_V <= SAME_V)

    @property
    def engines_agree(self) -> bool | None:
        """Whether the loaded model and ngspice say the same; None without ngspice."""
        if "spice" not in self.readings:
            return None
        ours, theirs = self.readings["loaded"], self.readings["spice"]
        both = ours.converged & theirs.converged
        if not both.any() or not ours.converged[theirs.converged].all():
            return False
        apart = np.abs(ours.outputs - theirs.outputs)[:, both].max()
        first, second = (
            float(np.sum([each[both] for each in it.power.values()], 0).mean())
            for it in (ours, theirs)
        )
        near = abs(first - second) <= max(SAME_POWER * abs(second), NO_POWER_W)
        return bool(near and apart <= SAME_V)


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else 0.0


def sign_off(
    design: Design,
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
    told: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> Verdict:
    """Look at one circuit with every model, on the same samples.

    Parameters
    ----------
    parameters : of one run, without a run axis.
    rows : volts [inputs, S] and labels [S].
    claimed : what training said of it on these rows.
    default : class that is answered where its output ties with the largest: the commonest of the
        training rows.
    spice : whether ngspice is asked; where it is missing the verdict says so.
    keep_dir : where decks that fail are kept.
    timeout_s : all processes of ngspice together may take so long, s; default: by the number of
        samples and components, a minute at least.
    told, stop : who is told where one takes long, and what calls the work off; see `Runner`.

    Raises
    ------
    NgspiceTimeout, NgspiceError : ngspice is there, and solved no sample.
    PrintronError : no samples.
    """
    volts, labels = np.asarray(rows[0], np.float64), np.asarray(rows[1])
    if not len(labels):
        raise PrintronError("got no samples to sign the circuit off with")
    printed = printed_network(design, parameters)
    netlist = network_netlist(design, printed, volts[:, 0], title)
    readings = {
        "model": ideal_reading(design, parameters, printed, volts),
        "unloaded": loaded_reading(design, parameters, printed, volts, loading=0.0),
        "loaded": loaded_reading(design, parameters, printed, volts),
    }
    missing, unchecked, apart = "", "", float("nan")
    if spice:
        runner = runner_for(netlist, len(labels), timeout_s, keep_dir, told=told, stop=stop)
        circuit = (design, printed, netlist)
        try:
            readings["spice"] = spice_reading(*circuit, volts, runner, workers=workers)
            apart, unchecked = _cross_check(*circuit, volts, readings["spice"], runner, workers)
        except NgspiceMissing as error:
            missing = str(error)
    else:
        missing = "ngspice was not asked"
    return Verdict(labels, readings, apart, netlist, missing, claimed, unchecked, default)


def _cross_check(
    design: Design,
    printed: PrintedNetwork,
    netlist: Netlist,
    volts: Floats,
    swept: Reading,
    runner: Runner,
    workers: int | None,
) -> tuple[float, str]:
    """Largest difference of outputs between the sweep and samples solved from nothing, V.

    Not a number where none of them could be solved from nothing; then also why.
    """
    count = volts.shape[1]
    some = np.random.default_rng(0).permutation(count)[:CROSS_CHECKED]
    try:
        alone = spice_reading(
            design, printed, netlist, volts[:, some], runner, one_by_one=True, workers=workers
        )
    except NgspiceStopped:
        raise
    except NgspiceError as error:  # the sweep solved them; nothing to compare with
        return float("nan"), str(error)
    apart = np.abs(alone.outputs - swept.outputs[:, some])
    if np.isfinite(apart).any():
        return float(np.nanmax(apart)), ""
    return float("nan"), "the sweep solved none of the samples that were solved on their own"
