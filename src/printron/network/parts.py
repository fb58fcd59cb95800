"""Every printed component of a trained network, once: its name, its nodes, its value.

    Rc1_in3_h2     resistor of crossbar 1 from input 3 to hidden neuron 2
    Rc2_h1_out2    of crossbar 2, from hidden neuron 1 to output 2
    Rc2_gnd_out2   of crossbar 2, from ground to output 2; likewise Rc2_bias_out2
    R1_a1_h2       R1 of the activation circuit of hidden neuron 2 (layer 1)
    X1_n1_in3      X1 of the negative-weight circuit of input 3 (layer 1)

    in3  bias  gnd   an input, the bias line, ground; supply rails have the names of the process
    z1_h2            column of hidden neuron 2: input of its activation circuit
    a1_h2            output of that circuit
    n1_in3           output of the negative-weight circuit of input 3
    x_a1_h2          inner node x of a nonlinear circuit

Layers, inputs and neurons count from 1. With more than one hidden layer the first number tells
them apart. A neuron without a printed input has no activation circuit, so that its output is its
column; a row whose resistors are all fed directly has no negative-weight circuit. The bill of
materials and the netlist are both made of these parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from printron.circuits.components import GROUND
from printron.network.network import CellState, Design, Layer, Parameters, build_layers
from printron.technology import Cell

BIAS = "bias"


@dataclass(frozen=True)
class Part:
    """A component of the network.

    Attributes
    ----------
    name : unique.  kind : "resistor", "egt" or "level_shift" (which cannot be printed).
    nodes : two ends; drain, gate, source; or input and output of a level shift.
    values : "R" in ohm, or "W" and "L" in m.
    layer : from 1.  circuit : "crossbar", "activation" or "negation".
    instance : which crossbar or nonlinear circuit.  cell : of a nonlinear circuit.
    row, column : of the crossbar, where the part or its circuit has one.
    negated : whether the row's negative-weight circuit feeds a resistor of a crossbar.
    card : of a transistor.  gain, offset : of a level shift (V).
    """

    name: str
    kind: str
    nodes: tuple[str, ...]
    values: dict[str, float]
    layer: int
    circuit: Literal["crossbar", "activation", "negation"]
    instance: str
    cell: str | None = None
    row: str | None = None
    column: str | None = None
    negated: bool | None = None
    card: str | None = None
    gain: float | None = None
    offset: float | None = None


@dataclass(frozen=True)
class PrintedNetwork:
    """A trained network as parts.

    Attributes
    ----------
    parts : all components.  outputs : node of each output, [classes].
    """

    parts: tuple[Part, ...]
    outputs: tuple[str, ...]


def printed_network(design: Design, parameters: Parameters) -> PrintedNetwork:
    """Take a trained network apart.

    Parameters
    ----------
    parameters : of one run, without a run axis.
    """
    layers = build_layers(design, jax.tree.map(jnp.asarray, parameters))
    parts: list[Part] = []
    sources = [f"in{k + 1}" for k in range(design.topology[0])]  # nodes that feed the next layer
    for number, layer in enumerate(layers, start=1):
        rows = _row_names(design, number)
        columns = neuron_names(design, number)
        fed_by = [*sources, BIAS, GROUND]
        parts += _crossbar(number, layer, rows, columns, fed_by)
        negated = np.flatnonzero(np.asarray(layer.crossbar.negated_rows)).tolist()
        for k in negated:
            ends = fed_by[k], f"n{number}_{rows[k]}"
            where = _Where(number, "negation", f"n{number}_{rows[k]}", row=rows[k])
            parts += _circuit(design.negation_cell, layer.negation, k, where, ends)
        active: list[bool] = np.asarray(layer.crossbar.has_input).tolist()
        for k in np.flatnonzero(active).tolist():
            ends = f"z{number}_{columns[k]}", f"a{number}_{columns[k]}"
            where = _Where(number, "activation", f"a{number}_{columns[k]}", column=columns[k])
            parts += _circuit(design.activation_cell, layer.activation, k, where, ends)
        printed: list[bool] = np.any(np.asarray(layer.crossbar.printed), 0).tolist()
        sources = [  # a column without any resistor is tied to ground
            f"a{number}_{name}" if active[k] else f"z{number}_{name}" if printed[k] else GROUND
            for k, name in enumerate(columns)
        ]
    return PrintedNetwork(tuple(parts), tuple(sources))


def neuron_names(design: Design, layer: int) -> list[str]:
    """Names of a layer's columns; layers count from 1."""
    word = "out" if layer == design.layers else "h"
    return [f"{word}{k + 1}" for k in range(design.topology[layer])]


def _row_names(design: Design, layer: int) -> list[str]:
    """Names of a crossbar's rows: inputs or neurons of the layer before, bias, ground."""
    if layer == 1:
        before = [f"in{k + 1}" for k in range(design.topology[0])]
    else:
        before = neuron_names(design, layer - 1)
    return [*before, BIAS, GROUND]


def _crossbar(
    number: int, layer: Layer, rows: Sequence[str], columns: Sequence[str], fed_by: Sequence[str]
) -> Iterator[Part]:
    minus = np.asarray(layer.crossbar.minus, np.float64)
    conductance = np.asarray(layer.crossbar.plus, np.float64) + minus
    for i, j in np.argwhere(np.asarray(layer.crossbar.printed)).tolist():
        negated = bool(minus[i, j] > 0)
        yield Part(
            name=f"Rc{number}_{rows[i]}_{columns[j]}",
            kind="resistor",
            nodes=(f"n{number}_{rows[i]}" if negated else fed_by[i], f"z{number}_{columns[j]}"),
            values={"R": 1 / float(conductance[i, j])},
            layer=number,
            circuit="crossbar",
            instance=f"c{number}",
            row=rows[i],
            column=columns[j],
            negated=negated,
        )


@dataclass(frozen=True)
class _Where:
    """Which nonlinear circuit a part belongs to."""

    layer: int
    circuit: Literal["activation", "negation"]
    instance: str
    row: str | None = None
    column: str | None = None


def _circuit(
    cell: Cell, state: CellState, k: int, where: _Where, ends: tuple[str, str]
) -> Iterator[Part]:
    """The components of one nonlinear circuit, between the nodes `ends`: input and output."""
    q = np.asarray(state.values, np.float64)
    q = q[:, min(k, q.shape[1] - 1)]
    for name, part in cell.components.items():
        yield Part(
            name=f"{name}_{where.instance}",
            kind=part.kind,
            nodes=tuple(_node(cell, node, where.instance, ends) for node in part.nodes),
            values=_values(cell, name, q),
            layer=where.layer,
            circuit=where.circuit,
            instance=where.instance,
            cell=cell.name,
            row=where.row,
            column=where.column,
            card=part.card,
            gain=part.gain,
            offset=part.offset,
        )


def _node(cell: Cell, node: str, instance: str, ends: tuple[str, str]) -> str:
    if node in ("in", "out"):
        return ends[node == "out"]
    return node if node in cell.rails else f"{node}_{instance}"


def _values(cell: Cell, component: str, q: NDArray[np.float64]) -> dict[str, float]:
    """Values of a component, ohm or m, at the design variables q, [variables]."""
    part, values = cell.components[component], {}
    for key in ("R", "W", "L"):
        if getattr(part, key) is not None:
            variable, number = cell.value(part, key)
            known = number if variable is None else q[cell.variables.index(variable)]
            values[key] = float(known)
    return values
