"""Components of a netlist: what they are, what they may be called, how SPICE writes them.

    R1 a b 10000.0                          resistor between a and b, ohm
    X1 d g s egt_B W=0.0001 L=4e-05         EGT: drain, gate, source; width and length in m
    BE1 out 0 V=0.482*V(in)+(-0.7587)       ideal level shift (not printable)
    Vvdd vdd 0 DC 1.0                       voltage source: plus, minus; V

Ground is called `gnd`, as in the cell library, and is written as SPICE's `0`.
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from printron.errors import PrintronError
from printron.technology import EGTCard
from printron.technology.names import GROUND, SPICE_NAMES

_LONGEST = 64  # letters of a name; far below ngspice's line buffers
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{_LONGEST - 1}}}")


class NetlistError(PrintronError):
    """A netlist cannot be built, written or read; the message says what was got and where."""


def safe_name(text: str, taken: Iterable[str] = (), prefix: str = "n_") -> str:
    """A node or component name made of any text: letters, digits and _, a letter first.

    Parameters
    ----------
    text : any text, for example the name of a column of a user's table.
    taken : names in use; a number is appended until the name differs from them, case aside.
    prefix : put in front where the text does not begin with a letter or means something to SPICE.
        A component's SPICE letter belongs into `text` ("R_" + text).
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[: _LONGEST - 12]
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
            f"allowed, {_LONGEST} in all (`safe_name` makes such a name of any text)"
        )
    if not name.startswith(letter):
        raise NetlistError(
            f"got {name!r} as the name of a {what}; its first letter must be {letter}, as in SPICE"
        )


@dataclass(frozen=True)
class Parameter:
    """A component value that a simulation sets: a number that the file calls `p_<name>`."""

    name: str
    value: float

    def __post_init__(self) -> None:
        _check_name(self.spice_name, "parameter")

    @property
    def spice_name(self) -> str:
        """Its name in the file; the prefix keeps it apart from SPICE's own names."""
        return f"p_{self.name}"

    def __float__(self) -> float:
        return float(self.value)


Value = float | Parameter


def _text(value: Value) -> str:
    """A value in SPICE, with all its digits."""
    return f"{{{value.spice_name}}}" if isinstance(value, Parameter) else repr(float(value))


class _Element:
    """What all components share: their checks."""

    kind: ClassVar[str]
    letter: ClassVar[str]
    values: ClassVar[tuple[str, ...]]
    signed: ClassVar[bool] = False  # whether its values may be 0 or negative
    name: str

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes it is connected to."""
        raise NotImplementedError

    @property
    def line(self) -> str:
        """The component in SPICE."""
        raise NotImplementedError

    def __post_init__(self) -> None:
        _check_name(self.name, self.kind, self.letter)
        for node in self.nodes:
            _check_name(node, f"node of {self.name}")
            if node.lower() in SPICE_NAMES:
                raise NetlistError(
                    f"got {node!r} as the name of a node of {self.name}; ngspice keeps that name "
                    "for itself, choose another"
                )
        for key in self.values:
            value = float(getattr(self, key))
            if not math.isfinite(value) or (value <= 0 and not self.signed):
                needed = "a finite number" if self.signed else "a finite number above 0"
                raise NetlistError(f"got {key} = {value!r} for {self.name}; {needed} is needed")

    def _ends(self) -> str:
        return " ".join("0" if node == GROUND else node for node in self.nodes)


@dataclass(frozen=True)
class Resistor(_Element):
    """A resistor of `ohms` ohm between the nodes a and b."""

    name: str
    a: str
    b: str
    ohms: Value

    kind = "resistor"
    letter = "R"
    values = ("ohms",)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Its two ends."""
        return self.a, self.b

    @property
    def line(self) -> str:
        """The component in SPICE."""
        return f"{self.name} {self._ends()} {_text(self.ohms)}"


@dataclass(frozen=True)
class EGT(_Element):
    """A printed transistor of width W and length L, m, of the type `card`."""

    name: str
    drain: str
    gate: str
    source: str
    W: Value
    L: Value
    card: EGTCard

    kind = "EGT"
    letter = "X"
    values = ("W", "L")

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_name(f"egt_{self.card.name}", "transistor card (after egt_)")

    @property
    def nodes(self) -> tuple[str, ...]:
        """Drain, gate, source."""
        return self.drain, self.gate, self.source

    @property
    def line(self) -> str:
        """The component in SPICE."""
        sizes = f"W={_text(self.W)} L={_text(self.L)}"
        return f"{self.name} {self._ends()} egt_{self.card.name} {sizes}"


@dataclass(frozen=True)
class LevelShift(_Element):
    """An ideal element, V(output) = gain V(input) + offset (V), that draws no input current.

    It is a B source, since SPICE's own E has no offset; ngspice keeps 11 digits of its numbers.
    """

    name: str
    input: str
    output: str
    gain: Value
    offset: Value

    kind = "level shift"
    letter = "E"
    values = ("gain", "offset")
    signed = True

    @property
    def nodes(self) -> tuple[str, ...]:
        """Input and output."""
        return self.input, self.output

    @property
    def line(self) -> str:
        """The component in SPICE."""
        source, target = self._ends().split()
        return f"B{self.name} {target} 0 V={_text(self.gain)}*V({source})+({_text(self.offset)})"


@dataclass(frozen=True)
class VoltageSource(_Element):
    """An ideal source: V(plus) - V(minus) = `volts` V."""

    name: str
    plus: str
    minus: str
    volts: Value

    kind = "voltage source"
    letter = "V"
    values = ("volts",)
    signed = True

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus."""
        return self.plus, self.minus

    @property
    def line(self) -> str:
        """The component in SPICE."""
        return f"{self.name} {self._ends()} DC {_text(self.volts)}"


Element = Resistor | EGT | LevelShift | VoltageSource
