"""Harvesters and printed batteries that may feed a circuit: shipped ones, or those of a file."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from printron.base.models import StrictModel, one_sentence, read_toml
from printron.base.quantity import Joule, Watt
from printron.errors import PrintronError

SHIPPED = Path(str(files("printron.designer") / "data" / "supplies.toml"))
LONGEST = 80  # characters of a summary
MINUTE_S, HOUR_S, DAY_S, YEAR_S = 60.0, 3600.0, 86400.0, 365.25 * 86400.0


def _positive(value: float) -> float:
    if not value > 0:
        raise PrintronError(f"got {value:g}; it must be above 0")
    return value


class Supply(StrictModel):
    """A supply.

    Attributes
    ----------
    summary : in words, with an article.  power : largest mean power, W.
    energy : of a full battery, J; None for unknown or without end.
    """

    summary: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    power: Annotated[Watt, AfterValidator(_positive)]
    energy: Annotated[Joule, AfterValidator(_positive)] | None = None

    def life_s(self, power_W: float) -> float | None:
        """Time for which a full battery feeds this mean power, s; None where unknown."""
        return None if self.energy is None or power_W <= 0 else self.energy / power_W


class _Supplies(StrictModel):
    """The file."""

    supplies: Annotated[dict[str, Supply], Field(min_length=1)]


def read_supplies(path: str | Path | None = None) -> tuple[Supply, ...]:
    """Supplies of a TOML file, by rising power.

    Parameters
    ----------
    path : None for the shipped file.

    Raises
    ------
    PrintronError : one sentence with file and key.
    """
    path = SHIPPED if path is None else path
    try:
        found = _Supplies.model_validate(read_toml(path))
    except ValidationError as error:
        raise PrintronError(one_sentence(str(path), error)) from error
    return tuple(sorted(found.supplies.values(), key=lambda each: each.power))


def supply_for(supplies: tuple[Supply, ...], power_W: float) -> Supply | None:
    """The smallest supply that feeds a mean power; None without any."""
    return next((each for each in supplies if power_W <= each.power), None)


def supply_record(
    supplies: tuple[Supply, ...], power_W: float, energy_J: float | None
) -> dict[str, Any] | None:
    """The supply of a circuit as JSON, with its life; None without any.

    Parameters
    ----------
    energy_J : of a decision; None for unknown.
    """
    supply = supply_for(supplies, power_W)
    if supply is None:
        return None
    decisions = supply.energy / energy_J if supply.energy and energy_J else None
    return {
        "summary": supply.summary,
        "power_W": supply.power,
        "life_s": supply.life_s(power_W),
        "decisions": decisions,
    }


def supply_sentence(supplies: tuple[Supply, ...], power_W: float, energy_J: float | None) -> str:
    """Which supply feeds the circuit, and for how long."""
    record = supply_record(supplies, power_W, energy_J)
    if record is None:
        largest = supplies[-1].summary
        return f"no supply feeds the circuit; the largest known is {largest}"
    sentence = f"{record['summary']} feeds the circuit"
    if record["life_s"] is None:
        return sentence
    sentence += f", for {time_text(record['life_s'])} without a pause"
    if record["decisions"] is None:
        return sentence
    return f"{sentence}, or for {record['decisions']:.2g} decisions between which it is off"


def time_text(seconds: float) -> str:
    """A duration as people count it."""
    units = ((YEAR_S, "years"), (DAY_S, "days"), (HOUR_S, "hours"), (MINUTE_S, "minutes"))
    for unit, name in units:
        if seconds >= 2 * unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} s"
