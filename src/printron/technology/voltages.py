"""Input voltages of a cell: those in a network, which its sweep must cover; the second input's."""

from printron.technology.cells import Cell
from printron.technology.errors import TechnologyError
from printron.technology.process import Process

SENSOR_V = 1.0  # highest voltage of an input; the lowest is ground


def minus_volts(process: Process) -> float:
    """Voltage of a differential cell's second input while its first is swept, V: half of the bias,
    in the middle of what columns can have."""
    return process.crossbar.V_bias / 2


def check_sweep(process: Process, cell: Cell, activation: Cell | None = None) -> None:
    """Refuse a cell with input voltages outside its sweep, where its curve is unknown.

    Checked are ground, the sensors' 1 V, the bias line and the rails to which activation circuits
    pull their outputs. A negation circuit between wider rails (`negation_divider`) may pull a
    column below the sweep of an activation circuit, which then stays at its plateau, as its curve
    does.

    Parameters
    ----------
    activation : the activation cell of the network; None leaves its rails unchecked.

    Raises
    ------
    TechnologyError : the voltage, and where it comes from.
    """
    low, high = cell.sweep
    driven = {"V_bias": process.crossbar.V_bias} | {
        f"rail {rail}": process.rail(rail) for rail in (activation.supplies if activation else ())
    }
    for source, volts in {"ground": 0.0, "a sensor": SENSOR_V, **driven}.items():
        if not low - 1e-9 <= volts <= high + 1e-9:
            lower = "lower the voltage, or " if source in driven else ""
            raise TechnologyError(
                f"got {volts:g} V ({source}) at the input of cell '{cell.name}', whose curve "
                f"is known for {low:g} to {high:g} V; {lower}widen its sweep and "
                "rebuild its surrogate"
            )
