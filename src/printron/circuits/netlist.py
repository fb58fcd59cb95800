"""Netlists: named components between named nodes, written as SPICE and read back unchanged.

The written file runs in plain ngspice. ngspice does not tell upper from lower case, so names that
differ only by case are refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from printron.circuits.components import (
    EGT,
    GROUND,
    Element,
    LevelShift,
    NetlistError,
    Parameter,
    Resistor,
    Value,
    VoltageSource,
    one_line,
    safe_name,
)
from printron.technology import Cell, EGTCard, Process, subcircuit
from printron.technology.cells import Component

__all__ = [
    "EGT",
    "GROUND",
    "Element",
    "LevelShift",
    "Netlist",
    "NetlistError",
    "Parameter",
    "Resistor",
    "VoltageSource",
    "cell_netlist",
    "read_spice",
    "safe_name",
]

# ngspice's defaults are up to a millivolt wrong on steep inverters.
OPTIONS = ".option reltol=1e-06 abstol=1e-14 vntol=1e-09 gmin=1e-15"


def _distinct(names: Iterable[str], what: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise NetlistError(
                f"got the {what} {seen[name.lower()]!r} and {name!r}; names must differ by more "
                "than upper and lower case, which ngspice does not tell apart"
            )
        seen[name.lower()] = name


@dataclass(frozen=True)
class Netlist:
    """A circuit.

    Attributes
    ----------
    title : any text; made one line of printable characters.
    components : its components, whose names, nodes, transistor cards and parameters must differ by
        more than case.
    """

    title: str
    components: tuple[Element, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", one_line(self.title))
        object.__setattr__(self, "components", tuple(self.components))
        _distinct((part.name for part in self.components), "components")
        _distinct(dict.fromkeys((GROUND, *self.nodes)), "nodes")
        _distinct((card.name for card in self.cards), "transistor cards")
        _distinct((parameter.name for parameter in self.parameters), "parameters")

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, in order of appearance."""
        return tuple(dict.fromkeys(node for part in self.components for node in part.nodes))

    @property
    def cards(self) -> tuple[EGTCard, ...]:
        """The transistor cards in use."""
        return tuple(dict.fromkeys(p.card for p in self.components if isinstance(p, EGT)))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The values that a simulation may set by name."""
        values = (getattr(part, key) for part in self.components for key in part.values)
        return tuple(dict.fromkeys(value for value in values if isinstance(value, Parameter)))

    @property
    def counts(self) -> dict[str, int]:
        """Number of printed components by kind."""
        kinds = [part.kind for part in self.components]
        return {"resistors": kinds.count("resistor"), "egts": kinds.count("EGT")}

    def to_spice(self, analysis: Iterable[str] = (".op",)) -> str:
        """The file as text, for plain ngspice.

        Parameters
        ----------
        analysis : lines put before `.end`; by default the operating point.
        """
        lines = [f"* {self.title}", OPTIONS]
        lines += [f".param {p.spice_name}={float(p)!r}" for p in self.parameters]
        for card in self.cards:
            lines += [_card_line(card), subcircuit(card)]
        lines += [part.line for part in self.components]
        return "\n".join([*lines, *analysis, ".end", ""])


def _value(part: Component, key: str, cell: Cell, design: Mapping[str, Value]) -> Value:
    variable, number = cell.value(part, key)
    return number if variable is None else design[variable]


def cell_netlist(cell: Cell, process: Process, design: Mapping[str, Value], v_in: float) -> Netlist:
    """A cell with its supplies (`Vvdd`, …) and the source at its input, `Vin`.

    Parameters
    ----------
    design : value of every design variable, ohm or m, by name.
    v_in : input voltage, V.

    Raises
    ------
    NetlistError : a design variable is missing or unknown; a name that SPICE cannot take.
    TechnologyError : the process lacks a rail or a transistor of the cell.
    """
    if set(design) != set(cell.variables):
        raise NetlistError(
            f"got the design variables {sorted(design)}; cell '{cell.name}' has "
            f"{sorted(cell.variables)}"
        )
    parts = [
        element(
            name,
            part,
            {k: _value(part, k, cell, design) for k in "RWL" if getattr(part, k) is not None},
            process,
        )
        for name, part in cell.components.items()
    ]
    return Netlist(f"cell {cell.name}", (*parts, *_sources(cell, process, v_in)))


class Described(Protocol):
    """A component as a cell's description, or a part made of it, says it."""

    @property
    def kind(self) -> str:
        """ "resistor", "egt" or "level_shift"."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Two ends; drain, gate, source; or input and output of a level shift."""

    @property
    def card(self) -> str | None:
        """Transistor card."""

    @property
    def gain(self) -> float | None:
        """Of a level shift."""

    @property
    def offset(self) -> float | None:
        """Of a level shift, V."""


def element(name: str, part: Described, values: Mapping[str, Value], process: Process) -> Element:
    """The component of a netlist that a description means.

    Parameters
    ----------
    values : "R" in ohm, or "W" and "L" in m.
    """
    if part.kind == "resistor":
        a, b = part.nodes
        return Resistor(name, a, b, values["R"])
    if part.kind == "egt":
        drain, gate, source = part.nodes
        card = process.card(str(part.card))
        return EGT(name, drain, gate, source, values["W"], values["L"], card)
    source, target = part.nodes
    return LevelShift(name, source, target, float(part.gain or 0), float(part.offset or 0))


def _sources(cell: Cell, process: Process, v_in: float) -> Iterator[VoltageSource]:
    """The supplies and the input; the rail `gnd` is SPICE's ground and needs none."""
    nodes = {node for part in cell.components.values() for node in part.nodes}
    if GROUND in nodes and (GROUND not in cell.rails or process.rail(GROUND) != 0):
        raise NetlistError(
            f"cell '{cell.name}' has a node '{GROUND}' that is not a rail at 0 V, but SPICE takes "
            "that name as its ground; give the node another name"
        )
    for rail in cell.supplies:
        if rail != GROUND:
            yield VoltageSource(f"V{rail}", rail, GROUND, process.rail(rail))
    yield VoltageSource("Vin", "in", GROUND, v_in)


# -------------------------------------------------------------------------------- reading back

_NODE, _NUM = r"([A-Za-z0-9_]+)", r"([^\s=*()]+)"
_RESISTOR = re.compile(rf"(R\w*) {_NODE} {_NODE} {_NUM}")
_EGT = re.compile(rf"(X\w*) {_NODE} {_NODE} {_NODE} egt_(\w+) W={_NUM} L={_NUM}")
_SHIFT = re.compile(rf"B(E\w*) {_NODE} 0 V={_NUM}\*V\({_NODE}\)\+\({_NUM}\)")
_SOURCE = re.compile(rf"(V\w*) {_NODE} {_NODE} DC {_NUM}")
_PARAM = re.compile(rf"\.param p_(\w+)={_NUM}")
_CARD_NUMBERS = ("V_T", "S", "gamma", "K", "lambda_", "G_off")
_CARD = re.compile(
    r"\* card (\w+): "
    + " ".join(f"{key}={_NUM}" for key in _CARD_NUMBERS)
    + rf" W={_NUM} to {_NUM} L={_NUM} to {_NUM}"
)
_NOT_THE_CIRCUIT = ("*", ".op", ".dc", ".save")  # comments and analyses


def _card_line(card: EGTCard) -> str:
    """A transistor card as a comment, since its subcircuit does not say what can be printed."""
    numbers = [f"{key}={float(getattr(card, key))!r}" for key in _CARD_NUMBERS]
    sizes = [
        f"{key}={float(low)!r} to {float(high)!r}"
        for key, (low, high) in (("W", card.W), ("L", card.L))
    ]
    return f"* card {card.name}: {' '.join(numbers + sizes)}"


def read_spice(text: str) -> Netlist:
    """Read a netlist that `Netlist.to_spice` wrote; comments and analyses are passed over.

    Raises
    ------
    NetlistError : names the line and what was got.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if not lines[0].startswith("* "):
        raise NetlistError(f"line 1: got {lines[0]!r}; a netlist begins with its title, '* title'")
    reader, number = _Reader(), 1
    while number < len(lines) and lines[number] != ".end":
        try:
            number += reader.take(lines[number], lines[number + 1 :])
        except ValueError as error:
            raise NetlistError(f"line {number + 1}: {error}") from None
    if number == len(lines):
        raise NetlistError(f"line {number}: got the end of the text; '.end' is missing")
    return Netlist(lines[0][2:], tuple(reader.parts))


class _Reader:
    """What has been read so far."""

    def __init__(self) -> None:
        self.parts: list[Element] = []
        self.cards: dict[str, EGTCard] = {}
        self.parameters: dict[str, Parameter] = {}

    def take(self, line: str, following: list[str]) -> int:
        """Read one line, and the lines that belong to it; return how many were used up."""
        if found := _CARD.fullmatch(line):
            return self._card(*found.groups(), following=following)
        if line in ("", OPTIONS) or line.split()[0] in _NOT_THE_CIRCUIT:
            return 1
        if found := _PARAM.fullmatch(line):
            self.parameters[found[1]] = Parameter(found[1], float(found[2]))
            return 1
        self.parts.append(self._part(line))
        return 1

    def _card(self, name: str, *numbers: str, following: list[str]) -> int:
        V_T, S, gamma, K, lambda_, G_off, *sizes = map(float, numbers)
        W, L = (sizes[0], sizes[1]), (sizes[2], sizes[3])
        card = EGTCard(name, V_T, S, gamma, K, lambda_, G_off, W, L)
        body = subcircuit(card).split("\n")
        if following[: len(body)] != body:
            raise NetlistError(f"the subcircuit after card {name!r} is not the one of this card")
        self.cards[name] = card
        return 1 + len(body)

    def _part(self, line: str) -> Element:
        if found := _RESISTOR.fullmatch(line):
            name, a, b, ohms = found.groups()
            return Resistor(name, _node(a), _node(b), self._value(ohms))
        if found := _EGT.fullmatch(line):
            name, d, g, s, card, W, L = found.groups()
            if card not in self.cards:
                raise NetlistError(f"got the transistor 'egt_{card}', whose card does not precede")
            size = self._value(W), self._value(L)
            return EGT(name, _node(d), _node(g), _node(s), *size, self.cards[card])
        if found := _SHIFT.fullmatch(line):
            name, target, gain, source, offset = found.groups()
            line_of = self._value(gain), self._value(offset)
            return LevelShift(name, _node(source), _node(target), *line_of)
        if found := _SOURCE.fullmatch(line):
            name, plus, minus, volts = found.groups()
            return VoltageSource(name, _node(plus), _node(minus), self._value(volts))
        raise NetlistError(f"got {line!r}, which is not a line that printron writes")

    def _value(self, text: str) -> Value:
        if not text.startswith("{"):
            return float(text)
        name = text.removeprefix("{p_").removesuffix("}")
        if name not in self.parameters:
            raise NetlistError(f"got the parameter {text!r}, which no .param line before it sets")
        return self.parameters[name]


def _node(name: str) -> str:
    return GROUND if name == "0" else name
