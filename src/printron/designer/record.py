"""The record of a design, as JSON: what was asked, what was found, what that is worth."""

from collections import Counter
from typing import Any

from printron.designer.choice import Choice
from printron.designer.explain import (
    area_sentence,
    explanation,
    lead_sentence,
    yield_sentence,
)
from printron.designer.searching import Searched
from printron.designer.supplies import Supply, supply_record, supply_sentence
from printron.designer.wish import Wish
from printron.network import film_areas, printed_network
from printron.results import HASH, Circuit
from printron.results.table import MERIT
from printron.signoff.rule import kept_without_spice, signed_off

DESIGNED, MISSED, UNSIGNED = "designed", "wish missed", "not signed off"


def front_of(searched: Searched, choice: Choice) -> list[dict[str, Any]]:
    """The front, by rising power; numbers of validation rows alone, as in the choice."""
    return [
        {
            "structure": searched.tried_in(index).candidate.name,
            "budget_W": float(row["budget_W"]),
            "seed": int(row["seed"]),
            "power_valid_W": float(row["power_valid_W"]),
            "accuracy_valid": float(row["accuracy_valid"]),
            "copies_valid": float(row[MERIT]),
            "resistors": int(row["resistors"]),
            "activations": int(row["activations"]),
            "chosen": index == choice.chosen,
        }
        for index, row in ((k, searched.row(k)) for k in choice.front.index)
    ]


def status_of(choice: Choice, wish: Wish, found: dict[str, Any], failed: bool = False) -> str:
    """Whether the wish is kept, on the test rows as well, and the circuit signed off.

    An accuracy asked for is judged by validation rows alone; a yield by the test rows, too. Without
    ngspice the built-in solver confirms a circuit, but no settling time.

    Parameters
    ----------
    found : the record of the sign-off.  failed : ngspice is installed, but gave no result.
    """
    powers = [found[found["truth"]]["power_W"]["total"]]
    if found.get("copies"):
        powers.append(found["copies"]["power_mean_W"])
    beyond = wish.budget_W is not None and any(
        power is None or power > wish.budget_W for power in powers
    )
    slow = wish.settle_s is not None and (found.get("settling") or {}).get("kept") is False
    if not choice.kept or beyond or slow or _short(wish, found):
        return MISSED
    alone = kept_without_spice(found) and not failed and wish.settle_s is None
    return DESIGNED if signed_off(found) or alone else UNSIGNED


def _short(wish: Wish, found: dict[str, Any]) -> bool:
    """Whether the yield on the test rows is surely below what was asked for: its whole interval."""
    copies = found.get("copies")
    if wish.yield_ is None or wish.accuracy is None or copies is None:
        return False
    return bool(copies["yield_high"] < wish.yield_)


def parts_of(circuit: Circuit) -> tuple[dict[str, int], dict[str, float | None]]:
    """Printed parts of a circuit, those of cells among them: number and film area, m2, by kind."""
    network = printed_network(circuit.structure, circuit.parameters)
    number = Counter(part.element.kind.name for part in network.parts)
    return dict(number), film_areas(network.parts, circuit.structure.process)


def design_record(
    searched: Searched,
    choice: Choice,
    wish: Wish,
    circuit: Circuit,
    found: dict[str, Any],
    supplies: tuple[Supply, ...],
    failed: bool = False,
) -> dict[str, Any]:
    """The record of a design.

    Parameters
    ----------
    circuit : the chosen one.  found : the record of its sign-off.
    supplies : by rising power.  failed : ngspice is installed, but gave no result.
    """
    chosen = choice.chosen
    assert chosen is not None
    tried = searched.tried_in(chosen)
    truth, own = found[found["truth"]], circuit.record
    parts, areas_m2 = parts_of(circuit)
    lead_V = truth["lead_V"]["median"]
    sentences = explanation(searched, choice, wish)
    # Without any solved row the claim is all that is known of the power.
    drawn = truth["power_W"]["total"] or own["power_W"]["total"], found.get("energy_J")
    sentences.append(supply_sentence(supplies, *drawn))
    sentences.append(area_sentence(areas_m2))
    if wish.yield_ is not None and found.get("copies"):
        sentences.append(yield_sentence(wish, found["copies"]))
    if lead_V is not None:
        sentences.append(lead_sentence(parts, own["power_W"]["total"], lead_V))
    return {
        HASH: circuit.hash,
        "status": status_of(choice, wish, found, failed),
        "dataset": own["dataset"],
        "wish": {
            "budget_W": wish.budget_W,
            "accuracy": wish.accuracy,
            "yield": wish.yield_,
            "settle_s": wish.settle_s,
            "conditions": tried.problem.spec.conditions.written,
        },
        "structure": {
            "name": tried.candidate.name,
            "topology": own["topology"],
            "neurons": own["counts"]["activations"],
            "parts": parts,
            "film_area_m2": areas_m2,
        },
        "accuracy": own["accuracy"],
        "majority": own["majority"],
        "power_W": own["power_W"],
        "margin_V": tried.problem.spec.conditions.margin,
        "lead_V": truth["lead_V"],
        "copies": found.get("copies"),
        "spice": found.get("spice"),
        "settle_s": found.get("settle_s"),
        "energy_J": found.get("energy_J"),
        "supply": supply_record(supplies, *drawn),
        "software": searched.software,
        "front": front_of(searched, choice),
        "explanation": sentences,
        "signoff": found,
        "circuit": own,
    }
