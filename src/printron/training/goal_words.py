"""What pages and tables for a person call goals: α of `WeightedPower`, goals of other kinds."""

from collections.abc import Sequence
from dataclasses import dataclass

from printron.base.sentence import number_of
from printron.training.goal import Goal


@dataclass(frozen=True)
class GoalWords:
    """The words for goals of one kind."""

    kind: type[Goal]

    @property
    def one(self) -> str:
        """The noun, without an article."""
        return self.kind.columns[0].symbol or "goal"

    @property
    def the(self) -> str:
        """The noun with its article, where it has one."""
        return self.kind.columns[0].symbol or "the goal"

    @property
    def several(self) -> str:
        """The noun in the plural."""
        return self.kind.columns[0].symbol or "goals"

    @property
    def values(self) -> str:
        """The noun after a number of goals above 1."""
        symbol = self.kind.columns[0].symbol
        return f"values of {symbol}" if symbol else "goals"

    def span(self, goals: Sequence[Goal]) -> str:
        """The number of goals in rising order, the first and the last."""
        first, last = goals[0], goals[-1]
        symbol = self.kind.columns[0].symbol
        if symbol:
            low, high = self._numbers((first, last), digits=6)
            return f"{number_of(len(goals), 'value')} of {symbol} from {low} to {high}"
        kind = f"{number_of(len(goals), 'goal')} of the kind {self.kind.kind}"
        return f"{kind}, from {first.heading()} to {last.heading()}"

    def listed(self, goals: Sequence[Goal], digits: int = 4) -> str:
        """Goals one after the other."""
        symbol = self.kind.columns[0].symbol
        if symbol:
            return f"{symbol} = {', '.join(self._numbers(goals, digits))}"
        return "; ".join(goal.heading(digits) for goal in goals)

    def _numbers(self, goals: Sequence[Goal], digits: int) -> list[str]:
        """The first number of each goal, as text."""
        column = self.kind.columns[0]
        return [column.text(getattr(goal, column.name), digits) for goal in goals]
