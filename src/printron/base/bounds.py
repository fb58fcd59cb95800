"""Bounds of settings as data: one declaration for each setting, one form of message."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

from printron.errors import PrintronError


@dataclass(frozen=True)
class Bounds:
    """Allowed values of a setting: a list, or the finite numbers between bounds.

    Attributes
    ----------
    least, most : inclusive bounds.  above, below : exclusive bounds.
    one_of : the allowed values; without other bounds.
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    one_of: tuple[str, ...] = ()

    def allow(self, value: Any) -> bool:
        """Whether a value lies within the bounds; NaN never does."""
        if self.one_of:
            return value in self.one_of
        return math.isfinite(value) and all(
            (
                self.least is None or value >= self.least,
                self.most is None or value <= self.most,
                self.above is None or value > self.above,
                self.below is None or value < self.below,
            )
        )

    @property
    def words(self) -> str:
        """What is allowed, as the end of a sentence."""
        if self.one_of:
            return f"must be {' or '.join(self.one_of)}"
        low = f"above {self.above:g}" if self.above is not None else f"{self.least:g} or above"
        if self.below is not None:
            return f"must be {low}, and below {self.below:g}"
        if self.most is not None:
            return f"must be {low}, and at most {self.most:g}"
        return f"must be {low}, and finite"


def bounded(default: Any, **bounds: Any) -> Any:
    """A field of a dataclass with bounds for its value, or for each of a tuple; None is allowed."""
    return field(default=default, metadata={"bounds": Bounds(**bounds)})


def check_bounds(record: Any) -> None:
    """Refuse a dataclass with a field outside its bounds.

    Raises
    ------
    PrintronError : names the first such field, its value and what is allowed.
    """
    for each in fields(record):
        bounds, value = each.metadata.get("bounds"), getattr(record, each.name)
        if bounds is None or value is None:
            continue
        values = value if isinstance(value, tuple) else (value,)
        if not all(map(bounds.allow, values)):
            got = f"'{value}'" if isinstance(value, str) else value
            subject = "each" if isinstance(value, tuple) else "it"
            raise PrintronError(f"got {each.name} = {got}; {subject} {bounds.words}")
