"""Compiled programs: kept between calls in the user's cache folder, forgotten where they crowd."""

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
    """Let JAX keep its compiled programs; returns the folder, None where it cannot be written.

    Compiling takes seconds, training Iris hardly more. The folder's name holds what a program was
    compiled for, since a home may be shared by machines that differ. A folder that the user set
    (JAX_COMPILATION_CACHE_DIR) is left as it is.
    """
    import jax

    if os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return Path(os.environ["JAX_COMPILATION_CACHE_DIR"])
    folder = cache_folder() / "compiled" / f"jax-{jax.__version__}-{_machine()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    # A full disk or a damaged entry costs the time to compile, and is no concern of the user.
    warnings.filterwarnings("ignore", message=".*persistent compilation cache.*")
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    return folder


def make_room(share: float = 0.5) -> None:
    """Forget compiled programs where this process has mapped more than a share of what it may.

    Those of a data set against the loaded circuit map some 5,000 pieces of memory. Linux allows a
    process 65,530 (vm.max_map_count), and beyond them LLVM ends it. All of JAX's are forgotten: who
    needs one again loads it from the kept ones, or compiles it, and finds the same.
    """
    with _ONE_AT_A_TIME:
        _make_room(share)


def _make_room(share: float) -> None:
    try:
        allowed = int(Path("/proc/sys/vm/max_map_count").read_text(encoding="ascii"))
        with Path("/proc/self/maps").open("rb") as lines:
            mapped = sum(1 for _ in lines)
    except (OSError, ValueError):  # another system, another limit
        return
    if mapped > share * allowed:
        import jax

        jax.clear_caches()
        gc.collect()  # they go with the last reference


def cache_folder() -> Path:
    """The user's cache folder of printron."""
    import pooch

    return Path(pooch.os_cache("printron"))


def _machine() -> str:
    """A short hash of the processor's instruction set."""
    text = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        text += next((line for line in lines if line.startswith(("flags", "Features"))), "")
    except OSError:
        text += platform.processor()
    return hashlib.sha256(text.encode()).hexdigest()[:8]
