"""JSON objects from untrusted files, read within limits."""

import json
import math
from typing import Any

from printron.errors import PrintronError

LARGEST = 2**26  # bytes of a file; a configuration with 100,000 seeds has a million
DEEPEST = 32  # levels of objects and lists; printron writes ten


class RecordError(PrintronError):
    """A fault of a file's content: the middle of a sentence; the caller adds what to do."""


def json_object(content: bytes, what: str) -> dict[str, Any]:
    """The JSON object that a file holds.

    Parameters
    ----------
    content : bytes of the file.  what : the expected object, for the message.

    Raises
    ------
    RecordError : not JSON, not an object, a number that is not finite, too deep or too large.
    """
    if len(content) > LARGEST:
        raise RecordError(f"has more than {LARGEST} bytes")
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"cannot be read as JSON ({error})") from error
    if not isinstance(record, dict):
        raise RecordError(f"is not {what}")
    if why := _unfit(record, DEEPEST):
        raise RecordError(f"is damaged ({why})")
    return record


def _unfit(value: Any, levels: int) -> str | None:
    """Why a value, or a value inside, is not allowed in a record; None if allowed."""
    if isinstance(value, float) and not math.isfinite(value):
        return "contains a number that is not finite"
    if not isinstance(value, dict | list):
        return None
    if not levels:
        return f"nested deeper than {DEEPEST} levels"
    parts = value.values() if isinstance(value, dict) else value
    return next(filter(None, (_unfit(part, levels - 1) for part in parts)), None)
