"""Sign-off of a stored circuit: its claim, the verdict, and the record of both."""

from typing import Any

from printron.results import HASH, Circuit, better_than_majority
from printron.signoff.rule import advice
from printron.signoff.verdict import Claim, Verdict, sign_off
from printron.training import Readings
from printron.training.goal import goal_in


def sign_off_circuit(
    circuit: Circuit, rows: str, seen: Readings, **options: Any
) -> tuple[Verdict, dict[str, Any]]:
    """Sign off a circuit on rows of its data set.

    Parameters
    ----------
    rows, seen : name of the split ("test", "valid", "train"), and its volts and labels.
    options : of `sign_off`; the settling time is measured wherever ngspice runs.

    Returns
    -------
    The verdict, and the record of `signoff.json`.

    Raises
    ------
    NgspiceError : ngspice is installed, but solved no sample.
    """
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
        "majority": majority,
        "better_than_majority": better_than_majority(verdict.accuracy(verdict.truth), majority),
        "answer_where_outputs_tie": circuit.record["answer_where_outputs_tie"],
        **goal_in(circuit.record).row(),
        **verdict.record(),
    }
    record["advice"] = advice(record)
    return verdict, record
