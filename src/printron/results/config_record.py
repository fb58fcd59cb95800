"""`config.json`: what must stand in the configuration of a stored experiment."""

import json
import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from printron.base.models import one_sentence
from printron.base.place import StoreError
from printron.network import SHARINGS

FORMAT = 4  # since then a part's hash leaves open which other runs there are
READ = (3, FORMAT)  # formats that can be read; gone on with is the last alone
DEEPEST = 32  # levels of tables and lists in a file; those that are written have ten
_WAY_OUT = "name another folder with --out"


class Part(BaseModel):
    """Keys that are read; others may stand beside them."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)


class _Data(Part):
    protocol: str
    split_seed: int = Field(ge=0)
    features: list[str]


class _Network(Part):
    hidden: list[Annotated[int, Field(ge=1)]]
    sharing: Literal[SHARINGS]  # type: ignore[valid-type]


class _Cell(Part):
    name: str


class _Cells(Part):
    activation: _Cell
    negation: _Cell


class _Problem(Part):
    dataset: _Data
    network: _Network
    cells: _Cells


class Sources(Part):
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
    """What is read of `config.json`."""

    problems: dict[str, _Problem] = Field(min_length=1)
    alphas: list[Annotated[FiniteFloat, Field(ge=0, le=1)]] = Field(min_length=1)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    schedule: _Schedule
    runs_per_task: dict[str, Annotated[int, Field(ge=1)]]
    sources: dict[str, Sources]
    technology: dict[str, Any] = {}

    @model_validator(mode="after")
    def _of_each_problem(self) -> "Configuration":
        """What is noted for each data set is noted for all of them."""
        for key in ("runs_per_task", "sources"):
            lacking = [name for name in self.problems if name not in getattr(self, key)]
            if lacking:
                raise StoreError(f"got no '{key}' of the data set '{lacking[0]}'; add them")
        return self


def parse_config(content: bytes, where: str) -> dict[str, Any]:
    """The configuration that the bytes of `config.json` hold, checked.

    Parameters
    ----------
    where : the file, for messages.

    Raises
    ------
    StoreError : one sentence that names file and key.
    """
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"'{where}' cannot be read ({error}); {_WAY_OUT}") from error
    if not isinstance(stored, dict) or not isinstance(stored.get("format"), int):
        raise StoreError(f"'{where}' is not the configuration of an experiment; {_WAY_OUT}")
    if stored["format"] not in READ:
        newer = stored["format"] > FORMAT
        raise StoreError(
            f"'{where}' has the format {stored['format']}; this version reads the format {FORMAT}: "
            f"{'update printron, or name' if newer else 'name'} another folder with --out"
        )
    if why := _unfit(stored):
        raise StoreError(f"'{where}' is damaged ({why}); bring back the file, or {_WAY_OUT}")
    try:
        Configuration.model_validate(stored)
    except ValidationError as error:
        told = one_sentence(f"'{where}'", error)
        raise StoreError(f"{told}, or {_WAY_OUT}") from None
    return stored


def _unfit(value: Any, levels: int = DEEPEST) -> str | None:
    """Why a value cannot be of a configuration, wherever in its depth; None where it can."""
    if isinstance(value, float) and not math.isfinite(value):
        return "a number in it is not finite"
    if not isinstance(value, dict | list):
        return None
    if not levels:
        return f"it is nested deeper than {DEEPEST} levels"
    parts = value.values() if isinstance(value, dict) else value
    return next(filter(None, (_unfit(part, levels - 1) for part in parts)), None)
