"""Values and faults as parts of sentences: what was got, shortened, and what is allowed."""

import json
from collections.abc import Mapping
from typing import Any

LONGEST = 60  # characters of a value that are shown
LONGEST_INT = 200  # binary digits

# What to write instead of a value of another type.
_KINDS = {
    "int": "give a whole number, without quotes or a decimal point",
    "float": "give a number, without quotes",
    "bool": "give true or false, without quotes",
    "string": "give a text in quotes",
    "tuple": "give a list in brackets: [...]",
    "list": "give a list in brackets: [...]",
    "dict": "give a table: lines with key = value",
    "model": "give a table: lines with key = value",
}
_BOUNDS = {
    "greater_than": ("gt", "above {}"),
    "greater_than_equal": ("ge", "{} or above"),
    "less_than": ("lt", "below {}"),
    "less_than_equal": ("le", "{} or below"),
}


def shown(value: Any) -> str:
    """A value as written in a file, shortened."""
    if isinstance(value, int) and value.bit_length() > LONGEST_INT:
        return f"a whole number of {value.bit_length()} binary digits"  # Python may refuse to write
    if isinstance(value, str):
        text = repr(value)
    elif value is None or isinstance(value, bool | int | list | dict | tuple):
        text = json.dumps(value, default=str, ensure_ascii=False)
    else:
        text = str(value)
    return cut(text)


def cut(text: str, longest: int = LONGEST) -> str:
    """Text of at most `longest` characters, shortened with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 4]} ..."


def number_of(count: int, what: str, several: str = "") -> str:
    """A count with its noun: number_of(2, "run") is "2 runs".

    Parameters
    ----------
    several : the plural, where it does not end in a mere s.
    """
    return f"{count} {what if count == 1 else several or what + 's'}"


def reason_of(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, from `ValidationError.errors`: the second half of a sentence.

    Names what was got; the caller names the key.
    """
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if kind == "missing":
        return f"entry {fault['loc'][-1] + 1} is missing; add it"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if message.startswith("got "):  # a message of printron
        return message
    return f"got {_got(kind, fault['input'], context)}; {_allowed(kind, context, message)}"


def _got(kind: str, value: Any, context: Mapping[str, Any]) -> str:
    if kind in ("too_short", "too_long"):
        number = context.get("actual_length") or len(value)
        return f"{number} entries" if number != 1 else "1 entry"
    if kind in ("string_too_short", "string_too_long"):
        return f"a text of {len(value)} characters"
    return shown(value)


def _allowed(kind: str, context: Mapping[str, Any], message: str) -> str:
    """What is allowed instead."""
    if kind == "literal_error":
        return f"write {context['expected']}"
    if kind.endswith("too_short"):
        return f"give {context['min_length']} at least"
    if kind.endswith("too_long"):
        return f"give {context['max_length']} at most"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"it must be {words.format(context[name])}"
    if kind == "finite_number":
        return "it must be finite"
    if kind == "string_pattern_mismatch":
        return f"it must match {context['pattern']}"
    return _KINDS.get(kind.partition("_")[0]) or f"{message[:1].lower()}{message[1:]}"
