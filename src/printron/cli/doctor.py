"""`printron doctor`: installed and missing requirements."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from printron.cli.declare import with_options
from printron.cli.options import DataDir
from printron.cli.output import OutputOptions

OK, MISSING, BROKEN = "ok", "missing", "broken"


def finding(what: str, status: str, detail: str, remedy: str = "") -> dict[str, str]:
    """A checked requirement: its status, details, what to do."""
    return {"what": what, "status": status, "detail": detail, "remedy": remedy}


@with_options
def command(
    *,
    data_dir: DataDir = None,
    output: OutputOptions,
) -> int:
    """Show what is installed, what is missing, and what works without it.

    Exit code 1 if printron cannot train. With --out: doctor.json.
    """
    output.check(["doctor.json"])
    from printron.cli.speak import say, say_json
    from printron.results import write_json

    needed = [_python(), *_dependencies(), *_surrogates()]
    optional = [_devices(), _ngspice(), _datasets(data_dir), _cache()]
    healthy = all(each["status"] == OK for each in needed)
    findings = [*needed, *optional]
    record = {"healthy": healthy, "findings": findings}
    filled = output.fill(lambda folder: write_json(record, folder / "doctor.json"))
    if output.json:
        say_json(record | output.refusal(filled))
    else:
        say(_table(findings))
        say(
            "ready to train" if healthy else "cannot train: see the missing or broken entries above"
        )
    return output.conclude(filled, 0 if healthy else 1)


def _python() -> dict[str, str]:
    return finding("Python", OK, f"{platform.python_version()} on {platform.platform()}")


def _dependencies() -> list[dict[str, str]]:
    found = []
    for requirement in requires("printron") or ():
        if "extra ==" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9_.-]", requirement)[0]
        try:
            found.append(finding(name, OK, version(name)))
        except PackageNotFoundError:
            remedy = f"pip install '{requirement.split(';')[0].strip()}'"
            found.append(finding(name, MISSING, "not installed", remedy))
    return found


def _devices() -> dict[str, str]:
    import jax

    names = ", ".join(sorted({f"{d.platform} ({d.device_kind})" for d in jax.devices()}))
    return finding("JAX computes on", OK, f"{names}, {os.cpu_count()} cores")


def _ngspice() -> dict[str, str]:
    from printron.circuits.ngspice import NgspiceError, NgspiceMissing, executable
    from printron.circuits.ngspice import version as ngspice_version

    try:
        return finding("ngspice", OK, f"{ngspice_version()} at {executable()}")
    except NgspiceError as error:
        status = MISSING if isinstance(error, NgspiceMissing) else BROKEN
        works = (
            "training, sweeps and '--engine jax' work without ngspice; '--engine ngspice' does not"
        )
        return finding("ngspice", status, works, str(error))


def _surrogates() -> list[dict[str, str]]:
    """The shipped surrogates: present, and made from the present cells."""
    from printron.characterization import SurrogateError, surrogate_for
    from printron.technology import technology

    library, good, bad = technology(), [], []
    for cell in sorted(library.cells):
        try:
            surrogate_for(library, cell)
            good.append(cell)
        except SurrogateError as error:
            bad.append(finding(f"surrogate of {cell}", BROKEN, str(error), "install printron anew"))
    return [finding("surrogates", OK if good else MISSING, ", ".join(good)), *bad]


def _datasets(data_dir: str | None) -> dict[str, str]:
    """Which benchmarks can be loaded without a network."""
    from printron.datasets import available, names

    present: list[str] = []
    absent: list[str] = []
    for name in names():
        (present if available(name, data_dir) else absent).append(name)
    detail = f"offline: {', '.join(present)}"
    if not absent:
        return finding("data sets", OK, detail)
    remedy = (
        f"downloaded when first used, or found in --data-dir or PRINTRON_DATA_DIR: "
        f"{', '.join(absent)}"
    )
    return finding("data sets", OK, detail, remedy)


def _cache() -> dict[str, str]:
    from printron.base.compiled import keep_compiled_programs

    folder = keep_compiled_programs()
    if folder:
        return finding("compiled programs", OK, f"kept in {folder}")
    return finding("compiled programs", MISSING, "not kept: every call compiles again (seconds)",
                   "make the cache folder writable, or set JAX_COMPILATION_CACHE_DIR")  # fmt: skip


def _table(findings: list[dict[str, str]]) -> Any:
    from printron.cli.tables import table_of

    made = table_of("printron doctor", "", "", "", texts=(1, 2))
    for each in findings:
        made.add_row(each["what"], each["status"], each["detail"])
        if each["remedy"]:
            made.add_row("", "", each["remedy"])
    return made
