"""Shapes that signatures state are checked while tests run: imported before the package."""

from typing import get_args

from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray, install_import_hook

# Where shapes decide most; checking the equations of devices at every trace costs too much time.
ROOMS = ("printron.network", "printron.training")
NUMBERS = BeartypeConf(is_pep484_tower=True)  # whole ones are numbers, too


def has_shape(hint):
    """Whether an annotation states a shape, somewhere in it."""
    stated = isinstance(hint, type) and issubclass(hint, AbstractArray)
    return stated or any(map(has_shape, get_args(hint)))


def checked(function):
    """A function whose shapes are checked at every call; all other types are mypy's."""
    hints = function.__annotations__
    function.__annotations__ = {name: hint for name, hint in hints.items() if has_shape(hint)}
    return beartype(function, conf=NUMBERS)


install_import_hook(ROOMS, "checked_shapes.checked")
