"""The printed neural network: voltages and power."""

from printron.network.areas import film_areas
from printron.network.counts import Counts
from printron.network.crossbar import Crossbar, print_crossbar, solve_columns
from printron.network.ideal import forward, forward_layer, layer_columns
from printron.network.layers import Layer, Parameters, build_layers, printed_design
from printron.network.loaded import Loaded, solve_loaded
from printron.network.netlist import network_netlist
from printron.network.parts import (
    Input,
    Output,
    Part,
    PrintedNetwork,
    network_of,
    printed_network,
    supply_volts,
)
from printron.network.power import Power, cell_power, counts_of, power_of
from printron.network.printing import (
    Copy,
    copy_key,
    draw_copies,
    draw_copy,
    numbered_copies,
    printed_copy,
)
from printron.network.readout import commonest_class, winner
from printron.network.structure import (
    SHARINGS,
    CellGroup,
    CellModel,
    LayerStructure,
    Role,
    Sharing,
    Structure,
    build_structure,
)

__all__ = [
    "SHARINGS",
    "CellGroup",
    "CellModel",
    "Counts",
    "Crossbar",
    "Input",
    "Layer",
    "LayerStructure",
    "Loaded",
    "Output",
    "Parameters",
    "Part",
    "Power",
    "PrintedNetwork",
    "Copy",
    "copy_key",
    "draw_copies",
    "draw_copy",
    "film_areas",
    "network_of",
    "numbered_copies",
    "printed_copy",
    "printed_design",
    "Role",
    "Sharing",
    "Structure",
    "build_layers",
    "build_structure",
    "cell_power",
    "commonest_class",
    "counts_of",
    "forward",
    "forward_layer",
    "layer_columns",
    "network_netlist",
    "power_of",
    "print_crossbar",
    "printed_network",
    "solve_columns",
    "solve_loaded",
    "supply_volts",
    "winner",
]
