"""The grid on which a printer puts its drops: printed lengths are multiples of its pitch.

    [grid]
    W = "10 um"
    L = "10 um"
    resistor = "20 um"

    [resistors]
    sheet = "100 kohm"
    width = "200 um"
    source = "measured"

W and L are those of transistors. A resistor is a line of `width`, of which a square has `sheet`
ohm; on a grid for its length its resistance is a multiple of sheet pitch / width. What a file
leaves out is on no grid.
"""

import math
from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient
from pydantic import Field

from printron.base.models import StrictModel
from printron.base.quantity import Metre, Ohm, si_text
from printron.technology.errors import TechnologyError

_Pitch = Annotated[Metre, Field(gt=0)]
SAME = 1e-6  # of a pitch: ends as near as this to a multiple are the multiple


class Resistors(StrictModel):
    """The geometry of printed resistors: lines of one width.

    Attributes
    ----------
    sheet : resistance of a square, ohm.  width : m.  source : where the numbers come from.
    """

    sheet: Ohm = Field(gt=0)
    width: Metre = Field(gt=0)
    source: str = Field(min_length=1)


class Grid(StrictModel):
    """Pitches, m; None for lengths on no grid.

    Attributes
    ----------
    W, L : of transistors.  resistor : of the length of resistors.
    """

    W: _Pitch | None = None
    L: _Pitch | None = None
    resistor: _Pitch | None = None


class Steps(NamedTuple):
    """The multiples of a pitch within a range: numbers of the first and the last."""

    pitch: float
    first: int
    last: int

    def nearest(self, values: Array) -> Array:
        """The multiples nearest to `values`; gradients pass as if nothing had moved."""
        number = jnp.clip(jnp.round(values / self.pitch), self.first, self.last)
        return moved_to(values, number * self.pitch)


def steps(pitch: float, low: float, high: float, unit: str) -> Steps:
    """The multiples of a pitch from `low` to `high`, all in one unit.

    Raises
    ------
    TechnologyError : there is none.
    """
    first = max(1, math.ceil(low / pitch - SAME))
    last = math.floor(high / pitch + SAME)
    if first > last:
        between = f"{si_text(low, unit)} to {si_text(high, unit)}"
        got = si_text(low, unit) if low == high else f"the range {between}"
        raise TechnologyError(
            f"got {got}, in which the grid has no multiple of its pitch of {si_text(pitch, unit)}; "
            "give a finer pitch in [grid] of the process, or other sizes"
        )
    return Steps(pitch, first, last)


@jax.custom_jvp
def moved_to(values: Array, there: Array) -> Array:
    """Exactly `there`, with the gradient of `values`."""
    return there


@moved_to.defjvp
def _unmoved(values: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    return stop_gradient(values[1]), tangents[0]
