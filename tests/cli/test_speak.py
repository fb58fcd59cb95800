"""What reaches the terminal: nothing that it obeys, in any encoding, on a full disk or none."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from quick import PUBLISHED

import printron.cli
from printron.cli import main
from printron.cli.speak import remark
from printron.errors import visible

HOSTILE = {"\x1b": r"\x1b", "\x07": r"\x07", "\u202e": r"\u202e", "\n": r"\n", "\x9b": r"\x9b"}


@pytest.fixture
def hostile_table(tmp_path):
    """A table whose file, columns and classes have names that a terminal would obey."""
    path = tmp_path / "work" / "ev\x1b[31mil\u202e\n.csv"
    rng = np.random.default_rng(0)
    lines = ['"a\x1b[31m\x07","c\u202ed\nf","kind\x1b]0;x\x07"']
    for k in range(60):
        numbers = ",".join(f"{k % 2 + x:.3f}" for x in rng.normal(0, 0.1, 2))
        lines.append(numbers + ',"' + ("red\x1b[31m", "bell\x07\u202e\ny")[k % 2] + '"')
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def assert_harmless(text):
    assert not [c for c in text.replace("\n", "") if not c.isprintable()]


@pytest.mark.parametrize("character", HOSTILE)
def test_what_a_terminal_would_obey_is_shown_as_its_escape(character):
    assert visible(f"a{character}b") == f"a{HOSTILE[character]}b"


def test_what_can_be_printed_stays():
    text = "Größe µΩα 温度 §\u00a05\u202f%"
    assert visible(text) == text


@pytest.mark.slow
def test_names_in_tables_and_figures_are_harmless(run, hostile_table, tmp_path):
    out = tmp_path / "out"
    words = ("--alphas", "0.0,1.0", "--seeds", "1", "--out", out)
    code, stdout, err = run("sweep", hostile_table.name, *words, *PUBLISHED)
    assert code == 0
    assert_harmless(stdout)
    assert_harmless(err)
    assert r"ev\x1b[31mil\u202e" in stdout
    assert r"ev\x1b[31mil\u202e" in err
    for figure in out.glob("*.svg"):
        assert_harmless(figure.read_text("utf-8"))


def problem_with(*remarks):
    return SimpleNamespace(dataset=SimpleNamespace(remarks=remarks))


def test_names_in_notes_are_harmless(capsys):
    remark(problem_with("no row of the class \x1b[31mred"))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "note: no row of the class \\x1b[31mred\n")


def test_where_standard_error_is_closed_a_note_is_in_no_output(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    remark(problem_with("no row of the class red"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_names_in_errors_are_harmless(run, hostile_table, json):
    code, stdout, err = run("train", hostile_table.name, "--label", "x\x1b[31m\x7f", *json)
    assert code == 2
    assert_harmless(stdout)
    assert_harmless(err)
    assert r"no column 'x\x1b[31m\x7f'" in err
    assert r"a\x1b[31m\x07, c\u202ed" in err


def test_a_fault_with_such_a_name_is_harmless(run, monkeypatch):
    from printron.experiments import tasks

    def fail(*args, **kwargs):
        raise TypeError("a\x1b[31mb")

    monkeypatch.setattr(tasks, "run_batch", fail)
    code, _, err = run("train", "iris")
    assert code == 3
    assert_harmless(err)
    assert r"a\x1b[31mb" in err


def test_one_module_alone_writes_to_the_terminal():
    """What is printed elsewhere would not pass through `visible`."""
    allowed = {"speak.py", "faults.py", "streams.py"}
    found = {}
    for path in Path(printron.cli.__file__).parent.glob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        writers = calls & {"print", "typer.echo", "Console", "sys.stdout.write", "sys.stderr.write"}
        if writers and path.name not in allowed:
            found[path.name] = writers
    assert found == {}


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("words", ["experiment", "-h"])
def test_a_full_standard_output_is_one_sentence_to_the_very_end(words):
    """At its end Python writes what is left, and complains if it cannot."""
    with FULL.open("w") as full:
        command = [sys.executable, "-m", "printron", words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write to standard output (No space left")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_table_that_nobody_can_have_is_one_sentence(monkeypatch, capsys, json):
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["datasets", *json]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: cannot write to standard output (No space left")
    assert err.count("\n") == 1


def test_in_an_encoding_without_the_characters_they_are_spelt():
    code = (
        "from printron.cli import speak, streams, tables; streams.prepare(); "
        "made = tables.table_of('α', 'µW'); made.add_row('2 kΩ'); speak.say(made, 'a → 温')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["alpha", "uW", "----", "2", "kohm", "a", "->", "\\u6e29"]


@pytest.mark.parametrize(
    ("text", "spelt"),
    [("5 µW, 2 kΩ, α ± 1 → ×", "5 uW, 2 kohm, alpha +- 1 -> x"), ("温", "\\u6e29")],
)
def test_every_character_can_be_encoded(text, spelt):
    from printron.cli.streams import PLAIN, prepare

    prepare()
    assert text.encode("ascii", PLAIN).decode() == spelt


@pytest.mark.parametrize("word", ["[/x]", "[bold]"])
def test_a_word_that_looks_like_markup_is_no_markup(run, word):
    code, _, err = run("characterize", word)
    assert code == 2
    assert word in err
    code, _, err = run("characterize", "ptanh", "--engine", word, "--timeout", "5")
    assert code == 2
    assert f"got the engine '{word}'" in err


def test_a_full_standard_error_does_not_lose_a_training(tmp_path):
    """As where a log file's disk is full."""
    words = ["train", "iris", *PUBLISHED, "--out", str(tmp_path / "c")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "printron", *words], stderr=full, stdout=subprocess.PIPE
        )
    assert done.returncode == 0
    assert b"test accuracy" in done.stdout
    assert (tmp_path / "c" / "circuit.json").is_file()
