"""ngspice as a process: cells, netlists and batches solved, with limits on time."""

from printron.circuits.ngspice.process import (
    NgspiceError,
    NgspiceMissing,
    NgspiceTimeout,
    executable,
    version,
)
from printron.circuits.ngspice.simulator import NodeVoltages, operating_point, sweep

__all__ = [
    "NgspiceError",
    "NgspiceMissing",
    "NgspiceTimeout",
    "NodeVoltages",
    "executable",
    "operating_point",
    "sweep",
    "version",
]
