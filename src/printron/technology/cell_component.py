"""One component of a cell, as a cell file has it: `R1 = { resistor = ["vdd", "x"], R = "R1" }`.

The kind's description says which keys such a table has.
"""

from functools import cache
from typing import Any

from pydantic import (
    Field,
    InstanceOf,
    SerializationInfo,
    create_model,
    model_serializer,
    model_validator,
)

from printron.base.models import StrictModel
from printron.base.quantity import WRITTEN, quantity_field
from printron.technology.component import COMPONENT_KINDS, Kind, Quantity
from printron.technology.errors import TechnologyError


class Component(StrictModel):
    """A component: its kind, its nodes and its values.

    Attributes
    ----------
    nodes : in the order of the kind's terminals.
    sizes : by key, a design variable's name or a quantity ("3 Mohm").
    constants : by key, in SI units.
    card : name of the transistor card, where the kind has one.
    """

    kind: InstanceOf[Kind]
    nodes: tuple[str, ...]
    sizes: dict[str, str] = {}
    constants: dict[str, float] = {}
    card: str | None = None

    @property
    def ends(self) -> tuple[str, ...]:
        """The nodes that its current runs through."""
        return self.kind.ends(self.nodes)

    @property
    def target(self) -> str | None:
        """The node whose voltage it sets, ideally."""
        return None if self.kind.sets is None else self.nodes[self.kind.sets]

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        kinds = [name for name in COMPONENT_KINDS if table.get(name)]
        if len(kinds) != 1:
            raise TechnologyError(
                f"got the kinds {kinds}; a component is exactly one of {', '.join(COMPONENT_KINDS)}"
            )
        kind = COMPONENT_KINDS[kinds[0]]
        got, needs = set(table) - {kind.name}, {*kind.keys, *(["card"] if kind.carded else [])}
        if got != needs:
            raise TechnologyError(
                f"got the values {sorted(got)}; a {kind.name} has {sorted(needs)}"
            )
        read = _table_of(kind).model_validate(table)
        return {
            "kind": kind,
            "nodes": getattr(read, kind.name),
            "sizes": {size.key: getattr(read, size.key) for size in kind.sizes},
            "constants": {each.key: getattr(read, each.key) for each in _constants(kind)},
            "card": getattr(read, "card", None),
        }

    @model_serializer
    def _as_table(self, info: SerializationInfo) -> dict[str, Any]:
        units = {each.key: each.unit for each in _constants(self.kind)}
        written = {
            key: f"{value!r} {units[key]}" if info.context == WRITTEN and units[key] else value
            for key, value in self.constants.items()
        }
        card = {} if self.card is None else {"card": self.card}
        return {self.kind.name: self.nodes, **self.sizes, **card, **written}


def _constants(kind: Kind) -> tuple[Quantity, ...]:
    return tuple(quantity for quantity in kind.quantities if quantity.signed)


@cache
def _table_of(kind: Kind) -> type[StrictModel]:
    """What a cell file must give for a kind: types by key, so that a fault names the key."""
    number = Field(allow_inf_nan=False, strict=True)
    fields: dict[str, Any] = {
        kind.name: (tuple[(str,) * len(kind.terminals)], ...),  # type: ignore[misc]
        **{size.key: (str, ...) for size in kind.sizes},
        **{
            each.key: (quantity_field(each.unit), ...) if each.unit else (float, number)
            for each in _constants(kind)
        },
    }
    if kind.carded:
        fields["card"] = (str, ...)
    return create_model(kind.name, __base__=StrictModel, **fields)
