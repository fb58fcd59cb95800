"""A choice in words: why this circuit, and what the neighbours on the front cost."""

from collections.abc import Mapping
from typing import Any

from printron.base.quantity import power_text, si_text
from printron.base.sentence import number_of
from printron.designer.choice import TOLERANCE, Choice
from printron.designer.searching import Searched
from printron.designer.wish import Wish
from printron.results.table import MERIT


def explanation(searched: Searched, choice: Choice, wish: Wish) -> list[str]:
    """Sentences on a choice; the first says what was chosen, and why."""
    if choice.chosen is None:
        return ["every run diverged: the readings may not carry the class"]
    row = searched.row(choice.chosen)
    words = searched.tried_in(choice.chosen).candidate.words
    runs = number_of(len(searched.table), "circuit")
    sentences = [f"{words}, chosen from {runs} by validation rows: {_why(choice, wish, row)}"]
    for step, what in ((-1, "the next cheaper circuit"), (1, "the next better circuit")):
        other = choice.neighbour(step)
        if other is None:
            sentences.append(f"{what}: none found")
        else:
            sentences.append(f"{what}: {_numbers(searched.row(other), wish)}")
    return sentences


def so_far(searched: Searched, choice: Choice, wish: Wish) -> str:
    """What a search has found before its end."""
    assert choice.chosen is not None
    words = searched.tried_in(choice.chosen).candidate.words
    kept = "" if choice.kept else ", which does not keep the wish"
    return f"so far: {words}, {_numbers(searched.row(choice.chosen), wish)}{kept}"


def _why(choice: Choice, wish: Wish, row: dict[str, Any]) -> str:
    if choice.kept and wish.accuracy is None:
        return f"the least power within {100 * TOLERANCE:g} points of the best"
    if choice.kept:
        by = f", by {_share(wish)} of the copies" if wish.yield_ else ""
        return f"the least power that reaches the accuracy asked for{by}"
    if wish.budget_W is not None and row["power_valid_W"] > wish.budget_W:
        return (
            f"the closest to the budget of {power_text(wish.budget_W)}, which no circuit kept; "
            f"{power_text(row['power_valid_W'])} would be needed"
        )
    by = f" by {_share(wish)} of its copies" if wish.yield_ else ""
    return (
        f"the closest to the accuracy asked for, {100 * (wish.accuracy or 0):.1f} %, which no "
        f"circuit reached{by}; a larger budget, a smaller margin or less variation may help"
    )


def _numbers(row: dict[str, Any], wish: Wish) -> str:
    by = f", by {_share(wish)} of the copies," if wish.yield_ else ""
    power = power_text(row["power_valid_W"])
    return f"{100 * row[MERIT]:.1f} % of the validation rows{by} at {power}"


def _share(wish: Wish) -> str:
    return f"{100 * (wish.yield_ or 0):g} %"


def yield_sentence(wish: Wish, copies: Mapping[str, Any]) -> str:
    """The yield on the test rows beside the one asked for.

    Parameters
    ----------
    copies : of the record of the sign-off.
    """
    low, high = 100 * copies["yield_low"], 100 * copies["yield_high"]
    return (
        f"asked for: {_share(wish)} of the copies; on the test rows {100 * copies['yield']:.1f} % "
        f"({low:.1f} to {high:.1f}) classify at least {100 * copies['least']:.1f} %"
    )


def area_sentence(areas_m2: Mapping[str, float | None]) -> str:
    """What the printed films cover.

    Parameters
    ----------
    areas_m2 : by kind of part; None where the process does not say.
    """
    words = [
        f"{kind} {'not known' if area is None else f'{1e6 * area:.3g} mm²'}"
        for kind, area in sorted(areas_m2.items())
    ]
    unknown = ""
    if areas_m2.get("resistor", 0.0) is None:
        unknown = "; [resistors] of the process file would say"
    return f"area of the printed films, without contacts and wires: {', '.join(words)}{unknown}"


def lead_sentence(parts: Mapping[str, int], power_W: float, median_V: float) -> str:
    """What a readout must resolve; of a passive crossbar with its price.

    Parameters
    ----------
    parts : numbers of printed parts by kind.
    median_V : lead of the largest output before the second, median of the rows, V.
    """
    lead = f"half of the test rows lead by less than {si_text(median_V, 'V')}"
    if set(parts) == {"resistor"}:
        resistors = number_of(parts["resistor"], "resistor")
        return (
            f"no transistor needed: {resistors}, {power_text(power_W)}; {lead}, which the readout "
            "must resolve"
        )
    return f"{number_of(sum(parts.values()), 'part')}; {lead}"
