"""The files of a sign-off: the netlist, the figure, and the record."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from printron.base.files import write_bytes
from printron.export import FORMATS
from printron.report.signoff_figure import signoff_figure
from printron.report.style import save_figure
from printron.results import HASH, Circuit, write_json
from printron.results.circuit_folder import NETLIST, SIGNOFF
from printron.signoff import Verdict


def write_signoff(
    circuit: Circuit,
    verdict: Verdict,
    record: dict[str, Any],
    volts: NDArray[Any],
    folder: Path,
) -> list[str]:
    """Write the sign-off of a circuit; returns the names of the files.

    Parameters
    ----------
    record : of `sign_off_circuit`.  volts : of the netlist's inputs, V, [inputs].

    Raises
    ------
    OSError : the folder cannot be written to.
    """
    content = FORMATS["spice"].write(circuit.printed(volts, verdict.netlist.title))
    write_bytes(content, folder / NETLIST)
    remark = f"{HASH}: {circuit.hash}"
    figures = save_figure(signoff_figure(verdict, circuit.name), folder / "signoff", remark)
    write_json(record, folder / SIGNOFF[0])
    return [NETLIST, *(path.name for path in figures), SIGNOFF[0]]
