"""A cell's circuit must be alive: dead nodes, components and outputs are refused by name.

Current runs through resistors and through channels of transistors, between drain and source. What
a node's voltage depends on reaches it the same ways, and from gates to drain and source. Rails and
the input have voltages of their own: current ends at them, and no influence passes a rail.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from printron.technology.cells import Cell
from printron.technology.errors import TechnologyError
from printron.technology.names import GROUND, INPUT, MINUS, OUTPUT


class _Edge(NamedTuple):
    """A component that current runs through, and its two ends."""

    name: str
    a: str
    b: str


def check_unlisted(cell: Cell, offered: Iterable[str]) -> None:
    """Refuse nodes that are named like rails of the process, but are not rails of the cell.

    Parameters
    ----------
    offered : rails of the process.

    Raises
    ------
    TechnologyError : the node.
    """
    names = {rail.lower(): rail for rail in (GROUND, *offered)}
    for node in _nodes(cell):
        rail = names.get(node.lower())
        if rail is not None and node not in cell.rails:
            raise TechnologyError(
                f"got the node '{node}', which is not one of the cell's rails "
                f"({', '.join(cell.rails)}); list '{rail}' in rails, or give the node another name"
            )


def check_circuit(cell: Cell) -> None:
    """Refuse a cell that cannot work: nodes, components or an output that do nothing.

    Raises
    ------
    TechnologyError : one sentence that names the node or component.
    """
    edges = list(_edges(cell))
    for name, a, b in edges:
        if a == b:
            raise TechnologyError(
                f"got both ends of {name} at node '{a}', so that it does nothing; connect it "
                "between two nodes, or remove it"
            )
        if a in cell.rails and b in cell.rails:
            raise TechnologyError(
                f"got {name} between the rails '{a}' and '{b}', where it burns power and changes "
                "nothing; connect it to another node, or remove it"
            )
    _check_connections(cell)
    _check_currents(cell, edges)
    for node in (INPUT, MINUS) if cell.differential else (INPUT,):
        _check_output(cell, edges, node)


def _nodes(cell: Cell) -> tuple[str, ...]:
    """All nodes, in order of appearance."""
    return tuple(dict.fromkeys(n for part in cell.components.values() for n in part.nodes))


def _edges(cell: Cell) -> Iterator[_Edge]:
    for name, part in cell.components.items():
        for a, b in part.kind.paths:
            yield _Edge(name, part.nodes[a], part.nodes[b])


def _check_connections(cell: Cell) -> None:
    """Refuse inner nodes with one connection: most are misspelled."""
    ends = [(node, name) for name, part in cell.components.items() for node in part.nodes]
    used = [node for node, _ in ends]
    for node, name in ends:
        if node in (INPUT, MINUS, OUTPUT, *cell.rails) or used.count(node) > 1:
            continue
        others = [*dict.fromkeys(n for n in (*used, *cell.rails) if n != node)]
        near = get_close_matches(node, others, n=1)
        meant = f"did you mean '{near[0]}'?" if near else f"its nodes are {', '.join(others)}"
        raise TechnologyError(
            f"got the node '{node}' with {name} alone at it; connect another component to it, "
            f"or correct its name: {meant}"
        )


def _check_currents(cell: Cell, edges: list[_Edge]) -> None:
    """Refuse nodes whose voltage no currents decide, and components that carry none."""
    sources = set(_nodes(cell)) - set(cell.unknowns)
    for node in cell.unknowns:
        met = _reached(node, edges, sources)
        if not met:
            raise TechnologyError(
                f"got the node '{node}' without a path for current to a rail or the input, so that "
                "nothing decides its voltage; connect it by a resistor or a channel"
            )
        if len(met) == 1:
            raise TechnologyError(
                f"got the node '{node}', which current can reach from '{met.pop()}' alone, so that "
                "it stays at that voltage; connect it to another supply, too, and list every "
                "supply in rails"
            )
    for edge in edges:  # what is driven takes current from the output
        if not _carries(edge, edges, sources | {"out"}):
            raise TechnologyError(
                f"got {edge.name} where no current can run through it, so that it does nothing; "
                "connect its two ends to different voltages, or remove it"
            )


def _carries(edge: _Edge, edges: list[_Edge], ends: set[str]) -> bool:
    """Whether current can run through a component from one of `ends` to another."""
    rest = [other for other in edges if other is not edge]
    a, b = ({n} if n in ends else _reached(n, rest, ends) for n in (edge.a, edge.b))
    return bool(a and b and len(a | b) > 1)


def _reached(node: str, edges: list[_Edge], ends: set[str]) -> set[str]:
    """The `ends` that current can reach from a node, without passing another of them."""
    seen, left, met = {node}, [node], set()
    while left:
        here = left.pop()
        for _, a, b in edges:
            if here not in (a, b):
                continue
            there = b if here == a else a
            if there in ends:
                met.add(there)
            elif there not in seen:
                seen.add(there)
                left.append(there)
    return met


def _check_output(cell: Cell, edges: list[_Edge], node: str) -> None:
    """Refuse an output that the input `node` has no influence on, also where nothing is driven."""
    sources = set(_nodes(cell)) - set(cell.unknowns)
    live = {edge.name for edge in edges if _carries(edge, edges, sources)}
    seen, left = {node}, [node]
    while left:
        here = left.pop()
        for name, part in cell.components.items():
            if here not in part.nodes:
                continue
            if part.ends and here not in part.ends and name not in live:
                continue  # the gate of a channel without current
            # What drives a gate is not driven by the gate.
            targets = part.ends if part.target is None else (part.target,)
            new = [n for n in targets if n not in seen and n not in cell.rails]
            seen.update(new)
            left += new
    if "out" not in seen:
        raise TechnologyError(
            f"got the node 'out', which does not depend on the node '{node}'; connect the two by "
            f"resistors, channels or gates (the input has influence on {', '.join(sorted(seen))})"
        )
