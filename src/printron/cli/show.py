"""`printron show`: the process and the cells, as files to change."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.options import OutputOptions, TechnologyOptions, with_options

if TYPE_CHECKING:
    from printron.technology import Cell, Technology

ROLES = {"activation": "Activation cells", "negation": "Negative-weight cells"}

app = typer.Typer(
    help="The process and the cells, as files to change.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("cells")
@with_options
def cells_command(*, technology_options: TechnologyOptions, output: OutputOptions) -> int:
    """List the cells: role, curve, rails, parts, and what each can be used for.

    With --out: cells.json.
    """
    output.check()
    from printron.cli.speak import say, say_json
    from printron.experiments import place_at

    library = technology_options.technology()
    cells = [_summary(library.cells[name]) for name in sorted(library.cells)]
    record = {
        "process": library.process.name,
        "cells": cells,
        "cannot_be_made": dict(library.missing),
    }
    if output.out:
        place_at(output.out).write("cells.json", _json(record))
    if output.json:
        say_json(record)
        return 0
    for role, title in ROLES.items():
        say(_table([cell for cell in cells if cell["role"] == role], title))
    say(
        f"On the process {library.process.name}. R, EGT: printed resistors and transistors; "
        "network: usable in a network; print: without ideal parts. One whole: printron show cell "
        "NAME",
        *library.missing.values(),
    )
    return 0


@app.command("cell")
@with_options
def cell_command(
    name: Annotated[str, typer.Argument(help="A cell of the library, for example ptanh.")],
    *,
    technology_options: TechnologyOptions,
    output: OutputOptions,
) -> int:
    """Show a cell as a file that --cells takes: printron show cell ptanh > mine.toml.

    With --out: CELL.toml.
    """
    output.check()
    library = technology_options.technology()
    if name not in library.missing:
        library.cell(name)  # or one sentence with the cells that there are
    cell, text = _source(name, technology_options.cells or [])
    _give(f"{name}.toml", text, {**_summary(cell), **cell.model_dump(mode="json")}, output)
    return 0


@app.command("process")
@with_options
def process_command(*, technology_options: TechnologyOptions, output: OutputOptions) -> int:
    """Show the process as a file that --process takes: printron show process > mine.toml.

    With --out: process.toml.
    """
    output.check()
    from printron.technology import shipped

    library = technology_options.technology()
    path = Path(technology_options.process or shipped("inkjet_egt.toml"))
    _give("process.toml", path.read_text("utf-8"), _process_record(library), output)
    return 0


def _give(file: str, text: str, record: dict[str, Any], output: OutputOptions) -> None:
    """Write a file as it is to standard output, or everything about it as an object."""
    from printron.cli.speak import say_json
    from printron.experiments import place_at

    if output.out:
        place_at(output.out).write(file, text.encode())
    if output.json:
        say_json({**record, "toml": text})
    else:
        print(text, end="" if text.endswith("\n") else "\n")


def _source(name: str, cell_files: list[str]) -> tuple["Cell", str]:
    """A cell, and the file or part of a file that says it; the last file that has it counts."""
    from printron.technology import cell_source, shipped

    own = [Path(path) for path in reversed(cell_files)]
    for path in [*own, shipped("cells.toml")]:
        found = cell_source(path, name)
        if found is not None:
            return found
    raise AssertionError(f"the library has '{name}', and no file does")


def _process_record(library: "Technology") -> dict[str, Any]:
    return library.process.model_dump(mode="json", by_alias=True)


def _summary(cell: "Cell") -> dict[str, Any]:
    return {
        "name": cell.name,
        "summary": cell.summary,
        "role": cell.role,
        "curve": cell.curve,
        "rails": list(cell.rails),
        "parts": cell.counts,
        "usable_in_network": cell.usable_in_network,
        "printable": cell.printable,
    }


def _json(record: dict[str, Any]) -> bytes:
    import json

    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()


def _table(cells: list[dict[str, Any]], title: str) -> Any:
    """Cells of one role; narrow enough for 80 columns."""
    from printron.cli.tables import table_of

    made = table_of(title, "name", "curve", "rails", "R", "EGT", "network", "print")
    for column in made.columns:
        column.no_wrap = column.header != "rails"
    for column in made.columns[:3]:
        column.justify = "left"
    for cell in cells:
        made.add_row(
            cell["name"],
            cell["curve"],
            " ".join(cell["rails"]),
            str(cell["parts"]["resistors"]),
            str(cell["parts"]["egts"]),
            "yes" if cell["usable_in_network"] else "no",
            "yes" if cell["printable"] else "no",
        )
    return made
