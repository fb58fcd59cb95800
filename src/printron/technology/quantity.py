"""Physical quantities as people write them ("10 Mohm", "0.1 uS"), turned into SI numbers."""

from functools import cache
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SerializationInfo

from printron.technology.errors import TechnologyError


@cache
def _registry() -> Any:
    import pint  # late: building the unit registry takes longer than reading a process

    return pint.UnitRegistry()


def to_si(value: Any, unit: str) -> float:
    """Convert a quantity to a number in `unit`.

    Parameters
    ----------
    value : a string with a unit ("10 kohm"), or a plain 0, which needs none.
    unit : the SI unit it must be convertible to ("ohm", "S", "V", "m", "A", "1/V").

    Raises
    ------
    TechnologyError : one sentence with what was got and what is allowed.
    """
    if value == 0 and isinstance(value, int | float) and not isinstance(value, bool):
        return 0.0
    if not isinstance(value, str):
        raise TechnologyError(f'got {value!r}; write the unit too, for example "{value} {unit}"')
    try:
        quantity = _registry().Quantity(value)
        number = float(quantity.to(unit).magnitude)
    except Exception as error:
        raise TechnologyError(
            f"got {value!r}, which is not a quantity in {unit} or a multiple of it"
        ) from error
    if number != number or number in (float("inf"), float("-inf")):
        raise TechnologyError(f"got {value!r}; a finite quantity in {unit} is needed")
    return number


def si_text(value: float, unit: str) -> str:
    """Write an SI number with an engineering prefix: si_text(1e4, "ohm") is "10 kohm"."""
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in (
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1, ""),
        (1e-3, "m"),
        (1e-6, "u"),
        (1e-9, "n"),
        (1e-12, "p"),
    ):
        if abs(value) >= factor * 0.9999999:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"


def _non_empty(bounds: tuple[float, float]) -> tuple[float, float]:
    low, high = bounds
    if not 0 < low <= high:
        raise TechnologyError(
            f"got the range [{low:g}, {high:g}]; it must be positive and must not be empty: write "
            "the smaller value first"
        )
    return bounds


WRITTEN = {"as written": True}  # context of a dump with units, which reads back as the same


def _quantity(unit: str) -> tuple[BeforeValidator, PlainSerializer]:
    """How a field is read, with its unit, and how a file would have it."""

    def dump(value: float, info: SerializationInfo) -> Any:
        return f"{value!r} {unit}" if info.context == WRITTEN else value

    return BeforeValidator(lambda value: to_si(value, unit)), PlainSerializer(dump)


# Types of fields that people write with a unit and the program reads as an SI number.
Volt: TypeAlias = Annotated[float, *_quantity("V")]
Ampere: TypeAlias = Annotated[float, *_quantity("A")]
Ohm: TypeAlias = Annotated[float, *_quantity("ohm")]
Siemens: TypeAlias = Annotated[float, *_quantity("S")]
Metre: TypeAlias = Annotated[float, *_quantity("m")]
PerVolt: TypeAlias = Annotated[float, *_quantity("1/V")]
OhmRange: TypeAlias = Annotated[tuple[Ohm, Ohm], AfterValidator(_non_empty)]
MetreRange: TypeAlias = Annotated[tuple[Metre, Metre], AfterValidator(_non_empty)]
