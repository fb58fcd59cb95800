"""The order in which a cell's nodes decide each other: gates draw no current.

A transistor acts on the nodes at its drain and source, and its gate acts on those, but nothing acts
back on the gate. Most printed circuits are chains of such stages, so that all nodes but the last
ones follow from the input alone, whatever the output has to drive.
"""

from functools import lru_cache

from printron.technology import Cell


@lru_cache(maxsize=256)
def feeding_stages(cell: Cell) -> tuple[tuple[str, ...], ...]:
    """Free nodes that the output does not act on, by stage; each depends on the stages before.

    Nodes of one stage act on each other. What is left of `cell.unknowns` is the output and all
    that it acts on.
    """
    reach = {node: {node} for node in cell.unknowns}
    for part in cell.components.values():
        if part.kind == "resistor":
            _join(reach, part.nodes[0], part.nodes[1])
            _join(reach, part.nodes[1], part.nodes[0])
        elif part.kind == "egt":
            drain, gate, source = part.nodes
            for end, other in ((drain, source), (source, drain)):
                _join(reach, end, gate)
                _join(reach, end, other)
    for middle in cell.unknowns:  # the closure: what a node depends on, at any distance
        for node in cell.unknowns:
            if middle in reach[node]:
                reach[node] |= reach[middle]
    feeding = [node for node in cell.unknowns if "out" not in reach[node]]
    stages = dict.fromkeys(tuple(n for n in feeding if reach[n] == reach[node]) for node in feeding)
    return tuple(sorted(stages, key=lambda stage: len(reach[stage[0]])))


def _join(reach: dict[str, set[str]], node: str, other: str) -> None:
    if node in reach and other in reach:
        reach[node].add(other)
