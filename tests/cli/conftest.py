"""A command line of the tests' own: its folders, and how a command is run."""

import json

import pytest

from printron.cli import main


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch, tmp_path):
    """Nothing of the user's is read or written; a wide terminal."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("PRINTRON_DATA_DIR", raising=False)
    monkeypatch.delenv("PRINTRON_TRACEBACK", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture
def run(capsys):
    """Run a command; gives exit code, standard output, standard error."""

    def call(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def run_json(run):
    """Run a command with --json; gives exit code and the one object."""

    def call(*words):
        code, out, _ = run(*words, "--json")
        assert out.count("\n") == 1
        return code, json.loads(out)

    return call
