"""Netlists: named components between named nodes, written as SPICE and read back unchanged.

The written file runs in plain ngspice. ngspice ignores case, so names that differ only by case are
refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from printron.circuits.components import (
    GROUND,
    Element,
    NetlistError,
    Parameter,
    Value,
    one_line,
    safe_name,
    voltage_source,
)
from printron.technology import (
    CAPACITOR,
    COMPONENT_KINDS,
    VOLTAGE_SOURCE,
    Cell,
    Component,
    EGTCard,
    Process,
    counted,
    minus_volts,
)
from printron.technology.names import MINUS

__all__ = [
    "GROUND",
    "Element",
    "Netlist",
    "NetlistError",
    "Parameter",
    "cell_netlist",
    "read_spice",
    "safe_name",
    "voltage_source",
]

# ngspice's defaults are up to a millivolt wrong on steep inverters.
OPTIONS = ".option reltol=1e-06 abstol=1e-14 vntol=1e-09 gmin=1e-15"


def _distinct(names: Iterable[str], what: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise NetlistError(
                f"got the {what} {seen[name.lower()]!r} and {name!r}; names must differ by more "
                "than upper and lower case, since ngspice ignores case"
            )
        seen[name.lower()] = name


@dataclass(frozen=True)
class Netlist:
    """A circuit.

    Attributes
    ----------
    title : any text; reduced to one line of printable characters.
    components : their names, nodes, transistor cards and parameters must differ by more than case.
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
    def sources(self) -> tuple[Element, ...]:
        """The voltage sources."""
        return tuple(part for part in self.components if part.kind == VOLTAGE_SOURCE)

    @property
    def cards(self) -> tuple[EGTCard, ...]:
        """The transistor cards in use."""
        return tuple(dict.fromkeys(p.card for p in self.components if p.card is not None))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The values that a simulation may set by name."""
        values = (value for part in self.components for value in part.values.values())
        return tuple(dict.fromkeys(value for value in values if isinstance(value, Parameter)))

    @property
    def counts(self) -> dict[str, int]:
        """Number of printed components by kind."""
        return counted(part.kind for part in self.components)

    def to_spice(self, analysis: Iterable[str] = (".op",)) -> str:
        """The file as text, for plain ngspice.

        Parameters
        ----------
        analysis : lines put before `.end`; by default the operating point.
        """
        lines = [f"* {self.title}", OPTIONS]
        lines += [f".param {p.spice_name}={float(p)!r}" for p in self.parameters]
        for card in self.cards:
            users = {part.kind for part in self.components if part.card == card}
            models = (kind.model(card) for kind in COMPONENT_KINDS.values() if kind in users)
            lines += [_card_line(card), *models]
        lines += [part.line for part in self.components]
        return "\n".join([*lines, *analysis, ".end", ""])


def _value(part: Component, key: str, cell: Cell, design: Mapping[str, Value]) -> Value:
    if key in part.constants:
        return part.constants[key]
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
    NetlistError : a design variable is missing or unknown; a name that SPICE does not accept.
    TechnologyError : the process lacks a rail or a transistor of the cell.
    """
    if set(design) != set(cell.variables):
        raise NetlistError(
            f"got the design variables {sorted(design)}; cell '{cell.name}' has "
            f"{sorted(cell.variables)}"
        )
    parts = [
        Element(
            name,
            part.kind,
            part.nodes,
            {key: _value(part, key, cell, design) for key in part.kind.keys},
            None if part.card is None else process.card(part.card),
        )
        for name, part in cell.components.items()
    ]
    return Netlist(f"cell {cell.name}", (*parts, *_sources(cell, process, v_in)))


def _sources(cell: Cell, process: Process, v_in: float) -> Iterator[Element]:
    """Sources of the supplies and the input; the rail `gnd` is SPICE's ground and needs none."""
    nodes = {node for part in cell.components.values() for node in part.nodes}
    if GROUND in nodes and (GROUND not in cell.rails or process.rail(GROUND) != 0):
        raise NetlistError(
            f"cell '{cell.name}' has a node '{GROUND}' that is not a rail at 0 V, but in SPICE "
            "that name means ground; give the node another name"
        )
    for rail in cell.supplies:
        if rail != GROUND:
            yield voltage_source(f"V{rail}", rail, process.rail(rail))
    yield voltage_source("Vin", "in", v_in)
    if cell.differential:
        yield voltage_source("Vminus", MINUS, minus_volts(process))


# -------------------------------------------------------------------------------- reading back

_NUM = r"([^\s=*()]+)"
_PARAM = re.compile(rf"\.param p_(\w+)={_NUM}")
_CARD_NUMBERS = ("V_T", "S", "gamma", "K", "lambda_", "G_off")
_CARD = re.compile(
    r"\* card (\w+): "
    + " ".join(f"{key}={_NUM}" for key in _CARD_NUMBERS)
    + rf" W={_NUM} to {_NUM} L={_NUM} to {_NUM}"
)
_NOT_THE_CIRCUIT = ("*", ".op", ".dc", ".save")  # comments and analyses


def _card_line(card: EGTCard) -> str:
    """A transistor card as a comment, since its subcircuit holds no printable range."""
    numbers = [f"{key}={float(getattr(card, key))!r}" for key in _CARD_NUMBERS]
    sizes = [
        f"{key}={float(low)!r} to {float(high)!r}"
        for key, (low, high) in (("W", card.W), ("L", card.L))
    ]
    return f"* card {card.name}: {' '.join(numbers + sizes)}"


def read_spice(text: str) -> Netlist:
    """Read a netlist that `Netlist.to_spice` wrote; comments and analyses are skipped.

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
    """The parts, cards and parameters read so far."""

    def __init__(self) -> None:
        self.parts: list[Element] = []
        self.cards: dict[str, EGTCard] = {}
        self.parameters: dict[str, Parameter] = {}

    def take(self, line: str, following: list[str]) -> int:
        """Read one line and those that continue it; return the number of lines read."""
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
        models = (kind.model(card).split("\n") for kind in COMPONENT_KINDS.values() if kind.carded)
        read = 0
        for body in models:
            if following[read : read + len(body)] == body:
                read += len(body)
        if not read:
            raise NetlistError(f"the subcircuit after card {name!r} does not belong to this card")
        self.cards[name] = card
        return 1 + read

    def _part(self, line: str) -> Element:
        for kind in (*COMPONENT_KINDS.values(), VOLTAGE_SOURCE, CAPACITOR):
            if texts := kind.read(line):
                card = texts.get("card")
                if card is not None and card not in self.cards:
                    raise NetlistError(
                        f"got the transistor '{kind.name}_{card}', whose card is not defined before"
                    )
                return Element(
                    texts["name"],
                    kind,
                    tuple(_node(texts[terminal]) for terminal in kind.terminals),
                    {key: self._value(texts[key]) for key in kind.keys},
                    None if card is None else self.cards[card],
                )
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
