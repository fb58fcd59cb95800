"""The structure of a printed neural network: what each layer is made of, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from printron.characterization import Surrogate
from printron.errors import PrintronError
from printron.technology import Cell, Process, Technology, check_sweep
from printron.technology.conditions import Conditions

Sharing = Literal["network", "layer", "neuron"]
SHARINGS = ("network", "layer", "neuron")
Role = Literal["activation", "negation"]
Cells = Surrogate | None | Sequence[Surrogate | None]  # of all layers alike, or one a layer


@dataclass(frozen=True)
class CellModel:
    """A nonlinear circuit: its description, and the surrogate of its behaviour."""

    cell: Cell
    surrogate: Surrogate


@dataclass(frozen=True)
class LayerStructure:
    """What a layer is made of.

    Attributes
    ----------
    inputs, neurons : rows of its crossbar, without bias and ground, and columns, or pairs of them.
    activation : circuit behind every column; None for a passive layer, whose columns are the
        outputs themselves. A differential cell has a pair of columns: what is negative is printed
        in the second.
    negation : circuit that negates a row; None for a layer of positive conductances alone, and
        with pairs of columns.
    sharing : circuits of the same kind have one q in the "network" (with all other such layers of
        the same cell), in the "layer", or for each "neuron".
    """

    inputs: int
    neurons: int
    activation: CellModel | None
    negation: CellModel | None
    sharing: Sharing = "network"

    @property
    def paired(self) -> bool:
        """Whether neurons have two columns, for the two inputs of a differential cell."""
        return self.activation is not None and self.activation.cell.differential

    def instances(self, role: Role) -> int:
        """Number of q of a kind where none are shared: one a neuron; one an input row, and bias."""
        return self.neurons if role == "activation" else self.inputs + 1


@dataclass(frozen=True)
class CellGroup:
    """Circuits whose component values are one entry of `Parameters.activation` or `.negation`.

    Attributes
    ----------
    model : of the circuits.
    layers : that they stand in, from 0.
    count : number of separately learned q.
    """

    model: CellModel
    layers: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Structure:
    """What is fixed before training: the process, the layers from the inputs to the classes, and
    the conditions under which the circuit is to work."""

    process: Process
    layers: tuple[LayerStructure, ...]
    conditions: Conditions = Conditions()

    @property
    def topology(self) -> tuple[int, ...]:
        """Inputs, neurons of each hidden layer, classes."""
        return (self.layers[0].inputs, *(layer.neurons for layer in self.layers))

    @property
    def depth(self) -> int:
        """Number of layers (crossbars)."""
        return len(self.layers)

    @property
    def models(self) -> tuple[CellModel, ...]:
        """Every circuit that occurs, once: activations in the order of the layers, negations."""
        both = [layer.activation for layer in self.layers], [it.negation for it in self.layers]
        return tuple(dict.fromkeys(model for each in both for model in each if model is not None))

    def groups(self, role: Role) -> tuple[CellGroup, ...]:
        """Which circuits of a role learn their component values together, by their first layer."""
        groups: dict[object, CellGroup] = {}
        for k, layer in enumerate(self.layers):
            model = layer.activation if role == "activation" else layer.negation
            if model is None:
                continue
            key = model if layer.sharing == "network" else k
            layers = groups[key].layers if key in groups else ()
            count = layer.instances(role) if layer.sharing == "neuron" else 1
            groups[key] = CellGroup(model, (*layers, k), count)
        return tuple(groups.values())


def build_structure(
    technology: Technology,
    topology: tuple[int, ...],
    *,
    activation: Cells,
    negation: Cells,
    sharing: Sharing = "network",
    conditions: Conditions | None = None,
) -> Structure:
    """Put a structure together and check it.

    Parameters
    ----------
    topology : inputs, neurons of each hidden layer, classes.
    activation, negation : surrogates of the cells, None for no such circuits: one for all layers,
        or one a layer. Layers with a differential activation cell need no negative-weight
        circuits, and have none.
    conditions : under which the circuit is to work; default: printed exactly, with ideal sources.

    Raises
    ------
    PrintronError : an unknown `sharing`, a topology without inputs or classes, or another number of
        cells than layers.
    TechnologyError : a cell in the wrong role, whose input current is of an unknown form, or that
        can meet voltages outside its sweep.
    """
    if sharing not in SHARINGS:
        raise PrintronError(f"got sharing = '{sharing}'; allowed are {', '.join(SHARINGS)}")
    if len(topology) < 2 or min(topology) < 1:
        raise PrintronError(
            f"got the topology {topology}; it needs inputs and outputs, all above 0"
        )
    count = len(topology) - 1
    activations = _models(technology, activation, "activation", count)
    negations = _models(technology, negation, "negation", count)
    parts = zip(topology[:-1], topology[1:], activations, negations, strict=True)
    layers = tuple(_without_need(LayerStructure(*each, sharing)) for each in parts)
    _check_sweeps(technology.process, layers)
    return Structure(technology.process, layers, conditions or Conditions())


def _without_need(layer: LayerStructure) -> LayerStructure:
    """The layer without negative-weight circuits where pairs of columns take their place."""
    return replace(layer, negation=None) if layer.paired else layer


def _models(
    technology: Technology, cells: Cells, role: Role, layers: int
) -> tuple[CellModel | None, ...]:
    """The circuits of each layer."""
    each = (cells,) * layers if cells is None or isinstance(cells, Surrogate) else tuple(cells)
    if wrong := [one for one in each if not (one is None or isinstance(one, Surrogate))]:
        raise PrintronError(
            f"got {cells if isinstance(cells, str) else wrong[0]!r} as {role}; give surrogates "
            "(`surrogate_for(library, name)`), or None for no such circuits"
        )
    if len(each) != layers:
        raise PrintronError(
            f"got {len(each)} {role} cells for {layers} {'layer' if layers == 1 else 'layers'}; "
            "give one for all layers, or one for each hidden layer and one for the outputs"
        )
    return tuple(
        None if it is None else CellModel(technology.cell(it.cell, role), it) for it in each
    )


def _check_sweeps(process: Process, layers: Sequence[LayerStructure]) -> None:
    """Refuse cells that can meet voltages outside their sweep: also those that the activation
    circuits of their own layer, and of the last active layer before, pull their outputs to."""
    before = None
    for layer in layers:
        cells = [it.cell for it in (layer.activation, layer.negation) if it is not None]
        own = layer.activation.cell if layer.activation else None
        for cell in cells:
            for feeding in dict.fromkeys((own, before)):
                check_sweep(process, cell, feeding)
        before = own or before
