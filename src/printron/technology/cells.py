"""The cell library: every printed nonlinear circuit, described once (see `data/cells.toml`)."""

from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from printron.base.models import StrictModel
from printron.base.quantity import Volt, to_si, to_si_range
from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.technology.cell_component import Component
from printron.technology.component import counted, size_units
from printron.technology.constraints import Constraint, parse_constraint
from printron.technology.errors import TechnologyError
from printron.technology.kinds import RESISTOR
from printron.technology.names import (
    INPUT,
    LONGEST_NAME,
    MINUS,
    NAME,
    check_case,
    check_name,
    check_node,
    check_rails,
)

MOST = 100  # of components, variables, constraints and rails: far more than a printed cell has
SAME = 1e-9  # of a range: ends as near as this are one value, written in two ways

Curve = Literal["tanh", "negated_tanh", "logistic", "softplus"]


class Cell(StrictModel):
    """A nonlinear circuit; see `data/cells.toml` for the form.

    Its input is the node "in", its output "out". A differential cell has a second input "in_minus";
    both of its inputs drive gates only.
    """

    name: str
    summary: str = ""
    role: Literal["activation", "negation"]
    curve: Curve
    rails: tuple[str, ...] = Field(min_length=1)
    sweep: tuple[Volt, Volt]
    design: dict[str, tuple[str, str]] = Field(min_length=1)
    components: dict[str, Component] = Field(min_length=1)
    constraints: tuple[str, ...] = ()

    @field_validator("sweep")
    @classmethod
    def _forward(cls, sweep: tuple[float, float]) -> tuple[float, float]:
        if not sweep[0] < sweep[1]:
            raise TechnologyError(
                f"got the range [{sweep[0]:g}, {sweep[1]:g}] V, which is empty; write "
                "the smaller voltage first"
            )
        return sweep

    @field_validator("components")
    @classmethod
    def _spice_letters(cls, components: dict[str, Component]) -> dict[str, Component]:
        for name, part in components.items():
            letter = part.kind.letter
            if not NAME.match(name) or name[0] != letter or len(name) > LONGEST_NAME:
                raise TechnologyError(
                    f"got the name {shown(name)} for a {part.kind}; letters, digits and _ "
                    f"are allowed, {LONGEST_NAME} in all, and the first letter must be {letter}, "
                    "as in SPICE"
                )
        return components

    @model_validator(mode="after")
    def _consistent(self) -> "Cell":
        for what in ("components", "design", "constraints", "rails"):
            if len(getattr(self, what)) > MOST:
                raise TechnologyError(f"got {len(getattr(self, what))} {what}; {MOST} are allowed")
        self._check_nodes()
        for variable in self.design:
            check_name(variable, "design variable")
        check_case(self.components, "components")
        check_case(self.design, "design variables")
        _ = (
            self.bounds,
            self.parsed_constraints,
            [self.value(p, k) for p in self.components.values() for k in p.sizes],
        )
        used = {text for part in self.components.values() for text in part.sizes.values()}
        unused = sorted(set(self.design) - used)
        if unused:
            raise TechnologyError(f"got the design variable '{unused[0]}', which no component uses")
        return self

    def _check_nodes(self) -> None:
        """Refuse names that nodes and rails cannot have, shifts of other nodes than the input."""
        nodes = {node for part in self.components.values() for node in part.nodes}
        for node in sorted(nodes - set(self.rails)):
            check_node(node)
        check_rails(dict.fromkeys(self.rails, 0.0))
        twice = [rail for rail in self.rails if self.rails.count(rail) > 1]
        if twice:
            raise TechnologyError(f"got the rail '{twice[0]}' twice; list every rail once")
        self._check_minus()
        self._check_ideal_elements()
        check_case(nodes | set(self.rails), "nodes")
        for node in ("in", "out"):
            if node not in nodes:
                raise TechnologyError(
                    f"got no component at node '{node}'; a cell has the nodes in, out"
                )

    def _check_minus(self) -> None:
        """Refuse a second input of another circuit than an activation circuit, and inputs of a
        differential cell that are anything else than gates."""
        if not self.differential:
            return
        if self.role != "activation":
            raise TechnologyError(
                f"got the node '{MINUS}' in a {self.role} cell; only activation cells have a "
                "second input"
            )
        for node in (INPUT, MINUS):
            at_node = [p for p in self.components.values() if node in p.nodes]
            if any(node in p.ends or p.target is not None for p in at_node):
                raise TechnologyError(
                    f"got other components than gates at '{node}'; the two inputs of a cell with "
                    f"the node '{MINUS}' can drive gates only"
                )

    def _check_ideal_elements(self) -> None:
        """Refuse shifts of other nodes than the input, and those that would deliver power."""
        parts = self.components.values()
        if any(p.nodes[0] != "in" for p in parts if p.target is not None):
            raise TechnologyError(
                "got a level shift of an inner node; it can shift the node 'in' only"
            )
        targets = [p.target for p in parts if p.target is not None]
        for node in targets:
            users = [p for p in parts if node in p.nodes and p.target is None]
            if any(node in p.ends or p.nodes.count(node) > 1 for p in users):
                raise TechnologyError(
                    f"got other components than gates at '{node}'; an ideal level shift can drive "
                    "gates only, since it delivers no power"
                )
            if node in ("in", "out", *self.rails) or targets.count(node) > 1:
                raise TechnologyError(
                    f"got the node '{node}' at the output of a level shift; an ideal level shift "
                    "drives a node of its own, with gates at it"
                )

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Names of the design variables, in the order of a design vector."""
        return tuple(self.design)

    @property
    def units(self) -> tuple[str, ...]:
        """SI unit of each design variable, for example ohm or m."""
        return tuple(self._unit(name) for name in self.design)

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """Printable range of each design variable, [2, n], in SI units."""
        pairs = []
        for name, pair in self.design.items():
            entry = f"design.{name} = {shown(list(pair))}"
            unit = self._unit(name)
            try:
                low, high = to_si_range(pair, unit)
            except PrintronError as error:
                raise TechnologyError(f"got {entry}: {error}") from None
            if high <= low * (1 + SAME):
                raise TechnologyError(
                    f"got {entry}, which leaves nothing to design; write "
                    f'{name[0].upper()} = "{pair[0]}" in the component instead, and remove '
                    f"design.{name}"
                )
            pairs.append((low, high))
        return np.array(pairs).T

    @cached_property
    def parsed_constraints(self) -> tuple[Constraint, ...]:
        """The constraints as half-spaces in the logarithm of the design."""
        return tuple(parse_constraint(text, self.variables) for text in self.constraints)

    @property
    def supplies(self) -> tuple[str, ...]:
        """Rails that a component is connected to."""
        nodes = {node for part in self.components.values() for node in part.nodes}
        return tuple(rail for rail in self.rails if rail in nodes)

    @cached_property
    def differential(self) -> bool:
        """Whether the cell has a second input, "in_minus"."""
        return any(MINUS in part.nodes for part in self.components.values())

    def gates_at(self, node: str) -> int:
        """Number of gates at a node."""
        parts = self.components.values()
        return sum(part.nodes[gate] == node for part in parts for gate in part.kind.gates)

    @cached_property
    def unknowns(self) -> tuple[str, ...]:
        """Nodes whose voltage Kirchhoff's law must find, in order of appearance."""
        known = {INPUT, MINUS, *self.rails, *(p.target for p in self.components.values())}
        seen = dict.fromkeys(n for p in self.components.values() for n in p.nodes)
        return tuple(node for node in seen if node not in known)

    @property
    def counts(self) -> dict[str, int]:
        """Number of printed components by kind."""
        return counted(part.kind for part in self.components.values())

    @property
    def printable(self) -> bool:
        """False where an ideal element stands for something that cannot be printed."""
        return all(part.kind.printable for part in self.components.values())

    @property
    def input_load(self) -> tuple[tuple[str, ...], str] | None:
        """A resistor chain from the input to a rail that loads the column that drives the cell.

        Returns
        -------
        (resistors in series by name, rail), or None where the input drives gates only. Exact for
        the level shifter of the library, whose middle node drives a gate.

        Raises
        ------
        TechnologyError : the input feeds resistors in another form.
        """
        resistors = {n: p for n, p in self.components.items() if p.kind == RESISTOR}
        others = [n for p in self.components.values() if p.kind != RESISTOR for n in p.ends]
        node, chain = "in", []
        while node not in self.rails:
            ends = [(n, p) for n, p in resistors.items() if node in p.nodes and n not in chain]
            if not ends and node == "in" and node not in others:
                return None
            if len(ends) != 1 or node in others:
                raise TechnologyError(
                    f"{self.unknown_load}; use a cell whose input is a gate or a chain of "
                    "resistors to a rail"
                )
            chain.append(ends[0][0])
            node = next(n for n in ends[0][1].nodes if n != node)
        return tuple(chain), node

    @property
    def unknown_load(self) -> str:
        """What is said of a cell that is not `usable_in_network`."""
        return (
            f"cell '{self.name}' draws input current in a form that the network model does not know"
        )

    @property
    def usable_in_network(self) -> bool:
        """False for an activation cell that loads its column in a form the network does not know.

        A negation cell is always usable: its source is taken as ideal.
        """
        if self.role == "negation":
            return True
        try:
            _ = self.input_load
        except TechnologyError:
            return False
        return True

    def value(self, part: Component, key: str) -> tuple[str, float] | tuple[None, float]:
        """A component's value: (design variable, 1) or (None, number in SI units)."""
        text, unit = part.sizes[key], size_units()[key]
        if text in self.design:
            if self._unit(text) != unit:
                raise TechnologyError(
                    f"got {key} = '{text}', a variable in {self._unit(text)}; {key} is in {unit}"
                )
            return text, 1.0
        try:
            number = to_si(text, unit)
        except ValueError as error:
            raise TechnologyError(
                f"{error}; design variables are {', '.join(self.design)}"
            ) from None
        if number <= 0:
            raise TechnologyError(f"got {key} = {text!r}; it must be above 0")
        return None, number

    def ends(self, part: Component, key: str) -> tuple[float, float]:
        """The printable range of a component's value, SI; a fixed one is both ends."""
        variable, number = self.value(part, key)
        if variable is None:
            return number, number
        low, high = self.bounds[:, self.variables.index(variable)].tolist()
        return low, high

    def inside(self, designs: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which designs [n, k] respect the ranges and the constraints: [k]."""
        designs = np.asarray(designs)
        low, high = self.bounds
        slack = 1e-6  # of a range, for values that were stored in single precision
        ok = (designs >= low[:, None] * (1 - slack)) & (designs <= high[:, None] * (1 + slack))
        logs = np.log(designs)
        result: NDArray[np.bool_] = ok.all(0)
        for constraint in self.parsed_constraints:
            result &= np.array(constraint.powers) @ logs + constraint.log_factor > -slack
        return result

    def _unit(self, variable: str) -> str:
        letter, units = variable[:1].upper(), size_units()
        if not NAME.match(variable) or letter not in units:
            raise TechnologyError(
                f"got the design variable {variable!r}; its first letter must be "
                f"{' or '.join(f'{size} ({unit})' for size, unit in units.items())}, and letters, "
                "digits and _ may follow"
            )
        return units[letter]
