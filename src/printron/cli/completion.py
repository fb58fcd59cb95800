"""Shell completion; imports nothing heavy, since the answer is due between two key strokes.

The names below are copies of those in other modules; a test compares them.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path

import printron
from printron.errors import PrintronError

PROTOCOLS = ("clean", "published")
SHARINGS = ("network", "layer", "neuron")
SOURCES = ("ideal", "loaded")
CLASS_WEIGHTS = ("none", "balanced")
ENGINES = ("jax", "ngspice")  # that simulate cells
SOLVERS = ("loaded", "ngspice")  # that simulate a circuit
FORMATS = ("bill", "spice", "json")
SETTINGS = ("published", "clean", "loaded")
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
OPTIONS = ("--install-completion", "--show-completion")


def one_of(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Completes to one of these words."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def benchmark(incomplete: str) -> list[str]:
    """Completes to a benchmark; without a match the shell continues with files."""
    from printron.datasets import names

    return one_of(names())(incomplete)


def benchmarks(incomplete: str) -> list[str]:
    """Completes the last name of a list of benchmarks."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{name}" for name in benchmark(last) if name not in taken]


def cell(incomplete: str) -> list[str]:
    """Completes to a shipped cell."""
    return one_of(tuple(sorted(_roles())))(incomplete)


def cell_of(role: str) -> Callable[[str], list[str]]:
    """Completes the last name of a list of cells: to a shipped cell of this role, or none."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        fitting = [name for name in cell(last) if _roles()[name] == role]
        return [f"{before}{comma}{name}" for name in (*fitting, *one_of(("none",))(last))]

    return complete


def _roles() -> dict[str, str]:
    """Role of every shipped cell, read without the library."""
    file = Path(printron.__file__).parent / "technology" / "data" / "cells.toml"
    cells = tomllib.loads(file.read_text(encoding="utf-8"))["cells"]
    return {name: entry["role"] for name, entry in cells.items()}


def check_shell(words: list[str]) -> None:
    """Refuse the options for completion in an unknown shell.

    Raises
    ------
    PrintronError : says how to name the shell.
    """
    if not set(words) & set(OPTIONS):
        return
    import shellingham

    try:
        shell = shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        shell = "none that could be found"
    if shell not in SHELLS:
        raise PrintronError(
            f"the shell that started this command is {shell}, which has no completion; "
            f"give the command in one of {', '.join(SHELLS)}"
        )
