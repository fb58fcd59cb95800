"""What the tests of several folders share."""

import pytest

from printron.circuits.ngspice import NgspiceMissing, executable


def pytest_configure(config):
    config.addinivalue_line("markers", "needs_ngspice: skipped where ngspice is not installed")


def pytest_collection_modifyitems(items):
    try:
        executable()
    except NgspiceMissing as error:
        skip = pytest.mark.skip(reason=str(error))
        for item in items:
            if item.get_closest_marker("needs_ngspice"):
                item.add_marker(skip)
