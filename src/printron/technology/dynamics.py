"""What decides how fast a printed circuit is: the capacitance of its gates.

    [dynamics]
    gate_capacitance = { value = "1 uF/cm2", source = "literature, not calibrated" }

It changes no operating point, and no surrogate or trained circuit depends on it.
"""

from pydantic import Field

from printron.base.models import StrictModel
from printron.base.quantity import FaradPerArea, si_text

PER_CM2 = 1e-4  # m2


class GateCapacitance(StrictModel):
    """Capacitance of a gate per area of its channel.

    Attributes
    ----------
    value : F/m2.  source : where the number comes from.
    """

    value: FaradPerArea = Field(gt=0)
    source: str = Field(min_length=1)

    def __str__(self) -> str:
        return f"{si_text(self.value * PER_CM2, 'F')}/cm²"


class Dynamics(StrictModel):
    """The quantities that a transient needs, beside those of operating points."""

    gate_capacitance: GateCapacitance
