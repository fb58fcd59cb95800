"""The bill of one trained circuit: every printed component with its name and value.

    Rc1_in3_h2     resistor of crossbar 1 from input 3 to hidden neuron 2
    Rc2_h1_out2    of crossbar 2, from hidden neuron 1 to output 2
    Rc2_gnd_out2   of crossbar 2, from ground to output 2; likewise Rc2_bias_out2
    R1_a1_h2       R1 of the activation circuit of hidden neuron 2 (layer 1)
    X1_n1_in3      X1 of the negative-weight circuit of input 3 (layer 1)

Layers, inputs and neurons count from 1. With more than one hidden layer the first number tells
them apart. A neuron without a printed input has no activation circuit, a row whose resistors are
all fed directly no negative-weight circuit.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jax import Array
from numpy.typing import NDArray

from printron.characterization import Surrogate
from printron.circuits.components import safe_name
from printron.network import Design, Layer, Parameters, build_layers, normalized_designs
from printron.technology import Cell
from printron.technology.files import write_atomically

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
    parameters = jax.tree.map(jnp.asarray, parameters)
    layers = build_layers(design, parameters)
    sensors = _sensor_names(features)
    parts: list[dict[str, Any]] = []
    for number, layer in enumerate(layers, start=1):
        rows, columns = _row_names(design, number), _neuron_names(design, number)
        parts += _crossbar(number, layer, rows, columns)
        for kind in ("activation", "negation"):
            parts += _circuits(design, parameters, number, layer, kind)
    table = pd.DataFrame(parts, columns=list(COLUMNS))
    table["input"] = [
        sensors.get(str(row), "") if layer == 1 else ""
        for row, layer in zip(table["row"], table["layer"], strict=True)
    ]
    return table


def write_bill(table: pd.DataFrame, path: Path) -> None:
    """Write a bill as CSV, numbers with six significant digits; atomic."""
    write_atomically(
        path, lambda part: table.to_csv(part, index=False, float_format=f"%.{DIGITS}g")
    )


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


def _neuron_names(design: Design, layer: int) -> list[str]:
    word = "out" if layer == design.layers else "h"
    return [f"{word}{k + 1}" for k in range(design.topology[layer])]


def _row_names(design: Design, layer: int) -> list[str]:
    """Names of a crossbar's rows: inputs or neurons of the layer before, bias, ground."""
    if layer == 1:
        before = [f"in{k + 1}" for k in range(design.topology[0])]
    else:
        before = _neuron_names(design, layer - 1)
    return [*before, "bias", "gnd"]


def _crossbar(
    number: int, layer: Layer, rows: Sequence[str], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    minus = np.asarray(layer.crossbar.minus, np.float64)
    conductance = np.asarray(layer.crossbar.plus, np.float64) + minus
    for i, j in np.argwhere(np.asarray(layer.crossbar.printed)).tolist():
        yield {
            "part": f"Rc{number}_{rows[i]}_{columns[j]}",
            "kind": "resistor",
            "layer": number,
            "circuit": "crossbar",
            "instance": f"c{number}",
            "row": rows[i],
            "column": columns[j],
            "negated": bool(minus[i, j] > 0),
            "R_ohm": 1 / conductance[i, j],
        }


def _circuits(
    design: Design, parameters: Parameters, number: int, layer: Layer, kind: str
) -> Iterator[dict[str, Any]]:
    """The components of a layer's activation circuits (one a column) or negations (one a row)."""
    if kind == "activation":
        place, names = "column", _neuron_names(design, number)
        cell, surrogate, raws = design.activation_cell, design.activation, parameters.activation
        needed = layer.crossbar.has_input
    else:
        place, names = "row", _row_names(design, number)
        cell, surrogate, raws = design.negation_cell, design.negation, parameters.negation
        needed = layer.crossbar.negated_rows
    values = _values(surrogate, raws[number - 1] if len(raws) > 1 else raws[0])
    for k in np.flatnonzero(np.asarray(needed)).tolist():
        where = {"layer": number, "circuit": kind, place: names[k]}
        q = values[:, min(k, values.shape[1] - 1)]
        yield from _cell(cell, q, f"{kind[0]}{number}_{names[k]}", where)


def _values(surrogate: Surrogate, raw: Array) -> NDArray[np.float64]:
    """Component values of circuits, ohm or m, [variables, k]; k is 1 where all are alike."""
    return surrogate.denormalize(np.asarray(normalized_designs(surrogate, raw), np.float64))


def _cell(
    cell: Cell, q: NDArray[np.float64], instance: str, where: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The components of one nonlinear circuit.

    Parameters
    ----------
    q : values of the cell's design variables, ohm or m, [variables].
    """
    for name, part in cell.components.items():
        row: dict[str, Any] = {
            "part": f"{name}_{instance}",
            "kind": part.kind,
            "instance": instance,
            "cell": cell.name,
            **where,
        }
        for key, column in (("R", "R_ohm"), ("W", "W_m"), ("L", "L_m")):
            if getattr(part, key) is not None:
                variable, number = cell.value(part, key)
                row[column] = number if variable is None else q[cell.variables.index(variable)]
        row |= {"card": part.card, "gain": part.gain, "offset_V": part.offset}
        yield row
