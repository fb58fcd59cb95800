"""Quantities in options."""

from collections.abc import Iterator
from contextlib import contextmanager

from printron.errors import PrintronError


@contextmanager
def of_option(option: str) -> Iterator[None]:
    """Let errors name the option that holds the fault."""
    try:
        yield
    except PrintronError as error:
        raise PrintronError(f"{option}: {error}") from None


def quantity_of(option: str, text: str | None, unit: str) -> float | None:
    """The number in SI units that the text of an option means; None where none is given.

    Parameters
    ----------
    unit : as in `printron.base.quantity.to_si`, or "%": then a fraction.

    Raises
    ------
    PrintronError : names the option, what was got and what is allowed.
    """
    from printron.base.quantity import to_share, to_si

    if text is None:
        return None
    with of_option(option):
        return to_share(text) if unit == "%" else to_si(text, unit)
