"""When a circuit is signed off, and what to do where it is not: functions of a sign-off's record.

`Verdict.record` makes the record; read back from its file it does as well.
"""

from collections.abc import Callable, Mapping
from typing import Any

from printron.signoff.verdict import ACCURACY_POINTS, POWER_SHARE, SAME_POWER, SAME_V

Record = Mapping[str, Any]


def signed_off(record: Record) -> bool:
    """Whether the truth is what was claimed, at every sample."""
    return not objections(record)


def objections(record: Record) -> dict[str, str]:
    """Why a circuit is not signed off: a sentence each, by the name of the condition."""
    lost = len(record[record["truth"]]["not_converged"])
    claim, millivolts = record["claim"], f"{1e3 * SAME_V:g} mV"
    conditions = {
        "independent": (
            claim["independent"],
            "only the model used in training was evaluated; SPICE is needed",
        ),
        "accuracy": (
            claim["accuracy_kept"],
            f"accuracy is more than {ACCURACY_POINTS:g} points from what was claimed",
        ),
        "power": (
            claim["power_kept"],
            f"power is more than {100 * POWER_SHARE:g} % from what was claimed",
        ),
        "rows": (not lost, f"{lost} rows have no operating point"),
        "engines": (
            record["engines_agree"] is not False,
            f"ngspice and the built-in solver differ by more than {millivolts} or "
            f"{100 * SAME_POWER:g} % of power",
        ),
        "cross_check": (
            record["cross_check_kept"] is not False,
            f"rows that ngspice solved on their own differ by more than {millivolts}",
        ),
    }
    return {name: sentence for name, (kept, sentence) in conditions.items() if not kept}


def advice(record: Record) -> list[str]:
    """What to do about the objections: a sentence each, the first thing to do first, none twice."""
    against = objections(record)
    said = [_ADVICE[name](record) for name in _ADVICE if name in against]
    return list(dict.fromkeys(said))


def _independent(record: Record) -> str:
    if "not asked" in (record["missing"] or ""):
        return "sign off with ngspice: leave out --no-spice"
    return (
        "install ngspice (Debian and Ubuntu: package 'ngspice') or set PRINTRON_NGSPICE to its "
        "path, and sign off again"
    )


def _rows(record: Record) -> str:
    if record["truth"] == "loaded":
        return (
            "let ngspice try the rows that the built-in solver could not solve: install it, or "
            "leave out --no-spice"
        )
    why = record["spice"]["not_converged"].values()
    if any("was stopped after" in each or "used up" in each for each in why):
        return (
            "give ngspice more time with --timeout; where it hangs at the same rows again, look at "
            "the deck that was kept"
        )
    return (
        "look at the kept deck of a row without an operating point: a value at an end of the "
        "printable range is the usual cause; else train again with another --seed"
    )


def _engines(record: Record) -> str:
    alone = set(record["loaded"]["not_converged"]) - set(record["spice"]["not_converged"])
    if alone:
        return (
            f"ngspice solved {len(alone)} rows that the built-in solver did not: train again with "
            "another --seed, and report the circuit with its folder"
        )
    return (
        "believe neither simulator: the circuit may have several operating points; train again "
        "with another --seed, and report the circuit with its folder"
    )


def _cross_check(_: Record) -> str:
    return (
        "the circuit may have several operating points, between which its history decides; train "
        "again with another --seed"
    )


def _claim(record: Record) -> str:
    """Of accuracy and power alike: by what the circuit was trained with."""
    if record["claim"]["model"] == "model":
        return (
            "train the circuit with --sources loaded: ideal sources leave out how real circuits "
            "load each other"
        )
    if record[record["truth"]]["not_converged"]:
        return "mend the rows without an operating point first; they count as wrong"
    return (
        "train the circuit again: the claim in circuit.json differs from what this version of "
        "printron computes with the same model"
    )


# In the order in which things are to be done.
_ADVICE: dict[str, Callable[[Record], str]] = {
    "independent": _independent,
    "rows": _rows,
    "engines": _engines,
    "cross_check": _cross_check,
    "accuracy": _claim,
    "power": _claim,
}
