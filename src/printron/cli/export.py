"""`printron export`: a trained circuit for printers, simulators and other programs."""

from pathlib import Path
from typing import Annotated

import typer

from printron.cli import completion
from printron.cli.declare import with_options
from printron.cli.options import Run
from printron.cli.output import OutputOptions
from printron.errors import PrintronError


@with_options
def command(
    run: Run,
    *,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"{', '.join(completion.FORMATS)}; repeatable. One format is printed; with "
            "--out, all are written by default.",
            autocompletion=completion.one_of(completion.FORMATS),
        ),
    ] = None,
    output: OutputOptions,
) -> int:
    """Export a circuit as bill, netlist or JSON: printron export RUN --format spice > my.cir.

    With --out: files in that folder.
    """
    from printron.export import FORMATS, format_of

    chosen = [format_of(name) for name in dict.fromkeys(formats or FORMATS)]
    if len(chosen) > 1 and not (output.out or output.json):
        raise PrintronError(
            f"got {len(chosen)} formats for standard output ({', '.join(f.name for f in chosen)}); "
            "name one of them with --format, or a folder with --out"
        )
    if not (output.out or output.json) and not chosen[0].text:
        raise PrintronError(
            f"the format '{chosen[0].name}' is no text for a terminal; name a folder with --out"
        )
    output.check([each.file for each in chosen])
    from printron.base.files import write_bytes
    from printron.cli.speak import say_file, say_json
    from printron.results import HASH, read_circuit

    circuit = read_circuit(run)
    network = circuit.printed()
    contents = {each.file: each.write(network) for each in chosen}

    def write(folder: Path) -> list[str]:
        for file, content in contents.items():
            write_bytes(content, folder / file)
        return list(contents)

    filled = output.fill(write)
    if output.json:
        texts = {each.name: contents[each.file].decode() for each in chosen if each.text}
        say_json(
            {
                HASH: circuit.hash,
                "formats": texts,
                "files": list(filled.files),
                **output.refusal(filled),
            }
        )
    elif not output.out:
        (content,) = contents.values()
        say_file(content.decode().removesuffix("\n"))
    return output.conclude(filled)
