"""What leaks through the electrolyte of a gate.

    [leakage]
    gate = { value = "30 Mohm", source = "assumed" }

A resistance from each gate to ground, so that a gate at 1 V draws value / 1 V. Leakage runs from
the gate to all of the channel; it is taken to end at ground and not at the source, which lies
within a volt of ground: the resistance is known to a factor of ten at best, and so, as without
leakage, nothing runs back through a gate. A circuit has it only where a user asks for it.
"""

from functools import lru_cache

from pydantic import Field

from printron.base.models import StrictModel
from printron.base.quantity import Ohm
from printron.technology.cell_component import Component
from printron.technology.cells import Cell
from printron.technology.kinds import LEAK
from printron.technology.names import GROUND


class GateResistance(StrictModel):
    """Resistance from a gate to ground.

    Attributes
    ----------
    value : ohm.  source : where the number comes from.
    """

    value: Ohm = Field(gt=0)
    source: str = Field(min_length=1)


class Leakage(StrictModel):
    """What leaks in a process."""

    gate: GateResistance


@lru_cache(maxsize=256)
def leaking(cell: Cell, ohm: float) -> Cell:
    """The circuit of a cell with a resistance from each of its gates to ground, ohm.

    Its design is that of the cell, to which nothing is printed in addition.
    """
    leaks = {
        f"{LEAK.letter}{name}_{part.kind.terminals[gate]}": Component.model_construct(
            kind=LEAK, nodes=(part.nodes[gate], GROUND), sizes={"R": f"{ohm!r} ohm"}
        )
        for name, part in cell.components.items()
        for gate in part.kind.gates
        if part.nodes[gate] != GROUND
    }
    return Cell.model_construct(
        **{name: getattr(cell, name) for name in Cell.model_fields}
        | {
            "components": {**cell.components, **leaks},
            "rails": tuple(dict.fromkeys((*cell.rails, GROUND))),
        }
    )
