"""The finished network: every printed component once, its nodes, its values, what it is there for.

A passive neuron has no activation circuit, so that its output is its column: each neuron of a layer
without activations, and any neuron without a printed input. A row whose resistors are all fed
directly has no negative-weight circuit. All that leaves for a printer or a simulator is made of
this description; `names` says what things are called.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from printron.circuits.components import Element
from printron.errors import PrintronError
from printron.network import names
from printron.network.layers import CellState, Layer, Parameters, build_layers
from printron.network.names import BIAS, Circuit
from printron.network.structure import Structure
from printron.technology import RESISTOR, Cell, Component, EGTCard, Process
from printron.technology.names import GROUND, INPUT, MINUS, OUTPUT


@dataclass(frozen=True)
class Part:
    """A component of the network, and where it is.

    Attributes
    ----------
    element : name, kind, nodes, values (numbers in SI units), transistor card.
    layer : from 1.  circuit : that it belongs to.
    instance : which crossbar or nonlinear circuit.  cell : of a nonlinear circuit.
    row, column : of the crossbar, where the part or its circuit has one.
    negated : whether the row's negative-weight circuit feeds a resistor of a crossbar.
    side : of a resistor where a neuron has two columns, "plus" or "minus".
    """

    element: Element
    layer: int
    circuit: Circuit
    instance: str
    cell: str | None = None
    row: str | None = None
    column: str | None = None
    negated: bool | None = None
    side: str | None = None

    @property
    def name(self) -> str:
        """Unique in the network."""
        return self.element.name

    @property
    def nodes(self) -> tuple[str, ...]:
        """That it is connected to, in the order of its kind's terminals."""
        return self.element.nodes


@dataclass(frozen=True)
class Input:
    """An input of the network.

    Attributes
    ----------
    node : where its source is connected.
    feature : what the sensor measures; any text.
    volts : voltage at which files show the network, V.
    reading_at_0V, reading_at_1V, unit : which readings are 0 V and 1 V; None where not known.
    """

    node: str
    feature: str = ""
    volts: float = 0.0
    reading_at_0V: float | None = None
    reading_at_1V: float | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Output:
    """An output of the network: its node, and the class that it stands for; any text."""

    node: str
    label: str = ""


@dataclass(frozen=True)
class PrintedNetwork:
    """A trained network as it is printed.

    Attributes
    ----------
    parts : all components.
    inputs, outputs : in the order of features and classes.
    columns : of every layer, the nodes of its printed columns, by number from 0.
    supplies : V, of the bias line and of every rail but ground, by node.
    source_resistance : of the sensor at every input, ohm; no part of the network.
    gate_leakage : resistance from each gate to ground, ohm, None for gates that do not leak; no
        part of the network.
    title : any text.
    marks : what files say of the network besides, text by name.
    """

    parts: tuple[Part, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    columns: tuple[Mapping[int, str], ...]
    supplies: Mapping[str, float]
    source_resistance: float = 0.0
    gate_leakage: float | None = None
    title: str = "printed network"
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes that a part is connected to, in order of appearance."""
        return tuple(dict.fromkeys(node for part in self.parts for node in part.nodes))

    def at(self, volts: ArrayLike) -> "PrintedNetwork":
        """The network at other input voltages, V, [inputs].

        Raises
        ------
        PrintronError : another number of voltages than inputs.
        """
        values = np.asarray(volts, np.float64)
        if values.shape != (len(self.inputs),):
            raise PrintronError(
                f"got {values.size} input voltages; the network has {len(self.inputs)} inputs"
            )
        pairs = zip(self.inputs, values.tolist(), strict=True)
        return replace(self, inputs=tuple(replace(each, volts=v) for each, v in pairs))


def printed_network(
    structure: Structure,
    parameters: Parameters,
    features: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> PrintedNetwork:
    """Take a trained network apart.

    Parameters
    ----------
    parameters : of one run, without a run axis.
    features, classes : what inputs and outputs stand for; any text, "" where none is given.
    """
    layers = build_layers(structure, jax.tree.map(jnp.asarray, parameters))
    return network_of(structure, layers, features, classes)


def network_of(
    structure: Structure,
    layers: Sequence[Layer],
    features: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> PrintedNetwork:
    """Layers as parts: those of a design, or of a printed copy (see `printing`).

    Parameters
    ----------
    features, classes : as in `printed_network`.
    """
    inputs = [names.input_name(k + 1) for k in range(structure.topology[0])]
    parts: list[Part] = []
    printed: list[dict[int, str]] = []
    sources = inputs  # nodes that feed the next layer
    for number, layer in enumerate(layers, start=1):
        rows = _row_names(structure, number)
        columns = neuron_names(structure, number)
        fed_by = [*sources, BIAS, GROUND]
        parts += _crossbar(number, layer, rows, columns, fed_by)
        negated = np.flatnonzero(np.asarray(layer.crossbar.negated_rows)).tolist()
        for k in negated:
            instance = names.negation_node(number, rows[k])
            where = _Where(structure.process, number, "negation", instance, row=rows[k])
            parts += _circuit(layer.negation, k, where, {INPUT: fed_by[k], OUTPUT: instance})
        active: list[bool] = np.asarray(layer.active).tolist()
        for k in np.flatnonzero(active).tolist():
            instance = names.activation_node(number, columns[k])
            where = _Where(structure.process, number, "activation", instance, column=columns[k])
            ends = _inputs(layer, number, columns, k) | {OUTPUT: instance}
            parts += _circuit(layer.activation, k, where, ends)
        there = np.flatnonzero(np.any(np.asarray(layer.crossbar.printed), 0)).tolist()
        nodes = _column_nodes(layer, number, columns)
        printed.append({k: nodes[k] for k in there})
        sources = [  # a column without any resistor is tied to ground
            names.activation_node(number, name) if active[k] else printed[-1].get(k, GROUND)
            for k, name in enumerate(columns)
        ]
    supplies = {name: float(layers[0].supplied(V)) for name, V in supply_volts(structure).items()}
    return PrintedNetwork(
        tuple(parts),
        tuple(map(Input, inputs, features or [""] * len(inputs))),
        tuple(map(Output, sources, classes or [""] * len(sources))),
        tuple(printed),
        supplies,
        structure.conditions.source_resistance,
        structure.conditions.gate_leakage,
    )


def supply_volts(structure: Structure) -> dict[str, float]:
    """Voltage of the bias line and of every rail but ground, V, by node."""
    rails = dict.fromkeys(rail for model in structure.models for rail in model.cell.rails)
    volts = {rail: structure.process.rail(rail) for rail in rails if rail != GROUND}
    return {BIAS: structure.process.crossbar.V_bias} | volts


def neuron_names(structure: Structure, layer: int) -> list[str]:
    """Names of a layer's columns; layers count from 1."""
    last = layer == structure.depth
    return [names.neuron_name(k + 1, last) for k in range(structure.topology[layer])]


def _column_nodes(layer: Layer, number: int, neurons: Sequence[str]) -> list[str]:
    """Nodes of a layer's columns, in the order of its crossbar."""
    nodes = [names.column_node(number, name) for name in neurons]
    if layer.paired:
        nodes += [names.minus_node(number, name) for name in neurons]
    return nodes


def _inputs(layer: Layer, number: int, neurons: Sequence[str], k: int) -> dict[str, str]:
    """Nodes at the inputs of a neuron's activation circuit; a column without any resistor is
    ground."""
    fed = np.any(np.asarray(layer.crossbar.printed), 0)
    nodes = [
        node if there else GROUND
        for node, there in zip(_column_nodes(layer, number, neurons), fed, strict=True)
    ]
    paired = {MINUS: nodes[k + len(neurons)]} if layer.paired else {}
    return {INPUT: nodes[k], **paired}


def _row_names(structure: Structure, layer: int) -> list[str]:
    """Names of a crossbar's rows: inputs or neurons of the layer before, bias, ground."""
    if layer == 1:
        before = [names.input_name(k + 1) for k in range(structure.topology[0])]
    else:
        before = neuron_names(structure, layer - 1)
    return [*before, BIAS, GROUND]


def _crossbar(
    number: int, layer: Layer, rows: Sequence[str], columns: Sequence[str], fed_by: Sequence[str]
) -> Iterator[Part]:
    nodes = _column_nodes(layer, number, columns)
    minus = np.asarray(layer.crossbar.minus, np.float64)
    conductance = np.asarray(layer.crossbar.plus, np.float64) + minus
    for i, j in np.argwhere(np.asarray(layer.crossbar.printed)).tolist():
        negated, neuron = bool(minus[i, j] > 0), columns[j % len(columns)]
        side = ("plus", "minus")[j // len(columns)] if layer.paired else None
        fed = names.negation_node(number, rows[i]) if negated else fed_by[i]
        yield Part(
            Element(
                names.crossbar_resistor(number, rows[i], neuron),
                RESISTOR,
                (fed, nodes[j]),
                {"R": 1 / float(conductance[i, j])},
            ),
            layer=number,
            circuit="crossbar",
            instance=names.crossbar_name(number),
            row=rows[i],
            column=neuron,
            negated=negated,
            side=side,
        )


@dataclass(frozen=True)
class _Where:
    """Which nonlinear circuit a part belongs to."""

    process: Process
    layer: int
    circuit: Circuit
    instance: str
    row: str | None = None
    column: str | None = None


def _circuit(
    state: CellState | None, k: int, where: _Where, ends: Mapping[str, str]
) -> Iterator[Part]:
    """The components of one nonlinear circuit; `ends`: nodes of its inputs and its output."""
    if state is None:  # no layer without such circuits needs one
        return
    cell = state.cell
    q = np.asarray(state.values, np.float64)
    q = q[:, min(k, q.shape[1] - 1)]
    for name, part in cell.components.items():
        deviations = (state.deviations or {}).get(name, {})
        own = {quantity: float(each[k]) for quantity, each in deviations.items()}
        yield Part(
            Element(
                names.within(name, where.instance),
                part.kind,
                tuple(_node(cell, node, where.instance, ends) for node in part.nodes),
                {key: _deviating(size, key, own) for key, size in _values(cell, name, q).items()},
                None if part.card is None else _card(where, part, name, own),
            ),
            layer=where.layer,
            circuit=where.circuit,
            instance=where.instance,
            cell=cell.name,
            row=where.row,
            column=where.column,
        )


def _node(cell: Cell, node: str, instance: str, ends: Mapping[str, str]) -> str:
    if node in ends:
        return ends[node]
    return node if node in cell.rails else names.within(node, instance)


def _values(cell: Cell, component: str, q: NDArray[np.float64]) -> dict[str, float]:
    """Values of a component, SI, at the design variables q, [variables]."""
    part, values = cell.components[component], {}
    for key in part.sizes:
        variable, number = cell.value(part, key)
        values[key] = float(number if variable is None else q[cell.variables.index(variable)])
    return values | part.constants


def _deviating(size: float, key: str, own: Mapping[str, float]) -> float:
    """A value of a printed component."""
    return size * own.get(key, 1.0)


def _card(where: _Where, part: Component, name: str, own: Mapping[str, float]) -> EGTCard:
    """The card of a component; one of its own where its printed copy deviates."""
    card = where.process.card(str(part.card))
    if not own:
        return card
    return part.kind.deviated_card(card, own, f"{card.name}_{names.within(name, where.instance)}")
