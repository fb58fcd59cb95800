"""Which code decides what a run learns."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from printron import __version__

# Folders whose code decides what a run learns.
DECIDING_ROOMS = (
    "technology", "circuits", "characterization", "network", "datasets", "training"
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of what decides the results; the same for equal code."""
    return {
        "printron": __version__,
        "code": code_fingerprint(),
        "jax": version("jax"),
        "jaxlib": version("jaxlib"),
    }


@cache
def code_fingerprint() -> str:
    """A short hash of the code that decides what a run learns; the same for equal code."""
    summed, package = hashlib.sha256(), files("printron")
    for room in DECIDING_ROOMS:
        sources = [file for file in (package / room).iterdir() if file.name.endswith(".py")]
        for source in sorted(sources, key=lambda file: file.name):
            summed.update(f"{room}/{source.name}\n".encode() + source.read_bytes())
    return summed.hexdigest()[:16]
