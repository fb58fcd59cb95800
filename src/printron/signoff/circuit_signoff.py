"""Sign-off of a stored circuit: its claim, the verdict, and the record of both."""

import time
from typing import Any

from printron.base.machine import usable_cores
from printron.results import HASH, Circuit, better_than_majority, finite
from printron.signoff.copies import CopiesWanted, judge_copies
from printron.signoff.rule import advice
from printron.signoff.verdict import Claim, Verdict, sign_off
from printron.training import Readings
from printron.training.goal import goal_in

SHORTEST_S = 1.0  # that ngspice has for the copies, however long the designed circuit took


def sign_off_circuit(
    circuit: Circuit,
    rows: str,
    seen: Readings,
    copies: CopiesWanted | None = None,
    **options: Any,
) -> tuple[Verdict, dict[str, Any]]:
    """Sign off a circuit on rows of its data set.

    Parameters
    ----------
    rows, seen : name of the split ("test", "valid", "train"), and its volts and labels.
    copies : how printed copies are judged; None for none.
    options : of `sign_off`; the settling time is measured wherever ngspice runs.

    Returns
    -------
    The verdict, and the record of `signoff.json`.

    Raises
    ------
    NgspiceError : ngspice is installed, but solved no sample.
    """
    begin = time.monotonic()
    verdict = sign_off(
        circuit.structure,
        circuit.parameters,
        seen,
        claimed=Claim(circuit.trained_with, *circuit.claimed(rows)),
        default=circuit.default,
        title=f"printed network for {circuit.name}",
        settle=True,
        **options,
    )
    majority = float((seen[1] == circuit.default).mean())
    record = {
        HASH: circuit.hash,
        "dataset": circuit.name,
        "protocol": circuit.record["protocol"],
        "rows": rows,
        "classes": circuit.record["classes"],
        "majority": majority,
        "better_than_majority": better_than_majority(verdict.accuracy(verdict.truth), majority),
        "answer_where_outputs_tie": circuit.record["answer_where_outputs_tie"],
        **goal_in(circuit.record).row(),
        **verdict.record(),
    }
    if copies is not None:
        judged = _judged(circuit, seen, verdict, copies, time.monotonic() - begin, options)
        record |= {"copies": finite(judged), "margin_V": judged["margin_V"]}
    record["advice"] = advice(record)
    return verdict, record


def _judged(
    circuit: Circuit,
    seen: Readings,
    verdict: Verdict,
    wanted: CopiesWanted,
    spent_s: float,
    options: dict[str, Any],
) -> dict[str, Any]:
    """The record of printed copies.

    Parameters
    ----------
    spent_s : of the time limit, by the circuit as designed.  options : of `sign_off`.
    """
    limit_s = options.get("timeout_s")
    names = ("keep_dir", "progress", "stop")
    return judge_copies(
        circuit,
        seen,
        verdict,
        wanted,
        workers=options.get("workers") or usable_cores(),
        timeout_s=None if limit_s is None else max(limit_s - spent_s, SHORTEST_S),
        **{name: options[name] for name in names if name in options},
    )
