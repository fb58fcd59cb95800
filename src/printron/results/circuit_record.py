"""`circuit.json`: making, checking and hashing the record of a trained circuit."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat, ValidationError

from printron.base.json_record import RecordError, json_object
from printron.base.models import digest, one_sentence
from printron.errors import PrintronError
from printron.network import SHARINGS, Parameters, Structure, commonest_class
from printron.results.by_layer import Names, folded, listed
from printron.results.config_record import NamedFiles, Part
from printron.results.ownership import HASH
from printron.results.problem import NAMED_FILES, ROLES, Problem, surrogates_of
from printron.results.runs import Runs, judged_status, run_record
from printron.results.store import finite
from printron.technology.conditions import CONDITIONS, ConditionsSpec
from printron.training import Schedule
from printron.training.goal import goal_in

FORMAT = 2
_WAY_OUT = "restore the file, or train the circuit again"
# Keys of the record that the hash of a circuit covers, beside the learned parameters.
HASHED = (
    "technology", "scaling", "features", "classes", "answer_where_outputs_tie", "test_rows",
    "accuracy", "power_W", "valid", "majority", "fingerprints", "schedule",
)  # fmt: skip


class Scaled(Part):
    """The readings of a feature at 0 V and 1 V."""

    feature: str
    unit: str | None
    reading_at_0V: FiniteFloat
    reading_at_1V: FiniteFloat


class _Cells(Part):
    activation: Names
    negation: Names


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
    """The keys of `circuit.json` that are read."""

    format: Literal[2]
    printron_circuit: str = Field(pattern=r"^[0-9a-f]{16}$")
    dataset: str
    protocol: str
    split_seed: int
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
    sources: NamedFiles
    test_rows: str
    conditions: ConditionsSpec = ConditionsSpec()


def circuit_record(
    problem: Problem, runs: Runs, schedule: Schedule, copies: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The full record of the single run in `runs`, as JSON; see `run_record`.

    Parameters
    ----------
    copies : of `printron.results.copies.copies_of`; None for those of the table, if any.
    """
    data = problem.dataset
    record = finite(
        {
            **run_record(runs.table.iloc[0].to_dict()),
            "topology": list(problem.structure.topology),
            "features": list(data.feature_names),
            "classes": list(data.class_names),
            "answer_where_outputs_tie": data.class_names[commonest_class(data.train.labels)],
            "scaling": data.scaling.as_records(data.feature_names),
            "test_rows": rows_hash(*problem.rows["test"]),
            "split_seed": problem.spec.split_seed,
            "schedule": {k: listed(value) for k, value in asdict(schedule).items()},
            NAMED_FILES: problem.named_files,
            "technology": problem.carried,
            **_conditions(problem.spec.conditions),
            **_of_copies(problem, runs, copies),
            "notes": list(data.remarks),
            "wall_s": round(float(runs.table["wall_s"].iloc[0]), 3),
        }
    )
    made = None
    if record["epoch"] >= 0:
        made = circuit_hash(problem.structure, runs.one(0), record)
    return {"format": FORMAT, HASH: made, **record}


def _of_copies(problem: Problem, runs: Runs, copies: dict[str, Any] | None) -> dict[str, Any]:
    """The entries of the record on copies; those of a circuit that is trained for copies must keep
    its goal's power, too, on average."""
    if not copies:
        return {}
    row = runs.table.iloc[0].to_dict()
    power_W = copies.get("power_mean_W")
    if not problem.spec.conditions.varied or power_W is None:
        return {"copies": copies}
    status = judged_status(run_record(row)["status"], goal_in(row), power_W)
    return {"copies": copies, "status": status}


def _conditions(asked: ConditionsSpec) -> dict[str, Any]:
    """The entries of the record on the conditions; without any, the margin of 0 alone."""
    given = {CONDITIONS: asked.written} if asked.given else {}
    return {**given, "margin_V": asked.margin}


def parse_record(content: bytes, where: str) -> dict[str, Any]:
    """The record that the bytes of `circuit.json` hold, checked.

    Parameters
    ----------
    where : the file, for messages.

    Raises
    ------
    PrintronError : one sentence with file and key.
    """
    try:
        record = json_object(content, "of a circuit")
    except RecordError as fault:
        raise PrintronError(f"'{where}' {fault}; {_WAY_OUT}") from fault
    if record.get("epoch") == -1:
        raise PrintronError(
            f"'{where}' belongs to a run that diverged before its first circuit; train again with "
            "a lower --learning-rate"
        )
    if record.get("format") != FORMAT:
        raise PrintronError(
            f"'{where}' has the format {record.get('format', 1)!r}; this version reads the format "
            f"{FORMAT}, whose folders hold process, cells, scaling and test rows: train the "
            "circuit again"
        )
    try:
        CircuitRecord.model_validate(record)
    except ValidationError as error:
        sentence = one_sentence(where, error)
        raise PrintronError(f"{sentence}; or train the circuit again") from None
    for role in ROLES:
        cells, layers = record["cells"][role], len(record["hidden"]) + 1
        if isinstance(cells, list) and len(cells) != layers:
            raise PrintronError(
                f"{where}: 'cells.{role}': got {len(cells)} entries for {layers} layers; {_WAY_OUT}"
            )
    try:
        goal_in(record)
    except KeyError as error:
        raise PrintronError(f"{where}: {error} is missing; {_WAY_OUT}") from None
    except (PrintronError, TypeError) as error:
        raise PrintronError(f"{where}: {error}; {_WAY_OUT}") from None
    return record


def circuit_hash(structure: Structure, parameters: Parameters, record: dict[str, Any]) -> str:
    """A short hash of a circuit and its claims: equal for equal circuits, and for no others.

    Parameters
    ----------
    parameters : of one run, without a run axis.  record : content of `circuit.json`.
    """
    arrays = {
        name: [np.asarray(each, "<f4").tobytes().hex() for each in kind]
        for name, kind in parameters._asdict().items()
    }
    surrogates = [
        folded([each and each.digest for each in surrogates_of(structure, role)]) for role in ROLES
    ]
    claims = {key: record.get(key) for key in HASHED}
    claims |= {key: record[key] for key in (CONDITIONS,) if key in record}
    return digest(list(structure.topology), record["sharing"], surrogates, claims, arrays)


def rows_hash(volts: NDArray[Any], labels: NDArray[Any]) -> str:
    """A short hash of rows: shapes, types and values."""
    parts = [[str(each.dtype), list(each.shape), each.tobytes().hex()] for each in (volts, labels)]
    return digest(parts)
