"""Limits of the numbers of a printed technology, which catch slips of 10^6 when a file is read.

The limits are wide: organic and oxide transistors, supplies of 40 V and channels of 100 nm are
within them. To allow a number outside, list its key at the top of the file:

    meant = ["transistors.B.K"]
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from printron.base.quantity import si_text
from printron.base.sentence import shown
from printron.technology.errors import TechnologyError

MEANT = "meant"


@dataclass(frozen=True)
class Limits:
    """Lowest and highest magnitude of a quantity, ends included.

    Attributes
    ----------
    low, high : in `unit`.  signed : negative values are usual.  zero : 0 is allowed, too.
    """

    low: float
    high: float
    unit: str
    signed: bool = False
    zero: bool = False

    def admit(self, value: float) -> bool:
        """Whether the magnitude of a value lies within the limits."""
        return (self.zero and value == 0) or self.low <= abs(value) <= self.high

    def __str__(self) -> str:
        span = f"{self.text(self.low)} to {self.text(self.high)}"
        zero = "0, or " if self.zero and self.low else ""
        return f"{zero}{span}{' of either sign' if self.signed else ''}"

    def text(self, value: float) -> str:
        """A value with its unit."""
        return si_text(value, self.unit) if self.unit else f"{value:g}"


LIMITS = {
    "supply": Limits(1e-2, 100, "V", signed=True, zero=True),  # rails and the bias line
    "sweep": Limits(1e-3, 100, "V", signed=True, zero=True),
    "V_T": Limits(0, 100, "V", signed=True),
    "S": Limits(1e-3, 20, "V"),
    "K": Limits(1e-15, 1e-2, "A"),  # per square, at 1 V of overdrive
    "lambda": Limits(0, 10, "1/V"),
    "G_off": Limits(0, 1e-4, "S"),  # per square
    "gate_capacitance": Limits(1e-6, 5, "F/m2"),  # 0.1 nF/cm2 to 500 uF/cm2
    "gate_leakage": Limits(1e5, 1e13, "ohm"),  # 10 uA to 0.1 pA at 1 V
    "R": Limits(0.1, 1e12, "ohm"),  # of a crossbar, a design variable, a fixed resistor
    "W": Limits(100e-9, 0.2, "m"),
    "L": Limits(10e-9, 20e-3, "m"),
    "gain": Limits(1e-3, 1e3, "", signed=True),  # of an ideal level shift
    "offset": Limits(0, 100, "V", signed=True),
}


class Number(NamedTuple):
    """A number of a file, or the two ends of a range: its key, its limits, its SI values."""

    key: str
    limits: Limits
    values: tuple[float, ...]


def meant_keys(table: Any, source: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A file's table without its list `meant`, and that list.

    Raises
    ------
    TechnologyError : no table was given, or `meant` is not a list of keys.
    """
    if not isinstance(table, dict):  # a TOML file is a table; a folder's record may hold any JSON
        raise TechnologyError(
            f"{source}: got {shown(table)}; a table is needed: key and value pairs"
        )
    meant = table.get(MEANT, [])
    if not isinstance(meant, list) or not all(isinstance(key, str) for key in meant):
        raise TechnologyError(
            f"{source}: '{MEANT}': got {shown(meant)}; a list of keys is needed, for example "
            '["transistors.B.K"]'
        )
    return {key: value for key, value in table.items() if key != MEANT}, tuple(meant)


def check_limits(numbers: Iterable[Number], meant: Iterable[str], source: str) -> None:
    """Refuse numbers outside their limits, but for the keys in `meant`; `source` names the file.

    Raises
    ------
    TechnologyError : the key, what was got and what is allowed; or a key in `meant` that names no
        number.
    """
    numbers, meant = list(numbers), set(meant)
    known = {number.key for number in numbers}
    for key in sorted(meant - known):
        raise TechnologyError(
            f"{source}: '{MEANT}': got {shown(key)}, which names no number with limits in this "
            "file; correct or remove it"
        )
    for key, limits, values in numbers:
        odd = [value for value in values if not limits.admit(value)]
        if odd and key not in meant:
            raise TechnologyError(
                f"{source}: '{key}': got {limits.text(odd[0])}, which no printed "
                f"technology has ({limits}); correct the number or its unit, or write "
                f'{MEANT} = ["{key}"] at the top of the file'
            )
