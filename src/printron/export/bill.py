"""The bill of one trained circuit: every printed component with its name and value.

Names are those of `printron.network.names`.
"""

from typing import Any

import pandas as pd

from printron.export.safe_names import safe_names
from printron.network import Part, PrintedNetwork
from printron.technology import COMPONENT_KINDS

_PLACE = ("layer", "circuit", "instance", "cell", "row", "column", "side", "input", "negated")
DIGITS = 6  # significant digits in the CSV file


def columns() -> tuple[str, ...]:
    """Columns of the bill: identity and position of a part, then the values of every kind."""
    values: dict[str, None] = {}
    for kind in COMPONENT_KINDS.values():
        values |= dict.fromkeys(quantity.column for quantity in kind.quantities)
        values |= {"card": None} if kind.carded else {}
    return ("part", "kind", *_PLACE, *values)


def bill(network: PrintedNetwork) -> pd.DataFrame:
    """Every component of a finished network, one row each.

    Returns
    -------
    Columns: part (unique name); kind (resistor, egt, level_shift); layer; circuit (crossbar,
    activation, negation); instance (which activation or negation circuit) and its cell; row and
    column of the crossbar; side (plus or minus, where a neuron has two columns); input (name of
    the sensor that feeds the row, made safe); negated (fed by the row's negative-weight circuit);
    R_ohm; W_m, L_m and card of a transistor; gain and offset_V of an ideal level shift, which
    cannot be printed; and a column for each of the network's marks.
    """
    names = safe_names(each.feature for each in network.inputs)
    sensors = dict(zip((each.node for each in network.inputs), names, strict=True))
    rows = [_row(part, sensors) for part in network.parts]
    return pd.DataFrame(rows, columns=list(columns())).assign(**network.marks)


def _row(part: Part, sensors: dict[str, str]) -> dict[str, Any]:
    element = part.element
    where = {name: getattr(part, name) for name in _PLACE if name != "input"}
    return {
        "part": part.name,
        "kind": element.kind.name,
        **where,
        "input": sensors.get(str(part.row), "") if part.layer == 1 else "",
        **{each.column: element.values[each.key] for each in element.kind.quantities},
        "card": element.card.name if element.card else None,
    }


def bill_text(network: PrintedNetwork) -> bytes:
    """The bill as CSV, numbers with six significant digits."""
    return bill(network).to_csv(index=False, float_format=f"%.{DIGITS}g").encode()


def part_counts(table: pd.DataFrame) -> dict[str, int]:
    """Numbers of printed parts: crossbar resistors, circuits, and all components by kind."""
    instances = table[table["circuit"] != "crossbar"].drop_duplicates("instance")["circuit"]
    kinds = table["kind"].value_counts()
    return {
        "resistors": int((table["circuit"] == "crossbar").sum()),
        "activations": int((instances == "activation").sum()),
        "negations": int((instances == "negation").sum()),
        **{
            f"all_{kind.name}s": int(kinds.get(kind.name, 0))
            for kind in COMPONENT_KINDS.values()
            if kind.printable
        },
    }
