"""The grammar of names in a network: made and parsed here, and nowhere else.

    Rc1_in3_h2     resistor of crossbar 1 from input 3 to hidden neuron 2
    Rc2_h1_out2    of crossbar 2, from hidden neuron 1 to output 2
    Rc2_gnd_out2   of crossbar 2, from ground to output 2; likewise Rc2_bias_out2
    R1_a1_h2       R1 of the activation circuit of hidden neuron 2 (layer 1)
    X1_n1_in3      X1 of the negative-weight circuit of input 3 (layer 1)

    in3  bias  gnd   an input, the bias line, ground; supply rails have the names of the process
    z1_h2            column of hidden neuron 2: input of its activation circuit
    m1_h2            its minus column, where the circuit has a second input
    a1_h2            output of that circuit
    n1_in3           output of the negative-weight circuit of input 3
    x_a1_h2          inner node x of a nonlinear circuit

Layers, inputs and neurons count from 1. With more than one hidden layer the first number tells
them apart. The letters stand in `technology.names`, since a process refuses rails with such names.
"""

import re
from typing import Literal, NamedTuple

from printron.errors import PrintronError
from printron.technology.names import (
    ACTIVATION,
    BIAS,
    COLUMN,
    GROUND,
    INPUT,
    MINUS_COLUMN,
    NEGATION,
    OUTPUT,
)

HIDDEN = "h"

Role = Literal[
    "input", "bias", "ground", "rail", "column", "minus column", "activation", "negation", "inner"
]
Circuit = Literal["crossbar", "activation", "negation"]

_ROLES: dict[str, Role] = {
    COLUMN: "column",
    MINUS_COLUMN: "minus column",
    ACTIVATION: "activation",
    NEGATION: "negation",
}
_CIRCUITS: dict[str, Circuit] = {ACTIVATION: "activation", NEGATION: "negation"}
_ROW = rf"(?:{INPUT}|{HIDDEN}|{OUTPUT})\d+|{BIAS}|{GROUND}"
_END = rf"([{COLUMN}{MINUS_COLUMN}{ACTIVATION}{NEGATION}])(\d+)_({_ROW})"
_NODE = re.compile(_END)
_INNER = re.compile(rf"(\w+)_{_END}")
_RESISTOR = re.compile(rf"Rc(\d+)_({_ROW})_({_ROW})")


def input_name(number: int) -> str:
    """An input, and the node of its source: "in3"."""
    return f"{INPUT}{number}"


def neuron_name(number: int, output: bool) -> str:
    """A neuron of a hidden layer, "h2", or an output, "out2"."""
    return f"{OUTPUT if output else HIDDEN}{number}"


def column_node(layer: int, neuron: str) -> str:
    """Of a neuron's column, the input of its activation circuit: "z1_h2"."""
    return f"{COLUMN}{layer}_{neuron}"


def minus_node(layer: int, neuron: str) -> str:
    """Of a neuron's minus column, the second input of its activation circuit: "m1_h2"."""
    return f"{MINUS_COLUMN}{layer}_{neuron}"


def activation_node(layer: int, neuron: str) -> str:
    """Output of an activation circuit, and the circuit's name: "a1_h2"."""
    return f"{ACTIVATION}{layer}_{neuron}"


def negation_node(layer: int, row: str) -> str:
    """Output of a row's negative-weight circuit, and the circuit's name: "n1_in3"."""
    return f"{NEGATION}{layer}_{row}"


def within(name: str, instance: str) -> str:
    """An inner node or a component of a nonlinear circuit: "x_a1_h2", "R1_a1_h2"."""
    return f"{name}_{instance}"


def crossbar_name(layer: int) -> str:
    """A crossbar: "c1"."""
    return f"c{layer}"


def crossbar_resistor(layer: int, row: str, column: str) -> str:
    """A resistor of a crossbar: "Rc1_in3_h2"."""
    return f"R{crossbar_name(layer)}_{row}_{column}"


def sensor_node(node: str) -> str:
    """Where the source of an input is connected that has a resistance: "in3_s"."""
    return f"{node}_s"


def sensor_resistor(node: str) -> str:
    """The resistance of an input's source: "Rs_in3"."""
    return f"Rs_{node}"


def source_name(node: str) -> str:
    """The voltage source of an input or a supply: "Vin3", "Vvdd"."""
    return f"V{node}"


class NodeName(NamedTuple):
    """What a node's name says.

    Attributes
    ----------
    role : what the node is.
    layer : from 1; None of inputs and supplies.
    at : the row or neuron that it belongs to.
    inner : of an inner node, its name in the cell.
    """

    role: Role
    layer: int | None = None
    at: str | None = None
    inner: str | None = None


def parse_node(name: str) -> NodeName:
    """What a node of a network is, by its name; what has no place in the network is a rail."""
    if found := _NODE.fullmatch(name):
        return NodeName(_ROLES[found[1]], int(found[2]), found[3])
    if found := _INNER.fullmatch(name):
        return NodeName("inner", int(found[3]), found[4], found[1])
    if re.fullmatch(rf"{INPUT}\d+", name):
        return NodeName("input", at=name)
    named: dict[str, Role] = {BIAS: "bias", GROUND: "ground"}
    return NodeName(named.get(name, "rail"))


class PartName(NamedTuple):
    """What a component's name says.

    Attributes
    ----------
    circuit, layer : that it belongs to.
    row, column : of the crossbar; of a nonlinear circuit, the one that the circuit has.
    component : of a nonlinear circuit, its name in the cell.
    """

    circuit: Circuit
    layer: int
    row: str | None = None
    column: str | None = None
    component: str | None = None


def parse_part(name: str) -> PartName:
    """Where a component of a network is, by its name.

    Raises
    ------
    PrintronError : no component of a network has such a name.
    """
    if found := _INNER.fullmatch(name):
        component, letter, layer, at = found.groups()
        if letter in _CIRCUITS:
            row, column = (at, None) if letter == NEGATION else (None, at)
            return PartName(_CIRCUITS[letter], int(layer), row, column, component)
    if found := _RESISTOR.fullmatch(name):
        return PartName("crossbar", int(found[1]), found[2], found[3])
    raise PrintronError(
        f"got the component {name!r}; components of a network are called Rc1_in3_h2, R1_a1_h2 or "
        "X1_n1_in3, for example"
    )
