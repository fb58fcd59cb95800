"""A process with its cell library: the shipped cells and those of the user's files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from printron.base.models import digest, one_sentence, read_toml
from printron.base.sentence import shown
from printron.technology.cells import Cell
from printron.technology.checks import check_circuit, check_unlisted
from printron.technology.component import COMPONENT_KINDS
from printron.technology.errors import TechnologyError
from printron.technology.limits import LIMITS, Number, check_limits, meant_keys
from printron.technology.names import check_name, check_rails
from printron.technology.process import Process, default_process, shipped
from printron.technology.voltages import minus_volts

T = TypeVar("T")
NO_CELL = "none"  # in place of the name of a cell: a layer without such circuits
# Keys of components that surrogates which are stored were hashed with, though absent.
_HASHED_KEYS = ("resistor", "egt", "level_shift", "R", "W", "L", "card", "gain", "offset")


@dataclass(frozen=True)
class Technology:
    """A process with a cell library.

    Attributes
    ----------
    process : what can be printed.  cells : the cells by name.
    missing : the reason by name, for shipped cells that cannot be made on this process.
    """

    process: Process
    cells: Mapping[str, Cell]
    missing: Mapping[str, str] = field(default_factory=dict)

    def cell(self, name: str, role: str | None = None) -> Cell:
        """The cell of that name.

        Parameters
        ----------
        role : required role in a network ("activation", "negation"); by default any.

        Raises
        ------
        TechnologyError : no such cell, a cell of another role, or one that no network can use.
        """
        allowed = sorted(
            c.name
            for c in self.cells.values()
            if role is None or (c.role == role and c.usable_in_network)
        )
        if name in allowed:
            return self.cells[name]
        if role is not None:
            allowed.append(NO_CELL)
        raise TechnologyError(f"{self._why_not(name, role)}; allowed are {', '.join(allowed)}")

    def _why_not(self, name: str, role: str | None) -> str:
        if name in self.missing:
            return self.missing[name]
        if name in self.cells and self.cells[name].role == role:
            return f"{self.cells[name].unknown_load}; it can only be characterized"
        kinds = {"activation": "an activation cell", "negation": "a negation cell"}
        return f"got '{name}', which is not {kinds.get(role or '', 'a cell')} of this technology"

    def fingerprint(self, cell: str) -> str:
        """A hash of everything that decides how a cell behaves: cell, rails, transistor cards; of
        a differential cell, the voltage of its second input, too."""
        described = self.cells[cell]
        cards = {p.card for p in described.components.values() if p.card}
        body = described.model_dump(mode="json", exclude={"summary"})
        body["components"] = {
            name: dict.fromkeys(_HASHED_KEYS) | part for name, part in body["components"].items()
        }
        return digest(
            body,
            {rail: self.process.rail(rail) for rail in described.rails},
            {card: self.process.transistors[card].model_dump() for card in sorted(cards)},
            *([minus_volts(self.process)] if described.differential else []),
        )


def _offered(where: str, find: Callable[[str], T], name: str) -> T:
    """The rail or card that `find` gives by name; an error names the key `where` that needs it."""
    try:
        return find(name)
    except TechnologyError as error:
        raise TechnologyError(f"{where}: got {name!r}; {error}") from None


def check_against(process: Process, cell: Cell, source: str, *, own: bool) -> None:
    """Refuse a cell that cannot be made on a process; `source` leads the sentence.

    Parameters
    ----------
    own : whether the cell is the user's; then its wiring is checked, too.
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
        where = f"{source}.components.{name}"
        card = _offered(f"{where}.card", process.card, str(part.card)) if part.kind.carded else None
        for key in part.sizes:
            low, high = cell.ends(part, key)
            try:
                process.steps(key, low, high)
            except TechnologyError as error:
                raise TechnologyError(f"{where}.{key}: {error}") from None
            limits = getattr(card, key, None)
            if card is None or limits is None:
                continue
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
            f"{source}: got the keys {shown(sorted(table))}; a cell file holds tables "
            "[cells.NAME], the list 'meant' above them, and nothing else"
        )
    cells = {}
    for name, body in table["cells"].items():
        try:
            check_name(name, "cell name")
        except TechnologyError as error:
            raise TechnologyError(f"{source}: {error}") from None
        if name.lower() == NO_CELL:
            raise TechnologyError(
                f"{source}: got the cell name '{name}', which stands for no cell; give the cell "
                "another name"
            )
        if not isinstance(body, dict):
            raise TechnologyError(
                f"{source}: 'cells.{name}': got {shown(body)}; a cell is a table [cells.{name}]"
            )
        try:
            cells[name] = Cell.model_validate({"name": name, **body})
        except ValidationError as error:
            raise TechnologyError(one_sentence(f"{source}: cells.{name}", error)) from None
    if limits:
        check_limits((n for cell in cells.values() for n in _numbers(cell)), meant, source)
    return cells


def _numbers(cell: Cell) -> Iterator[Number]:
    """Every number of a cell that has limits, with its key in the file."""
    where = f"cells.{cell.name}"
    yield Number(f"{where}.sweep", LIMITS["sweep"], cell.sweep)
    of_sizes = {size.key: size.limits for kind in COMPONENT_KINDS.values() for size in kind.sizes}
    for name, (low, high) in zip(cell.variables, cell.bounds.T.tolist(), strict=True):
        yield Number(f"{where}.design.{name}", of_sizes[name[0].upper()], (low, high))
    for name, part in cell.components.items():
        component = f"{where}.components.{name}"
        for quantity in part.kind.quantities:
            key = quantity.key
            variable, number = (
                (None, part.constants[key]) if quantity.signed else cell.value(part, key)
            )
            if variable is None:
                yield Number(f"{component}.{key}", quantity.limits, (number,))


@cache
def _shipped_cells() -> dict[str, Cell]:
    path = shipped("cells.toml")
    return parse_cells(read_toml(path), path.name)


def technology(process: Process | None = None, cell_files: Iterable[str | Path] = ()) -> Technology:
    """The shipped cell library on a process, with the cells of the user's files added.

    Raises
    ------
    TechnologyError : one sentence that names file and key.
    """
    process = process or default_process()
    check_rails(process.rails)  # the process may not come from a file
    usable: dict[str, Cell] = {}
    missing: dict[str, str] = {}
    for name, cell in _shipped_cells().items():
        # A process may lack rails or cards of a shipped cell: `Technology.cell` then says why.
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
