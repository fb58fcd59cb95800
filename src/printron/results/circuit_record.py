"""`circuit.json`: what must stand in the record of a trained circuit, and its hash."""

import json
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat, ValidationError

from printron.base.models import digest, one_sentence
from printron.errors import PrintronError
from printron.network import SHARINGS, Design, Parameters
from printron.results.config_record import Part, Sources

FORMAT = 2
# Keys of the record that the hash of a circuit covers, beside what was learned.
HASHED = (
    "technology", "scaling", "features", "classes", "answer_where_outputs_tie", "test_rows",
    "accuracy", "power_W", "valid", "majority", "fingerprints", "schedule",
)  # fmt: skip


class Scaled(Part):
    """Which readings of a feature are 0 V and 1 V."""

    feature: str
    unit: str | None
    reading_at_0V: FiniteFloat
    reading_at_1V: FiniteFloat


class _Cells(Part):
    activation: str
    negation: str


class _Accuracy(Part):
    train: FiniteFloat | None
    valid: FiniteFloat | None
    test: FiniteFloat | None


class _Power(Part):
    total: FiniteFloat | None


class _Valid(Part):
    power_W: FiniteFloat | None


class _Schedule(Part):
    sources: Literal["ideal", "loaded"]


class _Fingerprints(Part):
    dataset: str
    process: str
    activation: str
    negation: str


class CircuitRecord(Part):
    """What is read of `circuit.json`."""

    format: Literal[2]
    printron_circuit: str = Field(pattern=r"^[0-9a-f]{16}$")
    dataset: str
    protocol: str
    split_seed: int
    alpha: FiniteFloat
    majority: FiniteFloat
    features: list[str] = Field(min_length=1)
    classes: list[str] = Field(min_length=1)
    answer_where_outputs_tie: str
    hidden: list[Annotated[int, Field(ge=1)]]
    sharing: Literal[SHARINGS]  # type: ignore[valid-type]
    cells: _Cells
    technology: dict[str, Any]
    scaling: list[Scaled]
    accuracy: _Accuracy
    power_W: _Power
    valid: _Valid
    schedule: _Schedule
    fingerprints: _Fingerprints
    sources: Sources
    test_rows: str


def parse_record(content: bytes, where: str) -> dict[str, Any]:
    """The record that the bytes of `circuit.json` hold, checked.

    Parameters
    ----------
    where : the file, for messages.

    Raises
    ------
    PrintronError : one sentence that names file and key.
    """
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PrintronError(
            f"'{where}' cannot be read as JSON ({error}); train the circuit again"
        ) from error
    if not isinstance(record, dict):
        raise PrintronError(f"'{where}' is not of a circuit; train the circuit again")
    if record.get("epoch") == -1:
        raise PrintronError(
            f"'{where}' is of a run that diverged before there was a circuit; train again, with a "
            "lower --learning-rate"
        )
    if record.get("format") != FORMAT:
        raise PrintronError(
            f"'{where}' has the format {record.get('format', 1)!r}; this version reads the format "
            f"{FORMAT}, whose folders carry process, cells, scaling and test rows: train the "
            "circuit again"
        )
    try:
        CircuitRecord.model_validate(record)
    except ValidationError as error:
        told = one_sentence(where, error)
        raise PrintronError(f"{told}; or train the circuit again") from None
    return record


def circuit_hash(design: Design, parameters: Parameters, record: dict[str, Any]) -> str:
    """A short hash of everything that a circuit is and claims: equal for, and only for, equal ones.

    Parameters
    ----------
    parameters : of one run, without a run axis.  record : of `circuit.json`.
    """
    arrays = {
        name: [np.asarray(each, "<f4").tobytes().hex() for each in kind]
        for name, kind in parameters._asdict().items()
    }
    surrogates = [design.activation.digest, design.negation.digest]
    said = {key: record.get(key) for key in HASHED}
    return digest(list(design.topology), design.sharing, surrogates, said, arrays)


def rows_hash(volts: NDArray[Any], labels: NDArray[Any]) -> str:
    """A short hash of rows: shapes, kinds and values."""
    parts = [[str(each.dtype), list(each.shape), each.tobytes().hex()] for each in (volts, labels)]
    return digest(parts)
