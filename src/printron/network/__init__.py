"""The printed neural network: voltages and power."""

from printron.network.crossbar import Crossbar, print_crossbar, solve_columns
from printron.network.loaded import Loaded, solve_loaded
from printron.network.netlist import network_netlist, supply_volts
from printron.network.network import (
    SHARINGS,
    Design,
    Layer,
    Parameters,
    Sharing,
    build_layers,
    cell_power,
    counts_of,
    design_network,
    forward,
    forward_layer,
    layer_columns,
    normalized_designs,
    power_of,
)
from printron.network.parts import PrintedNetwork, neuron_names, printed_network
from printron.network.power import Counts, Power
from printron.network.readout import commonest_class, winner

__all__ = [
    "SHARINGS",
    "Counts",
    "Crossbar",
    "Design",
    "Layer",
    "Loaded",
    "Parameters",
    "Power",
    "PrintedNetwork",
    "Sharing",
    "build_layers",
    "cell_power",
    "commonest_class",
    "counts_of",
    "design_network",
    "forward",
    "forward_layer",
    "layer_columns",
    "network_netlist",
    "neuron_names",
    "normalized_designs",
    "power_of",
    "print_crossbar",
    "printed_network",
    "solve_columns",
    "solve_loaded",
    "supply_volts",
    "winner",
]
