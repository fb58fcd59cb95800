"""From what a person names to what can be trained: rows in volts and a checked design."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from printron.base.models import digest
from printron.base.place import place_at
from printron.characterization import surrogate_for
from printron.datasets import Dataset, load
from printron.errors import PrintronError
from printron.network import Design, Sharing, design_network
from printron.technology import Technology, load_process, technology, technology_tables

Rows = dict[str, tuple[NDArray[np.float32], NDArray[np.int32]]]


@dataclass(frozen=True)
class ProblemSpec:
    """What a person says about a circuit to be trained.

    Attributes
    ----------
    dataset : name of a benchmark, or the path of a table that ends in .csv.
    protocol, data_dir, split_seed, label : as in `printron.datasets.load`.
    hidden : neurons of each hidden layer; empty for none.
    activation, negation : names of the two cells.
    sharing : "network", "layer" or "neuron": what has component values of its own.
    process : process file; None for the one that ships.
    cells : files with cells that are added to the library.
    surrogates : folder with surrogates of one's own; the shipped ones stand in for what it lacks.
    name : what the data set is called, in tables and files too; None for that of its source.
    test_table : as in `printron.datasets.load`.
    """

    dataset: str
    protocol: str = "clean"
    data_dir: str | None = None
    split_seed: int = 0
    label: str | None = None
    hidden: tuple[int, ...] = (3,)
    activation: str = "ptanh"
    negation: str = "negation"
    sharing: str = "network"
    process: str | None = None
    cells: tuple[str, ...] = ()
    surrogates: str | None = None
    name: str | None = None
    test_table: str | None = None


@dataclass(frozen=True, eq=False)
class Carried:
    """What circuits are made of, as a folder of results carries it.

    Attributes
    ----------
    technology : process and cells.  surrogates : a folder with those of the cells.
    """

    technology: Technology
    surrogates: Path | None


@dataclass(frozen=True, eq=False)
class Problem:
    """A data set and the design of the circuit that is to learn it."""

    spec: ProblemSpec
    dataset: Dataset
    technology: Technology
    design: Design

    @property
    def rows(self) -> Rows:
        """Volts [inputs, samples] and labels [samples] of "train", "valid" and "test"."""
        parts = {k: getattr(self.dataset, k) for k in ("train", "valid", "test")}
        return {name: (part.volts, part.labels) for name, part in parts.items()}

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that decides the outcome of a run, as JSON: names and fingerprints."""
        data, design, process = self.dataset, self.design, self.technology.process
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
                "topology": list(design.topology),
                "hidden": list(self.spec.hidden),
                "sharing": design.sharing,
            },
            "process": {
                "name": process.name,
                "fingerprint": digest(process.model_dump(mode="json")),
            },
            "cells": {
                role: {
                    "name": surrogate.cell,
                    "fingerprint": surrogate.fingerprint,
                    "surrogate": surrogate.digest,
                }
                for role, surrogate in (
                    ("activation", design.activation),
                    ("negation", design.negation),
                )
            },
        }

    @property
    def carried(self) -> dict[str, Any]:
        """Process and cells as JSON; see `printron.technology.technology_tables`."""
        names = (self.design.activation.cell, self.design.negation.cell)
        return technology_tables(self.technology, names)

    @property
    def sources(self) -> dict[str, Any]:
        """The files and folders that were named, as they were named."""
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
        }


def named_again(
    sources: dict[str, Any], data_dir: str | None, table: str | None = None
) -> dict[str, Any]:
    """Fields of a `ProblemSpec` from what `Problem.sources` said.

    Parameters
    ----------
    data_dir : folder with the raw files of the benchmarks; default: where they were.
    table : a user's table; default: where the table was. Its test table is looked for beside.

    Raises
    ------
    KeyError : one is missing.
    """
    return {
        "dataset": table or sources["dataset"],
        "data_dir": data_dir or sources["data_dir"],
        "label": sources["label"],
        "process": sources["process"],
        "cells": tuple(sources["cells"]),
        "surrogates": sources["surrogates"],
        "name": sources.get("name"),
        "test_table": _moved(sources, table),
    }


def with_test_table(sources: dict[str, Any], table: str | None, test: str | None) -> dict[str, Any]:
    """What `Problem.sources` said, with the places where table and test table are now.

    Parameters
    ----------
    table : where a user's table is; default: where the table was.
    test : where its test table is; default: beside the table as it was, see `named_again`.

    Raises
    ------
    PrintronError : a test table of a data set that was trained without one.
    """
    if test is None:
        return {**sources, **named_again(sources, None, table)}
    if sources.get("test_table") is None:
        raise PrintronError(
            f"got the test table '{test}', but '{sources['dataset']}' was trained without a test "
            "table; leave the test table out"
        )
    return {**sources, "dataset": table or sources["dataset"], "test_table": test}


def _moved(sources: dict[str, Any], table: str | None) -> str | None:
    """The test table of a user's table, which may have moved together with it."""
    test: str | None = sources.get("test_table")
    if test is None or table in (None, sources["dataset"]):
        return test
    before = Path(sources["dataset"]).parent
    ways = [Path(test).name]
    if Path(test).is_absolute() == before.is_absolute():  # else the way between is not known
        ways.insert(0, os.path.relpath(test, before))
    beside = [Path(str(table)).parent / way for way in ways]
    return next((str(path) for path in beside if path.is_file()), test)


def is_table(name: str) -> bool:
    """Whether a data set is named by the path of a table, not as a benchmark."""
    return name.lower().endswith(".csv")


def load_dataset(spec: ProblemSpec) -> Dataset:
    """The data set that a spec names.

    Raises
    ------
    DatasetError : one sentence.
    """
    data = load(
        spec.dataset,
        protocol=spec.protocol,
        data_dir=spec.data_dir,
        split_seed=spec.split_seed,
        label=spec.label,
        test_table=spec.test_table,
    )
    return data if spec.name is None else replace(data, name=spec.name)


def build_problem(spec: ProblemSpec, carried: Carried | None = None) -> Problem:
    """Read and check everything that a spec names.

    Parameters
    ----------
    carried : process, cells and surrogates in place of the files that the spec names.

    Raises
    ------
    PrintronError : one sentence, from the room that knows better.
    """
    parts = carried or Carried(
        technology(load_process(spec.process) if spec.process else None, spec.cells),
        _existing_folder(spec.surrogates),
    )
    # The role is checked before a surrogate is looked for: its sentence lists what is allowed.
    for name, role in ((spec.activation, "activation"), (spec.negation, "negation")):
        parts.technology.cell(name, role)
    surrogates = [
        surrogate_for(parts.technology, name, parts.surrogates)
        for name in (spec.activation, spec.negation)
    ]
    data = load_dataset(spec)
    topology = (len(data.feature_names), *spec.hidden, len(data.class_names))
    design = design_network(
        parts.technology,
        topology,
        activation=surrogates[0],
        negation=surrogates[1],
        sharing=cast(Sharing, spec.sharing),
    )
    return Problem(spec, data, parts.technology, design)


def _existing_folder(surrogates: str | None) -> Path | None:
    if surrogates is None:
        return None
    folder = place_at(surrogates).local
    if folder is None or not folder.is_dir():
        raise PrintronError(
            f"got the surrogate folder '{surrogates}', which is not a folder; name one that "
            "'printron surrogates --out DIR' filled, or leave it out for the shipped surrogates"
        )
    return folder
