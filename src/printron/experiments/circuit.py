"""The folder of a trained circuit: written and read here.

    circuit.json     the record: claimed accuracy and power, scaling of readings to volts, process
                     and cells; written last, so that a folder with a record is whole
    parameters.npz   what was learned
    rows.npz         volts and labels of the test rows
    surrogates/      of the two cells
    components.csv, network.cir   for the printer and for ngspice

The folder carries all that a sign-off or a prediction needs, and may be moved. Every file names the
hash of the circuit that it speaks of.
"""

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.characterization import SurrogateError
from printron.characterization import load as load_surrogate
from printron.characterization import save as save_surrogate
from printron.datasets import Scaling
from printron.errors import PrintronError
from printron.experiments.circuit_record import (
    FORMAT,
    HASH,
    circuit_hash,
    circuit_named_in,
    parse_record,
)
from printron.experiments.place import Place, check_foreign, place_at
from printron.experiments.problem import Problem, ProblemSpec, load_dataset, named_again
from printron.experiments.runs import Runs, parameter_bytes, parameters_from, run_record
from printron.experiments.store import finite, write_json
from printron.export import FILE_NAME as NETLIST
from printron.export import bill, spice_of, write_bill, write_spice
from printron.network import Design, Parameters, commonest_class, design_network
from printron.technology import Technology, technology_from
from printron.technology.files import write_bytes
from printron.training import Schedule

RECORD, PARAMETERS, ROWS, BILL = "circuit.json", "parameters.npz", "rows.npz", "components.csv"
SIGNOFF = ("signoff.json", "signoff.png", "signoff.svg")
ROLES = ("activation", "negation")

RowsOf = tuple[NDArray[np.float32], NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Circuit:
    """A trained circuit.

    Attributes
    ----------
    place : its folder.  record : of `circuit.json`.
    technology, design : process, cells and topology.
    parameters : learned, without a run axis.
    """

    place: Place
    record: dict[str, Any]
    technology: Technology
    design: Design
    parameters: Parameters

    @property
    def hash(self) -> str:
        """Of the circuit; what every file that speaks of the circuit names."""
        return str(self.record[HASH])

    @property
    def name(self) -> str:
        """Of the data set."""
        return str(self.record["dataset"])

    @property
    def sources(self) -> str:
        """What the circuit was trained with: "ideal" or "loaded" sources."""
        return str(self.record["schedule"]["sources"])

    @property
    def scaling(self) -> Scaling:
        """Which readings are 0 V and 1 V."""
        return Scaling.from_records(self.record["scaling"])

    @property
    def default(self) -> int:
        """Number of the class that is answered where its output ties with the largest.

        Raises
        ------
        PrintronError : the record names no class of the circuit.
        """
        classes, answer = self.record["classes"], self.record["answer_where_outputs_tie"]
        if answer not in classes:
            raise PrintronError(
                f"'{self.place.address(RECORD)}' has answer_where_outputs_tie = '{answer}', which "
                f"is none of its classes ({', '.join(classes)}); name one of them"
            )
        return int(classes.index(answer))

    def claimed(self, split: str) -> tuple[float | None, float | None]:
        """Accuracy and power, W, that training wrote down for a split; None what it did not."""
        powers = {
            "test": self.record["power_W"]["total"],
            "valid": self.record["valid"]["power_W"],
        }
        return self.record["accuracy"][split], powers.get(split)

    def rows(self, split: str, table: str | None = None, data_dir: str | None = None) -> RowsOf:
        """Volts [inputs, samples] and labels [samples] of "test", "valid" or "train".

        Test rows are those of the folder, unless a table is given; others need the table.

        Parameters
        ----------
        table : where the user's table is now.  data_dir : folder with the benchmarks' raw files.

        Raises
        ------
        PrintronError : a table that is not there, or not the one of training.
        """
        if split == "test" and table is None:
            return self._carried_rows()
        sources = self.record["sources"]
        spec = ProblemSpec(
            **named_again(sources, data_dir, table),
            protocol=self.record["protocol"],
            split_seed=self.record["split_seed"],
        )
        try:
            data = load_dataset(spec)
        except PrintronError as error:
            raise PrintronError(
                f"the {split} rows of '{self.name}' are needed, and the folder carries test rows "
                f"only: {str(error).rstrip('.')}; where the table has moved, name its place with "
                "--table"
            ) from None
        if data.fingerprint[:16] != self.record["fingerprints"]["dataset"]:
            raise PrintronError(
                f"the rows of '{spec.dataset}' differ from those that the circuit in "
                f"'{self.place.url}' was trained with; give the same table, or train again"
            )
        part = getattr(data, split)
        return part.volts, part.labels

    def _carried_rows(self) -> RowsOf:
        arrays = _arrays(self.place, ROWS)
        try:
            volts, labels = arrays["volts"], arrays["labels"]
        except KeyError:
            volts, labels = np.zeros((0, 0), np.float32), np.zeros(0, np.int32)
        inputs, outputs = self.design.topology[0], self.design.topology[-1]
        whole = volts.shape == (inputs, len(labels)) and np.isfinite(volts).all()
        if not whole or not len(labels) or not ((labels >= 0) & (labels < outputs)).all():
            raise PrintronError(
                f"'{self.place.address(ROWS)}' holds no test rows of this circuit; train the "
                "circuit again, or give its table with --table"
            )
        return volts, labels

    def spice(self, volts: NDArray[Any], title: str) -> str:
        """The circuit as SPICE, at some input voltages, V, [inputs]."""
        return _spice(self.design, self.parameters, self.record, volts, title)


# ---------------------------------------------------------------------------------- writing


def circuit_record(problem: Problem, runs: Runs, schedule: Schedule) -> dict[str, Any]:
    """All there is to say about the one run in `runs`, as JSON; see `run_record`."""
    data = problem.dataset
    record = {
        **run_record(runs.table.iloc[0].to_dict()),
        "topology": list(problem.design.topology),
        "features": list(data.feature_names),
        "classes": list(data.class_names),
        "answer_where_outputs_tie": data.class_names[commonest_class(data.train.labels)],
        "scaling": data.scaling.as_records(data.feature_names),
        "split_seed": problem.spec.split_seed,
        "schedule": asdict(schedule),
        "sources": problem.sources,
        "surrogates": {role: it["surrogate"] for role, it in problem.identity["cells"].items()},
        "technology": problem.carried,
        "wall_s": round(float(runs.table["wall_s"].iloc[0]), 3),
    }
    made = None
    if record["epoch"] >= 0:
        made = circuit_hash(problem.design, runs.one(0), record["technology"], record["scaling"])
    return dict(finite({"format": FORMAT, HASH: made, **record}))


def circuit_files(problem: Problem) -> tuple[str, ...]:
    """Names of the files of a circuit's folder, in the order in which they are written."""
    cells = (problem.design.activation.cell, problem.design.negation.cell)
    surrogates = (f"surrogates/{cell}.{suffix}" for cell in cells for suffix in ("npz", "json"))
    return (PARAMETERS, ROWS, *surrogates, BILL, NETLIST, RECORD)


def check_circuit_folder(folder: str | Path, problem: Problem) -> None:
    """Refuse a folder with files of somebody else where those of a circuit go.

    Raises
    ------
    StoreError : names the file.
    """
    check_foreign(folder, circuit_files(problem), mark=RECORD)
    check_foreign(folder, SIGNOFF)


def write_circuit(
    problem: Problem, runs: Runs, record: dict[str, Any], folder: Path
) -> tuple[str, ...]:
    """Write one circuit, and take away what speaks of an earlier one; names of the files.

    A run that diverged before it had any snapshot has no circuit to write, only its record.

    Parameters
    ----------
    runs : the one run.  record : of `circuit_record`.
    """
    design, one = problem.design, runs.one(0)
    text, table = "", None
    if record["epoch"] >= 0:
        title = f"printed network for {problem.dataset.name}, at its first test row"
        text = _spice(design, one, record, problem.rows["test"][0][:, 0], title)
        table = bill(design, one, problem.dataset.feature_names).assign(**{HASH: record[HASH]})
    files = circuit_files(problem)
    for name in files:  # of an earlier circuit
        (folder / name).unlink(missing_ok=True)
    _remove_stale(folder, record[HASH])
    if table is None:
        write_json(record, folder / RECORD)
        return (RECORD,)
    write_bytes(parameter_bytes(runs.parameters, mark=record[HASH]), folder / PARAMETERS)
    write_bytes(_row_bytes(problem.rows["test"], record[HASH]), folder / ROWS)
    for surrogate in (design.activation, design.negation):
        save_surrogate(surrogate, folder / "surrogates")
    write_bill(table, folder / BILL)
    write_spice(text, folder / NETLIST)
    write_json(record, folder / RECORD)
    return files


def _row_bytes(rows: RowsOf, mark: str) -> bytes:
    file, arrays = io.BytesIO(), {"volts": rows[0], "labels": rows[1], HASH: np.array(mark)}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _remove_stale(folder: Path, circuit: str | None) -> None:
    """Remove the sign-off of another circuit; files that do not say so are not printron's."""
    for name in SIGNOFF:
        path = folder / name
        spoken_of = circuit_named_in(path.read_bytes()) if path.is_file() else None
        if spoken_of is not None and spoken_of != circuit:
            path.unlink()


def _spice(
    design: Design,
    parameters: Parameters,
    record: dict[str, Any],
    volts: NDArray[Any],
    title: str,
) -> str:
    return spice_of(
        design,
        parameters,
        volts,
        title=title,
        features=record["features"],
        classes=record["classes"],
        scaling=record["scaling"],
        remarks=(f"{HASH}: {record[HASH]}",),
    )


# ---------------------------------------------------------------------------------- reading


def read_circuit(folder: str | Path) -> Circuit:
    """Read what 'printron train --out' wrote, or the circuit that a sweep chose.

    Raises
    ------
    PrintronError : there is no whole circuit, or its files do not belong together.
    """
    place = place_at(folder)
    if not place.exists(RECORD):
        chosen = place_at(f"{place.url.rstrip('/')}/chosen")
        if not chosen.exists(RECORD):
            raise PrintronError(
                f"'{place.url}' holds no circuit ({RECORD}); name a folder that 'printron train "
                "--out' or 'printron sweep --out' wrote"
            )
        place = chosen
    record = parse_record(_bytes(place, RECORD), place.address(RECORD))
    library = technology_from(record["technology"], f"{place.address(RECORD)}: technology")
    design = _design(place, record, library)
    runs = _parameters(place)
    parameters = Parameters(*(tuple(np.asarray(x)[0] for x in each) for each in runs))
    made = circuit_hash(design, parameters, record["technology"], record["scaling"])
    if made != record[HASH]:
        raise PrintronError(
            f"'{place.address(PARAMETERS)}' and '{place.address(RECORD)}' are not of the same "
            "circuit, or one was changed; bring back both files, or train the circuit again"
        )
    return Circuit(place, record, library, design, parameters)


def _design(place: Place, record: dict[str, Any], library: Technology) -> Design:
    names = [record["cells"][role] for role in ROLES]
    files = [f"surrogates/{name}.{suffix}" for name in names for suffix in ("npz", "json")]
    try:
        with place.fetched(files) as here:
            surrogates = [load_surrogate(here / f"surrogates/{name}.npz") for name in names]
    except (OSError, SurrogateError) as error:
        raise PrintronError(
            f"the surrogates in '{place.url}' cannot be read ({error}); bring back their files, or "
            "train the circuit again"
        ) from error
    for name, role, surrogate in zip(names, ROLES, surrogates, strict=True):
        library.cell(name, role)
        if surrogate.fingerprint != library.fingerprint(name):
            raise PrintronError(
                f"the surrogate of '{name}' in '{place.url}' was made from another description of "
                "the cell or the process; bring back its file, or train the circuit again"
            )
    topology = (len(record["features"]), *record["hidden"], len(record["classes"]))
    return design_network(
        library,
        topology,
        activation=surrogates[0],
        negation=surrogates[1],
        sharing=record["sharing"],
    )


def _parameters(place: Place) -> Parameters:
    try:
        return parameters_from(_arrays(place, PARAMETERS))
    except (KeyError, IndexError) as error:
        raise _unreadable(place, PARAMETERS, error) from error


def _arrays(place: Place, name: str) -> dict[str, NDArray[Any]]:
    """The arrays of an npz file.

    Raises
    ------
    PrintronError : the file is not there, or damaged.
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
        f"'{place.address(name)}' cannot be read ({why}); bring back the file, or train the "
        "circuit again"
    )
