"""An ngspice that hangs is told of, ended in time with all that it started, and its deck kept."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hanging import BODIES, SOON_S, hanging_ngspice, left_of
from made_up_parts import resistor, voltage

from printron.circuits import ngspice
from printron.circuits.components import GROUND
from printron.circuits.netlist import Netlist
from printron.circuits.ngspice import NgspiceError, NgspiceMissing, NgspiceTimeout, operating_point
from printron.circuits.ngspice import children as ngspice_children
from printron.circuits.ngspice import process as ngspice_process
from printron.circuits.ngspice import runner as ngspice_runner
from printron.circuits.ngspice.runner import NgspiceStopped, Runner
from printron.circuits.ngspice.samples import operating_points
from printron.circuits.sweep import CONVERGED
from printron.errors import PrintronError
from printron.technology import default_process, technology

CELL = technology().cells["clipped_relu"]
DESIGNS = np.exp(np.log(CELL.bounds).mean(0))[:, None] * np.ones(4)
VOLTS = {"Vin": np.linspace(0.1, 0.7, 5)}
DIVIDER = Netlist(
    "divider",
    (
        voltage("Vin", "in", GROUND, 0.0),
        resistor("R1", "in", "out", 3e3),
        resistor("R2", "out", GROUND, 1e3),
    ),
)
WORK = {
    "operating point": lambda **limits: operating_point(DIVIDER, **limits),
    "samples": lambda **limits: operating_points(DIVIDER, VOLTS, ["out"], workers=2, **limits),
    "one by one": lambda **limits: operating_points(
        DIVIDER, VOLTS, ["out"], one_by_one=True, workers=2, **limits
    ),
    "sweep": lambda **limits: ngspice.sweep(
        CELL, default_process(), DESIGNS, np.linspace(0, 1, 5), workers=2, batch=1, **limits
    ),
}


@pytest.fixture
def hangs(tmp_path, monkeypatch):
    """Put a script that hangs in the place of ngspice; gives the list of its processes."""

    def install(body):
        script, pids = hanging_ngspice(tmp_path, body)
        monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        return pids

    return install


@pytest.mark.parametrize(
    ("work", "body"),
    [("samples", body) for body in BODIES] + [(work, "sleeps") for work in WORK],
)
def test_it_ends_in_time_with_all_that_it_started_and_names_the_deck(tmp_path, hangs, work, body):
    pids, kept = hangs(BODIES[body]), tmp_path / "kept"
    begin = time.monotonic()
    with pytest.raises(NgspiceError, match="was stopped after") as failure:
        WORK[work](timeout_s=0.6, keep_dir=kept)
    assert time.monotonic() - begin < SOON_S
    assert len(pids.read_text().split()) >= 1
    assert not left_of(pids)
    assert any(str(deck) in str(failure.value) for deck in kept.glob("*/deck.cir"))
    if work != "operating point":
        assert isinstance(failure.value, NgspiceTimeout)
        assert re.search(r"' was solved in \S+ s of the 0.6 s that ngspice had", str(failure.value))


def test_what_takes_long_is_told_of_with_its_deck_and_its_end(hangs):
    hangs("sleep 300")
    said = []
    with pytest.raises(NgspiceTimeout):
        operating_points(DIVIDER, VOLTS, ["out"], runner=Runner(0.6, progress=said.append))
    first, *others = said
    assert first.startswith("ngspice has worked for 0 s on ")
    assert "/deck.cir; it is stopped after 0.1 s, and all remaining decks in" in first
    assert "" in others


@pytest.mark.needs_ngspice
def test_what_does_not_take_long_is_not_told_of():
    said = []
    operating_points(DIVIDER, VOLTS, ["out"], runner=Runner(60.0, progress=said.append))
    assert said == []


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("work", ["samples", "one by one"])
def test_a_sample_at_which_ngspice_hangs_takes_no_other_with_it(tmp_path, hangs, work):
    """0.4 V stands in the decks that hold the third sample, which hang after the ones before."""
    real = shutil.which("ngspice")
    pids = hangs(
        "grep -q '^alter.* 0.4' deck.cir && sed -i '/^alter.* 0.4/i shell sleep 300' deck.cir\n"
        f"grep -q 'pwl' deck.cir && grep -q ',0.4' deck.cir && sleep 300\nexec {real} \"$@\""
    )
    one_by_one = work == "one by one"
    volts = {"Vin": np.array([0.1, 0.2, 0.4, 0.6, 0.7])}
    got = operating_points(
        DIVIDER, volts, ["out"], one_by_one=one_by_one, workers=1, timeout_s=9.0, keep_dir=tmp_path
    )
    np.testing.assert_allclose(got.voltages["out"], [0.025, 0.05, np.nan, 0.15, 0.175], atol=1e-6)
    assert [status == CONVERGED for status in got.status] == [True, True, False, True, True]
    assert "was stopped after 1.5 s" in got.status[2]
    assert not left_of(pids)


@pytest.mark.needs_ngspice
def test_what_was_not_come_to_in_time_says_so_and_the_rest_is_there(hangs):
    """The first of four designs is solved, then ngspice hangs."""
    real = shutil.which("ngspice")
    pids = hangs(f"grep -q '^let design=0' deck.cir && exec {real} \"$@\"\nsleep 300")
    got = ngspice.sweep(
        CELL, default_process(), DESIGNS, np.linspace(0, 1, 5), workers=1, batch=1, timeout_s=6.0
    )
    assert got.converged.tolist() == [True, False, False, False]
    assert np.isfinite(got.v_out[:, 0]).all()
    assert np.isnan(got.v_out[:, 1:]).all()
    assert "was stopped after 1 s" in got.status[1]
    assert not left_of(pids)


def test_nothing_is_started_when_the_time_is_over(hangs):
    pids = hangs("sleep 300")
    runner = Runner(1e-9)
    with pytest.raises(NgspiceError, match="none of the 5 samples.*used up before"):
        operating_points(DIVIDER, VOLTS, ["out"], runner=runner)
    assert not pids.read_text()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_any_exception_ends_all_at_once(hangs, error):
    """As Ctrl-C does in a notebook."""

    def interrupt(_):
        raise error

    pids, begin = hangs("sleep 300"), time.monotonic()
    with pytest.raises(error):
        ngspice.sweep(
            CELL, default_process(), DESIGNS, np.linspace(0, 1, 5), workers=2, batch=2,
            timeout_s=6.0, progress=interrupt,
        )  # fmt: skip
    assert time.monotonic() - begin < SOON_S
    assert not left_of(pids)


def test_work_that_is_called_off_ends(hangs):
    pids, stop = hangs("sleep 300"), threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(NgspiceStopped):
        operating_points(DIVIDER, VOLTS, ["out"], runner=Runner(60.0, stop=stop))
    assert not left_of(pids)


def test_a_failure_calls_off_its_own_work_alone(hangs):
    """Circuits that are solved side by side have one way to be called off together."""
    hangs("sleep 300")
    stop = threading.Event()
    runner = Runner(600.0, stop=stop)

    def fail():
        with runner.workers(2) as pool:
            pool.submit(runner.run, "* a\n.end\n")
            raise KeyError

    begin = time.monotonic()
    with pytest.raises(KeyError):
        fail()
    assert time.monotonic() - begin < SOON_S
    assert not stop.is_set()


def test_what_a_process_leaves_behind_ends_with_it(hangs):
    pids = hangs("sleep 300 & echo $! >> $PIDS")
    with pytest.raises(NgspiceError):
        operating_point(DIVIDER)
    assert not left_of(pids)


def test_a_program_that_is_ended_keeps_what_hung_and_starts_nothing_more(
    tmp_path, hangs, monkeypatch
):
    """What a signal handler calls."""
    monkeypatch.setattr(ngspice_children, "_closed", threading.Event())
    pids, said = hangs("sleep 300"), threading.Event()
    runner = Runner(60.0, tmp_path / "kept", process_s=0.2, progress=lambda _: said.set())
    failures = []

    def work():
        try:
            operating_points(DIVIDER, VOLTS, ["out"], workers=1, runner=runner)
        except (NgspiceStopped, OSError) as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert said.wait(SOON_S)
    (deck,) = ngspice_children.end_all()
    thread.join(SOON_S)
    assert failures
    assert not left_of(pids)
    assert deck.parent.parent == tmp_path / "kept"
    assert "pwl" in deck.read_text(encoding="utf-8")


def test_a_process_that_is_ended_with_the_program_is_no_failure(tmp_path, monkeypatch):
    """Whose deck would be kept once more."""
    monkeypatch.setattr(ngspice_children, "_closed", threading.Event())
    script, pids = hanging_ngspice(tmp_path)
    threading.Timer(0.2, ngspice_children.end_all).start()
    with pytest.raises(ngspice_children.ProgramEnding):
        ngspice_children.run_child(
            [str(script)], tmp_path, tmp_path / "log", environment=os.environ, watch=lambda _: ""
        )
    assert not left_of(pids)


def test_of_decks_that_fail_the_first_two_are_kept(hangs, tmp_path):
    hangs("echo no")
    volts, kept = {"Vin": np.linspace(0.1, 0.7, 4)}, tmp_path / "kept"
    runner = Runner(60.0, kept)
    for _ in range(3):
        with pytest.raises(NgspiceError, match="is kept at") as failure:
            operating_points(DIVIDER, volts, ["out"], one_by_one=True, workers=1, runner=runner)
    decks = list(kept.glob("*/deck.cir"))
    assert len(decks) == 2
    assert "the first deck that failed is kept at" in str(failure.value)
    assert Path(str(failure.value).rpartition("kept at ")[2]) in decks


STARTS_ONE = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
import children as it
folder = Path({tmp!r})
it.run_child([{script!r}], folder, folder / "log", environment=os.environ, watch=lambda ran: "")
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_program_that_is_killed_takes_its_processes_with_it(tmp_path, number):
    script, pids = hanging_ngspice(tmp_path, BODIES["has a child"])
    folder = str(Path(ngspice_children.__file__).parent)
    code = STARTS_ONE.format(folder=folder, tmp=str(tmp_path), script=str(script))
    # On its own, without what the package imports, which takes seconds.
    program = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    end = time.monotonic() + SOON_S
    while len(pids.read_text().split()) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert len(left_of(pids, wait_s=0.1)) == 2  # time enough for the program to know of it
    program.send_signal(number)
    program.wait(SOON_S)
    assert not left_of(pids)


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, np.nan, np.inf])
def test_a_limit_that_is_none_is_refused(timeout_s):
    with pytest.raises(PrintronError, match="limit of"):
        operating_point(DIVIDER, timeout_s=timeout_s)


# ------------------------------------------------------------------------ what is no ngspice


def test_a_program_that_prints_without_end_is_stopped(hangs, monkeypatch, tmp_path):
    monkeypatch.setattr(ngspice_process, "MOST_OUTPUT", 300_000)
    hangs("exec yes Error: paper")
    with pytest.raises(NgspiceError, match="stopped when it had printed 0 MB.*Error: paper") as it:
        operating_point(DIVIDER, keep_dir=tmp_path)
    assert len(str(it.value)) < 500


def test_results_without_end_are_not_read(hangs, monkeypatch, tmp_path):
    monkeypatch.setattr(ngspice_runner, "MOST_RESULTS", 300_000)
    hangs("exec yes > results.raw")
    with pytest.raises(NgspiceError, match="stopped when its results took 0 GB"):
        operating_point(DIVIDER, keep_dir=tmp_path)


def test_a_deck_is_kept_elsewhere_where_the_folder_cannot_be_written(hangs, tmp_path):
    hangs("echo no")
    (tmp_path / "file").write_text("")
    with pytest.raises(NgspiceError, match="the deck is kept at") as failure:
        operating_point(DIVIDER, keep_dir=tmp_path / "file")
    deck = Path(str(failure.value).rpartition("kept at ")[2])
    assert deck.read_text(encoding="utf-8") == DIVIDER.to_spice()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sleep 300 & wait", "it was stopped after 0.3 s"),
        ("exec yes", "it was stopped when it had printed"),
        ("echo ngspice", "'ngspice'"),
        ("exit 1", "no output"),
    ],
)
def test_a_program_that_does_not_say_its_version_is_refused_soon(tmp_path, monkeypatch, body, says):
    monkeypatch.setattr(ngspice_process, "VERSION_S", 0.3)
    monkeypatch.setattr(ngspice_process, "MOST_OUTPUT", 300_000)
    script = tmp_path / "other"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
    with pytest.raises(NgspiceError, match=f"does not answer like ngspice .*{says}"):
        ngspice.version()


def test_what_is_no_program_says_what_it_is(tmp_path, monkeypatch):
    (tmp_path / "text").write_text("")
    for path, says in ((tmp_path, "which is a folder"), (tmp_path / "text", "may not be executed")):
        monkeypatch.setenv("PRINTRON_NGSPICE", str(path))
        with pytest.raises(NgspiceMissing, match=says):
            ngspice.version()
    (tmp_path / "text").write_bytes(b"\x00\x01")
    os.chmod(tmp_path / "text", 0o755)
    with pytest.raises(NgspiceError, match="does not answer like ngspice .*format"):
        ngspice.version()
