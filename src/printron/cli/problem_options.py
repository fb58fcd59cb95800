"""Options that say what is learned: process and cells, data set, structure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli import completion
from printron.cli.declare import on_this_machine
from printron.cli.options import DataDir
from printron.cli.preset import PRESETS, Preset, negations, preset_of
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.results import ProblemSpec
    from printron.technology import Technology
    from printron.technology.conditions import ConditionsSpec

MOST_NEURONS = 1000  # of a layer; more are a typing error


@dataclass(frozen=True)
class TechnologyOptions:
    """The process and the cell library."""

    process: Annotated[
        str | None,
        typer.Option(
            help="Process file (TOML) instead of the shipped one.",
            callback=on_this_machine("process file"),
        ),
    ] = None
    cells: Annotated[
        list[str] | None,
        typer.Option(
            help="File with cells of your own (TOML); repeatable.",
            callback=on_this_machine("cell file"),
        ),
    ] = None

    def technology(self) -> "Technology":
        """The library on the process."""
        from printron.technology import load_process, technology

        return technology(load_process(self.process) if self.process else None, self.cells or ())


@dataclass(frozen=True)
class DataOptions(TechnologyOptions):
    """The data set to learn, and with which models."""

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
        str | None, typer.Option(help="Label column of your table; default: the last column.")
    ] = None
    test_table: Annotated[
        str | None,
        typer.Option(
            help="Table with your own test rows; DATASET then gives training and validation rows.",
            callback=on_this_machine("test table"),
        ),
    ] = None
    missing: Annotated[
        str,
        typer.Option(
            help="Values that your table lacks, marks such as -9999 among them: fail, drop (leave "
            "rows out), keep (take marks as readings), or a number to put in their place.",
            autocompletion=completion.one_of(("fail", "drop", "keep", "0")),
        ),
    ] = "fail"
    sharing: Annotated[
        str,
        typer.Option(
            help="Equal component values of cells within: network, layer or neuron.",
            autocompletion=completion.one_of(completion.SHARINGS),
        ),
    ] = "network"
    surrogates: Annotated[
        str | None, typer.Option(help="Folder with surrogates of your own cells.")
    ] = None

    def spec_of(
        self, dataset: str, conditions: "ConditionsSpec", **structure: Any
    ) -> "ProblemSpec":
        """The problem that the options describe.

        Parameters
        ----------
        structure : hidden, activation, negation, as in `ProblemSpec`.
        """
        from printron.results import ProblemSpec

        return ProblemSpec(
            dataset=dataset,
            protocol=self.protocol,
            data_dir=self.data_dir,
            split_seed=self.split_seed,
            label=self.label,
            sharing=self.sharing,
            process=self.process,
            cells=tuple(self.cells or ()),
            surrogates=self.surrogates,
            test_table=self.test_table,
            missing=self.missing,
            conditions=conditions,
            **structure,
        )


@dataclass(frozen=True)
class ProblemOptions(DataOptions):
    """The data set to learn, and the structure of the network."""

    preset: Annotated[
        str,
        typer.Option(
            help="Defaults of structure and conditions: robust circuits, trained for their printed "
            "copies, or the published ones, as designed.",
            autocompletion=completion.one_of(tuple(PRESETS)),
        ),
    ] = "robust"
    hidden: Annotated[
        str | None,
        typer.Option(
            help="Neurons of each hidden layer: 3, or 3,3, or none; default: 6 (published: 3)."
        ),
    ] = None
    activation: Annotated[
        str | None,
        typer.Option(
            help="Activation cell: of all layers, or one per layer, the outputs' last; none for "
            "passive columns; default: pairs before passive outputs (published: ptanh).",
            autocompletion=completion.cell_of("activation"),
        ),
    ] = None
    negation: Annotated[
        str | None,
        typer.Option(
            help="Negative-weight cell, given in the same way; none for positive weights alone; "
            "default: none with pairs and passive layers, else negation.",
            autocompletion=completion.cell_of("negation"),
        ),
    ] = None

    @property
    def usual(self) -> Preset:
        """The defaults of options that are not given."""
        return preset_of(self.preset)

    def spec(self, dataset: str, conditions: "ConditionsSpec") -> "ProblemSpec":
        """The problem that the options describe."""
        from printron.results.by_layer import names_of

        usual = self.usual
        hidden = hidden_layers(usual.hidden if self.hidden is None else self.hidden)
        activation, negation = self.activation, self.negation
        if activation is None:
            activation = usual.activations(len(hidden) + 1)
        if negation is None:
            negation = negations(self.technology(), activation)
        return self.spec_of(
            dataset,
            conditions,
            hidden=hidden,
            activation=names_of(activation),
            negation=names_of(negation),
        )


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
