"""Circuits and their operating points: netlists, Kirchhoff's law in JAX, ngspice."""

from printron.circuits.operating_point import OperatingPoint, operating_point, solve_linear, sweep
from printron.circuits.sweep import CONVERGED, Sweep

__all__ = ["CONVERGED", "OperatingPoint", "Sweep", "operating_point", "solve_linear", "sweep"]
