"""The area of the printed films of a network, from the geometries of the process.

The channel W L of each transistor, and the line of each resistor where the process file says of
what sheet and width lines are. Contacts, wires and the space between parts come on top.
"""

from collections.abc import Iterable

from printron.network.parts import Part
from printron.technology import Process


def film_areas(parts: Iterable[Part], process: Process) -> dict[str, float | None]:
    """Area of all parts of a kind, m2, by the kind's name; None where the process does not say."""
    areas: dict[str, float | None] = {}
    for part in parts:
        kind, so_far = part.element.kind, areas.get(part.element.kind.name, 0.0)
        values = {key: float(value) for key, value in part.element.values.items()}
        own = kind.film_area(values, process.resistors)
        areas[kind.name] = None if own is None or so_far is None else so_far + own
    return areas
