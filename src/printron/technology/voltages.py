"""Voltages that a cell meets in a network: its sweep must cover them."""

from printron.technology.cells import Cell
from printron.technology.errors import TechnologyError
from printron.technology.process import Process

SENSOR_V = 1.0  # highest voltage of an input; the lowest is ground


def check_sweep(process: Process, cell: Cell, activation: Cell | None = None) -> None:
    """Refuse a cell that can meet voltages at which its curve was never looked at.

    Looked at are ground, the sensors' volt, the bias line and the rails that activation circuits
    pull their outputs to. A negation circuit between wider rails (`negation_divider`) may pull a
    column below an activation's sweep: there the activation stays at its plateau, and so does its
    curve.

    Parameters
    ----------
    activation : the activation cell of the network; where none is known, its rails are not looked
        at.

    Raises
    ------
    TechnologyError : the voltage, and where it comes from.
    """
    low, high = cell.sweep
    met = {"V_bias": process.crossbar.V_bias} | {
        f"rail {rail}": process.rail(rail) for rail in (activation.supplies if activation else ())
    }
    for what, volts in {"ground": 0.0, "a sensor": SENSOR_V, **met}.items():
        if not low - 1e-9 <= volts <= high + 1e-9:
            lower = "lower the voltage, or " if what in met else ""
            raise TechnologyError(
                f"got {volts:g} V ({what}) at the input of cell '{cell.name}', whose curve "
                f"is known for {low:g} to {high:g} V; {lower}widen its sweep and "
                "build its surrogate anew"
            )
