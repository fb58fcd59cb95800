"""Help and version: what is there, said at once."""

import subprocess
import sys

import pytest


def test_help_imports_nothing_heavy():
    heavy = (
        "jax",
        "pandas",
        "sklearn",
        "matplotlib",
        "scipy",
        "pyarrow",
        "pydantic",
        "fsspec",
        "distributed",
    )
    code = f"import sys, printron.cli; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert found.strip() == "[]"


def test_help_names_every_command(run):
    for words in (("--help",), ()):
        code, out, _ = run(*words)
        assert code == 0
        commands = "train sweep experiment demo export characterize surrogates show datasets doctor"
        assert all(command in out for command in commands.split())


@pytest.mark.parametrize(
    "command",
    ["train", "sweep", "demo", "export", "characterize", "surrogates", "datasets", "doctor"],
)
def test_every_command_takes_json_and_out(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--json" in out
    assert "--out" in out


@pytest.mark.parametrize("command", ["published", "run", "show"])
def test_every_command_of_experiments_takes_json_and_out(run, command):
    code, out, _ = run("experiment", command, "--help")
    assert code == 0
    assert "--json" in out
    assert "--out" in out


@pytest.mark.parametrize("command", ["cells", "cell", "process"])
def test_everything_that_is_shown_takes_json_and_out(run, command):
    code, out, _ = run("show", command, "--help")
    assert code == 0
    assert "--json" in out
    assert "--out" in out


def test_version(run):
    from printron import __version__

    assert run("--version")[:2] == (0, f"printron {__version__}\n")


@pytest.mark.parametrize("words", [(), ("train",), ("doctor",), ("experiment",)])
def test_the_short_option_gives_the_same_help(run, words):
    assert run(*words, "-h") == run(*words, "--help")
    assert run(*words, "-h")[0] == 0


def test_experiment_alone_shows_its_help(run):
    code, out, err = run("experiment")
    assert (code, err) == (0, "")
    assert out == run("experiment", "--help")[1]
    assert "published" in out


def test_the_package_can_be_run(run):
    done = subprocess.run(
        [sys.executable, "-m", "printron", "--version"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout == run("--version")[1]
