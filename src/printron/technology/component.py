"""One description of each kind of component: all that differs between a resistor and a transistor.

A kind says what its terminals and values are, how SPICE writes it, which currents run through it
at given voltages, and whether it can be printed. Cells, netlists, solvers, checks and bills know
kinds by this description alone, so that another kind is one class and one call of `register`; a
kind with a transistor card of another form also needs the process, `egt` and the netlist reader.

Values are *sizes*, above 0, which a cell may leave to the design ("W1"), or *constants* of either
sign. Currents run along *paths* between two terminals; what leaves one end enters the other, so
that Kirchhoff's law holds in every kind. A kind without a path carries no direct current.
"""

import re
from abc import ABC
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from jax import Array

from printron.base.quantity import si_text
from printron.technology.errors import TechnologyError
from printron.technology.limits import Limits
from printron.technology.variation import QUANTITIES

if TYPE_CHECKING:
    from printron.technology.egt import EGTCard
    from printron.technology.grid import Resistors


@dataclass(frozen=True)
class Quantity:
    """A value of a component.

    Attributes
    ----------
    key : its name in files and netlists. A size has one letter, with which the names of its design
        variables begin.
    unit : SI unit; "" for a plain number.
    limits : between which printed technologies lie.
    signed : a constant, which may be 0 or negative, and is never a design variable.
    """

    key: str
    unit: str
    limits: Limits
    signed: bool = False

    @property
    def column(self) -> str:
        """Its column in the bill."""
        return f"{self.key}_{self.unit}" if self.unit else self.key


class Current(NamedTuple):
    """Current along a path, A, and its slopes by the voltage of every terminal, S."""

    current: Array
    slopes: tuple[Array, ...]


class Capacitance(NamedTuple):
    """A capacitance between two terminals of a component, by number, F."""

    a: int
    b: int
    farad: float


class Kind(ABC):
    """A kind of component. Its instances are alike: a kind has no state.

    Attributes
    ----------
    name : in cell files and bills.  letter : first of a component's name, as in SPICE.
    terminals : their names, in the order of a component's nodes.
    quantities : its values, in the order of netlists and bills.
    line : how SPICE writes it: `{name}`, the terminals, the values, and `{card}`.
    paths : pairs of terminals, by number, between which direct current runs.
    sets : terminal whose voltage the component sets from that of terminal 0, ideally; see `follow`.
    gates : terminals, by number, that draw no current, but may leak to ground; see `leakage`.
    carded : whether a transistor card of the process belongs to it.
    printable : False of what stands for something that cannot be printed.
    card_varies : quantities of its card that printing varies; see `variation`.
    """

    name: ClassVar[str]
    letter: ClassVar[str]
    terminals: ClassVar[tuple[str, ...]]
    quantities: ClassVar[tuple[Quantity, ...]]
    line: ClassVar[str]
    paths: ClassVar[tuple[tuple[int, int], ...]] = ()
    sets: ClassVar[int | None] = None
    gates: ClassVar[tuple[int, ...]] = ()
    carded: ClassVar[bool] = False
    printable: ClassVar[bool] = True
    card_varies: ClassVar[tuple[str, ...]] = ()

    def __eq__(self, other: object) -> bool:  # also of one that came from another process
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return self.name

    @property
    def sizes(self) -> tuple[Quantity, ...]:
        """The values that a design may set."""
        return tuple(quantity for quantity in self.quantities if not quantity.signed)

    @property
    def varies(self) -> tuple[str, ...]:
        """The quantities that printing varies: sizes by a factor, and those of the card."""
        return (*(size.key for size in self.sizes if size.key in QUANTITIES), *self.card_varies)

    @property
    def keys(self) -> tuple[str, ...]:
        """Of all values."""
        return tuple(quantity.key for quantity in self.quantities)

    def extent(self, values: Mapping[str, Any]) -> Any:
        """The size that matching improves with, made of the values; see `variation`."""
        raise NotImplementedError

    def film_area(self, values: Mapping[str, float], resistors: "Resistors | None") -> float | None:
        """Area of the printed film, m2; None where nothing says.

        Parameters
        ----------
        resistors : their geometry, where the process file has one.
        """
        del values, resistors
        return None

    def ends(self, nodes: Sequence[str]) -> tuple[str, ...]:
        """Those of a component's nodes that its current runs through."""
        return tuple(nodes[k] for path in self.paths for k in path)

    def coefficients(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the currents depend on beside voltages, made of the values: W/L, say."""
        return ()

    def currents(
        self, volts: Sequence[Array], coefficients: Sequence[Array], card: "EGTCard | None"
    ) -> tuple[Current, ...]:
        """The current along every path, from its first terminal to its second.

        Parameters
        ----------
        volts : of the terminals, V, in one shape.  coefficients : in that shape, too.
        """
        return ()

    def deviated(
        self, volts: Sequence[Array], coefficients: Sequence[Array], deviation: Mapping[str, Array]
    ) -> tuple[Sequence[Array], Sequence[Array]]:
        """Voltages and coefficients with which `currents` gives those of a deviating card.

        Parameters
        ----------
        deviation : of the quantities in `card_varies`, in shapes that broadcast with the voltages.
        """
        del deviation
        return volts, coefficients

    def deviated_card(
        self, card: "EGTCard", deviation: Mapping[str, float], name: str
    ) -> "EGTCard":
        """The card of one printed component, called `name`."""
        del deviation, name
        return card

    def follow(self, values: Mapping[str, float]) -> tuple[float, float]:
        """Gain and offset, V, of the terminal that the component sets."""
        raise NotImplementedError

    def capacitances(
        self, values: Mapping[str, float], gate_F_per_m2: float
    ) -> tuple[Capacitance, ...]:
        """What a transient adds to the component, whose currents are those of a slow change.

        Parameters
        ----------
        gate_F_per_m2 : capacitance of gates per area, F/m2.
        """
        del values, gate_F_per_m2
        return ()

    def model(self, card: "EGTCard") -> str:
        """SPICE's subcircuit for a card."""
        raise NotImplementedError

    def text(self, values: Mapping[str, float]) -> str:
        """Values for a person: "10 kΩ"."""
        shown = {"ohm": "Ω"}
        return ", ".join(si_text(values[q.key], shown.get(q.unit, q.unit)) for q in self.quantities)

    def written(
        self, name: str, ends: Sequence[str], values: Mapping[str, str], card: str | None
    ) -> str:
        """A component's line in SPICE; all of it as text."""
        terminals = dict(zip(self.terminals, ends, strict=True))
        return self.line.format(name=name, card=card, **terminals, **values)

    def read(self, line: str) -> dict[str, str] | None:
        """The texts that `written` was given, by their names; None of a line of another kind."""
        found = re.fullmatch(self._pattern(), line)
        return found.groupdict() if found else None

    def _pattern(self) -> str:
        fields = {"name": rf"{self.letter}\w*", "card": r"\w+"}
        fields |= dict.fromkeys(self.terminals, "[A-Za-z0-9_]+")
        fields |= dict.fromkeys(self.keys, r"[^\s=*()]+")
        pattern = ""
        for text, field in re.findall(r"([^{]*)(?:\{(\w+)\})?", self.line):
            again = f"(?P<{field}>" in pattern  # a terminal that the line names twice
            group = f"(?P={field})" if again else f"(?P<{field}>{fields[field]})" if field else ""
            pattern += re.escape(text) + group
        return pattern


COMPONENT_KINDS: dict[str, Kind] = {}
_K = TypeVar("_K", bound=Kind)


def register(kind: _K) -> _K:
    """Make a kind known, so that cells may have components of it.

    Raises
    ------
    TechnologyError : its name is taken; or a size has a letter that means another unit.
    """
    if kind.name in COMPONENT_KINDS:
        raise TechnologyError(f"got a second kind '{kind.name}'; give it another name")
    for size in kind.sizes:
        if len(size.key) != 1 or size_units().get(size.key, size.unit) != size.unit:
            raise TechnologyError(
                f"got the size '{size.key}' in {size.unit} for the kind '{kind.name}'; a size has "
                "one letter, which means the same unit in every kind"
            )
    COMPONENT_KINDS[kind.name] = kind
    return kind


def size_units() -> dict[str, str]:
    """SI unit of every size of every kind, by its letter."""
    return {size.key: size.unit for kind in COMPONENT_KINDS.values() for size in kind.sizes}


def counted(kinds: Iterable[Kind]) -> dict[str, int]:
    """Numbers of printed components by kind: {"resistors": 4, "egts": 2}."""
    found = [kind.name for kind in kinds]
    return {
        f"{kind.name}s": found.count(kind.name)
        for kind in COMPONENT_KINDS.values()
        if kind.printable
    }
