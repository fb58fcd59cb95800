"""The choice among searched circuits, by validation rows alone.

Circuits are compared by the accuracy of their printed copies on the validation rows (`merit_valid`)
and by their power. Those that no other beats in both are the front. Without an accuracy asked for,
the chosen circuit is the one of the front with the least power whose accuracy is within half a
point of the best; else the one of least power that reaches the asked accuracy.
"""

from dataclasses import dataclass

import pandas as pd

from printron.analysis.pareto import non_dominated, trained_runs
from printron.designer.wish import Wish
from printron.results.table import MERIT

TOLERANCE = 0.005  # accuracy by which the chosen circuit may lie below the best
_NOISE = 1e-9  # accuracies are fractions of rows in floating point


@dataclass(frozen=True, eq=False)
class Choice:
    """A choice.

    Attributes
    ----------
    front : rows of the search's table that no other beats, by rising power; the index is kept.
    chosen : index of the chosen row; None if every run diverged.
    kept : whether the chosen circuit keeps the wish on the validation rows.
    """

    front: pd.DataFrame
    chosen: int | None
    kept: bool

    def neighbour(self, step: int) -> int | None:
        """Index of the row so many places from the chosen one on the front; None beyond its end."""
        places = self.front.index.tolist()
        if self.chosen not in places:
            return None
        place = places.index(self.chosen) + step
        return places[place] if 0 <= place < len(places) else None


def choose(table: pd.DataFrame, wish: Wish) -> Choice:
    """Choose from the table of a search."""
    good = table[trained_runs(table)]
    if good.empty:
        return Choice(good, None, False)
    within = good[good["feasible_valid"].astype(bool)]
    if wish.budget_W is not None:
        within = within[within["power_valid_W"] <= wish.budget_W]
    if within.empty:  # the closest circuit is the one of least power
        front = non_dominated(good)
        return Choice(front, int(front.index[0]), False)
    front = non_dominated(within)
    best = float(front[MERIT].max())
    least = best - TOLERANCE if wish.accuracy is None else wish.accuracy
    enough = front.index[front[MERIT] >= least - _NOISE]
    if len(enough):
        return Choice(front, int(enough[0]), True)
    return Choice(front, int(front.index[-1]), False)
