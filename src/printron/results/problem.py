"""From a user's names to a trainable problem: rows in volts and a checked structure."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from printron.base.models import digest
from printron.base.place import place_at
from printron.characterization import Surrogate, surrogate_for
from printron.datasets import FAIL, KEEP, Dataset, load_dataset
from printron.errors import PrintronError
from printron.network import Role, Sharing, Structure, build_structure
from printron.results.by_layer import NONE, folded, unfolded
from printron.technology import Process, Technology, load_process, technology, technology_tables
from printron.technology.conditions import CONDITIONS, PROCESS, ConditionsSpec
from printron.training import Readings

NAMED_FILES = "sources"  # key in records of the files that a user named for a problem
ROLES: tuple[Role, ...] = ("activation", "negation")


@dataclass(frozen=True)
class ProblemSpec:
    """A user's specification of a circuit to be trained.

    Attributes
    ----------
    dataset : name of a benchmark, or the path of a table; see `printron.datasets.is_table`.
    protocol, data_dir, split_seed, label : as in `printron.datasets.load_dataset`.
    hidden : neurons of each hidden layer; empty for none.
    activation, negation : name of the cell of all layers, or one name per layer, the outputs' last;
        "none" for no such circuits.
    sharing : "network", "layer" or "neuron": the unit with component values of its own.
    process : process file; None for the shipped one.
    cells : files with cells that are added to the library.
    surrogates : folder with the user's surrogates; shipped ones replace missing ones.
    name : name of the data set, also in tables and files; None for the name of its source.
    test_table, missing : as in `printron.datasets.load_dataset`.
    conditions : under which the circuit is to work.
    """

    dataset: str
    protocol: str = "clean"
    data_dir: str | None = None
    split_seed: int = 0
    label: str | None = None
    hidden: tuple[int, ...] = (3,)
    activation: str | tuple[str, ...] = "ptanh"
    negation: str | tuple[str, ...] = "negation"
    sharing: str = "network"
    process: str | None = None
    cells: tuple[str, ...] = ()
    surrogates: str | None = None
    name: str | None = None
    test_table: str | None = None
    missing: str = FAIL
    conditions: ConditionsSpec = ConditionsSpec()


@dataclass(frozen=True, eq=False)
class Carried:
    """Technology and surrogates that a folder of results holds.

    Attributes
    ----------
    technology : process and cells.  surrogates : folder with the surrogates of the cells.
    """

    technology: Technology
    surrogates: Path | None


@dataclass(frozen=True, eq=False)
class Problem:
    """A data set and the structure of the circuit that is to learn it."""

    spec: ProblemSpec
    dataset: Dataset
    technology: Technology
    structure: Structure

    @property
    def rows(self) -> dict[str, Readings]:
        """Volts [inputs, samples] and labels [samples] of "train", "valid" and "test"."""
        parts = {k: getattr(self.dataset, k) for k in ("train", "valid", "test")}
        return {name: (part.volts, part.labels) for name, part in parts.items()}

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that decides the outcome of a run, as JSON: names and fingerprints.

        Conditions stand in it only where some are given.
        """
        data, structure, process = self.dataset, self.structure, self.technology.process
        conditions = self.spec.conditions
        leaks = conditions.gate_leakage == PROCESS
        return {
            "dataset": {
                "name": data.name,
                "protocol": data.protocol,
                "split_seed": self.spec.split_seed,
                "features": list(data.feature_names),
                "classes": list(data.class_names),
                "fingerprint": data.fingerprint,
            },
            "network": {
                "topology": list(structure.topology),
                "hidden": list(self.spec.hidden),
                "sharing": self.spec.sharing,
            },
            "process": {
                "name": process.name,
                # Variation of printing affects a run only under conditions that include it;
                # likewise leakage; capacitances affect none.
                "fingerprint": digest(process.model_dump(mode="json", exclude=_without(process))),
                **({"variation": process.spread.numbers} if conditions.variation else {}),
                **({"leakage": process.gate_leakage.value} if leaks else {}),
            },
            "cells": {role: _cell_names(surrogates_of(structure, role)) for role in ROLES},
            **({CONDITIONS: conditions.written} if conditions.given else {}),
        }

    @property
    def carried(self) -> dict[str, Any]:
        """Process and cells as JSON; see `printron.technology.technology_tables`."""
        names = [model.cell.name for model in self.structure.models]
        return technology_tables(self.technology, names)

    @property
    def named_files(self) -> dict[str, Any]:
        """The files and folders exactly as the user named them."""
        spec = self.spec
        return {
            "dataset": spec.dataset,
            "data_dir": spec.data_dir,
            "label": spec.label,
            "process": spec.process,
            "cells": list(spec.cells),
            "surrogates": spec.surrogates,
            "name": spec.name,
            "test_table": spec.test_table,
            "missing": spec.missing,
        }


def _without(process: Process) -> set[str]:
    """Fields of a process that decide no run, or only under conditions; and those that its file
    leaves out and that other files once could not have."""
    unsaid = {name for name in ("grid", "resistors") if getattr(process, name) is None}
    return {"variation", "dynamics", "leakage"} | unsaid


def named_again(
    named: dict[str, Any], data_dir: str | None, table: str | None = None
) -> dict[str, Any]:
    """Fields of a `ProblemSpec` from a record of `Problem.named_files`.

    Parameters
    ----------
    data_dir : folder with the raw files of the benchmarks; default: the recorded one.
    table : path of a user's table; default: the recorded one. Its test table is searched beside.

    Raises
    ------
    KeyError : a field is missing.
    """
    return {
        "dataset": table or named["dataset"],
        "data_dir": data_dir or named["data_dir"],
        "label": named["label"],
        "process": named["process"],
        "cells": tuple(named["cells"]),
        "surrogates": named["surrogates"],
        "name": named.get("name"),
        "test_table": _moved(named, table),
        "missing": named.get("missing", KEEP),
    }


def with_test_table(named: dict[str, Any], table: str | None, test: str | None) -> dict[str, Any]:
    """A record of `Problem.named_files`, with the present paths of table and test table.

    Parameters
    ----------
    table : path of a user's table; default: the recorded one.
    test : path of its test table; default: beside the table as recorded, see `named_again`.

    Raises
    ------
    PrintronError : a test table for a data set that was trained without one.
    """
    if test is None:
        return {**named, **named_again(named, None, table)}
    if named.get("test_table") is None:
        raise PrintronError(
            f"got the test table '{test}', but '{named['dataset']}' was trained without a test "
            "table; leave the test table out"
        )
    return {**named, "dataset": table or named["dataset"], "test_table": test}


def _moved(named: dict[str, Any], table: str | None) -> str | None:
    """The test table of a user's table, which may have moved together with it."""
    test: str | None = named.get("test_table")
    if test is None or table in (None, named["dataset"]):
        return test
    before = Path(named["dataset"]).parent
    ways = [Path(test).name]
    if Path(test).is_absolute() == before.is_absolute():  # else the relative path is unknown
        ways.insert(0, os.path.relpath(test, before))
    beside = [Path(str(table)).parent / way for way in ways]
    return next((str(path) for path in beside if path.is_file()), test)


def named_dataset(spec: ProblemSpec) -> Dataset:
    """The data set that a spec names.

    Raises
    ------
    DatasetError : one sentence.
    """
    data = load_dataset(
        spec.dataset,
        protocol=spec.protocol,
        data_dir=spec.data_dir,
        split_seed=spec.split_seed,
        label=spec.label,
        test_table=spec.test_table,
        missing=spec.missing,
    )
    return data if spec.name is None else replace(data, name=spec.name)


def build_problem(spec: ProblemSpec, carried: Carried | None = None) -> Problem:
    """Read and check everything that a spec names.

    Parameters
    ----------
    carried : process, cells and surrogates in place of the files that the spec names.

    Raises
    ------
    PrintronError : one sentence, from the module that found the fault.
    """
    parts = carried or Carried(
        technology(load_process(spec.process) if spec.process else None, spec.cells),
        _existing_folder(spec.surrogates),
    )
    library, folder = parts.technology, parts.surrogates
    cells = {"activation": spec.activation, "negation": spec.negation}
    # The role is checked before the surrogate: its message lists the allowed cells.
    names = cells_by_layer(library, cells, len(spec.hidden) + 1)
    found: dict[str, Surrogate] = {
        name: surrogate_for(library, name, folder) for role in ROLES for name in named(names[role])
    }
    data = named_dataset(spec)
    structure = build_structure(
        library,
        (len(data.feature_names), *spec.hidden, len(data.class_names)),
        activation=[found.get(name) for name in names["activation"]],
        negation=[found.get(name) for name in names["negation"]],
        sharing=cast(Sharing, spec.sharing),
        conditions=spec.conditions.on(library.process),
    )
    return Problem(spec, data, library, structure)


def cells_by_layer(
    library: Technology, cells: Mapping[str, Any], layers: int
) -> dict[Role, list[str]]:
    """The name of each layer's cell of each role.

    Parameters
    ----------
    cells : by role, the name of all layers or one per layer; "none" for no such circuits.

    Raises
    ------
    TechnologyError : a cell that the library lacks, or of another role.
    """
    names = {role: unfolded(cells[role], layers) for role in ROLES}
    for role in ROLES:
        for name in named(names[role]):
            library.cell(name, role)
    return names


def named(names: Iterable[str]) -> list[str]:
    """The cells among the names of layers, each once."""
    return [name for name in dict.fromkeys(names) if name != NONE]


def surrogates_of(structure: Structure, role: Role) -> list[Surrogate | None]:
    """Surrogate of each layer's circuits of a role; None for a layer without."""
    models = [getattr(layer, role) for layer in structure.layers]
    return [model and model.surrogate for model in models]


def _cell_names(surrogates: list[Surrogate | None]) -> dict[str, Any]:
    """Name and fingerprints of a role's cells: one entry where all layers are alike, else one per
    layer."""
    return {
        "name": folded([each.cell if each else NONE for each in surrogates]),
        "fingerprint": folded([each and each.fingerprint for each in surrogates]),
        "surrogate": folded([each and each.digest for each in surrogates]),
    }


def _existing_folder(surrogates: str | None) -> Path | None:
    if surrogates is None:
        return None
    folder = place_at(surrogates).local
    if folder is None or not folder.is_dir():
        raise PrintronError(
            f"got the surrogate folder '{surrogates}', which is not a folder; name one that "
            "'printron surrogates --out DIR' wrote, or none for the shipped surrogates"
        )
    return folder
