"""A process with its cell library: the shipped cells, and those of the user's own files."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from printron.technology.cells import NAME, Cell
from printron.technology.errors import TechnologyError
from printron.technology.process import (
    Process,
    default_process,
    digest,
    one_sentence,
    read_toml,
    shipped,
)

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


def check_against(process: Process, cell: Cell, source: str) -> None:
    """Refuse a cell that cannot be made on a process; `source` leads the sentence."""
    for rail in cell.rails:
        _offered(f"{source}.rails", process.rail, rail)
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


def parse_cells(table: dict[str, Any], source: str) -> dict[str, Cell]:
    """Check a table of cells; `source` names it in error messages."""
    extra = sorted(set(table) - {"cells"})
    if extra or not isinstance(table.get("cells"), dict):
        raise TechnologyError(
            f"{source}: got the keys {sorted(table)}; a cell file holds tables "
            "[cells.NAME] and nothing else"
        )
    cells = {}
    for name, body in table["cells"].items():
        if not NAME.match(name):
            raise TechnologyError(
                f"{source}: got the cell name {name!r}; letters, digits and _ "
                "are allowed, the first must be a letter"
            )
        if not isinstance(body, dict):
            raise TechnologyError(
                f"{source}: 'cells.{name}': got {body!r}; a cell is a table [cells.{name}]"
            )
        try:
            cells[name] = Cell.model_validate({"name": name, **body})
        except ValidationError as error:
            raise one_sentence(f"{source}: cells.{name}", error) from None
    return cells


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
    usable: dict[str, Cell] = {}
    missing: dict[str, str] = {}
    for name, cell in _shipped_cells().items():
        # A process need not have what every cell needs; who asks for such a cell is told why.
        try:
            check_against(process, cell, f"cells.{name}")
            usable[name] = cell
        except TechnologyError as error:
            missing[name] = f"cell '{name}' cannot be made on this process: {error}"
    for path in cell_files:
        for name, cell in parse_cells(read_toml(path), str(path)).items():
            check_against(process, cell, f"{path}: cells.{name}")
            usable[name] = cell
            missing.pop(name, None)
    return Technology(process, usable, missing)
