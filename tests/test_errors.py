"""Errors: what a person can mend has one base, and no room raises anything vaguer."""

import ast
from pathlib import Path

import pytest

import printron
from printron.characterization import SurrogateError
from printron.circuits.components import NetlistError
from printron.circuits.ngspice import NgspiceError, NgspiceMissing
from printron.datasets import DatasetError
from printron.errors import PrintronError
from printron.results.store import StoreError
from printron.technology import TechnologyError

ROOMS = (
    DatasetError,
    NetlistError,
    NgspiceError,
    NgspiceMissing,
    StoreError,
    SurrogateError,
    TechnologyError,
)
VAGUE = ("ValueError", "RuntimeError", "Exception")


@pytest.mark.parametrize("error", ROOMS)
def test_every_room_tells_its_errors_by_the_one_base(error):
    assert issubclass(error, PrintronError)
    assert issubclass(error, ValueError)


def test_nothing_vaguer_is_raised():
    """The command line shows a plain ValueError as a fault of the program."""
    found = {}
    for path in Path(printron.__file__).parent.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        raised = [node.exc for node in nodes if isinstance(node, ast.Raise) and node.exc]
        names = [ast.unparse(getattr(error, "func", error)) for error in raised]
        count = sum(name in VAGUE for name in names)
        if count:
            found[path.relative_to(Path(printron.__file__).parent).as_posix()] = count
    assert found == {}
