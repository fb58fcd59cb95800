"""The netlist of a whole trained network: what plain ngspice simulates."""

from printron.circuits.components import GROUND, Element, voltage_source
from printron.circuits.gates import gate_leaks
from printron.circuits.netlist import Netlist
from printron.network.names import sensor_node, sensor_resistor, source_name
from printron.network.parts import Input, PrintedNetwork
from printron.technology import RESISTOR


def network_netlist(printed: PrintedNetwork) -> Netlist:
    """The circuit with its supplies (`Vvdd`, ...), bias (`Vbias`) and inputs (`Vin3`, ...).

    Every input has its source, also where nothing is connected to it, behind the resistance of its
    sensor; supplies and bias only where they are needed. Gates that leak have resistors to ground.
    """
    connected = set(printed.nodes) - {GROUND}
    parts = [part.element for part in printed.parts]
    if printed.gate_leakage is not None:
        parts += gate_leaks(parts, printed.gate_leakage)
    for each in printed.inputs:
        parts += _sensor(each, printed.source_resistance)
    known = {node: volts for node, volts in printed.supplies.items() if node in connected}
    supplies = [voltage_source(source_name(node), node, volts) for node, volts in known.items()]
    return Netlist(printed.title, (*parts, *supplies))


def _sensor(each: Input, resistance: float) -> list[Element]:
    """The source of an input, and its resistance."""
    if not resistance:
        return [voltage_source(source_name(each.node), each.node, each.volts)]
    behind = sensor_node(each.node)
    return [
        voltage_source(source_name(each.node), behind, each.volts),
        Element(sensor_resistor(each.node), RESISTOR, (behind, each.node), {"R": resistance}),
    ]
