"""The netlist of a whole trained network: what plain ngspice simulates."""

import numpy as np
from numpy.typing import ArrayLike

from printron.circuits.components import EGT, GROUND, Element, LevelShift, Resistor, VoltageSource
from printron.circuits.netlist import Netlist
from printron.errors import PrintronError
from printron.network.network import Design
from printron.network.parts import BIAS, Part, PrintedNetwork
from printron.technology import Process


def network_netlist(
    design: Design, printed: PrintedNetwork, volts: ArrayLike, title: str = "printed network"
) -> Netlist:
    """The circuit with its supplies (`Vvdd`, ...), bias (`Vbias`) and inputs (`Vin3`, ...).

    Every input has its source, also where nothing is connected to it; supplies and bias only where
    they are needed.

    Parameters
    ----------
    volts : of the inputs, V, [inputs].

    Raises
    ------
    PrintronError : another number of voltages than inputs.
    """
    values = np.asarray(volts, np.float64)
    if values.shape != (design.topology[0],):
        raise PrintronError(
            f"got {values.size} input voltages; the network has {design.topology[0]} inputs"
        )
    known = {f"in{k + 1}": float(value) for k, value in enumerate(values)}
    supplies = supply_volts(design)
    known |= supplies
    parts = [_element(part, design.process) for part in printed.parts]
    connected = {node for part in printed.parts for node in part.nodes} - {GROUND}
    sources = [
        VoltageSource(f"V{node}", node, GROUND, voltage)
        for node, voltage in known.items()
        if node in connected or node not in supplies
    ]
    return Netlist(title, (*parts, *sources))


def supply_volts(design: Design) -> dict[str, float]:
    """Voltage of the bias line and of every rail but ground, V, by node."""
    rails = dict.fromkeys((*design.activation_cell.rails, *design.negation_cell.rails))
    volts = {rail: design.process.rail(rail) for rail in rails if rail != GROUND}
    return {BIAS: design.process.crossbar.V_bias} | volts


def _element(part: Part, process: Process) -> Element:
    if part.kind == "resistor":
        a, b = part.nodes
        return Resistor(part.name, a, b, part.values["R"])
    if part.kind == "egt":
        drain, gate, source = part.nodes
        card = process.card(str(part.card))
        return EGT(part.name, drain, gate, source, part.values["W"], part.values["L"], card)
    source, target = part.nodes
    return LevelShift(part.name, source, target, float(part.gain or 0), float(part.offset or 0))
