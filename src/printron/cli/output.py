"""Output of a command: standard output, and a folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from printron.base.filling import Filled
    from printron.results import Problem


@dataclass(frozen=True)
class OutputOptions:
    """Form and folder of the results."""

    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")
    ] = False
    out: Annotated[
        str | None, typer.Option(help="Folder for the result files; created if missing.")
    ] = None

    @property
    def url(self) -> str:
        """Address of the folder; the working directory without any."""
        from printron.base.place import place_at

        return place_at(self.out).url if self.out else "."

    def check(self, names: Sequence[str] = (), mark: str = "") -> None:
        """Refuse a folder that cannot be written to, or that holds files of others, before any
        computation.

        Parameters
        ----------
        names : of files to write.
        mark : a file that marks the other files as printron's.
        """
        if self.out is not None:
            from printron.base.place import check_writable
            from printron.results import check_foreign

            check_writable(self.out)
            check_foreign(self.out, names, mark)

    def check_circuit(self, problem: "Problem", below: str = "") -> None:
        """Refuse files of others in the folder of a circuit; see `check`.

        Parameters
        ----------
        below : the circuit's folder inside the named folder.
        """
        if self.out is not None:
            from printron.results import check_circuit_folder

            folder = f"{self.out.rstrip('/')}/{below}" if below else self.out
            check_circuit_folder(folder, problem)

    def tidy(self, filled: "Filled", circuit: str | None, below: str = "") -> None:
        """Remove files of an earlier circuit from remote storage, once those of the new circuit are
        written; on local disks `write_circuit` has done so.

        Parameters
        ----------
        circuit : its hash.  below : its folder inside the named folder.
        """
        if self.out is not None and filled.files and not filled.refusal:
            from printron.base.place import place_at
            from printron.results import remove_stale

            place = place_at(self.out)
            if place.local is None:
                remove_stale(place, circuit, below)

    def fill(self, write: Callable[[Path], Sequence[str]]) -> "Filled":
        """Let `write` fill the folder, if named; see `printron.base.filling.fill`."""
        from printron.base.filling import Filled, fill
        from printron.base.place import place_at

        return Filled(()) if self.out is None else fill(place_at(self.out), write)

    def refusal(self, filled: "Filled") -> dict[str, str]:
        """The entry of a record if the folder refused the files."""
        return {"error": filled.refusal} if filled.refusal else {}

    def conclude(self, filled: "Filled", code: int = 0) -> int:
        """Show where files went; returns the exit code, 2 if the folder refused the files."""
        from printron.cli.faults import complain
        from printron.cli.speak import say

        if filled.refusal:
            complain(filled.refusal, as_json=False)
            return 2
        if filled.files and not self.json:
            say(f"written to {self.out}")
        return code
