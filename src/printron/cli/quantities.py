"""Quantities in options."""

from printron.errors import PrintronError


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
    try:
        return to_share(text) if unit == "%" else to_si(text, unit)
    except PrintronError as error:
        raise PrintronError(f"{option}: {error}") from None
