"""What can be printed: the process, the transistor, the cell library."""

from printron.base.models import digest
from printron.base.quantity import NO_POWER_W, power_text, si_text, to_si
from printron.technology.cell_component import Component
from printron.technology.cell_text import cell_source
from printron.technology.cells import Cell
from printron.technology.component import COMPONENT_KINDS, Kind, counted
from printron.technology.curves import bend, curve, line
from printron.technology.dynamics import GateCapacitance
from printron.technology.egt import EGTCard, drain_current, subcircuit
from printron.technology.errors import TechnologyError
from printron.technology.kinds import CAPACITOR, EGT, LEVEL_SHIFT, RESISTOR, VOLTAGE_SOURCE
from printron.technology.library import Technology, technology
from printron.technology.process import Process, default_process, load_process, shipped
from printron.technology.record import technology_from, technology_tables
from printron.technology.voltages import check_sweep, minus_volts

__all__ = [
    "CAPACITOR",
    "Cell",
    "Component",
    "EGT",
    "EGTCard",
    "COMPONENT_KINDS",
    "GateCapacitance",
    "Kind",
    "LEVEL_SHIFT",
    "NO_POWER_W",
    "Process",
    "RESISTOR",
    "Technology",
    "TechnologyError",
    "VOLTAGE_SOURCE",
    "bend",
    "cell_source",
    "check_sweep",
    "counted",
    "curve",
    "default_process",
    "digest",
    "drain_current",
    "line",
    "load_process",
    "minus_volts",
    "power_text",
    "shipped",
    "si_text",
    "subcircuit",
    "technology",
    "technology_from",
    "technology_tables",
    "to_si",
]
