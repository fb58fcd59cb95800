"""Structures with the cells that ship."""

import jax
import pytest

from printron.characterization import surrogate_for
from printron.network import build_structure
from printron.technology import technology


@pytest.fixture
def double():
    """Double precision."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="session")
def library():
    """The cells that ship."""
    return technology()


@pytest.fixture(scope="session")
def surrogate(library):
    """The surrogate of a cell by its name; None for "none"."""
    return lambda name: None if name == "none" else surrogate_for(library, name)


@pytest.fixture(scope="session")
def make_design(library, surrogate):
    """A structure by its topology and the name of the cell of all layers, or one a layer; default
    cells, whose activation loads its column."""

    def cells(names):
        return surrogate(names) if isinstance(names, str) else [surrogate(name) for name in names]

    def make(topology, activation="ptanh", negation="negation", **options):
        return build_structure(
            library,
            topology,
            activation=cells(activation),
            negation=cells(negation),
            **options,
        )

    return make
