"""Claimed yields of circuits against a Monte Carlo in ngspice that shares no code with the claim.

    for name in iris seeds ...; do for seed in 0 1; do
        printron train $name --seed $seed --out runs/yields/$name-$seed; done; done
    python benchmarks/yields.py runs/yields/* --copies 200 --out docs/results/copies/yields.csv

The claim: 1,000 copies by the built-in solver. The Monte Carlo: NumPy draws deviations for every
resistor and transistor of the finished network, as the process's [variation] says, and ngspice
solves each copy on every test row. A copy is good if its accuracy by the margin is at most 5 points
below that of the circuit as designed. A line a circuit, written when it is done; a second call goes
on. Ends with the number of claims inside the Wilson interval (95 %) of the Monte Carlo.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from endings import ending
from scipy.stats import binomtest
from tables import filled

from printron.base.compiled import keep_compiled_programs
from printron.circuits.ngspice.samples import runner_for
from printron.network import network_netlist, printed_network
from printron.results import read_circuit
from printron.results.copies import KEEP, Rule, copies_record, judged_conditions, printed_terms
from printron.signoff.readings import spice_reading

CLAIMED = 1000


def printed(network, variation, rng):
    """A copy of a finished network, every component drawn anew."""
    shared = {name: rng.standard_normal() for name in ("R", "W", "L", "K", "V_T")}

    def deviation(name):
        spread = getattr(variation, name)
        return spread.own * rng.standard_normal() + spread.shared * shared[name]

    def drawn(part):
        element = part.element
        values = {
            key: float(value * np.exp(deviation(key))) if key in shared else value
            for key, value in element.values.items()
        }
        card = element.card
        if card is not None:
            gain = float(np.exp(deviation("K")))
            card = replace(
                card,
                name=f"{card.name}_{element.name}",
                V_T=float(card.V_T + deviation("V_T")),
                K=card.K * gain,
                G_off=card.G_off * gain,
            )
        return replace(part, element=replace(element, values=values, card=card))

    return replace(network, parts=tuple(map(drawn, network.parts)))


def accuracy(outputs, labels, default, margin):
    """Share of rows whose right output leads all others by the margin; ties go to the default."""
    right = np.take_along_axis(outputs, labels[None], 0)[0]
    others = outputs.copy()
    np.put_along_axis(others, labels[None], -np.inf, 0)
    lead = right - others.max(0)
    if margin > 0:
        return (lead >= margin).mean()
    return ((lead > 0) | ((lead == 0) & (labels == default))).mean()


def row_of(folder, options):
    """The claim and the Monte Carlo of one circuit."""
    circuit = read_circuit(folder)
    rows = circuit.rows("test", None, options.data_dir)
    process = circuit.technology.process
    conditions = judged_conditions(circuit.conditions, process)
    on = conditions.on(process)
    volts, labels = np.asarray(rows[0], np.float64), np.asarray(rows[1])
    network = printed_network(circuit.structure, circuit.parameters)
    runner = runner_for(network_netlist(network), options.copies * len(labels))

    def judged(one):
        read = spice_reading(one, network_netlist(one), volts, runner, workers=1)
        outputs = np.where(read.converged, read.outputs, 0.0)
        return accuracy(outputs, labels, circuit.default, on.margin)

    designed = judged(network)
    terms = printed_terms(
        circuit.structure,
        conditions,
        circuit.parameters,
        rows,
        copies=CLAIMED,
        default=circuit.default,
        workers=options.workers,
    )
    claim = copies_record(terms, conditions, len(labels), designed, Rule(KEEP))
    rng = np.random.default_rng(options.seed)
    copies = [printed(network, on.variation, rng) for _ in range(options.copies)]
    with ThreadPoolExecutor(options.workers) as pool:
        found = np.array(list(pool.map(judged, copies)))
    good = found >= max(designed - KEEP, 0) - 1e-9
    interval = binomtest(int(good.sum()), len(good)).proportion_ci(0.95, method="wilson")
    return {
        "circuit": Path(folder).name,
        "rows": len(labels),
        "designed": designed,
        "claimed_mean": claim["mean"],
        "claimed_yield": claim["yield"],
        "copies": options.copies,
        "mean": found.mean(),
        "yield": good.mean(),
        "low": interval.low,
        "high": interval.high,
        "inside": interval.low <= claim["yield"] <= interval.high,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", help="folders of circuits")
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--copies", type=int, default=200, help="copies of a circuit in ngspice")
    parser.add_argument("--seed", type=int, default=1, help="of the Monte Carlo")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    keep_compiled_programs()
    folders = {Path(folder).name: folder for folder in options.runs}
    table = filled(
        options.out,
        ("circuit",),
        [(name,) for name in folders],
        lambda name: pd.DataFrame([row_of(folders[name], options)]),
        digits=6,
    )
    print(f"{int(table['inside'].sum())} of {len(table)} claims inside the interval")


if __name__ == "__main__":
    ending(main)
