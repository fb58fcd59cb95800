"""Learned parameters, as plain arrays and as the bytes of a file."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.errors import PrintronError
from printron.network import Parameters
from printron.results.ownership import HASH


def arrays_of(parameters: Parameters) -> dict[str, NDArray[np.float32]]:
    """Parameters as named arrays: theta0, ..., activation0, ..., negation0, ..., and scale0, ...
    where columns have scales; runs first."""
    return {
        f"{name}{k}": np.asarray(array)
        for name, arrays in parameters._asdict().items()
        for k, array in enumerate(arrays)
    }


def parameters_from(arrays: Mapping[str, NDArray[np.float32]]) -> Parameters:
    """Parameters from named arrays: inverse of `arrays_of`.

    Raises
    ------
    KeyError : the arrays hold no surrogate conductances.
    PrintronError : the arrays hold scales of only some layers.
    """

    def all_of(name: str, least: int = 0) -> tuple[Any, ...]:
        count = sum(key.startswith(name) for key in arrays)
        return tuple(arrays[f"{name}{k}"] for k in range(max(count, least)))

    theta, scale = all_of("theta", least=1), all_of("scale")
    if scale and len(scale) != len(theta):
        raise PrintronError(
            f"got scales of {len(scale)} of {len(theta)} layers; give those of all, or none"
        )
    return Parameters(theta, all_of("activation"), all_of("negation"), scale)


def parameter_bytes(parameters: Parameters, mark: str = "") -> bytes:
    """Parameters as the bytes of an npz file: plain arrays, no pickles.

    Parameters
    ----------
    mark : hash of the circuit, for the parameters of one circuit.
    """
    file = io.BytesIO()
    arrays: dict[str, Any] = arrays_of(parameters)
    if mark:
        arrays[HASH] = np.array(mark)
    np.savez(file, **arrays)
    return file.getvalue()
