"""What a goal of training is; `goal` has the kinds of goals.

A goal belongs to one run. The goals of a batch are one goal whose fields are arrays
(`goal.stacked`): goals are pytrees, and JAX maps over them.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self, final

import equinox as eqx
import numpy as np
from jax import Array
from numpy.typing import NDArray

from printron.base.columns import Column
from printron.base.quantity import to_si
from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.training.terms import Merits

LARGEST = 10**30  # whole numbers have a magnitude below this


class Weights(NamedTuple):
    """Weights of the terms of a loss.

    Attributes
    ----------
    cross_entropy : per nat.  per_watt : per watt.
    """

    cross_entropy: Array
    per_watt: Array


class Goal(eqx.Module):
    """The goal that a run is trained for.

    Attributes
    ----------
    kind : name of the kind of goal, in tables.
    listed : key of a list of such goals in experiment files and `config.json`.
    columns : one for each field, with the field's name.
    noun : what sentences call such a goal.
    P_ref : power that makes watts comparable with nats, W; training sets that of the structure.
    """

    kind: ClassVar[str]
    listed: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    noun: ClassVar[str] = "goal"
    # Static: the compiled programs divide by a constant.
    P_ref: float = eqx.field(static=True, default=1.0, kw_only=True)

    @abstractmethod
    def weights(self, memory: Any) -> Weights:
        """Weights of the terms in the loss; the loss is their weighted sum."""

    @abstractmethod
    def misfit(self, merits: Merits) -> Array:
        """The part of the score for the circuit's classification."""

    @abstractmethod
    def cost(self, power: Array | NDArray[Any]) -> Array:
        """The part of the score for a power, W."""

    def cost_of_start(self, power: Array | NDArray[Any]) -> Array:
        """In place of `cost`, where a snapshot is no result, but where a further phase starts."""
        return self.cost(power)

    @final
    def score(self, merits: Merits) -> Array:
        """Score of a circuit; lower is better."""
        return self.misfit(merits) + self.cost(merits.power)

    def allows(self, power: Array | NDArray[Any] | float) -> NDArray[np.bool_] | Array:
        """Whether a circuit may take a power, W."""
        return np.ones(np.shape(power), bool)

    def feasible(self, merits: Merits) -> NDArray[np.bool_] | Array:
        """Whether a circuit meets the goal's constraints."""
        return self.allows(merits.power)

    @property
    def power_alone(self) -> Array | bool:
        """Whether only power counts."""
        return False

    @classmethod
    def baseline(cls, goals: Iterable["Goal"]) -> "Goal":
        """The goal whose runs the others are compared with: the one that limits power least.

        By default the one of `goals` with the greatest numbers, such as the largest budget.
        """
        return max(goals, key=lambda goal: tuple(goal.row().values()))

    def begin(self) -> Any:
        """The goal's memory at the start of a run: a pytree of arrays."""
        return ()

    def adapted(self, memory: Any, merits: Merits) -> Any:
        """The memory after a check of the current circuit.

        Parameters
        ----------
        merits : of the circuit on the validation rows, as for `score`.
        """
        del merits
        return memory

    def __str__(self) -> str:
        return " and ".join(f"{name} = {value}" for name, value in self.row().items())

    def heading(self, digits: int = 3) -> str:
        """The goal as tables and figures name it for a person."""
        named = zip(self.columns, self.row().values(), strict=True)
        return ", ".join(f"{c.label} = {c.text(value, digits)}" for c, value in named)

    def row(self) -> dict[str, float]:
        """The goal as values of its columns."""
        return {column.name: getattr(self, column.name) for column in self.columns}

    def entry(self) -> Any:
        """The goal as JSON: its one number, or its numbers by name."""
        row = self.row()
        return next(iter(row.values())) if len(row) == 1 else row

    @classmethod
    def of_row(cls, row: Mapping[Any, Any]) -> Self:
        """The goal of a table's row: inverse of `row`."""
        return cls(**{column.name: float(row[column.name]) for column in cls.columns})

    @classmethod
    def of_entry(cls, entry: Any) -> Self:
        """The goal of a JSON entry: inverse of `entry`. A number with a unit may be text: "10 uW".

        Raises
        ------
        PrintronError : not a number, wrong names, or numbers that the goal does not allow.
        """
        names = [column.name for column in cls.columns]
        row = dict(entry) if isinstance(entry, dict) else dict.fromkeys(names[:1], entry)
        for column in cls.columns:
            if column.unit and isinstance(row.get(column.name), str):
                # 10 times 1e-6 is not the number that 1e-5 is.
                row[column.name] = float(f"{to_si(row[column.name], column.unit):.12g}")
        if sorted(row) != sorted(names) or not all(map(_is_number, row.values())):
            raise PrintronError(
                f"got {shown(entry)}; give a number for {' and '.join(names)} of a goal"
            )
        return cls.of_row(row)


def _is_number(value: Any) -> bool:
    """Whether a value is a number that a float can hold."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return whole or isinstance(value, float)
