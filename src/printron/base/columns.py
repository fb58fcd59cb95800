"""A column of a table, declared: name, unit, meaning."""

from typing import NamedTuple


class Column(NamedTuple):
    """Declaration of a column.

    Attributes
    ----------
    name : may contain `{layer}`, the number of a layer from 1.
    unit : "" for text and plain numbers.
    meaning : one line.
    since : first format of the stored table with this column.
    """

    name: str
    unit: str
    meaning: str
    since: int = 3
