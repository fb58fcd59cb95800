"""Physical quantities as people write them ("10 Mohm", "0.1 uS"), turned into SI numbers.

A quantity is one decimal number and a unit from a closed list. Only their product is computed, so
that no input can keep the program busy.
"""

import math
import re
from functools import cache
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SerializationInfo

from printron.base.sentence import shown
from printron.errors import PrintronError

LONGEST = 64  # characters of a quantity
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LETTERS = {"a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "\u03bc": -6, "m": -3, "": 0}
_LETTERS |= {"k": 3, "M": 6, "G": 9, "T": 12}
_WORDS = {"atto": -18, "femto": -15, "pico": -12, "nano": -9, "micro": -6, "milli": -3}
_WORDS |= {"centi": -2, "": 0, "kilo": 3, "mega": 6, "giga": 9, "tera": 12}
_SYMBOLS: dict[str, tuple[str, ...]] = {
    unit: (unit,) for unit in ("V", "A", "S", "m", "F", "W", "s", "J")
}
_SYMBOLS["ohm"] = ("ohm", "ohms", "\u03a9", "\u2126")  # the letter omega, and the sign
_NAMES = {
    "V": ("volt", "volts"),
    "A": ("ampere", "amperes", "amp", "amps"),
    "S": ("siemens",),
    "F": ("farad", "farads"),
    "W": ("watt", "watts"),
    "J": ("joule", "joules"),
    "m": ("meter", "meters", "metre", "metres"),
    "s": ("second", "seconds"),
    "ohm": ("ohm", "ohms"),
}
_LENGTHS = {"": 0, "c": -2, "m": -3, "u": -6, "µ": -6, "\u03bc": -6}  # whose squares are areas
_SQUARES = ("2", "^2", "²")
_QUOTIENTS = {("A", "V"): "S", ("V", "A"): "ohm", ("", "ohm"): "S", ("", "S"): "ohm"}


@cache
def _units() -> dict[str, tuple[str, int]]:
    """Every allowed unit: its SI unit, and the power of ten between the two."""
    found = {"": ("", 0), "cm": ("m", -2)}
    for prefixes, spellings in ((_LETTERS, _SYMBOLS), (_WORDS, _NAMES)):
        for unit, names in spellings.items():
            found |= {p + name: (unit, power) for p, power in prefixes.items() for name in names}
    areas = ((f"{p}m{square}", power) for p, power in _LENGTHS.items() for square in _SQUARES)
    return found | {name: ("m2", 2 * power) for name, power in areas}


def _unit_of(text: str) -> tuple[str, int] | None:
    """SI unit and power of ten of "kohm", "1/V" or "uF/cm2"; None for an unknown unit."""
    top, stroke, bottom = (part.strip() for part in text.partition("/"))
    above = _units().get("" if stroke and top == "1" else top)
    if above is None or not stroke:
        return above
    below = _units().get(bottom)
    if below is None or not bottom:
        return None
    pair = above[0], below[0]
    return _QUOTIENTS.get(pair, f"{pair[0] or 1}/{pair[1]}"), above[1] - below[1]


def decimal(text: str) -> float | None:
    """The number, if the whole text is one; else None."""
    return float(text) if _NUMBER.fullmatch(text) and len(text) <= LONGEST else None


def to_si(value: Any, unit: str) -> float:
    """Convert a quantity to a number in `unit`.

    Parameters
    ----------
    value : a string with a number and a unit ("10 kohm"), or a plain 0, which needs no unit.
    unit : SI unit, of which the quantity is a multiple ("ohm", "S", "V", "m", "A", "W", "F", "s",
        "1/V", "F/m2").

    Raises
    ------
    PrintronError : one sentence with what was got and what is allowed.
    """
    if value == 0 and isinstance(value, int | float) and not isinstance(value, bool):
        return 0.0
    if not isinstance(value, str):
        number_like = isinstance(value, int | float) and _NUMBER.fullmatch(shown(value))
        example = f"{value if number_like else 1} {unit}"
        raise PrintronError(f'got {shown(value)}; write the unit too, for example "{example}"')
    text = value.strip() if len(value) <= LONGEST else ""
    found = _NUMBER.match(text)
    named = _unit_of(text[found.end() :].strip()) if found else None
    if found is None or named is None or named[0] != unit:
        raise PrintronError(
            f"got {shown(value)}, which is not a finite number with the unit {unit} or a multiple, "
            f'such as "1 {unit}"'
        )
    number = float(found[0]) * float(f"1e{named[1]}")
    if not math.isfinite(number):
        raise PrintronError(f"got {shown(value)}; a finite quantity in {unit} is needed")
    return number


def to_share(value: Any) -> float:
    """Convert a percentage as people write one ("5 %") to a fraction, 0.05; a plain 0 needs no %.

    Raises
    ------
    PrintronError : one sentence with what was got and what is allowed.
    """
    if value == 0 and isinstance(value, int | float) and not isinstance(value, bool):
        return 0.0
    text = value.strip() if isinstance(value, str) and len(value) <= LONGEST else ""
    number = decimal(text[:-1].rstrip()) if text.endswith("%") else None
    if number is None or not math.isfinite(number):
        raise PrintronError(f'got {shown(value)}; write a percentage, for example "5 %"')
    return number / 100


NO_POWER_W = 1e-9  # powers below cannot be told from 0


def power_text(power_W: float) -> str:
    """A power with a prefix: 4.5e-3 is "4.5 mW"; a power below 1 nW, but not 0, is "< 1 nW"."""
    nothing = 0 < abs(power_W) < NO_POWER_W
    return f"< {si_text(NO_POWER_W, 'W')}" if nothing else si_text(power_W, "W")


def si_text(value: float, unit: str) -> str:
    """Write an SI number with an engineering prefix: si_text(1e4, "Ω") is "10 kΩ"."""
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in (
        (1e12, "T"),
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
        (1e-9, "n"),
        (1e-12, "p"),
        (1e-15, "f"),
        (1e-18, "a"),
    ):
        if abs(value) >= factor * 0.9999999:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"


def _non_empty(bounds: tuple[float, float]) -> tuple[float, float]:
    low, high = bounds
    if not 0 < low <= high:
        raise PrintronError(
            f"got the range [{low:g}, {high:g}]; it must be positive and must not be empty: write "
            "the smaller value first"
        )
    return bounds


WRITTEN = {"as written": True}  # context of a dump with units, which can be read back


def _quantity(unit: str) -> tuple[BeforeValidator, PlainSerializer]:
    """How a field with a unit is read, and how a file writes the field."""

    def dump(value: float, info: SerializationInfo) -> Any:
        return f"{value!r} {unit}" if info.context == WRITTEN else value

    return BeforeValidator(lambda value: to_si(value, unit)), PlainSerializer(dump)


def _dump_share(value: float, info: SerializationInfo) -> Any:
    return f"{value * 100!r} %" if info.context == WRITTEN else value


def quantity_field(unit: str) -> Any:
    """Type of a field that people write with a unit and the program reads as an SI number."""
    return Annotated[float, *_quantity(unit)]


def to_si_range(pair: tuple[str, str], unit: str) -> tuple[float, float]:
    """Convert the two ends of a range, the smaller one first, to numbers in `unit`.

    Raises
    ------
    PrintronError : one sentence with what was got and what is allowed.
    """
    low, high = (to_si(end, unit) for end in pair)
    return _non_empty((low, high))


# Types of fields, by quantity.
Volt: TypeAlias = Annotated[float, *_quantity("V")]
Ampere: TypeAlias = Annotated[float, *_quantity("A")]
Ohm: TypeAlias = Annotated[float, *_quantity("ohm")]
Siemens: TypeAlias = Annotated[float, *_quantity("S")]
Metre: TypeAlias = Annotated[float, *_quantity("m")]
SquareMetre: TypeAlias = Annotated[float, *_quantity("m2")]
Watt: TypeAlias = Annotated[float, *_quantity("W")]
Joule: TypeAlias = Annotated[float, *_quantity("J")]
PerVolt: TypeAlias = Annotated[float, *_quantity("1/V")]
FaradPerArea: TypeAlias = Annotated[float, *_quantity("F/m2")]
Percent: TypeAlias = Annotated[float, BeforeValidator(to_share), PlainSerializer(_dump_share)]
MetreRange: TypeAlias = Annotated[tuple[Metre, Metre], AfterValidator(_non_empty)]
