"""Compiled programs: cached on disk between calls, dropped from memory before mappings run out."""

import gc
import hashlib
import os
import platform
import tempfile
import threading
import warnings
from pathlib import Path

_ONE_AT_A_TIME = threading.Lock()


def keep_compiled_programs() -> Path | None:
    """Let JAX cache compiled programs on disk; returns the folder, None if it is not writable.

    Compiling takes seconds, training Iris hardly more. The folder's name contains the JAX version
    and the processor, since different machines may use the same home folder. A folder set by the
    user (JAX_COMPILATION_CACHE_DIR) takes precedence.
    """
    import jax

    # A full disk or a damaged entry only costs time to compile.
    warnings.filterwarnings("ignore", message=".*persistent compilation cache.*")
    if os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return Path(os.environ["JAX_COMPILATION_CACHE_DIR"])
    folder = cache_folder() / "compiled" / f"jax-{jax.__version__}-{machine()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    return folder


def make_room(share: float = 0.5) -> None:
    """Drop compiled programs if this process uses more than a fraction of its memory mappings.

    Training a data set against the loaded circuit adds some 5,000 mappings. Linux allows a process
    65,530 (vm.max_map_count); beyond this limit LLVM ends the process. All programs of JAX are
    dropped: a program needed again is loaded from disk or recompiled, with equal results.
    """
    with _ONE_AT_A_TIME:
        _make_room(share)


def _make_room(share: float) -> None:
    try:
        allowed = int(Path("/proc/sys/vm/max_map_count").read_text(encoding="ascii"))
        with Path("/proc/self/maps").open("rb") as lines:
            mapped = sum(1 for _ in lines)
    except (OSError, ValueError):  # not Linux
        return
    if mapped > share * allowed:
        import jax

        jax.clear_caches()
        gc.collect()  # frees programs whose last reference was in a cycle


def cache_folder() -> Path:
    """The user's cache folder of printron."""
    import pooch

    return Path(pooch.os_cache("printron"))


def machine() -> str:
    """A short hash of the processor's instruction set."""
    text = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        text += next((line for line in lines if line.startswith(("flags", "Features"))), "")
    except OSError:
        text += platform.processor()
    return hashlib.sha256(text.encode()).hexdigest()[:8]
