"""When a circuit is signed off, and what to do otherwise: functions of a sign-off's record.

The record comes from `Verdict.record`, or from `signoff.json`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from printron.base.quantity import si_text
from printron.base.sentence import number_of
from printron.signoff.verdict import ACCURACY_POINTS, POWER_SHARE, SAME_POWER, SAME_V

Record = Mapping[str, Any]


def signed_off(record: Record) -> bool:
    """Whether the reference confirms the claim, and solves every sample."""
    return not objections(record)


def kept_without_spice(record: Record) -> bool:
    """Whether the built-in solver, without SPICE, confirms the claim and solves every sample."""
    alone = record["truth"] == "loaded"
    return bool(alone and record["claim"]["kept"] and not record["loaded"]["not_converged"])


def objections(record: Record) -> dict[str, str]:
    """Why a circuit is not signed off: one sentence per failed condition, by its name."""
    lost = len(record[record["truth"]]["not_converged"])
    claim, millivolts = record["claim"], f"{1e3 * SAME_V:g} mV"
    conditions = {
        "independent": (
            claim["independent"],
            "only the model used in training was evaluated; SPICE is needed",
        ),
        "accuracy": (
            claim["accuracy_kept"],
            f"accuracy is more than {ACCURACY_POINTS:g} points from the claim",
        ),
        "power": (
            claim["power_kept"],
            f"power is more than {100 * POWER_SHARE:g} % from the claim",
        ),
        "rows": (not lost, f"{number_of(lost, 'row')} without an operating point"),
        "engines": (
            record["engines_agree"] is not False,
            f"ngspice and the built-in solver differ by more than {millivolts} or "
            f"{100 * SAME_POWER:g} % of power",
        ),
        "cross_check": (
            record["cross_check_kept"] is not False,
            f"rows that ngspice solved on their own differ by more than {millivolts}",
        ),
        "copies": (
            _copies_agree(record),
            _of_copies(record, millivolts),
        ),
        "settling": (_speed(record)["kept"] is not False, _too_slow(record)),
    }
    return {name: sentence for name, (kept, sentence) in conditions.items() if not kept}


def _copies_agree(record: Record) -> bool:
    """Whether ngspice confirms the copies that were simulated there, if any."""
    found = (record.get("copies") or {}).get("spice")
    return found is None or bool(found["agree"])


def _of_copies(record: Record, millivolts: str) -> str:
    found = (record.get("copies") or {}).get("spice") or {"worst_V": None}
    if found["worst_V"] is None:
        return "ngspice solved none of the printed copies"
    if found["worst_V"] <= SAME_V:
        return (
            f"on printed copies ngspice left {found['unsolved']} of "
            f"{number_of(found['copies'] * found['rows'], 'row')} unsolved, or solved some that "
            "the built-in solver did not"
        )
    return f"ngspice and the built-in solver differ on printed copies by more than {millivolts}"


def _speed(record: Record) -> dict[str, Any]:
    """What a record says of the settling time; records of many circuits say nothing."""
    return dict(record.get("settling") or {"limit_s": None, "kept": None, "missing": None})


def _too_slow(record: Record) -> str:
    speed, settle_s = _speed(record), record.get("settle_s")
    if settle_s is None:
        return f"the settling time is not known: {speed['missing']}"
    allowed = "" if speed["limit_s"] is None else f", not within {si_text(speed['limit_s'], 's')}"
    return f"the circuit settles in {si_text(settle_s, 's')}{allowed}"


def advice(record: Record) -> list[str]:
    """What to do about the objections: sentences in the order of the steps, without repeats."""
    against = objections(record)
    steps = [_ADVICE[name](record) for name in _ADVICE if name in against]
    return list(dict.fromkeys(steps))


def _independent(record: Record) -> str:
    if "not run" in (record["missing"] or ""):
        return "sign off with ngspice: leave out --no-spice"
    return (
        "install ngspice (Debian and Ubuntu: package 'ngspice') or set PRINTRON_NGSPICE to its "
        "path, and sign off again"
    )


def _rows(record: Record) -> str:
    if record["truth"] == "loaded":
        return (
            "let ngspice try the rows that the built-in solver could not solve: install ngspice, "
            "or leave out --no-spice"
        )
    why = record["spice"]["not_converged"].values()
    if any("was stopped after" in each or "used up" in each for each in why):
        return (
            "give ngspice more time with --timeout; if ngspice hangs at the same rows again, "
            "look at the kept deck"
        )
    return (
        "look at the kept deck of a row without an operating point: a value at an end of the "
        "printable range is the usual cause; else train again with another --seed"
    )


def _engines(record: Record) -> str:
    alone = set(record["loaded"]["not_converged"]) - set(record["spice"]["not_converged"])
    if alone:
        return (
            f"ngspice solved {number_of(len(alone), 'row')} that the built-in solver did not: "
            "train again with another --seed, and report the circuit with its folder"
        )
    return (
        "trust neither simulator: the circuit may have several operating points; train again "
        "with another --seed, and report the circuit with its folder"
    )


def _cross_check(_: Record) -> str:
    return (
        "the circuit may have several operating points, and history decides between them; train "
        "again with another --seed"
    )


def _copies(record: Record) -> str:
    if record["copies"]["spice"]["worst_V"] is None:
        return "give ngspice more time with --timeout, or look at the kept decks of the copies"
    return (
        "do not trust the numbers on printed copies: some may have several operating points; train "
        "again with another --seed"
    )


def _settling(record: Record) -> str:
    if record["missing"]:
        return _independent(record)
    if record["settle_s"] is None:
        return "without a settling time no limit can be checked: remove its cause, or --settle"
    return (
        "allow more time with --settle, or train a circuit that drives its gates faster and takes "
        "more power: cells with smaller resistors or smaller gates (W times L)"
    )


def _claim(record: Record) -> str:
    """For accuracy and power alike, by the model that the circuit was trained with."""
    if record["claim"]["model"] == "ideal":
        return (
            "train the circuit with --sources loaded: ideal sources neglect how real circuits "
            "load each other"
        )
    if record[record["truth"]]["not_converged"]:
        return "correct the rows without an operating point first; they count as wrong"
    return (
        "train the circuit again: the claim in circuit.json differs from what this version of "
        "printron computes with the same model"
    )


# In the order of the steps.
_ADVICE: dict[str, Callable[[Record], str]] = {
    "independent": _independent,
    "rows": _rows,
    "engines": _engines,
    "cross_check": _cross_check,
    "copies": _copies,
    "accuracy": _claim,
    "power": _claim,
    "settling": _settling,
}
