"""Components of a netlist: their names and their SPICE lines.

    R1 a b 10000.0                          resistor between a and b, ohm
    X1 d g s egt_B W=0.0001 L=4e-05         EGT: drain, gate, source; width and length in m
    BE1 out 0 V=0.482*V(in)+(-0.7587)       ideal level shift (not printable)
    Vvdd vdd 0 DC 1.0                       voltage source: plus, minus; V

The kinds stand in `printron.technology.kinds`. Ground is called `gnd`, as in the cell library, and
is written as SPICE's `0`.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from printron.base.ascii import in_ascii
from printron.errors import PrintronError
from printron.technology import VOLTAGE_SOURCE, EGTCard, Kind
from printron.technology.names import GROUND, SPICE_NAMES

_LONGEST = 64  # characters of a name; far below ngspice's line buffers
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{_LONGEST - 1}}}")


class NetlistError(PrintronError):
    """A netlist cannot be built, written or read; the message says what was got and where."""


def safe_name(text: str, taken: Iterable[str] = (), prefix: str = "n_") -> str:
    """A node or component name made from any text: letters, digits and _, a letter first.

    Letters beyond ASCII are spelled; see `in_ascii`.

    Parameters
    ----------
    text : any text, for example the name of a column of a user's table.
    taken : names in use; a number is appended until the name differs from them, ignoring case.
    prefix : prepended where the text does not begin with a letter or is reserved in SPICE.
        A component's SPICE letter belongs in `text` ("R_" + text).
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", in_ascii(text)).strip("_")[: _LONGEST - 12]
    if not name[:1].isalpha() or name.lower() in SPICE_NAMES | {GROUND}:
        name = prefix + name
    used = {other.lower() for other in taken}
    unique, number = name, 2
    while unique.lower() in used:
        unique, number = f"{name}_{number}", number + 1
    return unique


def one_line(text: str) -> str:
    """Text as the title of a file: one line of printable characters, at most 200."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:200].strip() or "untitled"


def _check_name(name: str, what: str, letter: str = "") -> None:
    if not _NAME.fullmatch(name):
        raise NetlistError(
            f"got {name!r} as the name of a {what}; a letter, then letters, digits and _ are "
            f"allowed, {_LONGEST} in all (`safe_name` makes such a name from any text)"
        )
    if not name.startswith(letter):
        raise NetlistError(
            f"got {name!r} as the name of a {what}; its first letter must be {letter}, as in SPICE"
        )


@dataclass(frozen=True)
class Parameter:
    """A component value that a simulation sets: a number named `p_<name>` in the file."""

    name: str
    value: float

    def __post_init__(self) -> None:
        _check_name(self.spice_name, "parameter")

    @property
    def spice_name(self) -> str:
        """The parameter's name in the file; the prefix avoids SPICE's own names."""
        return f"p_{self.name}"

    def __float__(self) -> float:
        return float(self.value)


Value = float | Parameter


def _text(value: Value) -> str:
    """A value in SPICE, with all its digits."""
    return f"{{{value.spice_name}}}" if isinstance(value, Parameter) else repr(float(value))


@dataclass(frozen=True)
class Element:
    """A component of a netlist.

    Attributes
    ----------
    nodes : in the order of the kind's terminals.
    values : by key, in SI units.
    card : transistor card, for kinds that have one.

    Raises
    ------
    NetlistError : a name that SPICE does not accept, or a value out of range.
    """

    name: str
    kind: Kind
    nodes: tuple[str, ...]
    values: Mapping[str, Value]
    card: EGTCard | None = None

    def __post_init__(self) -> None:
        _check_name(self.name, self.kind.name, self.kind.letter)
        for node in self.nodes:
            _check_name(node, f"node of {self.name}")
            if node.lower() in SPICE_NAMES:
                raise NetlistError(
                    f"got {node!r} as the name of a node of {self.name}; ngspice reserves that "
                    "name, choose another"
                )
        for quantity in self.kind.quantities:
            value = float(self.values[quantity.key])
            if not math.isfinite(value) or (value <= 0 and not quantity.signed):
                needed = "a finite number" if quantity.signed else "a finite number above 0"
                raise NetlistError(
                    f"got {quantity.key} = {value!r} for {self.name}; {needed} is needed"
                )
        if self.card is not None:
            what = f"transistor card (after {self.kind.name}_)"
            _check_name(f"{self.kind.name}_{self.card.name}", what)

    @property
    def line(self) -> str:
        """The component's SPICE line."""
        ends = ["0" if node == GROUND else node for node in self.nodes]
        card = None if self.card is None else self.card.name
        values = {key: _text(self.values[key]) for key in self.kind.keys}
        return self.kind.written(self.name, ends, values, card)


def voltage_source(name: str, node: str, volts: Value) -> Element:
    """An ideal source of `volts` V between a node and ground."""
    return Element(name, VOLTAGE_SOURCE, (node, GROUND), {"V": volts})
