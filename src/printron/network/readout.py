"""How a class is read off a circuit's outputs: the largest is the answer."""

from typing import Any

import numpy as np
from jax import Array
from jaxtyping import Integer, Shaped

from printron.base.shapes import AnyArray


def winner(outputs: Shaped[AnyArray, " classes *samples"], default: int | Array) -> Any:
    """The class whose output is largest; where outputs tie for it, the default class if it is one.

    A circuit that power has left without any input ties all of its outputs to ground. Whoever reads
    it then answers the default class, and not the first in some order. NumPy or JAX arrays, each
    answered in its own kind.

    Parameters
    ----------
    outputs : V, [classes, S].
    default : number of the class that is answered in a tie; see `commonest_class`.

    Returns
    -------
    Numbers of classes, [S].
    """
    library = outputs.__array_namespace__()
    tied = outputs[default] == library.max(outputs, axis=0)
    return library.where(tied, default, library.argmax(outputs, axis=0))


def commonest_class(labels: Integer[np.ndarray, " samples"]) -> int:
    """The commonest class of training rows [S], the default class; of equally common the first."""
    return int(np.bincount(labels).argmax())
