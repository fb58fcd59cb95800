"""Iris on the published split, and a design with the cells that ship."""

import pytest

from printron.characterization import surrogate_for
from printron.datasets import load_dataset
from printron.network import build_structure
from printron.technology import technology


@pytest.fixture(scope="session")
def make_design():
    """A design by its topology, with the default cells."""
    library = technology()
    cells = surrogate_for(library, "ptanh"), surrogate_for(library, "negation")

    def make(topology, **options):
        return build_structure(library, topology, activation=cells[0], negation=cells[1], **options)

    return make


@pytest.fixture(scope="session")
def iris():
    return load_dataset("iris", protocol="published")


@pytest.fixture(scope="session")
def rows(iris):
    """Volts and labels of the three parts, as `train` wants them."""
    parts = {name: getattr(iris, name) for name in ("train", "valid", "test")}
    return {name: (part.volts, part.labels) for name, part in parts.items()}


@pytest.fixture(scope="session")
def design(make_design):
    return make_design((4, 3, 3))


@pytest.fixture(scope="session")
def small(make_design):
    """The smallest network."""
    return make_design((4, 3))
