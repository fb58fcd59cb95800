"""Printed copies of a circuit in a sign-off: judged by the built-in solver, some again in ngspice.

The numbers on all copies come from the built-in solver in single precision. Some of the same copies
become netlists, with every component as printed; ngspice and the built-in solver in double
precision solve them on the same rows, and their outputs are compared.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from printron.circuits.ngspice import NgspiceError
from printron.circuits.ngspice.runner import NgspiceStopped
from printron.circuits.ngspice.samples import runner_for
from printron.errors import PrintronError
from printron.network import (
    Layer,
    Parameters,
    Structure,
    build_layers,
    copy_key,
    draw_copy,
    network_netlist,
    network_of,
    printed_copy,
)
from printron.results import Circuit
from printron.results.copies import SEED, Rule, copies_record, judged_conditions, printed_terms
from printron.signoff.readings import Floats, Reading, arrays_of, reading_of_layers, spice_reading
from printron.signoff.verdict import SAME_V, Verdict
from printron.technology.conditions import ConditionsSpec
from printron.training import Readings

SPICE_COPIES, SPICE_ROWS = 20, 50  # copies simulated in ngspice, and rows of each
UNSOLVED_SHARE = 0.01  # of rows that the built-in solver solves and ngspice may leave unsolved


@dataclass(frozen=True)
class CopiesWanted:
    """How copies are judged in a sign-off.

    Attributes
    ----------
    number : of copies.  spice : copies among them that ngspice solves as well.
    conditions : under which they are judged; None for those of training, see `judged_conditions`.
    rule : what a copy must keep to count for the yield.
    """

    number: int
    conditions: ConditionsSpec | None = None
    rule: Rule = Rule()
    spice: int = SPICE_COPIES


@dataclass(frozen=True)
class Pair:
    """Readings of one copy on the same rows by the built-in solver and by ngspice; None where
    ngspice solved none of them."""

    built_in: Reading
    spice: Reading | None


def judge_copies(
    circuit: Circuit,
    rows: Readings,
    verdict: Verdict,
    wanted: CopiesWanted,
    *,
    workers: int,
    keep_dir: str | Path | None = None,
    timeout_s: float | None = None,
    progress: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> dict[str, Any]:
    """Judge printed copies of a circuit, as JSON; see `printron.results.copies.copies_record`.

    Parameters
    ----------
    rows : volts [inputs, S] and labels [S].
    verdict : of the circuit as designed on the same rows; without ngspice none of the copies is
        simulated there.
    workers, keep_dir, timeout_s, progress, stop : as in `printron.signoff.sign_off`.

    Returns
    -------
    The record; `spice` holds the agreement with ngspice, None where ngspice was not run.

    Raises
    ------
    TechnologyError : the process does not say how printing varies, or cannot have the conditions.
    PrintronError : conditions under which copies do not differ.
    """
    conditions = _conditions(circuit, wanted)
    structure = replace(circuit.structure, conditions=conditions.on(circuit.technology.process))
    terms = printed_terms(
        circuit.structure,
        conditions,
        circuit.parameters,
        rows,
        copies=wanted.number,
        default=circuit.default,
        workers=workers,
    )
    designed = verdict.readings["loaded"].accuracy(
        verdict.labels, circuit.default, conditions.margin
    )
    record = copies_record(terms, conditions, len(rows[1]), designed, wanted.rule)
    number = min(wanted.spice, wanted.number)
    if not number or "spice" not in verdict.readings:
        return {**record, "spice": None}
    some = np.sort(np.random.default_rng(0).permutation(len(rows[1]))[:SPICE_ROWS])
    volts, labels = np.asarray(rows[0], np.float64)[:, some], rows[1][some]
    runner = runner_for(
        verdict.netlist, number * len(some), timeout_s, keep_dir, progress=progress, stop=stop
    )
    pairs = [
        _pair(structure, layers, volts, runner, workers)
        for layers in printed_layers(structure, circuit.parameters, number)
    ]
    return {**record, "spice": agreement(pairs, labels, circuit.default, conditions.margin)}


def _conditions(circuit: Circuit, wanted: CopiesWanted) -> ConditionsSpec:
    """The conditions under which the copies are judged."""
    process = circuit.technology.process
    found = wanted.conditions or judged_conditions(circuit.conditions, process)
    if found is None:
        _ = process.spread  # says what is missing
        raise AssertionError("a process with variation has conditions for its copies")
    if not found.varied:
        raise PrintronError(
            f"got {found.text or 'no conditions'}, under which copies do not differ; give "
            "--variation process, or another of the conditions that vary"
        )
    return found


def printed_layers(
    structure: Structure, parameters: Parameters, number: int
) -> list[tuple[Layer, ...]]:
    """The layers of the first copies, in double precision; the same copies as `printed_terms` has.

    Parameters
    ----------
    structure : its conditions say how copies differ.  parameters : of one run.
    """
    with jax.enable_x64(True):
        designed = build_layers(structure, arrays_of(parameters))
        return [
            printed_copy(designed, draw_copy(structure, copy_key(SEED, k)), structure.conditions)
            for k in range(number)
        ]


def _pair(
    structure: Structure, layers: tuple[Layer, ...], volts: Floats, runner: Any, workers: int
) -> Pair:
    with jax.enable_x64(True):
        printed = network_of(structure, layers).at(volts[:, 0])
    built_in = reading_of_layers(structure, layers, printed, volts)
    try:
        netlist = network_netlist(printed)
        return Pair(built_in, spice_reading(printed, netlist, volts, runner, workers=workers))
    except NgspiceStopped:
        raise
    except NgspiceError:  # of one copy; counted as unsolved rows
        return Pair(built_in, None)


def agreement(
    pairs: Sequence[Pair], labels: NDArray[np.integer[Any]], default: int, margin: float
) -> dict[str, Any]:
    """How well both solvers agree on copies, as JSON.

    Returns
    -------
    `worst_V`, largest difference of outputs on rows that both solve, None without any;
    `rows_that_differ`, rows of all copies with another class; `unsolved`, rows that ngspice did not
    solve; `unsolved_share`, of these the ones that the built-in solver solves, as a share of all
    rows of all copies; accuracies by the margin of every copy by both; `agree`, whether the
    built-in solver solves each row that ngspice does, with outputs as close as a sign-off demands,
    and ngspice nearly all that the built-in solver does.
    """
    apart, classes, unsolved, unchecked, lost = [0.0], 0, 0, 0, 0
    for pair in pairs:
        if pair.spice is None:
            unsolved += len(labels)
            unchecked += int(pair.built_in.converged.sum())
            continue
        both = pair.built_in.converged & pair.spice.converged
        lost += int((pair.spice.converged & ~pair.built_in.converged).sum())
        unsolved += int((~pair.spice.converged).sum())
        unchecked += int((pair.built_in.converged & ~pair.spice.converged).sum())
        differences = np.abs(pair.built_in.outputs - pair.spice.outputs)[:, both]
        apart += [float(differences.max())] if differences.size else []
        first, second = (each.classes(default)[both] for each in (pair.built_in, pair.spice))
        classes += int((first != second).sum())
    worst = max(apart) if len(apart) > 1 else None
    share = unchecked / (len(pairs) * len(labels))
    solved = [pair.spice for pair in pairs if pair.spice is not None]
    return {
        "copies": len(pairs),
        "rows": len(labels),
        "worst_V": worst,
        "rows_that_differ": classes,
        "unsolved": unsolved,
        "unsolved_share": share,
        "accuracy": [each.accuracy(labels, default, margin) for each in solved],
        "accuracy_built_in": [
            pair.built_in.accuracy(labels, default, margin)
            for pair in pairs
            if pair.spice is not None
        ],
        "agree": worst is not None and worst <= SAME_V and not lost and share <= UNSOLVED_SHARE,
    }
