"""The printed neural network: layers of crossbar and activation circuits.

Arrays are feature-major: voltages are [features, samples]. Everything here is one network; batches
of runs are `jax.vmap` outside.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from printron.characterization import Surrogate
from printron.errors import PrintronError
from printron.network.crossbar import Columns, Crossbar, Negated, print_crossbar, solve_columns
from printron.network.power import Counts, Power, activations_soft, count, negated_rows_soft
from printron.technology import (
    Cell,
    Process,
    Technology,
    bend,
    check_sweep,
    curve,
    line,
)
from printron.technology.curves import Line

Sharing = Literal["network", "layer", "neuron"]
SHARINGS = ("network", "layer", "neuron")


class Parameters(NamedTuple):
    """What training learns.

    Attributes
    ----------
    theta : surrogate conductances of each layer, [M+2, N] each (rows: inputs, bias, ground).
    activation, negation : component values q of the cells, before the sigmoid that keeps them in
        their range: [variables, k] each; one entry for the network, or one a layer. k is 1, or with
        sharing "neuron" N (activations), resp. M+1 (negations: one an input row, and the bias).
    scale : ln of each column's largest conductance over g_min, [N] of each layer; see
        `print_crossbar`. None of them: all columns are as low as printing allows.
    """

    theta: tuple[Array, ...]
    activation: tuple[Array, ...]
    negation: tuple[Array, ...]
    scale: tuple[Array, ...] = ()


class CellState(NamedTuple):
    """Electrical behaviour of a layer's cells at the learned component values.

    Attributes
    ----------
    values : of the design variables, ohm or m, [variables, k].
    eta : curve parameters, [4, k].  power : W, [k].  load : input conductance to a rail, S, [k].
    """

    values: Array

    eta: Array
    power: Array
    load: Array


class Layer(NamedTuple):
    """One layer, ready to compute: printed conductances and cells."""

    crossbar: Crossbar
    negations: Array  # which rows need a negation, [M+1]; exact, with the soft gradient
    activations: Array  # which neurons need an activation circuit, [N]; likewise
    activation: CellState
    negation: CellState


@dataclass(frozen=True)
class Design:
    """What is fixed before training: topology, technology, cells.

    Attributes
    ----------
    topology : inputs, neurons of each hidden layer, classes.
    process : rails and printable range.
    activation, negation : surrogates of the two cells.
    activation_cell, negation_cell : their descriptions.
    sharing : cells of the same kind have one q in the "network", a "layer" or each "neuron".
    """

    topology: tuple[int, ...]
    process: Process
    activation: Surrogate
    negation: Surrogate
    activation_cell: Cell
    negation_cell: Cell
    sharing: Sharing = "network"

    @property
    def layers(self) -> int:
        """Number of layers (crossbars)."""
        return len(self.topology) - 1

    def cell_groups(self, rows: bool) -> tuple[int, ...]:
        """Number of separately learned q, per entry of `Parameters.activation` or `.negation`."""
        if self.sharing == "network":
            return (1,)
        if self.sharing == "layer":
            return (1,) * self.layers
        return tuple(m + 1 for m in self.topology[:-1]) if rows else self.topology[1:]


def design_network(
    technology: Technology,
    topology: tuple[int, ...],
    *,
    activation: Surrogate,
    negation: Surrogate,
    sharing: Sharing = "network",
) -> Design:
    """Put a design together and check it.

    Raises
    ------
    PrintronError : an unknown `sharing`, or a topology without inputs or classes.
    TechnologyError : a cell in the wrong role, whose input current is of an unknown form, or that
        can meet voltages outside its sweep.
    """
    if sharing not in SHARINGS:
        raise PrintronError(f"got sharing = '{sharing}'; allowed are {', '.join(SHARINGS)}")
    if len(topology) < 2 or min(topology) < 1:
        raise PrintronError(
            f"got the topology {topology}; it needs inputs and outputs, all above 0"
        )
    cells = (
        technology.cell(activation.cell, "activation"),
        technology.cell(negation.cell, "negation"),
    )
    for cell in cells:
        check_sweep(technology.process, cell, cells[0])
    return Design(topology, technology.process, activation, negation, *cells, sharing)


def normalized_designs(surrogate: Surrogate, raw: Array) -> Array:
    """Learned q, as normalized designs that respect ranges and constraints, [variables, k]."""
    return surrogate.feasible(jax.nn.sigmoid(raw))


def _cell_state(cell: Cell, surrogate: Surrogate, raw: Array) -> CellState:
    u = normalized_designs(surrogate, raw)
    eta, power = surrogate.eta_power(u)
    low, high = (jnp.log(jnp.asarray(x, u.dtype)) for x in (surrogate.low, surrogate.high))
    learned = jnp.exp(low[:, None] + (high - low)[:, None] * u)
    load = jnp.zeros_like(power)
    if cell.role == "activation" and cell.input_load:
        chain, _ = cell.input_load
        resistances = (cell.value(cell.components[name], "R") for name in chain)
        load = 1 / sum(
            (
                jnp.full_like(power, ohms) if name is None else learned[cell.variables.index(name)]
                for name, ohms in resistances
            ),
            jnp.zeros_like(power),
        )
    return CellState(learned, eta, power, load)


def build_layers(
    design: Design,
    parameters: Parameters,
    slope: Array | float = 1.0,
    temperature: float | None = None,
) -> tuple[Layer, ...]:
    """Printed conductances and cell behaviour of every layer.

    What feeds nothing is not printed: neither the column nor the activation circuit of a neuron
    without a resistor in the next layer. It burns nothing and counts for nothing; its voltages are
    still computed, for the gradient by which a resistor could come back.

    Parameters
    ----------
    slope : factor on the steepness eta4 of every cell; below 1 only while training is annealed.
    temperature : of the soft counts, which decide gradients and nothing else; see `power`.
    """

    def states(cell: Cell, surrogate: Surrogate, raws: tuple[Array, ...]) -> list[CellState]:
        made = [_cell_state(cell, surrogate, raw) for raw in raws]
        made = [s._replace(eta=s.eta.at[3].multiply(slope)) for s in made]
        return made * (design.layers // len(made))

    activations = states(design.activation_cell, design.activation, parameters.activation)
    negations = states(design.negation_cell, design.negation, parameters.negation)
    process = design.process
    layers: list[Layer] = []
    used = outgoing = None
    for k in reversed(range(design.layers)):
        theta = parameters.theta[k]
        scale = parameters.scale[k] if parameters.scale else None
        crossbar = print_crossbar(theta, process.g_min, process.g_max, used, scale)
        counts = (
            negated_rows_soft(theta, crossbar, temperature),
            activations_soft(theta, crossbar, outgoing, temperature),
        )
        layers.insert(0, Layer(crossbar, *counts, activations[k], negations[k]))
        used, outgoing = crossbar.used_rows, theta
    return tuple(layers)


def _bend(form: str, it: Line, v: Array) -> Array:
    """Bent part of the curves at voltages [features, S], one curve a feature or one for all."""
    shift = it.steepness * it.edge  # two factors of a row: its gradient sums over v and over 1
    return bend(form, it.steepness[:, None] * v - shift[:, None])


def _negated(design: Design, layer: Layer, v: Array) -> Negated:
    form, eta = design.negation_cell.curve, layer.negation.eta
    bias = curve(form, jnp.asarray(design.process.crossbar.V_bias, v.dtype), eta[:, -1])
    it = line(form, eta[:, :-1] if eta.shape[1] > 1 else eta)
    return Negated(_bend(form, it, v), it.offset, it.gain, bias)


def layer_columns(design: Design, layer: Layer, v: Array, weights: Array) -> Columns:
    """Column voltages of a layer, V, [N, S], and the mean power of its crossbar, W."""
    load_rail = design.activation_cell.input_load
    load = jnp.where(layer.crossbar.has_input, layer.activation.load, 0)
    return solve_columns(
        layer.crossbar,
        v,
        _negated(design, layer, v),
        design.process.crossbar.V_bias,
        load,
        design.process.rail(load_rail[1]) if load_rail else 0.0,
        weights,
    )


def forward_layer(design: Design, layer: Layer, v: Array, weights: Array) -> tuple[Array, Array]:
    """Output voltages [N, S] of a layer and the mean power of its crossbar, W.

    A column without any input is a constant divider: it needs no activation circuit, and its own
    voltage is the output.
    """
    columns = layer_columns(design, layer, v, weights)
    form = design.activation_cell.curve
    it = line(form, layer.activation.eta)
    active = it.offset[:, None] + it.gain[:, None] * _bend(form, it, columns.z)
    return jnp.where(layer.crossbar.has_input[:, None], active, columns.z), columns.power


def forward(
    design: Design, layers: tuple[Layer, ...], v: Array, weights: Array | None = None
) -> tuple[Array, Array]:
    """Output voltages and crossbar power of a network, with ideal sources.

    Parameters
    ----------
    v : input voltages, V, [inputs, S].
    weights : of the samples in the mean power, [S]; default: all alike.

    Returns
    -------
    Output voltages, V, [classes, S], and crossbar power averaged over the samples, W, [layers].
    """
    weights = jnp.full(v.shape[1], 1 / v.shape[1], v.dtype) if weights is None else weights
    powers = []
    for layer in layers:
        v, power = forward_layer(design, layer, v, weights)
        powers.append(power)
    return v, jnp.stack(powers)


def cell_power(design: Design, layers: tuple[Layer, ...]) -> tuple[Array, Array]:
    """Power of activation and of negation circuits, W, [layers] each."""
    activation = [jnp.sum(layer.activations * layer.activation.power) for layer in layers]
    negation = [jnp.sum(layer.negations * layer.negation.power) for layer in layers]
    return jnp.stack(activation), jnp.stack(negation)


def power_of(design: Design, layers: tuple[Layer, ...], crossbar: Array) -> Power:
    """The power record; `crossbar`: what `forward` gave, averaged over the samples, W, [layers]."""
    return Power(crossbar, *cell_power(design, layers))


def counts_of(layers: tuple[Layer, ...]) -> Counts:
    """Counts of printed parts, [layers] each."""
    each = [count(layer.crossbar) for layer in layers]
    return Counts(*(jnp.stack(column) for column in zip(*each, strict=True)))
