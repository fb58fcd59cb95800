"""Voltages and power of one circuit by every model and by ngspice, in one form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.circuits import CONVERGED
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice.runner import Runner
from printron.circuits.ngspice.samples import operating_points
from printron.network import (
    Layer,
    Parameters,
    PrintedNetwork,
    Structure,
    build_layers,
    cell_power,
    forward_layer,
    layer_columns,
    solve_loaded,
    winner,
)
from printron.network.names import source_name

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reading:
    """A circuit's voltages and power on samples.

    Attributes
    ----------
    columns : voltages of the printed columns of every layer, V, [columns, S] each.
    outputs : V, [classes, S]; NaN where a sample has no solution.
    power : delivered by each source ("vdd", ..., "bias", "in"), W, [S] each; in models with ideal
        sources, dissipated in "crossbar", "activation" and "negation" circuits.
    status : "converged" or a sentence, [S].
    """

    columns: tuple[Floats, ...]
    outputs: Floats
    power: dict[str, Floats]
    status: tuple[str, ...]

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Samples with a solution, [S]."""
        return np.array([each == CONVERGED for each in self.status])

    def classes(self, default: int = 0) -> NDArray[np.integer[Any]]:
        """Numbers of the chosen classes, [S]; meaningless for samples without a solution.

        Parameters
        ----------
        default : class chosen if its output ties with the largest.
        """
        found: NDArray[np.integer[Any]] = winner(self._read, default)
        return found

    def right(
        self, labels: NDArray[np.integer[Any]], default: int = 0, margin: float = 0.0
    ) -> NDArray[np.bool_]:
        """Correctly classified samples, [S]; samples without a solution count as wrong.

        Parameters
        ----------
        margin : by which the right output must lead all others, V.
        """
        found = (self.classes(default) == labels) & self.converged
        if margin:
            labelled = np.arange(len(self.outputs))[:, None] == labels
            others = np.where(labelled, -np.inf, self._read).max(0)
            found &= np.where(labelled, self._read, 0).sum(0) - others >= margin
        return found

    def accuracy(
        self, labels: NDArray[np.integer[Any]], default: int = 0, margin: float = 0.0
    ) -> float:
        """Fraction of correctly classified samples; see `right`."""
        return float(np.mean(self.right(labels, default, margin)))

    def recalls(self, labels: NDArray[np.integer[Any]], default: int = 0) -> list[float | None]:
        """Of each class the fraction of its samples that is correct; None without samples."""
        right, classes = self.right(labels, default), range(len(self.outputs))
        own = [right[labels == each] for each in classes]
        return [float(each.mean()) if len(each) else None for each in own]

    def balanced_accuracy(self, labels: NDArray[np.integer[Any]], default: int = 0) -> float:
        """Mean of the recalls of the classes that occur."""
        recalls = self.recalls(labels, default)
        return float(np.mean([each for each in recalls if each is not None]))

    @property
    def _read(self) -> Floats:
        """Outputs, 0 where a sample has no solution, V, [classes, S]."""
        return np.where(self.converged, self.outputs, 0)

    @property
    def mean_power(self) -> dict[str, float]:
        """By source, and "total", averaged over the samples with a solution, W."""
        means = {name: float(np.mean(each[self.converged])) for name, each in self.power.items()}
        return {"total": sum(means.values()), **means}

    @property
    def lead(self) -> Floats:
        """Largest output minus the second largest, V, [samples with a solution]."""
        ranked = np.sort(self.outputs[:, self.converged], 0)
        return ranked[-1] - ranked[-2] if len(ranked) > 1 else np.full(ranked.shape[1], np.inf)


def ideal_reading(
    structure: Structure, parameters: Parameters, printed: PrintedNetwork, volts: Floats
) -> Reading:
    """Reading of the ideal model: ideal sources, fitted curves, power over a sweep."""
    columns, outputs, power = jax.tree.map(
        np.asarray, _ideal(structure, arrays_of(parameters), jnp.asarray(volts, jnp.float32))
    )
    return Reading(
        _printed_of(printed, (np.asarray(z, np.float64) for z in columns)),
        np.asarray(outputs, np.float64),
        # Rounding may put the closed form of a crossbar's power below 0.
        {name: np.full(volts.shape[1], max(float(each), 0.0)) for name, each in power.items()},
        (CONVERGED,) * volts.shape[1],
    )


def _printed_of(printed: PrintedNetwork, columns: Iterable[Floats]) -> tuple[Floats, ...]:
    """Voltages of the printed columns; other columns are not part of the circuit."""
    return tuple(z[list(kept)] for z, kept in zip(columns, printed.columns, strict=True))


@partial(jax.jit, static_argnums=0)
def _ideal(
    structure: Structure, parameters: Parameters, v: Array
) -> tuple[list[Array], Array, dict[str, Array]]:
    layers = build_layers(structure, parameters)
    weights = jnp.full(v.shape[1], 1 / v.shape[1], v.dtype)
    columns, crossbar = [], jnp.asarray(0.0, v.dtype)
    for layer in layers:
        columns.append(layer_columns(structure, layer, v, weights).z)
        v, power = forward_layer(structure, layer, v, weights)
        crossbar = crossbar + power
    activation, negation = cell_power(layers)
    return columns, v, {
        "crossbar": crossbar, "activation": activation.sum(), "negation": negation.sum()
    }  # fmt: skip


def loaded_reading(
    structure: Structure,
    parameters: Parameters,
    printed: PrintedNetwork,
    volts: Floats,
    loading: float = 1.0,
) -> Reading:
    """Reading of the circuit by the built-in solver, in double precision.

    Parameters
    ----------
    loading : 0 for simulated cells as ideal sources; see `solve_loaded`.
    """
    with jax.enable_x64(True):
        layers = build_layers(structure, arrays_of(parameters))
    return reading_of_layers(structure, layers, printed, volts, loading)


def reading_of_layers(
    structure: Structure,
    layers: tuple[Layer, ...],
    printed: PrintedNetwork,
    volts: Floats,
    loading: float = 1.0,
) -> Reading:
    """As `loaded_reading`, of layers as designed or as printed, which are in double precision."""
    with jax.enable_x64(True):
        solved = jax.tree.map(np.asarray, _loaded(structure, layers, jnp.asarray(volts), loading))
    reason = "did not converge: the last Newton step was {:.2g} V"
    return Reading(
        _printed_of(printed, solved.columns),
        solved.out,
        # Ideal sources deliver power that no supply does: only dissipation counts all power.
        dict(solved.delivered)
        if loading
        else {cause: each.sum(0) for cause, each in solved.dissipated.items()},
        tuple(
            CONVERGED if good else reason.format(error)
            for good, error in zip(solved.converged, solved.error, strict=True)
        ),
    )


_loaded = jax.jit(solve_loaded, static_argnums=0)


def spice_reading(
    printed: PrintedNetwork,
    netlist: Netlist,
    volts: Floats,
    runner: Runner,
    *,
    one_by_one: bool = False,
    workers: int | None = None,
) -> Reading:
    """Reading of the netlist in ngspice; see `printron.circuits.ngspice.samples`.

    Raises
    ------
    NgspiceError : ngspice is missing, or solved no sample.
    """
    names = [list(nodes.values()) for nodes in printed.columns]
    outputs = [output.node for output in printed.outputs]
    count = volts.shape[1]
    inputs = {source_name(each.node): v for each, v in zip(printed.inputs, volts, strict=True)}
    wanted = [*dict.fromkeys([*(node for layer in names for node in layer), *outputs])]
    samples = operating_points(
        netlist, inputs, wanted, one_by_one=one_by_one, workers=workers, runner=runner
    )
    return Reading(
        tuple(
            np.array([samples.voltages[node] for node in layer]).reshape(len(layer), count)
            for layer in names
        ),
        np.array([samples.voltages[node] for node in outputs]),
        _delivered(netlist, inputs, samples.source_current, printed.source_resistance),
        samples.status,
    )


def _delivered(
    netlist: Netlist,
    inputs: Mapping[str, Floats],
    currents: Mapping[str, Floats],
    resistance: float,
) -> dict[str, Floats]:
    """Power of every supply and of the inputs, W, [S] each; without what the resistance of the
    inputs' sensors, ohm, turns to heat."""
    volts = {source.name: float(source.values["V"]) for source in netlist.sources}
    nodes = {source.name: source.nodes[0] for source in netlist.sources}
    power: dict[str, Floats] = {}
    for name, current in currents.items():
        source = "in" if name in inputs else nodes[name]
        each = np.asarray(inputs.get(name, volts[name])) * current
        if name in inputs:
            each = each - resistance * current**2
        power[source] = power.get(source, 0.0) + each
    return power


def arrays_of(parameters: Parameters) -> Parameters:
    """Parameters as JAX arrays."""
    return jax.tree.map(jnp.asarray, parameters)
