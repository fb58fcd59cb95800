"""A trained circuit, read back from its folder; `circuit_files` says what the folder holds."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.base.place import Place, place_at
from printron.characterization import SurrogateError, load_for
from printron.datasets import Scaling
from printron.errors import PrintronError
from printron.network import Design, Parameters, design_network
from printron.results.circuit_files import PARAMETERS, RECORD, ROWS, RowsOf, circuit_spice
from printron.results.circuit_record import circuit_hash, parse_record, rows_hash
from printron.results.ownership import HASH
from printron.results.parameters import parameters_from
from printron.results.problem import ProblemSpec, load_dataset, named_again
from printron.technology import Technology, technology_from

ROLES = ("activation", "negation")


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
                f"the {split} rows of '{self.name}' cannot be had from '{spec.dataset}' (a folder "
                f"carries test rows alone): {str(error).rstrip('.')}; where the table has moved, "
                "name its place with --table"
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
        nothing = np.zeros(0)
        volts, labels = arrays.get("volts", nothing), arrays.get("labels", nothing)
        if rows_hash(volts, labels) != self.record["test_rows"]:
            raise PrintronError(
                f"'{self.place.address(ROWS)}' holds no test rows of this circuit; bring back the "
                "file, or train the circuit again"
            )
        return volts, labels

    def spice(self, volts: NDArray[Any], title: str) -> str:
        """The circuit as SPICE, at some input voltages, V, [inputs]."""
        return circuit_spice(self.design, self.parameters, self.record, volts, title)


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
    parameters = _parameters(place)
    if circuit_hash(design, parameters, record) != record[HASH]:
        raise PrintronError(
            f"'{place.address(PARAMETERS)}' and '{place.address(RECORD)}' are not of the same "
            "circuit, or one was changed; bring back both files, or train the circuit again"
        )
    return Circuit(place, record, library, design, parameters)


def _design(place: Place, record: dict[str, Any], library: Technology) -> Design:
    names = [record["cells"][role] for role in ROLES]
    for name, role in zip(names, ROLES, strict=True):
        library.cell(name, role)
    files = [f"surrogates/{name}.{suffix}" for name in names for suffix in ("npz", "json")]
    try:
        with place.fetched(files) as here:
            surrogates = [
                load_for(library, name, here / f"surrogates/{name}.npz") for name in names
            ]
    except (OSError, SurrogateError) as error:
        raise PrintronError(
            f"the surrogates in '{place.url}' cannot be read ({error}); bring back their files, or "
            "train the circuit again"
        ) from error
    topology = (len(record["features"]), *record["hidden"], len(record["classes"]))
    return design_network(
        library,
        topology,
        activation=surrogates[0],
        negation=surrogates[1],
        sharing=record["sharing"],
    )


def _parameters(place: Place) -> Parameters:
    """What was learned, without the run axis."""
    try:
        runs = parameters_from(_arrays(place, PARAMETERS))
        return Parameters(*(tuple(np.asarray(x, np.float32)[0] for x in each) for each in runs))
    except (KeyError, IndexError, ValueError) as error:
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
