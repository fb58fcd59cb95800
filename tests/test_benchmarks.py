"""Benchmarks: what they miss is told in a sentence."""

import runpy
from pathlib import Path

import pytest

from printron.errors import PrintronError

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
SCRIPTS = sorted(path.name for path in FOLDER.glob("*.py") if "def main" in path.read_text("utf-8"))
MISSING = {
    "a data folder": PrintronError("'/none' is not a folder"),
    "a file": FileNotFoundError(2, "No such file or directory", "/none/gap.csv"),
    "a package": ModuleNotFoundError("No module named 'torch'", name="torch"),
}


@pytest.mark.parametrize("what", MISSING)
def test_what_is_missing_is_one_sentence_and_exit_code_2(what, capsys):
    def fail():
        raise MISSING[what]

    ending = runpy.run_path(str(FOLDER / "endings.py"))["ending"]
    with pytest.raises(SystemExit) as left:
        ending(fail)
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "none" in err or "torch is not installed" in err


def test_a_fault_of_a_benchmark_is_not_hidden():
    ending = runpy.run_path(str(FOLDER / "endings.py"))["ending"]
    with pytest.raises(ZeroDivisionError):
        ending(lambda: 1 // 0)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_benchmark_ends_so(script):
    if script != "endings.py":
        assert (FOLDER / script).read_text("utf-8").rstrip().endswith("ending(main)")
