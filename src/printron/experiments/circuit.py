"""A trained circuit, read back from the folder that it was written to."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from printron.errors import PrintronError
from printron.experiments.problem import Problem, ProblemSpec, build_problem, named_again
from printron.experiments.runs import read_parameters
from printron.network import Parameters

RECORD, PARAMETERS = "circuit.json", "parameters.npz"


@dataclass(frozen=True, eq=False)
class Circuit:
    """A trained circuit.

    Attributes
    ----------
    folder : where it stands.  record : of `circuit.json`.
    problem : data set and design, built anew.  parameters : learned, without a run axis.
    """

    folder: Path
    record: dict[str, Any]
    problem: Problem
    parameters: Parameters

    @property
    def sources(self) -> str:
        """What it was trained with: "ideal" or "loaded" sources."""
        return str(self.record.get("schedule", {}).get("sources", "ideal"))

    def claimed(self, split: str) -> tuple[float | None, float | None]:
        """Accuracy and power, W, that training wrote down for a split; None what it did not."""
        powers = {"test": self.record.get("power_W", {}).get("total")}
        powers["valid"] = self.record.get("valid", {}).get("power_W")
        return self.record.get("accuracy", {}).get(split), powers.get(split)


def read_circuit(folder: str | Path, data_dir: str | None = None) -> Circuit:
    """Read what 'printron train --out' wrote, or the circuit that a sweep chose.

    Parameters
    ----------
    data_dir : folder with the raw files of the benchmarks; default: where they were in training.

    Raises
    ------
    PrintronError : there is no whole circuit, or data set, process or cells are others by now.
    """
    place = Path(folder)
    if not (place / RECORD).is_file() and (place / "chosen" / RECORD).is_file():
        place = place / "chosen"
    record = _read_record(place)
    problem = build_problem(_spec(record, data_dir, place))
    _check_same(record, problem, place)
    try:
        runs = read_parameters(place / PARAMETERS)
    except (OSError, ValueError, KeyError) as error:
        raise PrintronError(
            f"'{place / PARAMETERS}' cannot be read ({error}); train the circuit again"
        ) from error
    parameters = Parameters(*(tuple(np.asarray(x)[0] for x in each) for each in runs))
    return Circuit(place, record, problem, parameters)


def _read_record(place: Path) -> dict[str, Any]:
    try:
        record = json.loads((place / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PrintronError(
            f"'{place}' holds no circuit ({RECORD}); name a folder that 'printron train --out' or "
            "'printron sweep --out' wrote"
        ) from None
    except (OSError, ValueError) as error:
        raise PrintronError(
            f"'{place / RECORD}' cannot be read ({error}); train the circuit again"
        ) from error
    if not isinstance(record, dict) or record.get("epoch", -1) < 0:
        raise PrintronError(f"'{place / RECORD}' is not of a circuit that came through training")
    return record


def _spec(record: dict[str, Any], data_dir: str | None, place: Path) -> ProblemSpec:
    try:
        cells = record["cells"]
        return ProblemSpec(
            **named_again(record["sources"], data_dir),
            protocol=record["protocol"],
            split_seed=record["split_seed"],
            hidden=tuple(record["hidden"]),
            activation=cells["activation"],
            negation=cells["negation"],
            sharing=record["sharing"],
        )
    except (KeyError, TypeError) as error:
        raise PrintronError(
            f"'{place / RECORD}' lacks {error}; it is of another version or was changed: train "
            "the circuit again"
        ) from None


def _check_same(record: dict[str, Any], problem: Problem, place: Path) -> None:
    identity = problem.identity
    now = {
        "dataset": identity["dataset"]["fingerprint"][:16],
        "process": identity["process"]["fingerprint"],
        **{role: identity["cells"][role]["fingerprint"] for role in ("activation", "negation")},
        **{
            f"surrogate of the {role}": identity["cells"][role]["surrogate"]
            for role in ("activation", "negation")
        },
    }
    trained = dict(record.get("fingerprints", {}))
    for role, digest in dict(record.get("surrogates", {})).items():
        trained[f"surrogate of the {role}"] = digest
    for what, found in now.items():
        if trained.get(what) != found:
            raise PrintronError(
                f"the {what} of the circuit in '{place}' is another one by now than it was trained "
                "with; bring the same files, or train the circuit again"
            )
