"""A process with its cell library: the shipped cells, and those of the user's own files."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
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
    """

    process: Process
    cells: Mapping[str, Cell]

    def cell(self, name: str, role: str | None = None) -> Cell:
        """The cell of that name.

        Raises
        ------
        TechnologyError : no such cell, or a cell of another role.
        """
        allowed = [c.name for c in self.cells.values() if role in (None, c.role)]
        if name not in allowed:
            what = {"activation": "an activation cell", "negation": "a negation cell"}
            raise TechnologyError(
                f"got '{name}', which is not {what.get(role or '', 'a cell')} of this technology; "
                f"allowed are {', '.join(sorted(allowed))}"
            )
        return self.cells[name]

    def fingerprint(self, cell: str) -> str:
        """A hash of everything that decides how a cell behaves: cell, rails, transistor cards."""
        it = self.cells[cell]
        cards = {p.card for p in it.components.values() if p.card}
        return digest(
            it.model_dump(mode="json", exclude={"summary"}),
            {rail: self.process.rail(rail) for rail in it.rails},
            {card: self.process.transistors[card].model_dump() for card in sorted(cards)},
        )


def _offered(where: str, key: str, find: Callable[[str], T], name: str) -> T:
    """What a process has of that name, or its sentence with the place that asked for it."""
    try:
        return find(name)
    except TechnologyError as error:
        raise TechnologyError(f"{where}.{key}: got {name!r}; {error}") from None


def _check_against(process: Process, cell: Cell, source: str) -> None:
    where = f"{source}: cells.{cell.name}"
    for rail in cell.rails:
        _offered(where, "rails", process.rail, rail)
    for name, part in cell.components.items():
        if part.kind != "egt":
            continue
        card = _offered(where, f"components.{name}.card", process.card, str(part.card))
        for key, limits in (("W", card.W), ("L", card.L)):
            variable, number = cell.value(part, key)
            low, high = (
                (number, number)
                if variable is None
                else cell.bounds[:, cell.variables.index(variable)]
            )
            if low < limits[0] * (1 - 1e-9) or high > limits[1] * (1 + 1e-9):
                raise TechnologyError(
                    f"{where}.components.{name}: got {key} in [{low:g}, "
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
    usable = {}
    for name, cell in _shipped_cells().items():
        # A process without a rail or card simply does not offer the cells that need it.
        with suppress(TechnologyError):
            _check_against(process, cell, "the cell library")
            usable[name] = cell
    for path in cell_files:
        for name, cell in parse_cells(read_toml(path), str(path)).items():
            _check_against(process, cell, str(path))
            usable[name] = cell
    return Technology(process, usable)
