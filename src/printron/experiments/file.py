"""Experiments described in TOML: files of users, and the presets that ship."""

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
from printron.datasets import FAIL
from printron.errors import PrintronError
from printron.experiments.cluster import ClusterSpec, cluster_of
from printron.experiments.file_datasets import (
    DatasetList,
    Entries,
    check_name,
    chosen,
    label_column,
    missing_way,
    named,
)
from printron.experiments.file_goals import GoalList, goal_keys, goal_list
from printron.experiments.plan import Experiment, OwnTable, Plan, check_sources
from printron.experiments.run import RULE
from printron.results.by_layer import Names
from printron.results.problem import ProblemSpec
from printron.technology.conditions import CONDITIONS, ConditionsSpec
from printron.training import Schedule
from printron.training.goal import LARGEST, record_of

PRESETS = ("published", "clean", "loaded")
# Setting (b), continued on the loaded circuit, takes four times as long: choose fewer alphas.
LOADED = {"name": "loaded", "schedule.sources": "loaded"}
MOST_RUNS = 1_000_000  # of an experiment
NONE = "none"  # TOML has no null
# Keys shared with `ProblemSpec`; those in OWN are left out where not given.
CIRCUIT = ("protocol", "split_seed", "hidden", "activation", "negation", "sharing")
OWN = ("label", "process", "cells", "surrogates")


def _schedule_model() -> type[BaseModel]:
    """A model with the fields and defaults of `Schedule`."""
    hints = get_type_hints(Schedule)
    keys: dict[str, Any] = {}
    for field in fields(Schedule):
        kind, default = hints[field.name], field.default
        if type(None) in getattr(kind, "__args__", ()):
            kind = Annotated[kind, BeforeValidator(lambda value: None if value == NONE else value)]
        if get_origin(kind) is tuple:
            kind = Annotated[kind, AsTuple]
        keys[field.name] = (kind, ... if default is MISSING else default)
    config = ConfigDict(extra="forbid", frozen=True, strict=True)
    return create_model("_Schedule", __config__=config, **keys)


def _seeds(value: Any) -> int | tuple[int, ...]:
    if _is_whole(value):
        return int(value)
    if isinstance(value, list | tuple) and all(map(_is_whole, value)):
        return tuple(value)
    raise PrintronError(
        f"got {shown(value)}; give the number of seeds, a whole number of 1 or more, or a list of "
        "whole numbers: [0, 3, 7]"
    )


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number of magnitude below `LARGEST`."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST


class ExperimentFile(StrictModel, strict=True):
    """The keys of an experiment file, except for the list of goals; see `file_goals`.

    Attributes
    ----------
    name : of the experiment.
    datasets : benchmarks, paths of tables (relative to the working directory), or
        `OwnTable`s.
    label, missing : of tables whose entry names none.
    protocol, split_seed, hidden, activation, negation, sharing : as in `ProblemSpec`.
    process, cells, surrogates : the user's files and folder, as in `ProblemSpec`.
    seeds : number of seeds, counted from 0, or the seeds.
    selection : how snapshots, starts and circuits are selected; one rule exists.
    schedule : fields of `printron.training.Schedule`.
    conditions : under which the circuits are to work.
    cluster : where the tasks run; without effect on results.
    """

    name: Annotated[str, AfterValidator(lambda name: check_name(name, "experiment"))]
    datasets: Entries = Field(min_length=1)
    protocol: Literal["clean", "published"] = "clean"
    seeds: Annotated[int | tuple[int, ...], PlainValidator(_seeds)]
    split_seed: int = Field(default=0, ge=0)
    label: Annotated[str, AfterValidator(label_column)] | None = None
    missing: Annotated[str, AfterValidator(missing_way)] = FAIL
    hidden: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], AsTuple] = (3,)
    activation: Names = "ptanh"
    negation: Names = "negation"
    sharing: Literal["network", "layer", "neuron"] = "network"
    process: str | None = None
    cells: Annotated[tuple[str, ...], AsTuple] = ()
    surrogates: str | None = None
    selection: Literal["validation objective"] = RULE
    schedule: _schedule_model() = Field(default_factory=dict, validate_default=True)  # type: ignore[valid-type]
    conditions: ConditionsSpec = ConditionsSpec()
    cluster: dict[str, Any] | None = None


@dataclass(frozen=True)
class Setup:
    """A checked experiment, and the cluster that its file names, or None."""

    experiment: Experiment
    cluster: ClusterSpec | None = None


def read_experiment(
    source: str | Path,
    changes: dict[str, Any] | None = None,
    data_dir: str | None = None,
) -> Setup:
    """Read an experiment from a file, or one that ships (`PRESETS`).

    Parameters
    ----------
    changes : values by key that replace those of the file; in [schedule] by "schedule.epochs".
    data_dir : folder with the raw files of the benchmarks; without effect on results.

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
        listed = {key: table.pop(key) for key in goal_keys() if key in table}
        file = ExperimentFile.model_validate(table)
    except ValidationError as error:
        raise PrintronError(one_sentence(where, error)) from None
    try:
        experiment = _experiment(file, goal_list(listed), data_dir)
        return Setup(experiment, _cluster(file, where))
    except PrintronError as error:
        message = str(error)
        if not message.startswith(where):
            message = f"{where}: {message}"
        raise type(error)(message) from None


def effective(experiment: Experiment) -> dict[str, Any]:
    """All keys of an experiment file with their values, defaults included; see `as_toml`."""
    circuit, plan = experiment.circuit, experiment.plan
    return {
        "name": experiment.name,
        "datasets": [_entry(dataset) for dataset in experiment.datasets],
        **record_of(plan.goals),
        "seeds": list(plan.seeds),
        **{key: getattr(circuit, key) for key in CIRCUIT},
        **{key: value for key in OWN if (value := getattr(circuit, key))},
        **({} if circuit.missing == FAIL else {"missing": circuit.missing}),
        "selection": RULE,
        "schedule": {
            key: NONE if value is None else list(value) if isinstance(value, tuple) else value
            for key, value in asdict(plan.schedule).items()
        },
        CONDITIONS: circuit.conditions.written,
    }


def as_toml(record: dict[str, Any]) -> str:
    """A record of `effective` as the text of an experiment file."""
    plain = {key: value for key, value in record.items() if not isinstance(value, dict)}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    for key, inner in record.items():
        if isinstance(inner, dict):
            lines += ["", f"[{key}]", *(f"{k} = {_toml(v)}" for k, v in inner.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # ASCII-only JSON splits characters beyond 16 bits, which TOML refuses; JSON never escapes DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(dataset: str | OwnTable) -> Any:
    """A data set as `datasets` of a file lists it."""
    if isinstance(dataset, str):
        return dataset
    return {key: value for key, value in asdict(dataset).items() if value is not None}


def _preset(name: str) -> dict[str, Any]:
    stem = "clean" if name == "loaded" else name
    table = read_toml(str(files("printron.experiments") / "data" / f"{stem}.toml"))
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


def _experiment(file: ExperimentFile, goals: GoalList, data_dir: str | None) -> Experiment:
    datasets = named(file.datasets, file.label)
    _check_number(file, goals)
    plan = Plan(
        goals.goals(),
        tuple(range(file.seeds)) if isinstance(file.seeds, int) else file.seeds,
        _schedule(file),
    )
    try:
        check_sources(file.conditions, plan.schedule)
    except PrintronError as error:
        raise PrintronError(f"[{CONDITIONS}]: {error}") from None
    circuit = ProblemSpec(
        dataset="",
        data_dir=data_dir,
        conditions=file.conditions,
        missing=file.missing,
        **{key: getattr(file, key) for key in (*CIRCUIT, *OWN)},
    )
    return Experiment(file.name, datasets, circuit, plan)


def _schedule(file: ExperimentFile) -> Schedule:
    try:
        return Schedule(**file.schedule.model_dump())
    except PrintronError as error:
        raise PrintronError(f"[schedule]: {error}") from None


def _check_number(file: ExperimentFile, goals: GoalList) -> None:
    """Check the counts before lists of that length are built."""
    if isinstance(file.seeds, int) and file.seeds < 1:
        raise PrintronError(
            f"got seeds = {file.seeds}; give the number of seeds, 1 or more, or a list: [0, 3, 7]"
        )
    if file.seeds == ():
        raise PrintronError("'seeds': got 0 entries; give 1 at least")
    seeds = len(file.seeds) if isinstance(file.seeds, tuple) else file.seeds
    runs = len(file.datasets) * goals.count * seeds
    if runs > MOST_RUNS:
        raise PrintronError(
            f"got {len(file.datasets)} data sets, {goals.count} {goals.kind.listed} and {seeds} "
            f"seeds, which are {runs} runs; an experiment has at most {MOST_RUNS}: give fewer of "
            "them"
        )


def _cluster(file: ExperimentFile, where: str) -> ClusterSpec | None:
    return None if file.cluster is None else cluster_of(file.cluster, where)
