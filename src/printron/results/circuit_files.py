"""The files of a trained circuit's folder, and how they are written.

    circuit.json     the record: claimed accuracy and power, scaling of readings to volts, process
                     and cells; takes its place last, so that a folder with a record is whole
    parameters.npz   what was learned
    rows.npz         volts and labels of the test rows
    surrogates/      of the two cells
    components.csv, network.cir   for the printer and for ngspice

The folder carries all that a sign-off or a prediction needs, and may be moved. Every file names the
hash of the circuit that it speaks of.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.base.files import write_together
from printron.base.place import Place, place_at
from printron.characterization import surrogate_files
from printron.export import FILE_NAME as NETLIST
from printron.export import bill, bill_text, spice_of
from printron.network import Design, Parameters, commonest_class
from printron.results.circuit_record import FORMAT, circuit_hash, rows_hash
from printron.results.ownership import HASH, check_foreign, check_kind, circuit_named_in
from printron.results.parameters import parameter_bytes
from printron.results.problem import Problem
from printron.results.runs import Runs, run_record
from printron.results.store import CONFIG, finite, json_bytes
from printron.training import Schedule

RECORD, PARAMETERS, ROWS, BILL = "circuit.json", "parameters.npz", "rows.npz", "components.csv"
SIGNOFF = ("signoff.json", "signoff.png", "signoff.svg")
PREDICTIONS = "predictions.csv"

RowsOf = tuple[NDArray[np.float32], NDArray[np.int32]]


def circuit_record(problem: Problem, runs: Runs, schedule: Schedule) -> dict[str, Any]:
    """All there is to say about the one run in `runs`, as JSON; see `run_record`."""
    data = problem.dataset
    record = finite(
        {
            **run_record(runs.table.iloc[0].to_dict()),
            "topology": list(problem.design.topology),
            "features": list(data.feature_names),
            "classes": list(data.class_names),
            "answer_where_outputs_tie": data.class_names[commonest_class(data.train.labels)],
            "scaling": data.scaling.as_records(data.feature_names),
            "test_rows": rows_hash(*problem.rows["test"]),
            "split_seed": problem.spec.split_seed,
            "schedule": {k: _listed(value) for k, value in asdict(schedule).items()},
            "sources": problem.sources,
            "technology": problem.carried,
            "wall_s": round(float(runs.table["wall_s"].iloc[0]), 3),
        }
    )
    made = None
    if record["epoch"] >= 0:
        made = circuit_hash(problem.design, runs.one(0), record)
    return {"format": FORMAT, HASH: made, **record}


def _listed(value: Any) -> Any:
    """As JSON has the value."""
    return list(value) if isinstance(value, tuple) else value


def circuit_files(problem: Problem) -> tuple[str, ...]:
    """Names of the files of a circuit's folder."""
    cells = (problem.design.activation.cell, problem.design.negation.cell)
    surrogates = (f"surrogates/{cell}.{suffix}" for cell in cells for suffix in ("npz", "json"))
    return (PARAMETERS, ROWS, *surrogates, BILL, NETLIST, RECORD)


def check_circuit_folder(folder: str | Path, problem: Problem) -> None:
    """Refuse a folder with files of somebody else, or an experiment, where those of a circuit go.

    Raises
    ------
    StoreError : names the file.
    """
    check_kind(folder, CONFIG, "an experiment")
    check_foreign(folder, (*circuit_files(problem), *SIGNOFF))


def write_circuit(
    problem: Problem, runs: Runs, record: dict[str, Any], folder: Path
) -> tuple[str, ...]:
    """Write one circuit, and take away what speaks of an earlier one; names of the files.

    A run that diverged before it had any snapshot has no circuit to write, only its record.

    Parameters
    ----------
    runs : the one run.  record : of `circuit_record`.
    """
    contents = _contents(problem, runs, record) if record["epoch"] >= 0 else {}
    contents[RECORD] = json_bytes(record)
    return write_together(folder, contents, stale_files(place_at(folder), record[HASH]))


def _contents(problem: Problem, runs: Runs, record: dict[str, Any]) -> dict[str, bytes]:
    """All files but the record, by name."""
    design, one, mark = problem.design, runs.one(0), record[HASH]
    title = f"printed network for {problem.dataset.name}, at its first test row"
    text = circuit_spice(design, one, record, problem.rows["test"][0][:, 0], title)
    table = bill(design, one, problem.dataset.feature_names).assign(**{HASH: mark})
    surrogates = {
        f"surrogates/{name}": content
        for surrogate in (design.activation, design.negation)
        for name, content in surrogate_files(surrogate).items()
    }
    return {
        PARAMETERS: parameter_bytes(runs.parameters, mark=mark),
        ROWS: _row_bytes(problem.rows["test"], mark),
        **surrogates,
        BILL: bill_text(table).encode(),
        NETLIST: text.encode(),
    }


def _row_bytes(rows: RowsOf, mark: str) -> bytes:
    file, arrays = io.BytesIO(), {"volts": rows[0], "labels": rows[1], HASH: np.array(mark)}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def stale_files(place: Place, circuit: str | None, below: str = "") -> list[str]:
    """Files of printron's that speak of another circuit; the record first, for which a folder
    counts as a circuit's.

    Parameters
    ----------
    circuit : hash of the one that counts; None for none.
    below : folder inside of the place, "chosen/" say.
    """
    names = (RECORD, PARAMETERS, ROWS, BILL, NETLIST, *SIGNOFF, PREDICTIONS)
    there = [f"{below}{name}" for name in names if place.exists(f"{below}{name}")]
    spoken_of = {name: _circuit_of(name, place.read(name)) for name in there}
    return [name for name, hash_ in spoken_of.items() if hash_ is not None and hash_ != circuit]


def _circuit_of(name: str, content: bytes) -> str | None:
    """The circuit that a file of a circuit's folder speaks of; None where the file does not say."""
    if name.endswith(".npz"):
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                return str(file[HASH])
        except Exception:  # damaged in any way, or of somebody else
            return None
    if name.endswith(".csv"):
        head, _, rest = content.partition(b"\n")
        named = head.rstrip().endswith(HASH.encode())
        return rest.split(b"\n", 1)[0].rpartition(b",")[2].strip().decode() if named else None
    return circuit_named_in(content)


def remove_stale(place: Place, circuit: str | None, below: str = "") -> None:
    """Remove what speaks of another circuit from a place where files have been put."""
    for name in stale_files(place, circuit, below):
        place.remove(name)


def circuit_spice(
    design: Design,
    parameters: Parameters,
    record: dict[str, Any],
    volts: NDArray[Any],
    title: str,
) -> str:
    """A circuit as SPICE at some input voltages, V, [inputs], with scaling and hash in comments."""
    scaling: Sequence[dict[str, Any]] = record["scaling"]
    return spice_of(
        design,
        parameters,
        volts,
        title=title,
        features=record["features"],
        classes=record["classes"],
        scaling=scaling,
        remarks=(f"{HASH}: {record[HASH]}",),
    )
