"""What the designer reaches on the benchmarks: every design is signed off in SPICE.

    python benchmarks/designs.py a --data-dir ../shared/datasets/raw --out docs/results/designer
    python benchmarks/designs.py --report --out docs/results/designer

Five wishes. a: at most 100 uW; b: at most 10 uW; c: at most 100 uW with a margin of 20 mV; d5: at
most 100 uW, margin 10 mV, printed with half of the process's variation; d10: with all of it.
Protocol clean; each data set is split anew for every split seed. Everything is chosen by validation
rows; the test rows judge the chosen circuit alone, in ngspice, and 1,000 copies of it, of which 5
in ngspice. A design is a line of WISH.csv, written when it is done; a second call goes on where a
first one was ended. `--report` writes designs.md of what is there.
"""

import time

import pandas as pd
from endings import ending
from tables import by_split, markdown, parser_of, write_report

from printron.base.compiled import keep_compiled_programs
from printron.base.quantity import power_text
from printron.designer import Wish, choose, search
from printron.designer.record import DESIGNED, status_of
from printron.results import ProblemSpec, circuit_of
from printron.results.copies import MOST_COPIES, Rule
from printron.signoff import CopiesWanted, sign_off_circuit
from printron.technology.conditions import ConditionsSpec

WISHES = {  # largest power in uW, conditions
    "a": (100, {}),
    "b": (10, {}),
    "c": (100, {"margin": "20 mV"}),
    "d5": (100, {"margin": "10 mV", "variation": 0.5}),
    "d10": (100, {"margin": "10 mV", "variation": 1.0}),
}


def row_of(name, dataset, split, options):
    """One design: what was chosen, and what the test rows say of the chosen circuit."""
    budget_uW, conditions = WISHES[name]
    spec = ProblemSpec(
        dataset,
        data_dir=options.data_dir,
        split_seed=split,
        conditions=ConditionsSpec.model_validate(conditions),
    )
    wish = Wish(budget_W=1e-6 * budget_uW)
    begin = time.perf_counter()
    searched = search(spec, wish, workers=options.workers)
    seconds = time.perf_counter() - begin
    choice = choose(searched.table, wish)
    row = {"dataset": dataset, "split_seed": split, "search_s": seconds}
    if choice.chosen is None:
        return row | {"status": "diverged"}
    problem, runs = searched.runs_of(choice.chosen)
    circuit = circuit_of(problem, runs, searched.schedule, ".")
    seen = problem.rows["test"]
    wanted = CopiesWanted(MOST_COPIES, spice=5, rule=Rule(budget_W=wish.budget_W))
    judged = wanted if "variation" in conditions else None
    verdict, found = sign_off_circuit(circuit, "test", seen, judged, workers=options.workers)
    software, spice, copies = searched.software, found["spice"], found.get("copies")
    row |= {
        "status": status_of(choice, wish, found),
        "structure": searched.tried_in(choice.chosen).candidate.name,
        "neurons": circuit.record["counts"]["activations"],
        "valid": searched.row(choice.chosen)["accuracy_valid"],
        "majority": found["majority"],
        "accuracy": spice["accuracy"],
        "clear": _clear(circuit, verdict),
        "power_W": spice["power_W"]["total"],
        "settle_s": found["settle_s"],
        "software": software["name"],
        "software_accuracy": software["accuracy"],
    }
    if copies:
        row |= {f"copies_{key}": copies[key] for key in ("n", "mean", "p5", "yield")}
    return row


def _clear(circuit, verdict):
    """Accuracy by the margin in SPICE."""
    margin = circuit.conditions.margin
    return verdict.readings["spice"].accuracy(verdict.labels, circuit.default, margin)


NUMBERS = ("majority", "clear", "copies_mean", "copies_p5", "power_W", "software_accuracy")


HEAD = (
    "wish", "data set", "splits", "majority", "clear, mean ± sd over splits", "copies, mean",
    "5th percentile", "power, mean (largest)", "software", "designed",
)  # fmt: skip


def _line(name, dataset, runs, numbers):
    def share(key):
        return f"{100 * numbers[key].mean():.1f}"

    spread = 100 * runs.groupby("split_seed")["clear"].mean().std()
    power = f"{power_text(numbers['power_W'].mean())} ({power_text(runs['power_W'].max())})"
    splits = [len(each) for _, each in runs.groupby("dataset")]
    cells = [
        f"{min(splits)}" if min(splits) == max(splits) else f"{min(splits)} to {max(splits)}",
        share("majority"),
        f"{share('clear')} ± {spread:.1f}",
        share("copies_mean"),
        share("copies_p5"),
        power,
        share("software_accuracy"),
        f"{(runs['status'] == DESIGNED).sum()} of {len(runs)}",
    ]
    return f"| {name} | {dataset} | {' | '.join(cells)} |".replace("nan", "–")


def main():
    parser = parser_of(__doc__)
    parser.add_argument("wishes", nargs="*", help=f"of {', '.join(WISHES)}")
    options = parser.parse_args()
    # Not as choices: Python 3.11 then refuses to take none.
    unknown = [name for name in options.wishes if name not in WISHES]
    if unknown:
        parser.error(f"got the wish {unknown[0]!r}; allowed are {', '.join(WISHES)}")
    keep_compiled_programs()
    for name in options.wishes:
        by_split(
            options.out / f"{name}.csv",
            options,
            lambda dataset, split, name=name: pd.DataFrame([row_of(name, dataset, split, options)]),
        )
    if options.report:
        files = {name: options.out / f"{name}.csv" for name in WISHES}
        write_report(markdown(HEAD, files, NUMBERS, _line), options.out / "designs.md")


if __name__ == "__main__":
    ending(main)
