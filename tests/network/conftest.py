"""Designs with the cells that ship."""

import pytest

from printron.characterization import surrogate_for
from printron.network import design_network
from printron.technology import technology


@pytest.fixture(scope="session")
def make_design():
    """A design by its topology; default cells, whose activation loads its column."""
    library = technology()

    def make(topology, activation="ptanh", negation="negation", **options):
        return design_network(
            library,
            topology,
            activation=surrogate_for(library, activation),
            negation=surrogate_for(library, negation),
            **options,
        )

    return make
