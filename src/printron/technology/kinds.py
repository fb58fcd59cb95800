"""The kinds of components that ship; the transistor stands in `egt`."""

from collections.abc import Mapping, Sequence
from typing import Any

from jax import Array

from printron.technology.component import Current, Kind, Quantity, register
from printron.technology.egt import EGTCard, Transistor
from printron.technology.grid import Resistors
from printron.technology.limits import LIMITS, Limits


class Resistor(Kind):
    """A resistor of R ohm between a and b."""

    name = "resistor"
    letter = "R"
    terminals = ("a", "b")
    quantities = (Quantity("R", "ohm", LIMITS["R"]),)
    line = "{name} {a} {b} {R}"
    paths = ((0, 1),)

    def extent(self, values: Mapping[str, Any]) -> Any:
        """The resistance, ohm, which stands for the length."""
        return values["R"]

    def film_area(self, values: Mapping[str, float], resistors: Resistors | None) -> float | None:
        """That of a line of R / sheet squares; None without the geometry of lines."""
        return values["R"] / resistors.sheet * resistors.width**2 if resistors else None

    def coefficients(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The conductance, S."""
        return (1 / values["R"],)

    def currents(
        self, volts: Sequence[Array], coefficients: Sequence[Array], card: EGTCard | None
    ) -> tuple[Current, ...]:
        """Ohm's law."""
        (a, b), (g,) = volts, coefficients
        return (Current(g * (a - b), (g, -g)),)


class Leak(Resistor):
    """What leaks through a gate: of circuits in use alone, no component of a cell; see `leakage`.

    A resistor, but not one that is printed, or that printing varies.
    """

    name = "leak"
    printable = False

    @property
    def varies(self) -> tuple[str, ...]:
        """Nothing."""
        return ()


class LevelShift(Kind):
    """An ideal element, V(output) = gain V(input) + offset (V), that draws no input current.

    A B source, since SPICE's own E has no offset; ngspice keeps 11 digits of its numbers.
    """

    name = "level_shift"
    letter = "E"
    terminals = ("input", "output")
    quantities = (
        Quantity("gain", "", LIMITS["gain"], signed=True),
        Quantity("offset", "V", LIMITS["offset"], signed=True),
    )
    line = "B{name} {output} 0 V={gain}*V({input})+({offset})"
    sets = 1
    printable = False

    def follow(self, values: Mapping[str, float]) -> tuple[float, float]:
        """Gain and offset, V."""
        return values["gain"], values["offset"]

    def text(self, values: Mapping[str, float]) -> str:
        """The equation."""
        return f"{values['gain']:g} V(in) {values['offset']:+g} V (ideal)"


class VoltageSource(Kind):
    """An ideal source, V(plus) - V(minus) = V: of netlists alone, no component of a cell."""

    name = "voltage_source"
    letter = "V"
    terminals = ("plus", "minus")
    quantities = (Quantity("V", "V", LIMITS["supply"], signed=True),)
    line = "{name} {plus} {minus} DC {V}"
    printable = False


class Capacitor(Kind):
    """A capacitor of C farad between a and b: of netlists alone; it carries no direct current."""

    name = "capacitor"
    letter = "C"
    terminals = ("a", "b")
    quantities = (Quantity("C", "F", Limits(1e-18, 1, "F")),)
    line = "{name} {a} {b} {C}"
    printable = False


# In the order of the bill's columns.
RESISTOR, EGT, LEVEL_SHIFT = map(register, (Resistor(), Transistor(), LevelShift()))
VOLTAGE_SOURCE, CAPACITOR, LEAK = VoltageSource(), Capacitor(), Leak()
