"""A trained circuit, as stored in its folder; see `circuit_folder`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from printron.base.place import Place, place_at
from printron.datasets import Scaling
from printron.errors import PrintronError
from printron.network import Parameters, PrintedNetwork, Structure
from printron.results.circuit_folder import (
    CHOSEN,
    PARAMETERS,
    RECORD,
    finished_network,
    read_parameters,
    read_record,
    read_rows,
    read_structure,
)
from printron.results.circuit_record import circuit_hash, circuit_record
from printron.results.ownership import HASH
from printron.results.problem import NAMED_FILES, Problem, ProblemSpec, named_again, named_dataset
from printron.results.runs import Runs
from printron.technology import Technology, technology_from
from printron.technology.conditions import ConditionsSpec, conditions_in
from printron.training import Readings, Schedule


@dataclass(frozen=True, eq=False)
class Circuit:
    """A trained circuit.

    Attributes
    ----------
    place : the circuit's folder.  record : content of `circuit.json`.
    technology, structure : process, cells and topology.
    parameters : learned parameters, without a run axis.
    """

    place: Place
    record: dict[str, Any]
    technology: Technology
    structure: Structure
    parameters: Parameters

    @property
    def hash(self) -> str:
        """Hash of the circuit, named in every file about the circuit."""
        return str(self.record[HASH])

    @property
    def name(self) -> str:
        """Name of the data set."""
        return str(self.record["dataset"])

    @property
    def trained_with(self) -> str:
        """Sources in training: "ideal" or "loaded"."""
        return str(self.record["schedule"]["sources"])

    @property
    def conditions(self) -> ConditionsSpec:
        """The conditions under which the circuit was trained to work."""
        return conditions_in(self.record)

    @property
    def scaling(self) -> Scaling:
        """The readings at 0 V and 1 V."""
        return Scaling.from_records(self.record["scaling"])

    @property
    def default(self) -> int:
        """Number of the class that is predicted where its output ties with the largest.

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
        """Accuracy and power, W, that training recorded for a split; None if not recorded."""
        powers = {
            "test": self.record["power_W"]["total"],
            "valid": self.record["valid"]["power_W"],
        }
        return self.record["accuracy"][split], powers.get(split)

    def rows(self, split: str, table: str | None = None, data_dir: str | None = None) -> Readings:
        """Volts [inputs, samples] and labels [samples] of "test", "valid" or "train".

        Test rows are those of the folder, unless a table is given; other splits need the table.

        Parameters
        ----------
        table : present path of the user's table.
        data_dir : folder with the benchmarks' raw files.

        Raises
        ------
        PrintronError : the table is missing, or differs from the one used in training.
        """
        if split == "test" and table is None:
            return read_rows(self.place, self.record)
        spec = ProblemSpec(
            **named_again(self.record[NAMED_FILES], data_dir, table),
            protocol=self.record["protocol"],
            split_seed=self.record["split_seed"],
        )
        try:
            data = named_dataset(spec)
        except PrintronError as error:
            raise PrintronError(
                f"the {split} rows of '{self.name}' cannot be read from '{spec.dataset}' (a "
                f"circuit's folder holds test rows only): {str(error).rstrip('.')}; if the table "
                "has moved, give its path with --table, and that of its test table with "
                "--test-table"
            ) from None
        if data.fingerprint[:16] != self.record["fingerprints"]["dataset"]:
            raise PrintronError(
                f"the rows of '{spec.dataset}' differ from those that the circuit in "
                f"'{self.place.url}' was trained with; give the original table, or train again"
            )
        part = getattr(data, split)
        return part.volts, part.labels

    def printed(self, volts: NDArray[Any] | None = None, title: str = "") -> PrintedNetwork:
        """The circuit as printed, from which all its files are made.

        Parameters
        ----------
        volts : inputs at which files show the circuit, V, [inputs]; default: the first test row.
        title : title of the files; default: the circuit at its first test row.
        """
        seen = read_rows(self.place, self.record)[0][:, 0] if volts is None else volts
        return finished_network(self.structure, self.parameters, self.record, seen, title)


def circuit_of(
    problem: Problem,
    runs: Runs,
    schedule: Schedule,
    folder: str | Path,
) -> Circuit:
    """The single run in `runs` as a circuit to be stored in a folder.

    Raises
    ------
    PrintronError : the run diverged before its first snapshot.
    """
    record = circuit_record(problem, runs, schedule)
    if record["epoch"] < 0:
        raise PrintronError(
            "the run diverged before its first circuit; a lower --learning-rate may help"
        )
    return Circuit(place_at(folder), record, problem.technology, problem.structure, runs.one(0))


def read_circuit(folder: str | Path) -> Circuit:
    """Read what 'printron train --out' wrote, or the circuit that a sweep chose.

    Raises
    ------
    PrintronError : the folder holds no complete circuit, or files of different circuits.
    """
    place = place_at(folder)
    if not place.exists(RECORD):
        chosen = place_at(f"{place.url.rstrip('/')}/{CHOSEN}")
        if not chosen.exists(RECORD):
            raise PrintronError(
                f"'{place.url}' holds no circuit ({RECORD}); name a folder that 'printron train "
                "--out' or 'printron sweep --out' wrote"
            )
        place = chosen
    record = read_record(place)
    library = technology_from(record["technology"], f"{place.address(RECORD)}: technology")
    structure = read_structure(place, record, library)
    parameters = read_parameters(place)
    if circuit_hash(structure, parameters, record) != record[HASH]:
        raise PrintronError(
            f"'{place.address(PARAMETERS)}' and '{place.address(RECORD)}' do not belong to the "
            "same circuit, or one was changed; restore both files, or train the circuit again"
        )
    return Circuit(place, record, library, structure, parameters)
