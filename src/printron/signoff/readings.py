"""What a model, or ngspice, says of one circuit on the same samples, in one form."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.circuits import CONVERGED
from printron.circuits.netlist import Netlist, VoltageSource
from printron.circuits.ngspice.runner import Runner
from printron.circuits.ngspice.samples import operating_points
from printron.network import (
    Design,
    Parameters,
    PrintedNetwork,
    build_layers,
    cell_power,
    forward_layer,
    layer_columns,
    neuron_names,
    solve_loaded,
    winner,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reading:
    """A circuit's voltages and power on samples.

    Attributes
    ----------
    columns : voltages of the printed columns of every layer, V, [columns, S] each.
    outputs : V, [classes, S]; NaN where a sample has no solution.
    power : what each source delivers ("vdd", ..., "bias", "in"), W, [S] each; where sources are
        ideal, what "crossbar", "activation" and "negation" circuits burn.
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

    def accuracy(self, labels: NDArray[np.integer[Any]], default: int = 0) -> float:
        """Share of samples that are answered right; none without a solution is.

        Parameters
        ----------
        default : class that is answered where its output ties with the largest.
        """
        right = winner(np.where(self.converged, self.outputs, 0), default) == labels
        return float(np.mean(right & self.converged))

    @property
    def mean_power(self) -> dict[str, float]:
        """By source, and "total", averaged over the samples with a solution, W."""
        means = {name: float(np.mean(each[self.converged])) for name, each in self.power.items()}
        return {"total": sum(means.values()), **means}

    @property
    def gap(self) -> Floats:
        """Of the largest output to the second, V, [samples with a solution]."""
        ranked = np.sort(self.outputs[:, self.converged], 0)
        return ranked[-1] - ranked[-2] if len(ranked) > 1 else np.full(ranked.shape[1], np.inf)


def printed_columns(design: Design, printed: PrintedNetwork) -> tuple[NDArray[np.int64], ...]:
    """Which columns of every layer are printed; the others are nowhere in the circuit."""
    nodes = {node for part in printed.parts for node in part.nodes}
    return tuple(
        np.array(
            [k for k, name in enumerate(neuron_names(design, n)) if f"z{n}_{name}" in nodes], int
        )
        for n in range(1, design.layers + 1)
    )


def ideal_reading(
    design: Design, parameters: Parameters, printed: PrintedNetwork, volts: Floats
) -> Reading:
    """Of the ideal model: ideal sources, fitted curves, power of a sweep."""
    columns, outputs, power = jax.tree.map(
        np.asarray, _ideal(design, _arrays(parameters), jnp.asarray(volts, jnp.float32))
    )
    which = printed_columns(design, printed)
    return Reading(
        tuple(np.asarray(z, np.float64)[k] for z, k in zip(columns, which, strict=True)),
        np.asarray(outputs, np.float64),
        # The closed form of a crossbar's power may come out a rounding error below 0.
        {name: np.full(volts.shape[1], max(float(each), 0.0)) for name, each in power.items()},
        (CONVERGED,) * volts.shape[1],
    )


@partial(jax.jit, static_argnums=0)
def _ideal(
    design: Design, parameters: Parameters, v: Array
) -> tuple[list[Array], Array, dict[str, Array]]:
    layers = build_layers(design, parameters)
    weights = jnp.full(v.shape[1], 1 / v.shape[1], v.dtype)
    columns, crossbar = [], jnp.asarray(0.0, v.dtype)
    for layer in layers:
        columns.append(layer_columns(design, layer, v, weights).z)
        v, power = forward_layer(design, layer, v, weights)
        crossbar = crossbar + power
    activation, negation = cell_power(design, layers)
    return columns, v, {
        "crossbar": crossbar, "activation": activation.sum(), "negation": negation.sum()
    }  # fmt: skip


def loaded_reading(
    design: Design,
    parameters: Parameters,
    printed: PrintedNetwork,
    volts: Floats,
    loading: float = 1.0,
) -> Reading:
    """Of the circuit, solved here in double precision.

    Parameters
    ----------
    loading : 0 for the same circuits as ideal sources; see `solve_loaded`.
    """
    which = printed_columns(design, printed)
    with jax.enable_x64(True):
        layers = build_layers(design, _arrays(parameters))
        it = jax.tree.map(np.asarray, _loaded(design, layers, jnp.asarray(volts), loading))
    said = "did not converge: the last Newton step was {:.2g} V"
    return Reading(
        tuple(z[k] for z, k in zip(it.columns, which, strict=True)),
        it.out,
        # An ideal source delivers what no supply does: only the heat tells all.
        dict(it.delivered) if loading else {k: each.sum(0) for k, each in it.dissipated.items()},
        tuple(
            CONVERGED if good else said.format(error)
            for good, error in zip(it.converged, it.error, strict=True)
        ),
    )


_loaded = jax.jit(solve_loaded, static_argnums=0)


def spice_reading(
    design: Design,
    printed: PrintedNetwork,
    netlist: Netlist,
    volts: Floats,
    runner: Runner,
    *,
    one_by_one: bool = False,
    workers: int | None = None,
) -> Reading:
    """Of the netlist in ngspice; see `printron.circuits.ngspice.samples`.

    Raises
    ------
    NgspiceError : ngspice is missing, or solved no sample.
    """
    names = [
        [f"z{n}_{neuron_names(design, n)[k]}" for k in which]
        for n, which in enumerate(printed_columns(design, printed), start=1)
    ]
    count = volts.shape[1]
    inputs = {f"Vin{k + 1}": each for k, each in enumerate(volts)}
    wanted = [*dict.fromkeys([*(node for layer in names for node in layer), *printed.outputs])]
    samples = operating_points(
        netlist, inputs, wanted, one_by_one=one_by_one, workers=workers, runner=runner
    )
    return Reading(
        tuple(
            np.array([samples.voltages[node] for node in layer]).reshape(len(layer), count)
            for layer in names
        ),
        np.array([samples.voltages[node] for node in printed.outputs]),
        _delivered(netlist, inputs, samples.source_current),
        samples.status,
    )


def _delivered(
    netlist: Netlist, inputs: Mapping[str, Floats], currents: Mapping[str, Floats]
) -> dict[str, Floats]:
    sources = (part for part in netlist.components if isinstance(part, VoltageSource))
    volts = {source.name: float(source.volts) for source in sources}
    power: dict[str, Floats] = {}
    for name, current in currents.items():
        source = "in" if name in inputs else name.removeprefix("V")
        each = np.asarray(inputs.get(name, volts[name])) * current
        power[source] = power.get(source, 0.0) + each
    return power


def _arrays(parameters: Parameters) -> Parameters:
    return jax.tree.map(jnp.asarray, parameters)
