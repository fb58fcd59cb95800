"""From what a person names to what can be trained: rows in volts and a checked design."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from printron.characterization import surrogate_for
from printron.datasets import Dataset, load
from printron.errors import PrintronError
from printron.network import Design, Sharing, design_network
from printron.technology import Technology, digest, load_process, technology

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


def named_again(sources: dict[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Fields of a `ProblemSpec` from what `Problem.sources` said.

    Parameters
    ----------
    data_dir : folder with the raw files of the benchmarks; default: where they were.

    Raises
    ------
    KeyError : one is missing.
    """
    return {
        "dataset": sources["dataset"],
        "data_dir": data_dir or sources["data_dir"],
        "label": sources["label"],
        "process": sources["process"],
        "cells": tuple(sources["cells"]),
        "surrogates": sources["surrogates"],
        "name": sources.get("name"),
        "test_table": sources.get("test_table"),
    }


def build_problem(spec: ProblemSpec) -> Problem:
    """Read and check everything that a spec names.

    Raises
    ------
    PrintronError : one sentence, from the room that knows better.
    """
    process = load_process(spec.process) if spec.process else None
    library = technology(process, spec.cells)
    folder = _existing_folder(spec.surrogates)
    # The role is checked before a surrogate is looked for: its sentence lists what is allowed.
    for name, role in ((spec.activation, "activation"), (spec.negation, "negation")):
        library.cell(name, role)
    activation = surrogate_for(library, spec.activation, folder)
    negation = surrogate_for(library, spec.negation, folder)
    data = load(
        spec.dataset,
        protocol=spec.protocol,
        data_dir=spec.data_dir,
        split_seed=spec.split_seed,
        label=spec.label,
        test_table=spec.test_table,
    )
    if spec.name is not None:
        data = replace(data, name=spec.name)
    topology = (len(data.feature_names), *spec.hidden, len(data.class_names))
    design = design_network(
        library,
        topology,
        activation=activation,
        negation=negation,
        sharing=cast(Sharing, spec.sharing),
    )
    return Problem(spec, data, library, design)


def _existing_folder(surrogates: str | None) -> Path | None:
    if surrogates is None:
        return None
    if not Path(surrogates).is_dir():
        raise PrintronError(
            f"got the surrogate folder '{surrogates}', which is not a folder; name one that "
            "'printron surrogates --out DIR' filled, or leave it out for the shipped surrogates"
        )
    return Path(surrogates)
