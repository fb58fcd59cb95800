"""The netlist of a whole trained network: what plain ngspice simulates."""

from printron.circuits.components import GROUND, voltage_source
from printron.circuits.netlist import Netlist
from printron.network.names import source_name
from printron.network.parts import PrintedNetwork


def network_netlist(printed: PrintedNetwork) -> Netlist:
    """The circuit with its supplies (`Vvdd`, ...), bias (`Vbias`) and inputs (`Vin3`, ...).

    Every input has its source, also where nothing is connected to it; supplies and bias only where
    they are needed.
    """
    connected = set(printed.nodes) - {GROUND}
    known = {each.node: each.volts for each in printed.inputs}
    known |= {node: volts for node, volts in printed.supplies.items() if node in connected}
    parts = [part.element for part in printed.parts]
    sources = [voltage_source(source_name(node), node, volts) for node, volts in known.items()]
    return Netlist(printed.title, (*parts, *sources))
