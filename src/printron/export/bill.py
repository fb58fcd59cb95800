"""The bill of one trained circuit: every printed component with its name and value.

Names are those of `printron.network.parts`.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from printron.circuits.components import safe_name
from printron.network import Design, Parameters, printed_network

COLUMNS = (
    "part",
    "kind",
    "layer",
    "circuit",
    "instance",
    "cell",
    "row",
    "column",
    "input",
    "negated",
    "R_ohm",
    "W_m",
    "L_m",
    "card",
    "gain",
    "offset_V",
)
DIGITS = 6  # significant digits in the CSV file


def bill(design: Design, parameters: Parameters, features: Sequence[str] = ()) -> pd.DataFrame:
    """Every component of a trained circuit, one row each.

    Parameters
    ----------
    parameters : of one run, without a run axis.
    features : names of the inputs, for the column `input`; made safe.

    Returns
    -------
    Columns: part (unique name); kind (resistor, egt, level_shift); layer; circuit (crossbar,
    activation, negation); instance (which activation or negation circuit) and its cell; row and
    column of the crossbar; input (name of the sensor that feeds the row); negated (fed by the
    row's negative-weight circuit); R_ohm; W_m, L_m and card of a transistor; gain and offset_V of
    an ideal level shift, which cannot be printed.
    """
    sensors = _sensor_names(features)
    rows: list[dict[str, Any]] = [
        {
            "part": part.name,
            **{name: getattr(part, name) for name in COLUMNS if hasattr(part, name)},
            "input": sensors.get(str(part.row), "") if part.layer == 1 else "",
            "R_ohm": part.values.get("R"),
            "W_m": part.values.get("W"),
            "L_m": part.values.get("L"),
            "offset_V": part.offset,
        }
        for part in printed_network(design, parameters).parts
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def bill_text(table: pd.DataFrame) -> str:
    """A bill as CSV, numbers with six significant digits."""
    return table.to_csv(index=False, float_format=f"%.{DIGITS}g")


def part_counts(table: pd.DataFrame) -> dict[str, int]:
    """Numbers of printed parts: crossbar resistors, circuits, and all components by kind."""
    instances = table[table["circuit"] != "crossbar"].drop_duplicates("instance")["circuit"]
    kinds = table["kind"].value_counts()
    return {
        "resistors": int((table["circuit"] == "crossbar").sum()),
        "activations": int((instances == "activation").sum()),
        "negations": int((instances == "negation").sum()),
        "all_resistors": int(kinds.get("resistor", 0)),
        "all_egts": int(kinds.get("egt", 0)),
    }


def _sensor_names(features: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for number, feature in enumerate(features, start=1):
        names[f"in{number}"] = safe_name(str(feature), names.values())
    return names
