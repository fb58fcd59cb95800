"""The folder of a trained circuit: its files, how each is written and how each is read back.

    circuit.json     the record: claimed accuracy and power, scaling of readings to volts, process
                     and cells; written last, so that a folder with a record is complete
    parameters.npz   learned parameters
    rows.npz         volts and labels of the test rows
    surrogates/      of the cells
    components.csv, network.cir   for the printer and for ngspice

The folder holds all that a sign-off or a prediction needs, and may be moved. Every file names the
hash of its circuit.
"""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.base.files import write_together
from printron.base.place import Place, place_at
from printron.characterization import SurrogateError, load_surrogate_for, surrogate_files
from printron.errors import PrintronError
from printron.export import FORMATS
from printron.network import (
    Parameters,
    PrintedNetwork,
    Structure,
    build_structure,
    printed_network,
)
from printron.results.circuit_record import parse_record, rows_hash
from printron.results.ownership import HASH, check_foreign, check_kind, circuit_named_in
from printron.results.parameters import parameter_bytes, parameters_from
from printron.results.problem import ROLES, Problem, cells_by_layer, named
from printron.results.runs import Runs
from printron.results.store import CONFIG, SURROGATES, json_bytes, surrogate_names
from printron.technology import Technology
from printron.technology.conditions import conditions_in
from printron.training import Readings

RECORD, PARAMETERS, ROWS = "circuit.json", "parameters.npz", "rows.npz"
BILL, NETLIST = FORMATS["bill"].file, FORMATS["spice"].file
CHOSEN = "chosen"  # folder inside a sweep's, with the circuit that the sweep selected
SIGNOFF = ("signoff.json", "signoff.png", "signoff.svg")
PREDICTIONS = "predictions.csv"
DESIGN = ("design.json", "design.png", "design.svg")


def circuit_files(problem: Problem) -> tuple[str, ...]:
    """Names of the files of a circuit's folder."""
    cells = [model.cell.name for model in problem.structure.models]
    return (PARAMETERS, ROWS, *surrogate_names(cells), BILL, NETLIST, RECORD)


def check_circuit_folder(folder: str | Path, problem: Problem) -> None:
    """Refuse a folder that holds foreign files of the same names, or an experiment.

    Raises
    ------
    StoreError : names the file.
    """
    check_kind(folder, CONFIG, "an experiment")
    check_foreign(folder, (*circuit_files(problem), *SIGNOFF))


def write_circuit(
    problem: Problem, runs: Runs, record: dict[str, Any], folder: Path
) -> tuple[str, ...]:
    """Write one circuit, and remove files about an earlier one; return the names of the files.

    Of a run that diverged before its first snapshot, only the record is written.

    Parameters
    ----------
    runs : a single run.  record : from `circuit_record`.
    """
    contents = _contents(problem, runs, record) if record["epoch"] >= 0 else {}
    contents[RECORD] = json_bytes(record)
    return write_together(folder, contents, stale_files(place_at(folder), record[HASH]))


def _contents(problem: Problem, runs: Runs, record: dict[str, Any]) -> dict[str, bytes]:
    """All files but the record, by name."""
    structure, one, mark = problem.structure, runs.one(0), record[HASH]
    finished = finished_network(structure, one, record, problem.rows["test"][0][:, 0])
    return {
        PARAMETERS: parameter_bytes(runs.parameters, mark=mark),
        ROWS: _row_bytes(problem.rows["test"], mark),
        **_surrogate_contents(structure),
        BILL: FORMATS["bill"].write(finished),
        NETLIST: FORMATS["spice"].write(finished),
    }


def read_record(place: Place) -> dict[str, Any]:
    """The record, checked.

    Raises
    ------
    PrintronError : see `parse_record`.
    """
    return parse_record(_bytes(place, RECORD), place.address(RECORD))


def _surrogate_contents(structure: Structure) -> dict[str, bytes]:
    return {
        f"{SURROGATES}/{name}": content
        for model in structure.models
        for name, content in surrogate_files(model.surrogate).items()
    }


def read_structure(place: Place, record: dict[str, Any], library: Technology) -> Structure:
    """The structure of the network, with the surrogates of its cells.

    Raises
    ------
    PrintronError : a cell that the library lacks; surrogates damaged, or of other cells.
    """
    layers = len(record["hidden"]) + 1
    names = cells_by_layer(library, record["cells"], layers)
    cells = [name for role in ROLES for name in named(names[role])]
    try:
        with place.fetched(surrogate_names(cells)) as here:
            found = {
                name: load_surrogate_for(library, name, here / f"{SURROGATES}/{name}.npz")
                for name in cells
            }
    except (OSError, SurrogateError) as error:
        raise PrintronError(
            f"the surrogates in '{place.url}' cannot be read ({error}); restore their files, or "
            "train the circuit again"
        ) from error
    topology = (len(record["features"]), *record["hidden"], len(record["classes"]))
    return build_structure(
        library,
        topology,
        activation=[found.get(name) for name in names["activation"]],
        negation=[found.get(name) for name in names["negation"]],
        sharing=record["sharing"],
        conditions=conditions_in(record).on(library.process),
    )


def read_parameters(place: Place) -> Parameters:
    """The learned parameters, without the run axis.

    Raises
    ------
    PrintronError : the file is missing or damaged.
    """
    try:
        runs = parameters_from(_arrays(place, PARAMETERS))
        return Parameters(*(tuple(np.asarray(x, np.float32)[0] for x in each) for each in runs))
    except (KeyError, IndexError, ValueError) as error:
        raise _unreadable(place, PARAMETERS, error) from error


def _row_bytes(rows: Readings, mark: str) -> bytes:
    file, arrays = io.BytesIO(), {"volts": rows[0], "labels": rows[1], HASH: np.array(mark)}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def read_rows(place: Place, record: dict[str, Any]) -> Readings:
    """Volts [inputs, samples] and labels [samples] of the test rows.

    Raises
    ------
    PrintronError : the file is damaged, or its rows differ from those of the record.
    """
    arrays = _arrays(place, ROWS)
    nothing = np.zeros(0)
    volts, labels = arrays.get("volts", nothing), arrays.get("labels", nothing)
    if rows_hash(volts, labels) != record["test_rows"]:
        raise PrintronError(
            f"'{place.address(ROWS)}' does not hold the test rows of this circuit; restore the "
            "file, or train the circuit again"
        )
    return volts, labels


def finished_network(
    structure: Structure,
    parameters: Parameters,
    record: dict[str, Any],
    volts: NDArray[Any],
    title: str = "",
) -> PrintedNetwork:
    """A circuit as printed, with the scaling, title and hash for its files.

    Parameters
    ----------
    volts : inputs at which files show the circuit, V, [inputs].
    title : title of the files; default: the circuit at its first test row.
    """
    printed = printed_network(structure, parameters, record["features"], record["classes"]).at(
        volts
    )
    ranges = zip(printed.inputs, record["scaling"], strict=True)
    return replace(
        printed,
        inputs=tuple(
            replace(each, **{key: of[key] for key in ("reading_at_0V", "reading_at_1V", "unit")})
            for each, of in ranges
        ),
        title=title or f"printed network for {record['dataset']}, at its first test row",
        marks={HASH: record[HASH]},
    )


def stale_files(place: Place, circuit: str | None, below: str = "") -> list[str]:
    """Printron's files about another circuit; the record first, which marks a folder as a
    circuit's.

    Parameters
    ----------
    circuit : hash of the current circuit; None without one.
    below : folder inside the place, such as "chosen/".
    """
    exported = (each.file for each in FORMATS.values())
    names = (RECORD, PARAMETERS, ROWS, *exported, *SIGNOFF, PREDICTIONS, *DESIGN)
    present = [f"{below}{name}" for name in names if place.exists(f"{below}{name}")]
    hashes = {name: circuit_named_in(name, place.read(name)) for name in present}
    return [name for name, hash_ in hashes.items() if hash_ is not None and hash_ != circuit]


def remove_stale(place: Place, circuit: str | None, below: str = "") -> None:
    """Remove files about another circuit from a place to which files were written."""
    for name in stale_files(place, circuit, below):
        place.remove(name)


def _arrays(place: Place, name: str) -> dict[str, NDArray[Any]]:
    """The arrays of an npz file.

    Raises
    ------
    PrintronError : the file is missing or damaged.
    """
    content = _bytes(place, name)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return dict(file)
    except Exception as error:  # zip files are damaged in many ways
        raise _unreadable(place, name, error) from error


def _bytes(place: Place, name: str) -> bytes:
    try:
        return place.read(name)
    except OSError as error:
        raise _unreadable(place, name, error) from error


def _unreadable(place: Place, name: str, error: Exception) -> PrintronError:
    why = getattr(error, "strerror", None) or " ".join(str(error).split())
    return PrintronError(
        f"'{place.address(name)}' cannot be read ({why}); restore the file, or train the "
        "circuit again"
    )
