"""What gates add to a circuit: capacitances, which operating points do not have, and leakage."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from printron.circuits.components import Element
from printron.circuits.netlist import Netlist
from printron.technology import CAPACITOR, RESISTOR
from printron.technology.names import GROUND


def with_gate_capacitances(netlist: Netlist, F_per_m2: float) -> Netlist:
    """The netlist with the capacitances of its components: `CX1_drain` is one of X1.

    Parameters
    ----------
    F_per_m2 : capacitance of gates per area, F/m2; see `Transistor.capacitances`.
    """
    added = (each for part in netlist.components for each in _capacitors(part, F_per_m2))
    return replace(netlist, components=(*netlist.components, *added))


def _capacitors(part: Element, F_per_m2: float) -> Iterator[Element]:
    """Those of a component; none between two terminals at the same node."""
    values = {key: float(value) for key, value in part.values.items()}
    for a, b, farad in part.kind.capacitances(values, F_per_m2):
        if part.nodes[a] != part.nodes[b]:
            name = f"C{part.name}_{part.kind.terminals[b]}"
            yield Element(name, CAPACITOR, (part.nodes[a], part.nodes[b]), {"C": farad})


def gate_leaks(parts: Iterable[Element], ohm: float) -> list[Element]:
    """Resistors of `ohm` from the gates of components to ground: `RX1_gate` is that of X1."""
    return [
        Element(
            f"R{part.name}_{part.kind.terminals[gate]}",
            RESISTOR,
            (part.nodes[gate], GROUND),
            {"R": ohm},
        )
        for part in parts
        for gate in part.kind.gates
        if part.nodes[gate] != GROUND
    ]
