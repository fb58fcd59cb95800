"""The finished network as plain JSON, for other programs; all numbers in SI units."""

import json
from dataclasses import asdict
from typing import Any

from printron.circuits.components import Element
from printron.network import PrintedNetwork
from printron.network.names import parse_node

FORMAT = 1


def record_text(network: PrintedNetwork) -> bytes:
    """`record` as the content of a file."""
    return (json.dumps(record(network), indent=1, ensure_ascii=True) + "\n").encode()


def record(network: PrintedNetwork) -> dict[str, Any]:
    """The network as JSON.

    Returns
    -------
    format (of this record), title and marks; inputs with feature, voltage and the readings at 0 V
    and 1 V; outputs with their classes; supplies, V; nodes with their roles; cards of transistors;
    parts: name, kind, terminals (node by terminal), values (with their unit in the key), card, and
    position of the part.
    """
    cards = {part.element.card for part in network.parts} - {None}
    by_name = {card.name: card for card in cards if card is not None}
    return {
        "format": FORMAT,
        "title": network.title,
        **network.marks,
        "inputs": [asdict(each) for each in network.inputs],
        "outputs": [{"node": each.node, "class": each.label} for each in network.outputs],
        "supplies": dict(network.supplies),
        "nodes": {node: _without_none(parse_node(node)._asdict()) for node in network.nodes},
        "cards": {name: asdict(by_name[name]) for name in sorted(by_name)},
        "parts": [
            _element(part.element)
            | _without_none(
                {
                    "layer": part.layer,
                    "circuit": part.circuit,
                    "instance": part.instance,
                    "cell": part.cell,
                    "row": part.row,
                    "column": part.column,
                    "side": part.side,
                    "negated": part.negated,
                }
            )
            for part in network.parts
        ],
    }


def _element(element: Element) -> dict[str, Any]:
    kind = element.kind
    return _without_none(
        {
            "name": element.name,
            "kind": kind.name,
            "printable": kind.printable,
            "terminals": dict(zip(kind.terminals, element.nodes, strict=True)),
            "values": {each.column: float(element.values[each.key]) for each in kind.quantities},
            "card": element.card.name if element.card else None,
        }
    )


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}
