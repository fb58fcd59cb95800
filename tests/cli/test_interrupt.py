"""Ctrl-C: a sentence, and files that are whole."""

import json
import signal
import subprocess
import sys
import time

import pytest


def test_ctrl_c_is_a_sentence(run, monkeypatch, tmp_path):
    from printron import characterization

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(characterization, "characterize", interrupt)
    out = tmp_path / "out"
    words = ("characterize", "ptanh", "--engine", "ngspice", "--out", out, "--json")
    code, stdout, err = run(*words)
    assert code == 130
    assert "unfinished results were not written" in json.loads(stdout)["error"]
    assert err.splitlines()[-1].startswith("error: stopped")
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.3, 3, 8])
def test_ctrl_c_ends_a_sweep_at_any_moment_and_tells_how_to_go_on(tmp_path, seconds):
    out = tmp_path / "sweep"
    words = [
        "sweep",
        "iris",
        "--preset",
        "published",
        "--hidden",
        "none",
        "--epochs",
        "1000000",
        "--json",
    ]
    child = subprocess.Popen(
        [sys.executable, "-m", "printron.cli", *words, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (out / "config.json").exists():
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.1)
    time.sleep(seconds)
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=120)
    assert child.returncode == 130
    assert "same command again" in json.loads(stdout)["error"]
    assert "Traceback" not in stderr
    assert {path.name for path in out.iterdir()} == {"config.json", "parts", "surrogates"}
