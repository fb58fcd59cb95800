"""An ngspice that hangs: said on standard error, ended in time and by every signal."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hanging import BODIES, SOON_S, hanging_ngspice, left_of

WORDS = ("characterize", "clipped_relu", "--engine", "ngspice", "--samples", "4")


@pytest.fixture
def hangs(tmp_path, monkeypatch):
    script, pids = hanging_ngspice(tmp_path, BODIES["has a child"])
    monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return pids


def test_it_is_said_and_then_one_sentence(run, hangs):
    code, out, err = run(*WORDS, "--timeout", 1.8, "--json")
    assert code == 2
    lines = [line for line in err.splitlines() if line.strip()]
    assert lines[0].startswith("ngspice has worked for")
    assert "it is stopped after 0.3 s" in lines[0]
    assert "was stopped after 0.3 s" in lines[-1]
    kept = Path(json.loads(out)["error"].rpartition("kept at ")[2])
    assert kept.read_text().startswith("* cell clipped_relu")
    assert not left_of(hangs)


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, *(pytest.param(it, marks=pytest.mark.slow) for it in (signal.SIGTERM, 1))],
)
def test_a_signal_ends_all_and_keeps_the_deck(hangs, number):
    program = subprocess.Popen(
        [sys.executable, "-m", "printron.cli", *WORDS, "--timeout", "24", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    first = program.stderr.readline()
    while not first.strip():
        first = program.stderr.readline()
    assert re.match(r"ngspice has worked for \d+ s on ", first)
    assert len(left_of(hangs, wait_s=0)) >= 2
    begin = time.monotonic()
    program.send_signal(number)
    out, err = program.communicate(timeout=2 * SOON_S)
    assert time.monotonic() - begin < SOON_S
    assert program.returncode == 128 + number
    assert not left_of(hangs)
    said = json.loads(out)["error"]
    assert said.startswith("stopped; unfinished results were not written; the decks of ngspice are")
    assert Path(said.rpartition("kept at ")[2]).read_text().startswith("* cell clipped_relu")
    assert err.splitlines()[-1] == f"error: {said}"


@pytest.mark.parametrize("value", ["0", "0.5", "-3", "nan", "inf", "1e30", "soon"])
def test_a_time_that_cannot_be_meant_is_refused(run, tmp_path, value):
    out = tmp_path / "out"
    for words in (WORDS, ("signoff", tmp_path), ("experiment", "signoff", tmp_path)):
        code, _, err = run(*words, f"--timeout={value}", "--out", out)
        assert (code, err.count("\n")) == (2, 1)
        assert "--timeout" in err
        assert not out.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("characterize", "ptanh"), "--engine jax"),
        (("surrogates", "ptanh"), "--engine jax"),
    ],
)
def test_a_time_for_an_ngspice_that_is_not_asked_is_refused(run, tmp_path, words, told):
    code, _, err = run(*words, "--timeout", "9", "--out", tmp_path / "out")
    assert (code, err.count("\n")) == (2, 1)
    assert told in err
    assert not (tmp_path / "out").exists()
