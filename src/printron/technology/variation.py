"""How printed values spread around the designed ones.

Resistances R, widths W, lengths L and gains K are log-normal, thresholds V_T normal:

    ln x = ln x_designed + own n + shared m          V_T = V_T,designed + own n + shared m

with independent standard normal numbers: n is drawn for each component, m once for a substrate,
alike for all components. The designed value is the median. Standard deviations stand in the
process file:

    [variation]
    R = { own = "10 %", shared = "0 %", source = "assumed" }
    V_T = { own = "10 mV", shared = "20 mV", source = "assumed" }

Larger components match better: their own deviation falls with the square root of their area
(Pelgrom, Duinmaijer and Welbers, IEEE JSSC 24, 1989: a model of silicon). An entry may name the
size that its `own` holds for, `area` W L of a transistor or `at` ohm of a resistor, whose length,
at one width of line, is proportional to its resistance; then

    own(size) = own sqrt(size named / size)

    V_T = { own = "10 mV", area = "10000 um2", shared = "20 mV", source = "assumed" }
    R = { own = "10 %", at = "1 Mohm", source = "assumed" }
"""

import math
from typing import Annotated, Any

import jax.numpy as jnp
from pydantic import AfterValidator, Field

from printron.base.models import StrictModel
from printron.base.quantity import Ohm, Percent, SquareMetre, Volt, si_text
from printron.technology.errors import TechnologyError

QUANTITIES = ("R", "W", "L", "K", "V_T")  # what printing varies; V_T shifts, the others scale

LARGEST_SHARE, LARGEST_V = 1.0, 5.0  # beyond them a device is not printed, but missing
UM2, LARGEST_UM2 = 1e-12, 1e9  # m2; of a gate


def _share(value: float) -> float:
    if not 0 <= value <= LARGEST_SHARE:
        raise TechnologyError(f"got {100 * value:g} %; give 0 % to {100 * LARGEST_SHARE:g} %")
    return value


def _shift(value: float) -> float:
    if not 0 <= value <= LARGEST_V:
        raise TechnologyError(f"got {si_text(value, 'V')}; give 0 V to {LARGEST_V:g} V")
    return value


def _area(value: float) -> float:
    if not UM2 <= value <= LARGEST_UM2 * UM2:
        raise TechnologyError(f"got {value / UM2:g} um2; give 1 um2 to {LARGEST_UM2:g} um2")
    return value


_Share = Annotated[Percent, AfterValidator(_share)]
_Area = Annotated[SquareMetre, AfterValidator(_area)]
ShiftVolt = Annotated[Volt, AfterValidator(_shift)]  # by which thresholds may be off


class Spread(StrictModel):
    """Standard deviations of a quantity.

    Attributes
    ----------
    own : of each component.  shared : of a substrate.  source : where the numbers come from.
    """

    own: float = 0.0
    shared: float = 0.0
    source: str = Field(min_length=1)

    @property
    def size(self) -> float | None:
        """The size of component that `own` holds for, m2 or ohm; None for all alike."""
        return None

    def own_of(self, size: Any) -> Any:
        """Standard deviations of components by their sizes, m2 or ohm; an array, or one number."""
        return self.own if self.size is None else self.own * jnp.sqrt(self.size / size)


class Resistance(Spread):
    """Of ln(R), as a share: 0.05 is 5 %.

    Attributes
    ----------
    at : resistance that `own` holds for, ohm.
    """

    own: _Share = 0.0
    shared: _Share = 0.0
    at: Annotated[Ohm, Field(gt=0)] | None = None

    @property
    def size(self) -> float | None:
        """`at`."""
        return self.at


class OfTransistors(Spread):
    """Of a quantity of transistors.

    Attributes
    ----------
    area : W L that `own` holds for, m2.
    """

    area: _Area | None = None

    @property
    def size(self) -> float | None:
        """`area`."""
        return self.area


class Relative(OfTransistors):
    """Of ln(x) of transistors, as a share: 0.05 is 5 %."""

    own: _Share = 0.0
    shared: _Share = 0.0


class Shift(OfTransistors):
    """Of a voltage of transistors, V."""

    own: ShiftVolt = 0.0
    shared: ShiftVolt = 0.0


class Variation(StrictModel):
    """Standard deviations of all that printing varies; what a file leaves out does not vary.

    Attributes
    ----------
    R : of every resistor, of a crossbar and of a cell.  W, L : width and length of a transistor.
    K, V_T : gain and threshold of a transistor.
    """

    R: Resistance = Resistance(source="not varied")
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
        """All standard deviations as JSON, in SI units, without where they come from; and the sizes
        that they hold for, where these are named."""
        spreads = {name: self.of(name) for name in QUANTITIES}
        return {
            name: {"own": of.own, "shared": of.shared} | ({"size": of.size} if of.size else {})
            for name, of in spreads.items()
        }

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
