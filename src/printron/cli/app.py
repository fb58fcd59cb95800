"""The application with all commands, and its exit codes."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from printron import __version__
from printron.cli import (
    cells,
    datasets,
    demo,
    design,
    doctor,
    experiment,
    experiment_report,
    experiment_signoff,
    export,
    predict,
    show,
    signoff,
    sweep,
    train,
)
from printron.cli.completion import check_shell
from printron.cli.faults import (
    FAULT,
    INTERRUPTED,
    Interrupted,
    complain,
    complain_of_fault,
    sentence_of,
)
from printron.cli.speak import say_text
from printron.cli.streams import (
    is_output_of_typer,
    output_refused,
    prepare,
    put_aside,
    standard_output,
)

app = typer.Typer(
    name="printron",
    help="Design printed neural networks: from a table of readings to component values.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say_text(f"printron {__version__}")
        raise typer.Exit


@app.callback()
def _printron(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Design printed neural networks: from a table of readings to component values."""


app.command("design")(design.command)
app.command("train")(train.command)
app.command("sweep")(sweep.command)
experiment.app.command("report")(experiment_report.command)
experiment.app.command("signoff")(experiment_signoff.command)
app.add_typer(experiment.app, name="experiment")
app.command("signoff")(signoff.command)
app.command("predict")(predict.command)
app.command("export")(export.command)
app.command("demo")(demo.command)
app.command("characterize")(cells.characterize_command)
app.command("surrogates")(cells.surrogates_command)
app.add_typer(show.app, name="show")
app.command("datasets")(datasets.command)
app.command("doctor")(doctor.command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code.

    With PRINTRON_TRACEBACK set in the environment, errors are raised instead of shown.
    """
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    prepare()
    try:
        code = _run(words)
        with standard_output():  # flush what a library wrote
            return code
    except (KeyboardInterrupt, typer.Abort, Interrupted) as error:
        complain(str(error) or "stopped", "--json" in words)
        return INTERRUPTED
    except BrokenPipeError:  # nobody reads the output any more
        put_aside()
        return 1
    except Exception as error:
        if os.environ.get("PRINTRON_TRACEBACK"):
            raise
        sentence = sentence_of(error)
        if sentence is None:
            complain_of_fault(error, "--json" in words)
            return FAULT
        complain(sentence, "--json" in words)
        return 2


def _run(words: list[str]) -> int:
    try:
        check_shell(words)
        return int(app(words, prog_name="printron", standalone_mode=False) or 0)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or not is_output_of_typer(error):
            raise
        raise output_refused(error) from error
    except SystemExit as leave:  # raised by the options for completion
        return leave.code if isinstance(leave.code, int) else 0
