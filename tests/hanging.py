"""Stand-ins for an ngspice that hangs, and whether anything of them is left."""

import os
import stat
import time
from pathlib import Path

# Each writes down what runs of it.
BODIES = {
    "sleeps": "sleep 300",
    "ignores SIGTERM": "trap '' TERM INT HUP\nsleep 300; sleep 300",
    "has a child": "sleep 300 & echo $! >> $PIDS\nwait",
}


def hanging_ngspice(folder, body="sleep 300"):
    """A script in the place of ngspice that hangs; gives its path and that of its process ids."""
    script, pids = folder / "hanging-ngspice", folder / "pids"
    script.write_text(
        '#!/bin/sh\nif [ "$1" = --version ]; then echo "** ngspice-39 : fake"; exit; fi\n'
        f"PIDS={pids}\necho $$ >> $PIDS\n{body}\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    pids.touch()
    return script, pids


# What ends at once ends within this on a busy machine, too; what hangs would take 300 s.
SOON_S = 30.0


def left_of(pids, wait_s=SOON_S):
    """Processes of the list that still run after some time."""
    end = time.monotonic() + wait_s
    while True:
        left = [pid for pid in map(int, Path(pids).read_text().split()) if _runs(pid)]
        if not left or time.monotonic() >= end:
            return left
        time.sleep(0.02)


def _runs(pid):
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"  # one that has ended, and that nobody has asked about
