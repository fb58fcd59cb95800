"""Options of several commands, each declared once."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.base.machine import usable_cores
from printron.cli import completion
from printron.cli.declare import on_this_machine
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.experiments.cluster import ClusterSpec
    from printron.experiments.pools import Pools
    from printron.technology.conditions import ConditionsSpec
    from printron.training import Schedule

# Larger numbers are typing errors: they would exhaust memory or time.
MOST_EPOCHS, MOST_STARTS, MOST_SAMPLES = 10_000_000, 1000, 1_000_000
MOST_DRAWS = 1000


DataDir = Annotated[
    str | None,
    typer.Option(
        help="Folder with the raw files of the benchmarks.", callback=on_this_machine("folder")
    ),
]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="Folder of a circuit: of train or sweep with --out.")
]
Dataset = Annotated[
    str,
    typer.Argument(
        help="A benchmark (see 'printron datasets'), or a table: PATH.csv (also .tsv, .txt, "
        ".gz, .xlsx, .xls, .parquet).",
        autocompletion=completion.benchmark,
        callback=on_this_machine("table"),
    ),
]


@dataclass(frozen=True)
class ConditionsOptions:
    """The conditions under which a circuit is to work."""

    variation: Annotated[
        str | None,
        typer.Option(
            help="Variation of printing: process (as its file states), none, or a factor on that "
            "of the process: 0.5. Implies --sources loaded. Default: that of the preset; in a "
            "sign-off that of training.",
            metavar="process|none|FACTOR",
        ),
    ] = None
    margin: Annotated[
        str | None,
        typer.Option(
            help="Voltage by which the right output must lead all others: 10mV. Default as for "
            "--variation."
        ),
    ] = None
    source_resistance: Annotated[
        str | None,
        typer.Option(help="Resistance of every sensor: 100kohm. Implies --sources loaded."),
    ] = None
    supply_tolerance: Annotated[
        str | None,
        typer.Option(help="All supplies are off by up to this share: 10%. Implies loaded sources."),
    ] = None
    drift: Annotated[
        str | None,
        typer.Option(help="All thresholds are off by up to this: 20mV. Implies loaded sources."),
    ] = None

    gate_leakage: Annotated[
        str | None,
        typer.Option(
            help="Resistance from every gate to ground: process (as its file states), none, or "
            "100Mohm. Implies loaded sources.",
            metavar="process|none|OHM",
        ),
    ] = None

    @property
    def given(self) -> dict[str, Any]:
        """The given options, by name; a bare 0 is a quantity of any unit."""
        given = {field.name: getattr(self, field.name) for field in fields(ConditionsOptions)}
        return {
            name: 0 if name != "variation" and text.strip() == "0" else text
            for name, text in given.items()
            if text is not None
        }

    def spec(self, usual: "ConditionsSpec | None" = None) -> "ConditionsSpec":
        """The conditions, those that are not given from `usual`.

        Raises
        ------
        PrintronError : names the option, what was got and what is allowed.
        """
        from pydantic import ValidationError

        from printron.base.sentence import reason_of
        from printron.technology.conditions import ConditionsSpec

        before = usual.written if usual else {}
        try:
            return ConditionsSpec.model_validate({**before, **self.given})
        except ValidationError as error:
            fault = error.errors()[0]
            option = str(fault["loc"][0]).replace("_", "-")
            raise PrintronError(f"--{option}: {reason_of(fault)}") from None


@dataclass(frozen=True)
class WorkOptions:
    """Parallel work."""

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
        typer.Option(
            min=1, max=MOST_STARTS, help="Random starts of a run, of which the best is kept."
        ),
    ] = None
    learning_rate: Annotated[
        float | None, typer.Option(help="Initial rate of Adam; default: the schedule's.")
    ] = None

    sources: Annotated[
        str | None,
        typer.Option(
            help="ideal: rows of crossbars are ideal sources, as published. loaded: training "
            "continues against the circuit with all loading.",
            autocompletion=completion.one_of(completion.SOURCES),
        ),
    ] = None

    loaded_epochs: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_EPOCHS, help="Steps against the loaded circuit."),
    ] = None

    draws: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=MOST_DRAWS,
            help="Printed copies that a step against the loaded circuit sees, an even number, "
            "where --variation, --supply-tolerance or --drift make copies differ.",
        ),
    ] = None

    class_weights: Annotated[
        str | None,
        typer.Option(
            help="balanced: all classes count alike in the loss and in the selection, however "
            "rare. none: all rows do.",
            autocompletion=completion.one_of(completion.CLASS_WEIGHTS),
        ),
    ] = None

    @property
    def given(self) -> dict[str, Any]:
        """The given fields of the schedule, by name."""
        names = (
            "epochs", "starts", "learning_rate", "sources", "loaded_epochs", "draws",
            "class_weights",
        )  # fmt: skip
        fields = {name: getattr(self, name) for name in names}
        return {name: value for name, value in fields.items() if value is not None}

    def schedule(
        self, conditions: "ConditionsSpec | None" = None, sources: str = "ideal"
    ) -> "Schedule":
        """The schedule with the given fields.

        Parameters
        ----------
        conditions : under which the circuit is to work; with them, sources may have to be loaded.
        sources : default, if none are given.
        """
        from printron.experiments.plan import check_sources
        from printron.technology.conditions import ConditionsSpec
        from printron.training import Schedule

        if conditions and conditions.loaded:
            sources = "loaded"
        fields = {"sources": sources} | self.given
        self.check_draws(conditions or ConditionsSpec(), "add --variation process")
        if fields["sources"] != "loaded" and "loaded_epochs" in fields:
            raise PrintronError(
                f"got --loaded-epochs {self.loaded_epochs} with ideal sources, which have none; "
                "add --sources loaded, or leave --loaded-epochs out"
            )
        schedule = Schedule(**fields)
        check_sources(conditions or ConditionsSpec(), schedule)
        return schedule

    def check_draws(self, conditions: "ConditionsSpec", remedy: str) -> None:
        """Refuse a number of copies where training sees none.

        Parameters
        ----------
        remedy : how copies can be made to differ, for the message.
        """
        if self.draws is not None and not conditions.varied:
            raise PrintronError(
                f"got --draws {self.draws} for circuits whose copies do not differ in training; "
                f"{remedy}, or leave --draws out"
            )


@dataclass(frozen=True)
class ClusterOptions:
    """The cluster that trains."""

    cluster: Annotated[
        str | None,
        typer.Option(
            help="Dask: local:N worker processes here, a scheduler tcp://host:8786, or a file "
            "FILE.toml (SLURM)."
        ),
    ] = None

    def pool(self, usual: "ClusterSpec | None" = None) -> "Pools | None":
        """The function that makes the pool of tasks; None without a cluster.

        Parameters
        ----------
        usual : the cluster where the option is not given.
        """
        where = usual
        if self.cluster is not None:
            from printron.experiments.cluster import cluster_named

            where = cluster_named(self.cluster)
        if where is None:
            return None
        from printron.experiments.cluster import pool_of

        return pool_of(where)
