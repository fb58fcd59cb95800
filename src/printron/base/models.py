"""Files written by people: strict models, TOML, faults as one sentence, hashes of records."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from printron.base.sentence import reason_of
from printron.errors import PrintronError

LARGEST = 2**20  # bytes of a file; shipped files have ten thousand
LONGEST_KEY = 40  # characters of a key that are shown

# TOML has lists where a frozen record has tuples.
AsTuple = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)


class StrictModel(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def __hash__(self) -> int:  # equal records hash alike, so that compiled programs find them
        return hash(self.model_dump_json())

    def __eq__(self, other: object) -> bool:  # pydantic's also compares cached arrays
        return self is other or (
            isinstance(other, type(self)) and self.model_dump_json() == other.model_dump_json()
        )


def one_sentence(source: str, error: ValidationError, table: str = "") -> str:
    """The first fault found by pydantic, as a sentence that names file and key.

    Parameters
    ----------
    table : table of the file that holds the keys; default: top level.
    """
    # A misspelled key shows as one unknown and one missing: the unknown one says more.
    faults = sorted(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    fault = faults[0]
    path = (table, *fault["loc"]) if table else fault["loc"]
    key = ".".join(str(part)[:LONGEST_KEY] for part in path)
    if fault["type"] == "extra_forbidden":
        return f"{source}: '{key}' is not a known key; remove it or correct its spelling"
    if fault["type"] == "missing":
        if not isinstance(fault["loc"][-1], int):
            return f"{source}: '{key}' is missing; add it"
        key = key.rpartition(".")[0]  # a list with too few entries
    where = f"{source}: '{key}'" if key else source
    return f"{where}: {reason_of(fault)}"


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    PrintronError : the file cannot be read, is larger than `LARGEST`, or is not TOML.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise PrintronError(
                f"{path}: has more than {LARGEST} bytes; give a TOML file that a person can read"
            )
        return tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PrintronError(
            f"{path}: cannot be read ({reason}); give a TOML file that exists"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise PrintronError(f"{path}: is not valid TOML ({error}); correct that line") from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, deep nesting
        reason = str(error).partition(";")[0]
        raise PrintronError(f"{path}: is not TOML that can be read ({reason})") from error


def digest(*parts: Any) -> str:
    """A short hash of JSON-like parts, for provenance: equal parts, equal hash."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
