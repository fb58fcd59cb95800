"""Cores and memory of this machine."""

import os


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_size() -> str:
    """Cores and memory of this machine, in words."""
    cores = usable_cores()
    size = f"{cores} core{'s' if cores > 1 else ''}"
    try:
        memory_byte = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # unknown on this system
        return size
    return f"{size}, {memory_byte / 2**30:.0f} GiB of memory"
