"""Where the tests of the data sets find files, and the wall that keeps them off the network."""

import os
import socket
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_datasets():
    """Folder ``datasets`` of the shared reference data, with ``raw`` and ``splits``."""
    default = Path(__file__).resolve().parents[3] / "shared"
    folder = Path(os.environ.get("PRINTRON_SHARED", default)) / "datasets"
    if not folder.is_dir():
        pytest.skip(f"no reference data: '{folder}' is not there (set PRINTRON_SHARED)")
    return folder


@pytest.fixture(scope="session")
def raw(shared_datasets):
    """Folder with the raw files of the benchmarks."""
    return shared_datasets / "raw"


@pytest.fixture
def write_csv(tmp_path):
    """Write text to a table and give its path."""

    def write(text, name="readings.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No data folder of the user, no cache of the user, no network."""

    def no_network(*args, **kwargs):
        raise socket.gaierror("no network in tests")

    monkeypatch.delenv("PRINTRON_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
