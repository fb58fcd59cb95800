"""Settings by layer: one entry where all layers are alike, else one per layer."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import PlainValidator

from printron.errors import PrintronError
from printron.technology.library import NO_CELL as NONE


def listed(value: Any) -> Any:
    """The value as in JSON."""
    return list(value) if isinstance(value, tuple) else value


def folded(entries: Sequence[Any]) -> Any:
    """The entry that all layers have in common, or the list of all."""
    return entries[0] if all(each == entries[0] for each in entries) else list(entries)


def unfolded(entry: Any, layers: int) -> list[Any]:
    """The entries of the layers: inverse of `folded`."""
    return list(entry) if isinstance(entry, list | tuple) else [entry] * layers


def text_of(entry: Any) -> str:
    """An entry, or one per layer, as one word: "ptanh", or "ptanh,none"."""
    return ",".join(name or NONE for name in unfolded(entry, 1))


def names_of(text: str) -> str | tuple[str, ...]:
    """The names in a word of `text_of`: "ptanh", or ("ptanh", "none")."""
    names = tuple(name.strip() for name in text.split(","))
    return names[0] if len(names) == 1 else names


def _names(value: Any) -> str | tuple[str, ...]:
    names = unfolded(value, 1)
    if not names or not all(isinstance(name, str) for name in names):
        raise PrintronError(
            f"got {str(value)[:40]!r}; give the name of a cell, or none, or a list with one entry "
            "for each hidden layer and one for the outputs"
        )
    return value if isinstance(value, str) else tuple(names)


# In a file: the name of a cell, or one per layer.
Names = Annotated[str | tuple[str, ...], PlainValidator(_names)]
