"""Completion in the shell: the right words, and nothing heavy imported for them."""

import subprocess
import sys

import pytest

from printron.cli import completion
from printron.cli.app import main


@pytest.fixture
def completed(monkeypatch, capsys):
    """What bash would offer for the last of these words."""

    def call(*words):
        monkeypatch.setenv("_PRINTRON_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(("printron", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        assert main([]) == 0
        return capsys.readouterr().out.split()

    return call


CASES = {
    "commands": (("exp",), ["export", "experiment"]),
    "options": (("train", "iris", "--pro"), ["--process", "--protocol"]),
    "data sets": (("train", "ir"), ["iris"]),
    "files": (("train", "my.c"), []),
    "several data sets": (("experiment", "run", "x", "--datasets", "iris,se"), ["iris,seeds"]),
    "activations": (("sweep", "iris", "--activation", "s"), ["sigmoid", "sigmoid_published"]),
    "activations of layers": (("sweep", "iris", "--activation", "ptanh,n"), ["ptanh,none"]),
    "cells": (("characterize", "prel"), ["prelu"]),
    "protocols": (("train", "iris", "--protocol", ""), ["clean", "published"]),
    "engines": (("characterize", "ptanh", "--engine", "n"), ["ngspice"]),
    "settings": (("experiment", "published", "--setting", "l"), ["loaded"]),
    "formats": (("export", "runs/one", "--format", "s"), ["spice"]),
    "rows": (("signoff", "--rows", "v"), ["valid"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_word_is_completed(completed, case):
    words, expected = CASES[case]
    assert completed(*words) == expected


def test_completed_words_are_those_of_the_program():
    from printron.characterization.characterize import ENGINES
    from printron.datasets.loading import PROTOCOLS
    from printron.experiments.file import PRESETS
    from printron.export import FORMATS
    from printron.network import SHARINGS
    from printron.signoff.prediction import SOLVERS
    from printron.technology import technology
    from printron.training.schedule import SOURCES

    assert completion.PROTOCOLS == PROTOCOLS
    assert completion.SHARINGS == SHARINGS
    assert completion.SOURCES == SOURCES
    assert completion.ENGINES == ENGINES
    assert completion.SOLVERS == SOLVERS
    assert completion.SETTINGS == PRESETS
    assert tuple(FORMATS) == completion.FORMATS
    assert completion.cell("") == sorted(technology().cells)


def test_completion_imports_nothing_heavy():
    code = (
        "import sys; from printron.cli import completion; "
        "assert completion.benchmark('iris') and completion.cell('ptanh'); "
        "print([m for m in ('jax', 'pandas', 'sklearn', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_script_of_a_shell_is_shown(run, monkeypatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("zsh", "/bin/zsh"))
    code, out, _ = run("--show-completion")
    assert code == 0
    assert "_PRINTRON_COMPLETE=complete_zsh printron" in out


def test_an_unknown_shell_is_one_sentence(run, monkeypatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("ksh", "/bin/ksh"))
    code, out, err = run("--show-completion")
    assert (code, out) == (2, "")
    assert "ksh" in err
    assert "bash, zsh, fish" in err
