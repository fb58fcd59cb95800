"""An experiment as a person writes it (TOML), and the ones that ship."""

import json
from dataclasses import MISSING, asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    create_model,
)

from printron.base.models import AsTuple, StrictModel, one_sentence, read_toml
from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.experiments.cluster import ClusterSpec, cluster_of
from printron.experiments.file_datasets import (
    DatasetList,
    Entries,
    check_name,
    chosen,
    label_column,
    named,
)
from printron.experiments.plan import Experiment, OwnTable, Plan, alpha_grid
from printron.experiments.run import RULE
from printron.results.problem import ProblemSpec
from printron.training import Schedule

PRESETS = ("published", "clean", "loaded")
# Setting (b), and then against the loaded circuit: four times its work; ask for fewer alphas.
LOADED = {"name": "loaded", "schedule.sources": "loaded"}
MOST_RUNS = 1_000_000  # of an experiment
LARGEST = 10**30  # number that is counted with
NONE = "none"  # TOML has no null
# Keys that are those of `ProblemSpec`; OWN are left out where they have not been said.
CIRCUIT = ("protocol", "split_seed", "hidden", "activation", "negation", "sharing")
OWN = ("label", "process", "cells", "surrogates")


def _schedule_model() -> type[BaseModel]:
    """The fields of `Schedule`, as they are, with their defaults."""
    hints = get_type_hints(Schedule)
    keys: dict[str, Any] = {}
    for field in fields(Schedule):
        kind, default = hints[field.name], field.default
        if type(None) in getattr(kind, "__args__", ()):
            kind = Annotated[kind, BeforeValidator(lambda it: None if it == NONE else it)]
        if get_origin(kind) is tuple:
            kind = Annotated[kind, AsTuple]
        keys[field.name] = (kind, ... if default is MISSING else default)
    config = ConfigDict(extra="forbid", frozen=True, strict=True)
    return create_model("_Schedule", __config__=config, **keys)


def _alphas(value: Any) -> int | tuple[float, ...]:
    if _is_whole(value):
        return int(value)
    if isinstance(value, list | tuple) and all(
        isinstance(it, float) or _is_whole(it) for it in value
    ):
        return tuple(float(it) for it in value)
    raise PrintronError(
        f"got {shown(value)}; give how many values, a whole number of 2 or more, or a list of "
        "numbers in 0 to 1: [0.0, 0.5]"
    )


def _seeds(value: Any) -> int | tuple[int, ...]:
    if _is_whole(value):
        return int(value)
    if isinstance(value, list | tuple) and all(map(_is_whole, value)):
        return tuple(value)
    raise PrintronError(
        f"got {shown(value)}; give how many seeds, a whole number of 1 or more, or a list of whole "
        "numbers: [0, 3, 7]"
    )


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number, and not out of all measure."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST


class ExperimentFile(StrictModel, strict=True):
    """What an experiment file says.

    Attributes
    ----------
    name : what a person calls it.
    datasets : benchmarks, or paths of tables that end in .csv (as seen from where printron runs),
        or `OwnTable`s.
    label : label column of tables that name none of their own.
    protocol, split_seed, hidden, activation, negation, sharing : as in `ProblemSpec`.
    process, cells, surrogates : files and a folder of one's own, as there.
    alphas : how many values, evenly in 0 to 1, or the values.
    seeds : how many, from 0 on, or the seeds.
    selection : how snapshots, starts and circuits are selected; there is one rule.
    schedule : fields of `printron.training.Schedule`.
    cluster : where it is done; decides nothing.
    """

    name: Annotated[str, AfterValidator(lambda it: check_name(it, "experiment"))]
    datasets: Entries = Field(min_length=1)
    protocol: Literal["clean", "published"] = "clean"
    alphas: Annotated[int | tuple[float, ...], PlainValidator(_alphas)]
    seeds: Annotated[int | tuple[int, ...], PlainValidator(_seeds)]
    split_seed: int = Field(default=0, ge=0)
    label: Annotated[str, AfterValidator(label_column)] | None = None
    hidden: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], AsTuple] = (3,)
    activation: str = "ptanh"
    negation: str = "negation"
    sharing: Literal["network", "layer", "neuron"] = "network"
    process: str | None = None
    cells: Annotated[tuple[str, ...], AsTuple] = ()
    surrogates: str | None = None
    selection: Literal["validation objective"] = RULE
    schedule: _schedule_model() = Field(default_factory=dict, validate_default=True)  # type: ignore[valid-type]
    cluster: dict[str, Any] | None = None


@dataclass(frozen=True)
class Setup:
    """A checked experiment, and the cluster that its file names, if it does."""

    experiment: Experiment
    cluster: ClusterSpec | None = None


def read_experiment(
    source: str | Path,
    changes: dict[str, Any] | None = None,
    data_dir: str | None = None,
) -> Setup:
    """The experiment of a file, or of one that ships (`PRESETS`).

    Parameters
    ----------
    changes : keys that stand in place of the file's; those of [schedule] as "schedule.epochs".
    data_dir : folder with the raw files of the benchmarks; says nothing about the outcome.

    Raises
    ------
    PrintronError : one sentence that names file and key, what was got and what is allowed.
    """
    where = str(source)
    shipped = where in PRESETS
    table = _preset(where) if shipped else read_toml(where)
    if not shipped:
        table.setdefault("name", Path(where).stem)
    try:
        for key, value in (changes or {}).items():
            if key == "datasets":
                DatasetList.model_validate({k: table[k] for k in ("datasets",) if k in table})
                value = chosen(value, table.get("datasets"))
            _put(table, key, value)
        said = ExperimentFile.model_validate(table)
    except ValidationError as error:
        raise PrintronError(one_sentence(where, error)) from None
    try:
        return Setup(_experiment(said, data_dir), _cluster(said, where))
    except PrintronError as error:
        told = str(error)
        raise type(error)(told if told.startswith(where) else f"{where}: {told}") from None


def effective(experiment: Experiment) -> dict[str, Any]:
    """Everything that an experiment file can say, with the defaults put in; see `as_toml`."""
    circuit, plan = experiment.circuit, experiment.plan
    return {
        "name": experiment.name,
        "datasets": [_said_of(it) for it in experiment.datasets],
        "alphas": list(plan.alphas),
        "seeds": list(plan.seeds),
        **{key: getattr(circuit, key) for key in CIRCUIT},
        **{key: getattr(circuit, key) for key in OWN if getattr(circuit, key)},
        "selection": RULE,
        "schedule": {
            key: NONE if value is None else list(value) if isinstance(value, tuple) else value
            for key, value in asdict(plan.schedule).items()
        },
    }


def as_toml(record: dict[str, Any]) -> str:
    """A record of `effective` as a TOML file that says the same."""
    plain = {key: value for key, value in record.items() if not isinstance(value, dict)}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    for key, inner in record.items():
        if isinstance(inner, dict):
            lines += ["", f"[{key}]", *(f"{k} = {_toml(v)}" for k, v in inner.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(it)}" for key, it in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON writes a character beyond 16 bits as two, which TOML refuses, and leaves DEL as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _said_of(dataset: str | OwnTable) -> Any:
    if isinstance(dataset, str):
        return dataset
    return {key: value for key, value in asdict(dataset).items() if value is not None}


def _preset(name: str) -> dict[str, Any]:
    file = "clean" if name == "loaded" else name
    table = read_toml(str(files("printron.experiments") / "data" / f"{file}.toml"))
    for key, value in LOADED.items() if name == "loaded" else ():
        _put(table, key, value)
    return table


def _put(table: dict[str, Any], key: str, value: Any) -> None:
    outer, _, inner = key.rpartition(".")
    if outer:
        table.setdefault(outer, {})
        if isinstance(table[outer], dict):
            table[outer][inner] = value
    else:
        table[key] = value


def _experiment(said: ExperimentFile, data_dir: str | None) -> Experiment:
    datasets = named(said.datasets, said.label)
    _check_number(said)
    plan = Plan(
        alpha_grid(said.alphas) if isinstance(said.alphas, int) else said.alphas,
        tuple(range(said.seeds)) if isinstance(said.seeds, int) else said.seeds,
        _schedule(said),
    )
    circuit = ProblemSpec(
        dataset="",
        data_dir=data_dir,
        **{key: getattr(said, key) for key in (*CIRCUIT, *OWN)},
    )
    return Experiment(said.name, datasets, circuit, plan)


def _schedule(said: ExperimentFile) -> Schedule:
    try:
        return Schedule(**said.schedule.model_dump())
    except PrintronError as error:
        raise PrintronError(f"[schedule]: {error}") from None


def _check_number(said: ExperimentFile) -> None:
    """Counts before lists of so many are made."""
    if isinstance(said.alphas, int) and said.alphas < 2:
        raise PrintronError(
            f"got alphas = {said.alphas}; give how many values, 2 or more, or a list: [0.0, 0.5]"
        )
    if isinstance(said.seeds, int) and said.seeds < 1:
        raise PrintronError(
            f"got seeds = {said.seeds}; give how many seeds, 1 or more, or a list: [0, 3, 7]"
        )
    for key, value in (("alphas", said.alphas), ("seeds", said.seeds)):
        if value == ():
            raise PrintronError(f"'{key}': got 0 entries; give 1 at least")
    numbers = [len(it) if isinstance(it, tuple) else it for it in (said.alphas, said.seeds)]
    runs = len(said.datasets) * numbers[0] * numbers[1]
    if runs > MOST_RUNS:
        raise PrintronError(
            f"got {len(said.datasets)} data sets, {numbers[0]} alphas and {numbers[1]} seeds, "
            f"which are {runs} runs; an experiment has at most {MOST_RUNS}: give less of them"
        )


def _cluster(said: ExperimentFile, where: str) -> ClusterSpec | None:
    return None if said.cluster is None else cluster_of(said.cluster, where)
