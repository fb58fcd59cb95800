"""What the tests of several folders share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from printron.circuits.ngspice import NgspiceMissing, executable

# A law holds on a busy machine, too: no test is about time.
settings.register_profile("printron", deadline=None)
settings.load_profile("printron")


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


@pytest.fixture(scope="session")
def shared():
    """Folder of the shared reference data; a test that needs it is skipped by name without it."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("PRINTRON_SHARED", default))
    if not folder.is_dir():
        pytest.skip(f"no reference data: '{folder}' is not there (set PRINTRON_SHARED)")
    return folder
