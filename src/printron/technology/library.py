"""A process with its cell library: the shipped cells, and those of the user's own files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from printron.base.models import digest, one_sentence, read_toml
from printron.base.sentence import short
from printron.technology.cells import Cell
from printron.technology.checks import check_circuit, check_unlisted
from printron.technology.errors import TechnologyError
from printron.technology.limits import Number, check_limits, meant_keys
from printron.technology.names import check_name, check_rails
from printron.technology.process import Process, default_process, shipped

T = TypeVar("T")


@dataclass(frozen=True)
class Technology:
    """A process with a cell library.

    Attributes
    ----------
    process : what can be printed.  cells : the cells by name.
    missing : shipped cells that cannot be made on this process: name, and why.
    """

    process: Process
    cells: Mapping[str, Cell]
    missing: Mapping[str, str] = field(default_factory=dict)

    def cell(self, name: str, role: str | None = None) -> Cell:
        """The cell of that name.

        Parameters
        ----------
        role : that it is to have in a network ("activation", "negation"); any, if not given.

        Raises
        ------
        TechnologyError : no such cell, one of another role, or one that no network can use.
        """
        allowed = sorted(
            c.name
            for c in self.cells.values()
            if role is None or (c.role == role and c.usable_in_network)
        )
        if name in allowed:
            return self.cells[name]
        raise TechnologyError(
            f"{self._why_not(name, role)}; allowed are {', '.join(allowed) or 'none'}"
        )

    def _why_not(self, name: str, role: str | None) -> str:
        if name in self.missing:
            return self.missing[name]
        if name in self.cells and self.cells[name].role == role:
            return f"{self.cells[name].unknown_load}; it can be characterized only"
        what = {"activation": "an activation cell", "negation": "a negation cell"}
        return f"got '{name}', which is not {what.get(role or '', 'a cell')} of this technology"

    def fingerprint(self, cell: str) -> str:
        """A hash of everything that decides how a cell behaves: cell, rails, transistor cards."""
        it = self.cells[cell]
        cards = {p.card for p in it.components.values() if p.card}
        return digest(
            it.model_dump(mode="json", exclude={"summary"}),
            {rail: self.process.rail(rail) for rail in it.rails},
            {card: self.process.transistors[card].model_dump() for card in sorted(cards)},
        )


def _offered(where: str, find: Callable[[str], T], name: str) -> T:
    """What a process has of that name, or its sentence with the place that asked for it."""
    try:
        return find(name)
    except TechnologyError as error:
        raise TechnologyError(f"{where}: got {name!r}; {error}") from None


def check_against(process: Process, cell: Cell, source: str, *, own: bool) -> None:
    """Refuse a cell that cannot be made on a process; `source` leads the sentence.

    Parameters
    ----------
    own : the cell is the user's, and its wiring is checked, too.
    """
    for rail in cell.rails:
        _offered(f"{source}.rails", process.rail, rail)
    if own:
        try:
            check_unlisted(cell, process.rails)
            check_circuit(cell)
        except TechnologyError as error:
            raise TechnologyError(f"{source}: {error}") from None
    for name, part in cell.components.items():
        if part.kind != "egt":
            continue
        where = f"{source}.components.{name}"
        card = _offered(f"{where}.card", process.card, str(part.card))
        for key, limits in (("W", card.W), ("L", card.L)):
            variable, number = cell.value(part, key)
            low, high = (
                (number, number)
                if variable is None
                else cell.bounds[:, cell.variables.index(variable)]
            )
            if low < limits[0] * (1 - 1e-9) or high > limits[1] * (1 + 1e-9):
                raise TechnologyError(
                    f"{where}: got {key} in [{low:g}, "
                    f"{high:g}] m; transistor '{card.name}' of process '{process.name}' allows "
                    f"[{limits[0]:g}, {limits[1]:g}] m"
                )


def parse_cells(table: dict[str, Any], source: str, *, limits: bool = True) -> dict[str, Cell]:
    """Check a table of cells; `source` names it in error messages.

    Parameters
    ----------
    limits : as in `parse_process`.
    """
    table, meant = meant_keys(table, source)
    extra = sorted(set(table) - {"cells"})
    if extra or not isinstance(table.get("cells"), dict):
        raise TechnologyError(
            f"{source}: got the keys {short(sorted(table))}; a cell file holds tables "
            "[cells.NAME], 'meant' above them, and nothing else"
        )
    cells = {}
    for name, body in table["cells"].items():
        try:
            check_name(name, "cell name")
        except TechnologyError as error:
            raise TechnologyError(f"{source}: {error}") from None
        if not isinstance(body, dict):
            raise TechnologyError(
                f"{source}: 'cells.{name}': got {short(body)}; a cell is a table [cells.{name}]"
            )
        try:
            cells[name] = Cell.model_validate({"name": name, **body})
        except ValidationError as error:
            raise TechnologyError(one_sentence(f"{source}: cells.{name}", error)) from None
    if limits:
        check_limits((it for cell in cells.values() for it in _numbers(cell)), meant, source)
    return cells


def _numbers(cell: Cell) -> Iterator[Number]:
    """Every number of a cell that has limits, with its key in the file."""
    where = f"cells.{cell.name}"
    yield Number(f"{where}.sweep", "sweep", cell.sweep)
    for name, (low, high) in zip(cell.variables, cell.bounds.T.tolist(), strict=True):
        yield Number(f"{where}.design.{name}", name[0].upper(), (low, high))
    for name, part in cell.components.items():
        place = f"{where}.components.{name}"
        for key in ("R", "W", "L"):
            if getattr(part, key) is not None:
                variable, number = cell.value(part, key)
                if variable is None:
                    yield Number(f"{place}.{key}", key, (number,))
        if part.gain is not None and part.offset is not None:
            yield Number(f"{place}.gain", "gain", (part.gain,))
            yield Number(f"{place}.offset", "offset", (part.offset,))


@cache
def _shipped_cells() -> dict[str, Cell]:
    path = shipped("cells.toml")
    return parse_cells(read_toml(path), path.name)


def technology(process: Process | None = None, cell_files: Iterable[str | Path] = ()) -> Technology:
    """The shipped cell library on a process, with the cells of the user's own files added.

    Raises
    ------
    TechnologyError : one sentence that names file and key.
    """
    process = process or default_process()
    check_rails(process.rails)  # of a process that no file describes, too
    usable: dict[str, Cell] = {}
    missing: dict[str, str] = {}
    for name, cell in _shipped_cells().items():
        # A process need not have what every cell needs; who asks for such a cell is told why.
        try:
            check_against(process, cell, f"cells.{name}", own=False)
            usable[name] = cell
        except TechnologyError as error:
            missing[name] = f"cell '{name}' cannot be made on this process: {error}"
    for path in cell_files:
        for name, cell in parse_cells(read_toml(path), str(path)).items():
            check_against(process, cell, f"{path}: cells.{name}", own=True)
            usable[name] = cell
            missing.pop(name, None)
    return Technology(process, usable, missing)
