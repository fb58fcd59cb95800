"""The netlist of one trained circuit as a file that plain ngspice runs."""

from collections.abc import Sequence
from pathlib import Path

from numpy.typing import ArrayLike

from printron.circuits.components import safe_name
from printron.network import Design, Parameters, network_netlist, printed_network
from printron.technology.files import write_atomically

FILE_NAME = "network.cir"


def spice_of(
    design: Design,
    parameters: Parameters,
    volts: ArrayLike,
    *,
    title: str = "printed network",
    features: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> str:
    """The whole circuit as SPICE, with the operating point at some input voltages.

    Parameters
    ----------
    parameters : of one run, without a run axis.  volts : of the inputs, V, [inputs].
    features, classes : their names, said in comments; made safe.
    """
    printed = printed_network(design, parameters)
    netlist = network_netlist(design, printed, volts, title)
    said: list[str] = []
    sensors = [f"in{k + 1}" for k in range(design.topology[0])]
    for what, nodes, names in (("input", sensors, features), ("output", printed.outputs, classes)):
        taken: list[str] = []
        for node, name in zip(nodes, names, strict=False):
            taken.append(safe_name(str(name), taken))
            said.append(f"* {what} {node}: {taken[-1]}")
    return netlist.to_spice([*said, ".op"])


def write_spice(text: str, path: Path) -> None:
    """Write a netlist; atomic."""
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
