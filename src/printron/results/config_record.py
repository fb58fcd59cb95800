"""`config.json`: the keys that the configuration of a stored experiment needs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from printron.base.json_record import RecordError, json_object
from printron.base.models import one_sentence
from printron.base.place import StoreError
from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.network import SHARINGS
from printron.results.by_layer import Names
from printron.technology.conditions import ConditionsSpec
from printron.training.goal import goals_of, listed_in

FORMAT = 6  # since then rows have the accuracy by which circuits are chosen
OPEN = 4  # since then a part's hash does not depend on the other planned runs
READ = (3, 4, 5, FORMAT)  # formats that can be read; only the last can be continued
_WAY_OUT = "name another folder with --out"


class Part(BaseModel):
    """Keys that are read; others are allowed."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)


class _Data(Part):
    protocol: str
    split_seed: int = Field(ge=0)
    features: list[str]


class _Network(Part):
    hidden: list[Annotated[int, Field(ge=1)]]
    sharing: Literal[SHARINGS]  # type: ignore[valid-type]


class _Cell(Part):
    name: Names


class _Cells(Part):
    activation: _Cell
    negation: _Cell


class _Problem(Part):
    dataset: _Data
    network: _Network
    cells: _Cells
    conditions: ConditionsSpec = ConditionsSpec()


class NamedFiles(Part):
    """The files that a user named for a problem; see `Problem.named_files`."""

    dataset: str
    data_dir: str | None
    label: str | None
    process: str | None
    cells: list[str]
    surrogates: str | None
    name: str | None = None
    test_table: str | None = None


class _Schedule(Part):
    sources: str = "ideal"


class Configuration(Part):
    """The keys of `config.json` that are read, except the goals, which are checked apart."""

    problems: dict[str, _Problem] = Field(min_length=1)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    schedule: _Schedule
    runs_per_task: dict[str, Annotated[int, Field(ge=1)]]
    sources: dict[str, NamedFiles]
    technology: dict[str, Any] = {}

    @model_validator(mode="after")
    def _of_each_problem(self) -> "Configuration":
        """Every data set has an entry in each table by data set."""
        for key in ("runs_per_task", "sources"):
            lacking = [name for name in self.problems if name not in getattr(self, key)]
            if lacking:
                raise StoreError(f"got no '{key}' for the data set '{lacking[0]}'; add the entry")
        return self


def parse_config(content: bytes, where: str) -> dict[str, Any]:
    """The configuration that the bytes of `config.json` hold, checked.

    Parameters
    ----------
    where : the file, for messages.

    Raises
    ------
    StoreError : one sentence with file and key.
    """
    try:
        stored = json_object(content, "the configuration of an experiment")
    except RecordError as fault:
        raise StoreError(f"'{where}' {fault}; restore the file, or {_WAY_OUT}") from fault
    if not isinstance(stored.get("format"), int):
        raise StoreError(f"'{where}' is not the configuration of an experiment; {_WAY_OUT}")
    if stored["format"] not in READ:
        newer = stored["format"] > FORMAT
        raise StoreError(
            f"'{where}' has the format {stored['format']}; this version reads the format {FORMAT}: "
            f"{'update printron, or name' if newer else 'name'} another folder with --out"
        )
    try:
        Configuration.model_validate(stored)
    except ValidationError as error:
        sentence = one_sentence(f"'{where}'", error)
        raise StoreError(f"{sentence}, or {_WAY_OUT}") from None
    _check_goals(stored, where)
    return stored


def _check_goals(stored: dict[str, Any], where: str) -> None:
    """Refuse a configuration without goals, or with invalid ones."""
    try:
        key = listed_in(stored).listed
    except KeyError as error:
        raise StoreError(
            f"'{where}': '{error.args[0]}' is missing; add it, or {_WAY_OUT}"
        ) from None
    if not isinstance(stored[key], list) or not stored[key]:
        raise StoreError(
            f"'{where}': '{key}': got {shown(stored[key])}; give a list of goals, or {_WAY_OUT}"
        )
    try:
        goals_of(stored)
    except PrintronError as error:
        raise StoreError(f"'{where}': '{key}': {error}, or {_WAY_OUT}") from None
