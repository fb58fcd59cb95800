"""A column of a table, declared: name, unit, meaning."""

from typing import NamedTuple

from printron.base.quantity import si_text


class Column(NamedTuple):
    """Declaration of a column.

    Attributes
    ----------
    name : may contain `{layer}`, the number of a layer from 1.
    unit : "" for text and plain numbers.
    meaning : one line.
    since : first format of the stored table with this column.
    symbol : what tables and figures for a person call the column; "" for its name.
    """

    name: str
    unit: str
    meaning: str
    since: int = 3
    symbol: str = ""

    @property
    def label(self) -> str:
        """What tables and figures for a person call the column."""
        return self.symbol or self.name

    def text(self, value: float, digits: int = 3) -> str:
        """A value with its unit, for a person; a plain number with `digits`."""
        return si_text(value, self.unit) if self.unit else f"{value:.{digits}g}"
