"""Where the tests of the data sets find files, and the wall that keeps them off the network."""

import socket

import pytest


@pytest.fixture(scope="session")
def shared_datasets(shared):
    """Folder ``datasets`` of the shared reference data, with ``raw`` and ``splits``."""
    return shared / "datasets"


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
