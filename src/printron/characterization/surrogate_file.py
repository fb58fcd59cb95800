"""Files of a surrogate: arrays of known types and shapes, checked before use."""

import io
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.characterization.surrogate import Surrogate, SurrogateError

FORMAT = 1
OUTPUTS = 5  # eta1, eta2, eta3, ln eta4, ln P


def surrogate_files(surrogate: Surrogate) -> dict[str, bytes]:
    """The files of a surrogate by name: `<cell>.npz` (plain arrays) and `<cell>.json` (report)."""
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "cell": np.array(surrogate.cell),
        "curve": np.array(surrogate.curve),
        "variables": np.array(surrogate.variables),
        "fingerprint": np.array(surrogate.fingerprint),
        **{
            k: getattr(surrogate, k)
            for k in ("low", "high", "constraints", "anchor", "offset", "scale")
        },
    }
    for k, (matrix, bias) in enumerate(surrogate.weights):
        arrays |= {f"matrix{k}": matrix, f"bias{k}": bias}
    file = io.BytesIO()
    np.savez(file, **arrays)
    text = json.dumps(surrogate.report, indent=1, allow_nan=False) + "\n"
    return {f"{surrogate.cell}.npz": file.getvalue(), f"{surrogate.cell}.json": text.encode()}


def surrogate_from(arrays: dict[str, NDArray[Any]], report: str) -> Surrogate:
    """The surrogate from the arrays of its `.npz` and the text of its `.json`.

    Raises
    ------
    SurrogateError : an array is missing or of another type or shape, a number is not finite, or the
        report is not a JSON object.
    """
    variables = _array(arrays, "variables", "U", (None,))
    n = len(variables)
    shapes: dict[str, tuple[int | None, ...]] = {
        **dict.fromkeys(("low", "high", "anchor"), (n,)),
        "constraints": (None, n + 1),
        **dict.fromkeys(("offset", "scale"), (OUTPUTS,)),
    }
    numbers: dict[str, Any] = {
        key: _array(arrays, key, "f", shape) for key, shape in shapes.items()
    }
    if not np.all((numbers["low"] > 0) & (numbers["low"] <= numbers["high"])):
        raise SurrogateError("got ranges 'low' to 'high' that are empty or not positive")
    return Surrogate(
        cell=str(_array(arrays, "cell", "U", ())),
        curve=str(_array(arrays, "curve", "U", ())),
        variables=tuple(map(str, variables)),
        weights=tuple(_layers(arrays, n)),
        fingerprint=str(_array(arrays, "fingerprint", "U", ())),
        report=_report(report),
        **numbers,
    )


def _layers(
    arrays: dict[str, NDArray[Any]], inputs: int
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """(matrix [out, in], bias [out]) of each layer; outputs of one are inputs of the next."""
    count = sum(name.startswith("matrix") for name in arrays)
    layers = []
    for k in range(count):
        outputs = OUTPUTS if k == count - 1 else None
        matrix = _array(arrays, f"matrix{k}", "f", (outputs, inputs))
        layers.append((matrix, _array(arrays, f"bias{k}", "f", matrix.shape[:1])))
        inputs = len(matrix)
    if not layers:
        raise SurrogateError("'matrix0' is missing")
    return layers


def _array(
    arrays: dict[str, NDArray[Any]], key: str, kind: str, shape: tuple[int | None, ...]
) -> NDArray[Any]:
    """One of the arrays, of a kind ("U" text, "f" finite numbers) and shape (None: any length)."""
    if key not in arrays:
        raise SurrogateError(f"'{key}' is missing")
    array = arrays[key]
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, got) for got, wanted in zip(array.shape, shape, strict=True)
    )
    if array.dtype.kind != kind or not fits:
        content = {"U": "text", "f": "numbers"}[kind]
        size = " x ".join("any" if length is None else str(length) for length in shape) or "one"
        raise SurrogateError(
            f"got '{key}' of type {array.dtype} and shape {array.shape}; {content} ({size}) are "
            "needed"
        )
    if kind == "f" and not np.isfinite(array).all():
        raise SurrogateError(f"got '{key}' with numbers that are not finite")
    return array


def _report(text: str) -> dict[str, Any]:
    report = json.loads(text)
    if not isinstance(report, dict):
        raise SurrogateError("the report is not a JSON object")
    if not finite(report):
        raise SurrogateError("the report has numbers that are not finite")
    return report


def finite(record: Any) -> bool:
    """Whether all numbers of a JSON-like record are finite."""
    if isinstance(record, dict | list):
        return all(map(finite, record.values() if isinstance(record, dict) else record))
    return not isinstance(record, float) or math.isfinite(record)
