"""Layers ready to compute: printed conductances, and how the cells behave.

Arrays are feature-major: voltages are [features, samples]. Everything here is one network; batches
of runs are `jax.vmap` outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from printron.base.shapes import AnyArray
from printron.network.counts import activations_soft, negated_rows_soft
from printron.network.crossbar import Crossbar, print_crossbar
from printron.network.structure import CellModel, Role, Structure
from printron.technology import Cell, Process
from printron.technology.grid import moved_to
from printron.technology.leakage import leaking
from printron.technology.names import INPUT, MINUS

# Of components of circuits, by component and quantity, [circuits]; see `network.printing`.
Deviations = Mapping[str, Mapping[str, Array]]


class Parameters(NamedTuple):
    """What training learns.

    Attributes
    ----------
    theta : surrogate conductances of each layer, [M+2, N] each (rows: inputs, bias, ground).
    activation, negation : component values q of the cells, before the sigmoid that keeps them in
        their range: [variables, k] each, one entry a group of `Structure.groups`. k is 1, or with
        sharing "neuron" N (activations), resp. M+1 (negations: one an input row, and the bias).
    scale : ln of each column's largest conductance over g_min, [N] of each layer; see
        `print_crossbar`. None of them: all columns are as low as printing allows.
    """

    theta: tuple[Array, ...]
    activation: tuple[Array, ...]
    negation: tuple[Array, ...]
    scale: tuple[Array, ...] = ()


class Load(NamedTuple):
    """What the input of an activation circuit is to its column.

    Attributes
    ----------
    conductance : S, [k]; 0 for a gate.
    share : of the voltage of the cell's rail at which the input draws nothing, [k]; None for 1.
    """

    conductance: Array
    share: Array | None = None


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class CellState:
    """Electrical behaviour of a layer's circuits at the learned component values.

    Attributes
    ----------
    cell : what they are.
    values : of the design variables, ohm or m, [variables, k].
    eta : curve parameters, [4, k].  power : W, [k].  load : of the input.
    deviations : of a printed copy, of every circuit's own components; None as designed.
    supply : factor on the voltages of all rails; None for 1.
    leakage : resistance from each gate to ground, ohm; None for gates that do not leak. Curve and
        power are those without.
    """

    cell: Cell = field(metadata={"static": True})
    values: Array
    eta: Array
    power: Array
    load: Load
    deviations: Deviations | None = None
    supply: Array | None = None
    leakage: float | None = field(default=None, metadata={"static": True})

    @property
    def circuit(self) -> Cell:
        """The cell with what leaks: its components and currents."""
        return self.cell if self.leakage is None else leaking(self.cell, self.leakage)

    def sizes(self, component: str) -> dict[str, Array]:
        """Values of a component as designed, ohm or m, by key, [k] each."""
        part, found = self.cell.components[component], {}
        for key in part.sizes:
            variable, number = self.cell.value(part, key)
            found[key] = (
                jnp.full_like(self.values[0], number)
                if variable is None
                else self.values[self.cell.variables.index(variable)]
            )
        return found

    def leak(self, node: str) -> float:
        """Conductance to ground of the gates at a node of the cell, S."""
        return 0.0 if self.leakage is None else self.cell.gates_at(node) / self.leakage


class Layer(NamedTuple):
    """One layer, ready to compute: printed conductances and cells, None where there are none."""

    crossbar: Crossbar
    negations: Float[Array, " driven"]  # which rows need a negation; exact, with soft gradient
    activations: Float[Array, " columns"]  # which neurons need an activation circuit; likewise
    activation: CellState | None
    negation: CellState | None
    supply: Array | None = None  # factor on the voltages of all supplies; None for 1
    # Neurons of two columns that are not printed for want of an input: ground stands in their
    # place. None where neurons have one column, which itself is the output then.
    grounded: Bool[Array, " neurons"] | None = None

    def supplied(self, volts: Any) -> Any:
        """The voltage of a supply, V, where it is designed to have `volts`."""
        return volts if self.supply is None else volts * self.supply

    @property
    def paired(self) -> bool:
        """Whether neurons have two columns: all plus columns first, then all minus columns."""
        return self.activation is not None and self.activation.cell.differential

    def plus_and_minus(self, columns: Array) -> tuple[Array, Array | None]:
        """What belongs to the neurons' columns, [N, ...], and to their minus columns, if any."""
        if not self.paired:
            return columns, None
        neurons = len(columns) // 2
        return columns[:neurons], columns[neurons:]

    @property
    def active(self) -> Bool[Array, " neurons"]:
        """Neurons with an activation circuit, bool [N]; the columns of the others are outputs
        themselves. Of paired columns without one the output is ground."""
        if self.paired:
            return self.plus_and_minus(self.crossbar.used)[0]
        fed = self.crossbar.has_input
        return jnp.zeros_like(fed) if self.activation is None else fed


def input_load(
    process: Process, layer: Layer
) -> tuple[Float[Array, " columns"], Float[Array, "#columns"] | Float[Array, ""] | float]:
    """What the inputs of a layer's activation circuits pull its columns with: conductance, S, [N]
    (0 for gates that do not leak), and the voltage at which they draw nothing, V."""
    state = layer.activation
    if state is None:
        return jnp.zeros_like(layer.crossbar.column_sum), 0.0
    if layer.paired:  # two gates
        leaks = jnp.asarray([state.leak(INPUT), state.leak(MINUS)], state.values.dtype)
        return jnp.repeat(leaks, len(layer.crossbar.column_sum) // 2), 0.0
    chain, (conductance, share) = state.cell.input_load, state.load
    load = jnp.where(layer.crossbar.has_input, conductance, 0)
    volts = layer.supplied(process.rail(chain[1])) if chain else 0.0
    return load, volts if share is None else volts * share


class Design(NamedTuple):
    """Component values q that can be printed, [variables, k] each.

    Attributes
    ----------
    normalized : as the surrogate takes them.  values : ohm or m.
    """

    normalized: Float[Array, "variables circuits"]
    values: Float[Array, "variables circuits"]


def printed_design(
    process: Process, model: CellModel, raw: Float[AnyArray, "variables circuits"]
) -> Design:
    """Learned q as a design that respects ranges and constraints, then moved to the grid of the
    process; gradients pass as if there were no grid."""
    cell, surrogate = model.cell, model.surrogate
    u = surrogate.feasible(jax.nn.sigmoid(raw))
    low, high = (jnp.log(jnp.asarray(x, u.dtype)) for x in (surrogate.low, surrogate.high))
    values = jnp.exp(low[:, None] + (high - low)[:, None] * u)
    if process.grid is None:
        return Design(u, values)
    cuts = [
        process.steps(name[0].upper(), *ends)
        for name, ends in zip(cell.variables, cell.bounds.T.tolist(), strict=True)
    ]
    moved = [x if cut is None else cut.nearest(x) for x, cut in zip(values, cuts, strict=True)]
    values = jnp.stack(moved)
    return Design((jnp.log(values) - low[:, None]) / (high - low)[:, None], values)


def _cell_state(process: Process, model: CellModel, raw: Array, leakage: float | None) -> CellState:
    cell, (u, learned) = model.cell, printed_design(process, model, raw)
    eta, power = model.surrogate.eta_power(u)
    nothing = Load(jnp.zeros_like(learned[0]))
    return with_load(CellState(cell, learned, eta, power, nothing, leakage=leakage))


def with_load(state: CellState) -> CellState:
    """The circuits with their inputs as loads, by their values and deviations: of activation
    circuits alone, and of one input."""
    if state.cell.role != "activation" or state.cell.differential:
        return state
    chain, share = _input_chain(state), None
    if not chain:
        conductance = jnp.full_like(state.values[0], state.leak(INPUT))
        return replace(state, load=Load(conductance))
    resistance = jnp.zeros_like(state.values[0])
    for node, ohms in reversed(chain):  # seen from the input, all up to the rail is one resistor
        resistance = resistance + ohms
        if leak := state.leak(node):
            kept = 1 / (1 + leak * resistance)
            resistance = resistance * kept
            share = kept if share is None else share * kept
    return replace(state, load=Load(1 / resistance, share))


def _input_chain(state: CellState) -> list[tuple[str, Array]]:
    """The resistors from the input to a rail: the end towards the input, and ohm, [k]."""
    cell, node, found = state.cell, INPUT, []
    for name in cell.input_load[0] if cell.input_load else ():
        ohms = state.sizes(name)["R"]
        found.append((node, ohms * state.deviations[name]["R"] if state.deviations else ohms))
        node = next(end for end in cell.components[name].nodes if end != node)
    return found


def _cell_states(
    structure: Structure, role: Role, raws: tuple[Array, ...], slope: Array | float
) -> list[CellState | None]:
    """The circuits of a role, of each layer."""
    groups = structure.groups(role)
    leakage = structure.conditions.gate_leakage
    made = [
        _cell_state(structure.process, group.model, raw, leakage)
        for group, raw in zip(groups, raws, strict=True)
    ]
    made = [replace(it, eta=it.eta.at[3].multiply(slope)) for it in made]
    by_layer = {k: it for group, it in zip(groups, made, strict=True) for k in group.layers}
    return [by_layer.get(k) for k in range(structure.depth)]


def build_layers(
    structure: Structure,
    parameters: Parameters,
    slope: Array | float = 1.0,
    temperature: float | None = None,
) -> tuple[Layer, ...]:
    """Printed conductances and cell behaviour of every layer.

    Parts without a connection to a later layer are not printed: neither the column nor the
    activation circuit of a neuron without a resistor in the next layer; nor those of a neuron of
    two columns that has no resistor to an input. They dissipate no power and
    are not counted; their voltages are still computed, for the gradient by which a resistor could
    come back. Where a layer has no
    negative-weight circuits, a negative surrogate conductance is printed as its size.

    Parameters
    ----------
    slope : factor on the steepness eta4 of every cell; below 1 only while training is annealed.
    temperature : of the soft counts, which decide gradients and nothing else; see `counts`.
    """
    activations = _cell_states(structure, "activation", parameters.activation, slope)
    negations = _cell_states(structure, "negation", parameters.negation, slope)
    process = structure.process
    layers: list[Layer] = []
    used = outgoing = None
    for k in reversed(range(structure.depth)):
        theta = parameters.theta[k]
        if negations[k] is None and not structure.layers[k].paired:
            theta = jnp.abs(theta)
        scale = parameters.scale[k] if parameters.scale else None
        paired = structure.layers[k].paired
        crossbar, grounded = printed_columns(process, paired, theta, used, scale), None
        if paired:
            crossbar, grounded = _with_inputs(crossbar)
            negated = jnp.zeros(len(theta) - 1, theta.dtype)
        else:
            negated = negated_rows_soft(theta, crossbar, temperature)
        if activations[k] is None:
            active = jnp.zeros(theta.shape[1], theta.dtype)
        elif paired:
            needed = crossbar.used[: theta.shape[1]]
            active = activations_soft(theta, needed, outgoing, temperature)
        else:
            active = activations_soft(theta, crossbar.has_input, outgoing, temperature)
        layers.insert(
            0,
            Layer(crossbar, negated, active, activations[k], negations[k], grounded=grounded),
        )
        used, outgoing = crossbar.used_rows, theta
    return tuple(layers)


def _with_inputs(crossbar: Crossbar) -> tuple[Crossbar, Bool[Array, " neurons"]]:
    """Paired columns of which those of a neuron without any input are not printed; and which
    neurons these are, of those that feed something."""
    fed = jnp.any(crossbar.has_input.reshape(2, -1), 0)
    used = crossbar.used & jnp.concatenate([fed, fed])
    grounded = crossbar.used[: len(fed)] & ~fed
    return crossbar._replace(printed=crossbar.printed & used, used=used), grounded


def printed_columns(
    process: Process,
    paired: bool,
    theta: Float[AnyArray, "rows neurons"],
    used: Bool[Array, " neurons"] | None = None,
    scale: Float[AnyArray, " neurons"] | None = None,
) -> Crossbar:
    """The crossbar of surrogate conductances; see `print_crossbar`.

    Parameters
    ----------
    paired : whether neurons have two columns. What is positive is then printed in the plus column,
        what is negative in the minus column, each as low as printing allows: gates do not load
        them.
    """
    limits = process.g_min, process.g_max
    if not paired:
        return _on_grid(process, print_crossbar(theta, *limits, used, scale))
    sides = jnp.concatenate([jnp.maximum(theta, 0), jnp.maximum(-theta, 0)], 1)
    both = None if used is None else jnp.concatenate([used, used])
    return _on_grid(process, print_crossbar(sides, *limits, both))


def _on_grid(process: Process, crossbar: Crossbar) -> Crossbar:
    """The crossbar with the nearest resistors that are on the grid of the process; gradients pass
    as if there were none."""
    cut = process.steps("R", process.crossbar.R_min, process.crossbar.R_max)
    if cut is None:
        return crossbar

    def nearest(g: Array) -> Array:
        there = g > 0
        return moved_to(g, jnp.where(there, 1 / cut.nearest(1 / jnp.where(there, g, 1.0)), 0))

    return crossbar._replace(plus=nearest(crossbar.plus), minus=nearest(crossbar.minus))
