"""Names of a user's features and classes, made safe for exported files."""

from collections.abc import Iterable

from printron.circuits.components import safe_name


def safe_names(texts: Iterable[str]) -> list[str]:
    """A name of letters, digits and _ for every text, all different; "" stays ""."""
    made: list[str] = []
    for text in texts:
        made.append(safe_name(text, made) if text else "")
    return made
