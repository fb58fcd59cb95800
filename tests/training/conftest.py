"""Iris on the published split, and a design with the cells that ship."""

import pytest

from printron.characterization import surrogate_for
from printron.datasets import load
from printron.network import design_network
from printron.technology import technology


@pytest.fixture(scope="session")
def make_design():
    """A design by its topology, with the default cells."""
    library = technology()
    cells = surrogate_for(library, "ptanh"), surrogate_for(library, "negation")

    def make(topology, **options):
        return design_network(library, topology, activation=cells[0], negation=cells[1], **options)

    return make


@pytest.fixture(scope="session")
def iris():
    return load("iris", protocol="published")


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
