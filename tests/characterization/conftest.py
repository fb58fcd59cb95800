"""What the tests of characterization share."""

import pytest

from printron.characterization import characterize
from printron.technology import technology

LIBRARY = technology()


@pytest.fixture(scope="session")
def library():
    """The shipped cells on the shipped process."""
    return LIBRARY


@pytest.fixture(scope="session")
def few():
    """A characterization of twenty designs of the printable ptanh."""
    return characterize(LIBRARY, "ptanh", samples=20, seed=7)
