"""Compiled programs are kept between calls."""

import subprocess
import sys
from pathlib import Path

KEEP = "from printron.base.compiled import keep_compiled_programs as keep; print(keep())"


def test_compiled_programs_are_kept_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    code = f"{KEEP}; import jax; jax.jit(lambda x: x + 1)(1.0)"
    command = [sys.executable, "-W", "error", "-c", code]
    kept = subprocess.run(command, check=True, capture_output=True, text=True)
    assert kept.stderr == ""
    assert list(Path(kept.stdout.strip()).iterdir())
    assert Path(kept.stdout.strip()).is_relative_to(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (kept.stdout, kept.stderr) == ("None\n", "")
