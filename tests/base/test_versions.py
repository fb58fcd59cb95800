"""The code fingerprint changes with what the deciding code does, and with nothing else."""

import shutil
from pathlib import Path

import pytest

import printron
from printron.base.versions import DECIDING, code_fingerprint, fingerprint_of

CODE = '''"""What the file is for."""

import numpy as np

SLOPE = 0.05  # V/V


class Wrong(ValueError):
    """Something is wrong."""


def doubled(x: float) -> float:
    """Twice x."""
    if x < 0:
        raise Wrong(f"got {x}; " "a positive number is needed")
    return 2 * x + SLOPE
'''


@pytest.fixture
def package(tmp_path):
    for name in DECIDING:
        path = tmp_path / name
        if path.suffix:
            path.parent.mkdir(exist_ok=True)
            path.write_text(CODE)
        else:
            path.mkdir()
            (path / "__init__.py").write_text("")
            (path / "inner.py").write_text(CODE)
    return tmp_path


WORDING = {
    "docstrings": ("Twice x.", "Two times x: no word of this decides anything."),
    "module docstring": ('"""What the file is for."""', ""),
    "class docstring": ("Something is wrong.", "It is wrong."),
    "comments": ("# V/V", "# a slope"),
    "formatting": ("2 * x + SLOPE", "(\n        2*x  # doubled\n        + SLOPE\n    )"),
    "words of an error": ("a positive number is needed", "give a number above 0"),
    "value shown by an error": ("got {x}; ", "got {x:g}, "),
}
MEANING = {
    "number": ("2 * x", "3 * x"),
    "constant": ("0.05", "0.04"),
    "condition": ("x < 0", "x <= 0"),
    "error": ("raise Wrong", "raise KeyError"),
    "default": ("x: float", "x: float = 1"),
    "order": ("2 * x + SLOPE", "SLOPE + 2 * x"),
}


@pytest.mark.parametrize("place", ["network/inner.py", DECIDING[-1]])
@pytest.mark.parametrize("what", [*WORDING, *MEANING])
def test_what_code_does_decides_and_its_wording_does_not(package, place, what):
    before = fingerprint_of(package)
    old, new = {**WORDING, **MEANING}[what]
    assert old in CODE
    (package / place).write_text(CODE.replace(old, new))
    assert (fingerprint_of(package) == before) == (what in WORDING)


@pytest.mark.parametrize("name", ["network/loaded.py", "network/loaded/solve.py", "a/b/c.py"])
def test_files_at_every_depth_of_a_deciding_folder_count(package, name):
    before = fingerprint_of(package)
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1")
    assert (fingerprint_of(package) != before) == name.startswith("network")
    (package / "network" / "notes.txt").write_text("no code")
    assert (fingerprint_of(package) != before) == name.startswith("network")


def test_a_moved_file_is_other_code(package):
    before = fingerprint_of(package)
    (package / "network/inner.py").rename(package / "network/outer.py")
    assert fingerprint_of(package) != before


def test_a_deciding_place_that_is_not_there_is_a_fault_and_not_a_hash(package):
    shutil.rmtree(package / "training")
    with pytest.raises(FileNotFoundError, match="training"):
        fingerprint_of(package)


def test_the_package_has_every_deciding_place():
    root = Path(printron.__file__).parent
    assert all((root / name).exists() for name in DECIDING)
    assert code_fingerprint() == fingerprint_of(root)
