"""The options that several commands share, each declared once."""

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from printron.cli import completion
from printron.cli.faults import Interrupted
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.base.place import Filled
    from printron.results import ProblemSpec
    from printron.technology import Technology
    from printron.training import Schedule

# Larger numbers are slips of the keyboard: they would end in a lack of memory, or never.
MOST_EPOCHS, MOST_STARTS, MOST_NEURONS, MOST_SAMPLES = 10_000_000, 1000, 1000, 1_000_000

DataDir = Annotated[str | None, typer.Option(help="Folder with the raw files of the benchmarks.")]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="Folder of a circuit: of train or sweep with --out.")
]
Dataset = Annotated[
    str,
    typer.Argument(
        help="A benchmark (see 'printron datasets'), or a table: PATH.csv.",
        autocompletion=completion.benchmark,
    ),
]


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class TechnologyOptions:
    """The process and the cell library."""

    process: Annotated[
        str | None, typer.Option(help="Process file (TOML) instead of the one that ships.")
    ] = None
    cells: Annotated[
        list[str] | None, typer.Option(help="File with cells of your own (TOML); repeatable.")
    ] = None

    def technology(self) -> "Technology":
        """The library on the process."""
        from printron.technology import load_process, technology

        return technology(load_process(self.process) if self.process else None, self.cells or ())


@dataclass(frozen=True)
class ProblemOptions(TechnologyOptions):
    """What is to be learned, and by what kind of circuit."""

    protocol: Annotated[
        str,
        typer.Option(
            help="Preprocessing and split: clean or published.",
            autocompletion=completion.one_of(completion.PROTOCOLS),
        ),
    ] = "clean"
    data_dir: DataDir = None
    split_seed: Annotated[int, typer.Option(help="Chooses the split of the clean protocol.")] = 0
    label: Annotated[
        str | None, typer.Option(help="Label column of your table; its last one if not given.")
    ] = None
    test_table: Annotated[
        str | None,
        typer.Option(help="Table with test rows of your own; DATASET trains and validates alone."),
    ] = None
    hidden: Annotated[
        str, typer.Option(help="Neurons of each hidden layer: 3, or 3,3, or none.")
    ] = "3"
    activation: Annotated[
        str,
        typer.Option(help="Activation cell.", autocompletion=completion.cell_of("activation")),
    ] = "ptanh"
    negation: Annotated[
        str,
        typer.Option(help="Negative-weight cell.", autocompletion=completion.cell_of("negation")),
    ] = "negation"
    sharing: Annotated[
        str,
        typer.Option(
            help="Cells have component values per network, layer or neuron.",
            autocompletion=completion.one_of(completion.SHARINGS),
        ),
    ] = "network"
    surrogates: Annotated[
        str | None, typer.Option(help="Folder with surrogates of your own cells.")
    ] = None

    def spec(self, dataset: str) -> "ProblemSpec":
        """The problem that the options name."""
        from printron.results import ProblemSpec

        return ProblemSpec(
            dataset=dataset,
            protocol=self.protocol,
            data_dir=self.data_dir,
            split_seed=self.split_seed,
            label=self.label,
            hidden=hidden_layers(self.hidden),
            activation=self.activation,
            negation=self.negation,
            sharing=self.sharing,
            process=self.process,
            cells=tuple(self.cells or ()),
            surrogates=self.surrogates,
            test_table=self.test_table,
        )


@dataclass(frozen=True)
class WorkOptions:
    """How much is computed side by side."""

    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads; default: one for each usable core.")
    ] = None

    @property
    def threads(self) -> int:
        """Number of threads."""
        return self.workers or usable_cores()


@dataclass(frozen=True)
class TrainingOptions(WorkOptions):
    """How a run is trained."""

    epochs: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_EPOCHS, help="Training steps; default: the schedule's."),
    ] = None
    starts: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_STARTS, help="Random starts of a run; the best counts."),
    ] = None
    learning_rate: Annotated[
        float | None, typer.Option(help="Of Adam at the start; default: the schedule's.")
    ] = None

    sources: Annotated[
        str | None,
        typer.Option(
            help="ideal: rows of crossbars as ideal sources, as published. loaded: then trained on "
            "against the circuit with all of its loading.",
            autocompletion=completion.one_of(completion.SOURCES),
        ),
    ] = None

    loaded_epochs: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_EPOCHS, help="Steps against the loaded circuit."),
    ] = None

    @property
    def said(self) -> dict[str, Any]:
        """What was said of the schedule, by the names of its fields."""
        names = ("epochs", "starts", "learning_rate", "sources", "loaded_epochs")
        said = {name: getattr(self, name) for name in names}
        return {name: value for name, value in said.items() if value is not None}

    def schedule(self, sources: str = "ideal") -> "Schedule":
        """The schedule, with what was said put in.

        Parameters
        ----------
        sources : where none were said.
        """
        from printron.training import Schedule

        said = {"sources": sources} | self.said
        if said["sources"] != "loaded" and "loaded_epochs" in said:
            raise PrintronError(
                f"got --loaded-epochs {self.loaded_epochs} with ideal sources, which have none; "
                "add --sources loaded, or leave it out"
            )
        return Schedule(**said)


@dataclass(frozen=True)
class OutputOptions:
    """Where results go."""

    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")
    ] = False
    out: Annotated[
        str | None, typer.Option(help="Folder for the result files; made if it is not there.")
    ] = None

    def check(self, names: Sequence[str] = (), mark: str = "") -> None:
        """Refuse a folder that cannot be written to, or that holds files of somebody else, before
        anything is computed.

        Parameters
        ----------
        names : of files that will be written.
        mark : a file that shows that the others are printron's, too.
        """
        if self.out is not None:
            from printron.base.place import check_writable
            from printron.results import check_foreign

            check_writable(self.out)
            check_foreign(self.out, names, mark)

    def tidy(self, filled: "Filled", circuit: str | None, below: str = "") -> None:
        """Remove what speaks of another circuit from a storage elsewhere, once the files of a
        circuit are there; on local disks `write_circuit` has done so.

        Parameters
        ----------
        circuit : its hash.  below : its folder inside of the one that was named.
        """
        if self.out is not None and filled.files and not filled.refusal:
            from printron.base.place import place_at
            from printron.results import remove_stale

            place = place_at(self.out)
            if place.local is None:
                remove_stale(place, circuit, below)

    def fill(self, write: Callable[[Path], Sequence[str]]) -> "Filled":
        """Let `write` fill the folder, if one was named; see `Place.fill`."""
        from printron.base.place import Filled, place_at

        return Filled(()) if self.out is None else place_at(self.out).fill(write)

    def refusal(self, filled: "Filled") -> dict[str, str]:
        """What a record says where the folder did not take the files."""
        return {"error": filled.refusal} if filled.refusal else {}

    def conclude(self, filled: "Filled", code: int = 0) -> int:
        """Say where files went; the exit code, 2 where the folder did not take the files."""
        from printron.cli.faults import complain
        from printron.cli.speak import say

        if filled.refusal:
            complain(filled.refusal, as_json=False)
            return 2
        if filled.files and not self.json:
            say(f"written to {self.out}")
        return code


def hidden_layers(text: str) -> tuple[int, ...]:
    """Neurons of each hidden layer: "3,3" is (3, 3), "none" is ()."""
    if text.strip().lower() == "none":
        return ()
    try:
        layers = tuple(int(part) for part in text.split(","))
    except ValueError:
        layers = (0,)
    if not all(1 <= neurons <= MOST_NEURONS for neurons in layers):
        raise PrintronError(
            f"got --hidden {text[:40]}; give the neurons of each hidden layer, 1 to "
            f"{MOST_NEURONS} (3, or 3,3), or none"
        )
    return layers


def with_options(command: Callable[..., int]) -> Callable[..., int]:
    """Let a command take records of options: each field of a record becomes an option.

    The command names the records in its signature; whoever reads the signature (typer) sees their
    fields in place of them.
    """
    hints = get_type_hints(command, include_extras=True)
    seen: list[inspect.Parameter] = []
    records: dict[str, type[Any]] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if not is_dataclass(kind) or not isinstance(kind, type):
            seen.append(parameter.replace(annotation=kind))
            continue
        records[name] = kind
        types = get_type_hints(kind, include_extras=True)
        seen += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=types[field.name],
            )
            for field in fields(kind)
        ]

    @wraps(command)
    def expanded(**given: Any) -> int:
        gathered = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in records.items()
        }
        try:
            return command(**given, **gathered)
        except KeyboardInterrupt:
            raise Interrupted("stopped; what was not finished was not written") from None

    seen.sort(key=lambda parameter: parameter.kind)
    expanded.__signature__ = inspect.Signature(seen)  # type: ignore[attr-defined]
    expanded.__annotations__ = {parameter.name: parameter.annotation for parameter in seen}
    return expanded
