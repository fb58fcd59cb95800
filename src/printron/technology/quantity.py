"""Physical quantities as people write them ("10 Mohm", "0.1 uS"), turned into SI numbers."""

from functools import cache
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator

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


NO_POWER_W = 1e-9  # what cannot be told from nothing


def power_text(power_W: float) -> str:
    """A power as people read it: 4.5e-3 is "4.5 mW", and what is next to nothing "< 1 nW"."""
    nothing = 0 < abs(power_W) < NO_POWER_W
    return f"< {si_text(NO_POWER_W, 'W')}" if nothing else si_text(power_W, "W")


def si_text(value: float, unit: str) -> str:
    """Write an SI number with an engineering prefix: si_text(1e4, "Ω") is "10 kΩ"."""
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in (
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
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


# Types of fields that people write with a unit and the program reads as an SI number.
Volt: TypeAlias = Annotated[float, BeforeValidator(lambda value: to_si(value, "V"))]
Ampere: TypeAlias = Annotated[float, BeforeValidator(lambda value: to_si(value, "A"))]
Ohm: TypeAlias = Annotated[float, BeforeValidator(lambda value: to_si(value, "ohm"))]
Siemens: TypeAlias = Annotated[float, BeforeValidator(lambda value: to_si(value, "S"))]
Metre: TypeAlias = Annotated[float, BeforeValidator(lambda value: to_si(value, "m"))]
PerVolt: TypeAlias = Annotated[float, BeforeValidator(lambda value: to_si(value, "1/V"))]
OhmRange: TypeAlias = Annotated[tuple[Ohm, Ohm], AfterValidator(_non_empty)]
MetreRange: TypeAlias = Annotated[tuple[Metre, Metre], AfterValidator(_non_empty)]
