"""The netlist of a whole trained network: what plain ngspice simulates."""

import numpy as np
from numpy.typing import ArrayLike

from printron.circuits.components import GROUND, VoltageSource
from printron.circuits.netlist import Netlist, element
from printron.errors import PrintronError
from printron.network.network import Design
from printron.network.parts import BIAS, PrintedNetwork


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
    parts = [element(part.name, part, part.values, design.process) for part in printed.parts]
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
