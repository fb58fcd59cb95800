"""The netlist of one trained circuit as a file that plain ngspice runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from printron.circuits.components import one_line, safe_name
from printron.network import Design, Parameters, network_netlist, printed_network

FILE_NAME = "network.cir"


def spice_of(
    design: Design,
    parameters: Parameters,
    volts: ArrayLike,
    *,
    title: str = "printed network",
    features: Sequence[str] = (),
    classes: Sequence[str] = (),
    scaling: Sequence[Mapping[str, Any]] = (),
    remarks: Sequence[str] = (),
) -> str:
    """The whole circuit as SPICE, with the operating point at some input voltages.

    Parameters
    ----------
    parameters : of one run, without a run axis.  volts : of the inputs, V, [inputs].
    features, classes : their names, for comments; made safe.
    scaling : of each input, as `printron.datasets.Scaling.as_records` has it, for comments.
    remarks : more comments; plain text.
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
    said += [
        f"* scaling {node}: {_scaling(it)}" for node, it in zip(sensors, scaling, strict=False)
    ]
    said += [f"* {one_line(remark)}" for remark in remarks]
    return netlist.to_spice([*said, ".op"])


def _scaling(of: Mapping[str, Any]) -> str:
    """Which readings are 0 V and 1 V, as plain ASCII: the unit is a user's text."""
    low, high = of["reading_at_0V"], of["reading_at_1V"]
    if low == high:
        return f"constant, always 0 V (trained at {low!r})"
    unit = (of["unit"] or "").encode("unicode_escape").decode()
    return f"0 V at {low!r}, 1 V at {high!r} {unit}".rstrip()
