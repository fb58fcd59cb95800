"""`printron show`: the process and the cells, as editable files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron import __version__
from printron.cli import completion
from printron.cli.declare import with_options
from printron.cli.output import OutputOptions
from printron.cli.problem_options import TechnologyOptions
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.technology import Cell

ROLES = {"activation": "Activation cells", "negation": "Negative-weight cells"}

app = typer.Typer(
    help="The process and the cells, as editable files.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def _show(context: typer.Context) -> None:
    """The process and the cells, as editable files."""
    if context.invoked_subcommand is None:
        from printron.cli.speak import say_text

        say_text(context.get_help())


@app.command("cells")
@with_options
def cells_command(*, technology_options: TechnologyOptions, output: OutputOptions) -> int:
    """List the cells: role, curve, rails, parts, and possible uses.

    With --out: cells.json.
    """
    output.check(["cells.json"])
    from printron.cli.speak import say, say_json
    from printron.results import write_json

    library = technology_options.technology()
    cells = [_summary(library.cells[name]) for name in sorted(library.cells)]
    record = {
        "process": library.process.name,
        "cells": cells,
        "cannot_be_made": dict(library.missing),
    }
    record["printron"] = __version__
    filled = output.fill(lambda folder: write_json(record, folder / "cells.json"))
    if output.json:
        say_json(record | output.refusal(filled))
        return output.conclude(filled)
    for role, title in ROLES.items():
        say(_table([cell for cell in cells if cell["role"] == role], title))
    say(
        f"On the process {library.process.name}. R, EGT: printed resistors and transistors; "
        "network: usable in a network; print: without ideal parts. All of a cell: printron show "
        "cell NAME",
        *library.missing.values(),
    )
    return output.conclude(filled)


@app.command("cell")
@with_options
def cell_command(
    name: Annotated[
        str,
        typer.Argument(
            help="A cell of the library, for example ptanh.", autocompletion=completion.cell
        ),
    ],
    *,
    technology_options: TechnologyOptions,
    output: OutputOptions,
) -> int:
    """Show a cell as a file for --cells: printron show cell ptanh > mine.toml.

    With --out: CELL.toml.
    """
    library = technology_options.technology()
    if name not in library.missing:
        library.cell(name)  # an unknown name ends in a sentence with the known ones
    cell, text = _source(name, technology_options.cells or [])
    record = {**_summary(cell), **cell.model_dump(mode="json")}
    return _give(f"{name}.toml", text, record, output)


@app.command("process")
@with_options
def process_command(*, technology_options: TechnologyOptions, output: OutputOptions) -> int:
    """Show the process as a file for --process: printron show process > mine.toml.

    With --out: process.toml.
    """
    from printron.technology import shipped

    library = technology_options.technology()
    path = Path(technology_options.process or shipped("inkjet_egt.toml"))
    record = library.process.model_dump(mode="json", by_alias=True)
    return _give("process.toml", path.read_text("utf-8"), record, output)


def _give(file: str, text: str, record: dict[str, Any], output: OutputOptions) -> int:
    """Print a file, write the file, or print its record as JSON.

    An existing file with other content may be an edited one, and is not replaced.
    """
    from printron.base.files import write_bytes
    from printron.base.place import place_at
    from printron.cli.speak import say_file, say_json

    output.check()
    content = text.encode()
    if output.out:
        place = place_at(output.out)
        if place.exists(file) and place.read(file) != content:
            raise PrintronError(
                f"'{place.address(file)}' exists with other content; name another folder with "
                "--out, or move the file"
            )

    def write(folder: Path) -> list[str]:
        write_bytes(content, folder / file)
        return [file]

    filled = output.fill(write)
    if output.json:
        say_json({**record, "toml": text, **output.refusal(filled)})
    elif not output.out:
        say_file(text.removesuffix("\n"))
    return output.conclude(filled)


def _source(name: str, cell_files: list[str]) -> tuple["Cell", str]:
    """A cell and its description in TOML; of several files with the cell, the last counts."""
    from printron.technology import cell_source, shipped

    own = [Path(path) for path in reversed(cell_files)]
    for path in [*own, shipped("cells.toml")]:
        found = cell_source(path, name)
        if found is not None:
            return found
    raise AssertionError(f"the library has '{name}', but no file has")


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


def _table(cells: list[dict[str, Any]], title: str) -> Any:
    """Cells of one role; narrow enough for 80 columns."""
    from printron.cli.tables import table_of

    names = ("name", "curve", "rails", "R", "EGT", "network", "print")
    made = table_of(title, *names, texts=(1, 2))
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
