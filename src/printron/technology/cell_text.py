"""The part of a file that describes one cell, as it was written."""

import re
import tomllib
from pathlib import Path

from printron.base.models import read_toml
from printron.technology.cells import Cell
from printron.technology.library import parse_cells


def cell_source(path: Path, name: str) -> tuple[Cell, str] | None:
    """A cell of a file, and what the file says of it, as a file of its own with its comments.

    The whole file where its parts cannot be told apart by their headings.

    Returns
    -------
    None where the file has no such cell.

    Raises
    ------
    TechnologyError : the file cannot be read or is not one of cells.
    """
    cells = parse_cells(read_toml(path), str(path))
    if name not in cells:
        return None
    whole = path.read_text(encoding="utf-8")
    part = _part(whole, name)
    try:
        alone = parse_cells(tomllib.loads(part), str(path)) == {name: cells[name]}
    except ValueError:  # no TOML, or no cell
        alone = False
    return cells[name], part if alone else whole


def _part(text: str, name: str) -> str:
    """The head of a file, and the lines from the cell's heading to that of the next.

    Comments right above a heading belong to it.
    """
    lines = text.splitlines()
    head = _comments(lines, 0, 1)
    headings = [k for k, line in enumerate(lines) if re.match(r"\s*\[", line)]
    own = [k for k in headings if re.match(rf"\s*\[\s*cells\.{name}[\].\s]", lines[k])]
    if not own:
        return text
    after = [k for k in headings if k > own[-1]]
    end = after[0] - len(_comments(lines, after[0] - 1, -1)) if after else len(lines)
    above = _comments(lines, own[0] - 1, -1)[::-1]
    body = [*above, *lines[own[0] : end]]
    parts = [head, body] if own[0] > len(head) else [body]
    return "\n\n".join("\n".join(part).strip() for part in parts if part) + "\n"


def _comments(lines: list[str], first: int, step: int) -> list[str]:
    """The lines of comments from one on, forwards or backwards."""
    found = []
    while 0 <= first < len(lines) and lines[first].startswith("#"):
        found.append(lines[first])
        first += step
    return found
