"""How printed values spread around the designed ones.

Resistances R, widths W, lengths L and gains K are log-normal, thresholds V_T normal:

    ln x = ln x_designed + own n + shared m          V_T = V_T,designed + own n + shared m

with independent standard normal numbers: n is drawn for each component, m once for a substrate,
alike for all components. The designed value is the median. Standard deviations stand in the
process file:

    [variation]
    R = { own = "10 %", shared = "0 %", source = "assumed" }
    V_T = { own = "10 mV", shared = "20 mV", source = "assumed" }
"""

import math
from typing import Annotated

from pydantic import AfterValidator, Field

from printron.base.models import StrictModel
from printron.base.quantity import Percent, Volt, si_text
from printron.technology.errors import TechnologyError

QUANTITIES = ("R", "W", "L", "K", "V_T")  # what printing varies; V_T shifts, the others scale

LARGEST_SHARE, LARGEST_V = 1.0, 5.0  # beyond them a device is not printed, but missing


def _share(value: float) -> float:
    if not 0 <= value <= LARGEST_SHARE:
        raise TechnologyError(f"got {100 * value:g} %; give 0 % to {100 * LARGEST_SHARE:g} %")
    return value


def _shift(value: float) -> float:
    if not 0 <= value <= LARGEST_V:
        raise TechnologyError(f"got {si_text(value, 'V')}; give 0 V to {LARGEST_V:g} V")
    return value


_Share = Annotated[Percent, AfterValidator(_share)]
ShiftVolt = Annotated[Volt, AfterValidator(_shift)]  # by which thresholds may be off


class Relative(StrictModel):
    """Standard deviations of ln(x), as a share: 0.05 is 5 %.

    Attributes
    ----------
    own : of each component.  shared : of a substrate.  source : where the numbers come from.
    """

    own: _Share = 0.0
    shared: _Share = 0.0
    source: str = Field(min_length=1)


class Shift(StrictModel):
    """Standard deviations of a voltage, V.

    Attributes
    ----------
    own : of each component.  shared : of a substrate.  source : where the numbers come from.
    """

    own: ShiftVolt = 0.0
    shared: ShiftVolt = 0.0
    source: str = Field(min_length=1)


Spread = Relative | Shift


class Variation(StrictModel):
    """Standard deviations of all that printing varies; what a file leaves out does not vary.

    Attributes
    ----------
    R : of every resistor, of a crossbar and of a cell.  W, L : width and length of a transistor.
    K, V_T : gain and threshold of a transistor.
    """

    R: Relative = Relative(source="not varied")
    W: Relative = Relative(source="not varied")
    L: Relative = Relative(source="not varied")
    K: Relative = Relative(source="not varied")
    V_T: Shift = Shift(source="not varied")

    def of(self, quantity: str) -> Spread:
        """Standard deviations of one of `QUANTITIES`."""
        found: Spread = getattr(self, quantity)
        return found

    @property
    def numbers(self) -> dict[str, dict[str, float]]:
        """All standard deviations as JSON, in SI units, without where they come from."""
        spreads = {name: self.of(name) for name in QUANTITIES}
        return {name: {"own": of.own, "shared": of.shared} for name, of in spreads.items()}

    def scaled(self, factor: float) -> "Variation":
        """The same with all standard deviations multiplied by a factor of 0 or above.

        Raises
        ------
        TechnologyError : a standard deviation becomes larger than a process file may have it.
        """
        self._check_factor(factor)
        spreads = {
            name: spread.model_copy(
                update={"own": factor * spread.own, "shared": factor * spread.shared}
            )
            for name, spread in ((name, self.of(name)) for name in QUANTITIES)
        }
        return self.model_copy(update=spreads)

    def _check_factor(self, factor: float) -> None:
        """Refuse a factor that makes a standard deviation larger than is allowed."""
        for name in QUANTITIES:
            spread = self.of(name)
            shift = isinstance(spread, Shift)
            most = LARGEST_V if shift else LARGEST_SHARE
            sigma = max(spread.own, spread.shared)
            if factor * sigma > most:
                got, allowed = (
                    f"{x:g} V" if shift else f"{100 * x:g} %" for x in (factor * sigma, most)
                )
                raise TechnologyError(
                    f"got the factor {factor:g} on the variation, with which {name} spreads by "
                    f"{got}; at most {allowed} can be printed: give a factor of at most "
                    f"{_below(most / sigma):g}"
                )


def _below(factor: float) -> float:
    """A factor rounded down to three digits."""
    digits = 2 - math.floor(math.log10(factor))
    return math.floor(factor * 10**digits) / 10**digits
