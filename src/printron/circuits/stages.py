"""The order in which a cell's nodes determine each other: gates draw no current.

A component affects the nodes that its current flows through; a gate affects drain and source, but
neither affects the gate. Most printed circuits are chains of such stages, so that all nodes but the
last ones follow from the input alone, whatever the load at the output.
"""

from functools import lru_cache

from printron.technology import Cell


@lru_cache(maxsize=256)
def feeding_stages(cell: Cell) -> tuple[tuple[str, ...], ...]:
    """Free nodes that the output does not affect, by stage; each depends on the stages before.

    Nodes of one stage affect each other. The rest of `cell.unknowns` is the output and all nodes
    that it affects.
    """
    reach = {node: {node} for node in cell.unknowns}
    for part in cell.components.values():
        for end in part.ends:
            for other in part.nodes:
                _join(reach, end, other)
    for middle in cell.unknowns:  # transitive closure of the dependencies
        for node in cell.unknowns:
            if middle in reach[node]:
                reach[node] |= reach[middle]
    feeding = [node for node in cell.unknowns if "out" not in reach[node]]
    stages = dict.fromkeys(tuple(n for n in feeding if reach[n] == reach[node]) for node in feeding)
    return tuple(sorted(stages, key=lambda stage: len(reach[stage[0]])))


def _join(reach: dict[str, set[str]], node: str, other: str) -> None:
    if node in reach and other in reach:
        reach[node].add(other)
