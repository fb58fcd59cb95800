"""A process and its cells as tables for a file or a folder, and read back from them."""

from collections.abc import Iterable
from typing import Any

from printron.base.quantity import WRITTEN
from printron.base.sentence import shown
from printron.technology.errors import TechnologyError
from printron.technology.library import Technology, check_against, parse_cells
from printron.technology.process import parse_process


def technology_tables(library: Technology, cells: Iterable[str]) -> dict[str, Any]:
    """The process and some of its cells as tables of their files, with all digits.

    Returns
    -------
    {"process": a process file's table, "cells": one table per cell}; plain JSON.
    """
    return {
        "process": _table(library.process),
        "cells": {name: _table(library.cells[name], {"name"}) for name in dict.fromkeys(cells)},
    }


def technology_from(tables: Any, source: str) -> Technology:
    """The process and the cells that `technology_tables` wrote, and no other cells.

    Parameters
    ----------
    source : names the tables in error messages.

    Raises
    ------
    TechnologyError : one sentence that names the key.
    """
    if not isinstance(tables, dict) or set(tables) != {"process", "cells"}:
        raise TechnologyError(
            f"{source}: got {_kind(tables)}; a table 'process' and a table 'cells' are needed"
        )
    for key, value in tables.items():
        if not isinstance(value, dict):
            raise TechnologyError(f"{source}: '{key}': got {shown(value)}; a table is needed")
    # The limits were checked, and `meant` read, in the files that the tables were made from.
    process = parse_process(tables["process"], f"{source}: process", limits=False)
    cells = parse_cells({"cells": tables["cells"]}, source, limits=False)
    for name, cell in cells.items():
        check_against(process, cell, f"{source}: cells.{name}", own=False)
    return Technology(process, cells)


def _kind(tables: Any) -> str:
    """The keys or the value of `tables`, for a message."""
    return (
        f"the keys {shown(sorted(map(str, tables)))}" if isinstance(tables, dict) else shown(tables)
    )


def _table(model: Any, without: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    dumped: dict[str, Any] = model.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude=without, context=WRITTEN
    )
    return dumped
