"""The netlist of one trained circuit as a file that plain ngspice runs."""

from printron.circuits.components import one_line
from printron.export.safe_names import safe_names
from printron.network import Input, PrintedNetwork, network_netlist


def spice_text(network: PrintedNetwork) -> bytes:
    """The whole circuit as SPICE, with the operating point at its input voltages.

    Features, classes, scaling and marks are comments.
    """
    features = safe_names(each.feature for each in network.inputs)
    labels = safe_names(each.label for each in network.outputs)
    inputs = zip(network.inputs, features, strict=True)
    outputs = zip(network.outputs, labels, strict=True)
    comments = [f"* input {each.node}: {name}" for each, name in inputs if name]
    comments += [f"* output {each.node}: {name}" for each, name in outputs if name]
    comments += [
        f"* scaling {each.node}: {_scaling(each)}"
        for each in network.inputs
        if each.reading_at_0V is not None
    ]
    comments += [f"* {one_line(f'{name}: {text}')}" for name, text in network.marks.items()]
    return network_netlist(network).to_spice([*comments, ".op"]).encode()


def _scaling(of: Input) -> str:
    """The readings at 0 V and 1 V, as plain ASCII: the unit is a user's text."""
    low, high = of.reading_at_0V, of.reading_at_1V
    if low == high:
        return f"constant, always 0 V (trained at {low!r})"
    unit = (of.unit or "").encode("unicode_escape").decode()
    return f"0 V at {low!r}, 1 V at {high!r} {unit}".rstrip()
