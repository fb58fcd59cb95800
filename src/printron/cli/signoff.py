"""`printron signoff`: the whole circuit in SPICE, against the claim of its training."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from printron.cli import completion
from printron.cli.declare import on_this_machine, with_options
from printron.cli.notes import Processes, Timeout, checked_timeout
from printron.cli.options import ConditionsOptions, DataDir, Run
from printron.cli.output import OutputOptions
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.results import Circuit
    from printron.signoff import CopiesWanted

SPLITS = ("test", "valid", "train")
MOST_COPIES = 1_000_000


@dataclass(frozen=True)
class CopiesOptions(ConditionsOptions):
    """Printed copies: how many, under which conditions, and what they must keep."""

    copies: Annotated[
        int, typer.Option(min=0, max=MOST_COPIES, help="Printed copies to judge; 0 for none.")
    ] = 0
    keep: Annotated[
        float | None,
        typer.Option(
            help="Accuracy that a copy may lose and still count for the yield; default: 0.05, 5 "
            "points."
        ),
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(help="Largest power of a copy that counts for the yield: 100uW."),
    ] = None
    spice_copies: Annotated[
        int | None,
        typer.Option(min=0, help="Copies that ngspice simulates as well; default: 20."),
    ] = None

    def check(self) -> None:
        """Refuse options that say something of copies where none are judged."""
        names = ("keep", "budget", "spice_copies")
        given = [*self.given, *(name for name in names if getattr(self, name) is not None)]
        if given and not self.copies:
            option = f"--{given[0].replace('_', '-')}"
            raise PrintronError(
                f"got {option} without printed copies to judge; add --copies 1000, or leave it out"
            )

    def wanted(self, circuit: "Circuit") -> "CopiesWanted | None":
        """How the copies of a circuit are judged; None for none."""
        from printron.cli.quantities import quantity_of
        from printron.results.copies import KEEP, Rule, judged_conditions
        from printron.signoff import CopiesWanted
        from printron.signoff.copies import SPICE_COPIES

        if not self.copies:
            return None
        budget_W = quantity_of("--budget", self.budget, "W")
        usual = judged_conditions(circuit.conditions, circuit.technology.process)
        return CopiesWanted(
            self.copies,
            self.spec(usual or circuit.conditions) if self.given else None,
            Rule(KEEP if self.keep is None else self.keep, budget_W),
            SPICE_COPIES if self.spice_copies is None else self.spice_copies,
        )


@with_options
def command(
    run: Run,
    *,
    rows: Annotated[
        str,
        typer.Option(
            help="Rows to simulate: test, valid or train.", autocompletion=completion.one_of(SPLITS)
        ),
    ] = "test",
    table: Annotated[
        str | None,
        typer.Option(
            help="New path of your table, if moved; needed for --rows valid and train.",
            callback=on_this_machine("table"),
        ),
    ] = None,
    test_table: Annotated[
        str | None,
        typer.Option(
            help="New path of your test table, if moved.",
            callback=on_this_machine("test table"),
        ),
    ] = None,
    data_dir: DataDir = None,
    spice: Annotated[
        bool, typer.Option("--spice/--no-spice", help="Run ngspice, or the built-in solver alone.")
    ] = True,
    copies_options: CopiesOptions,
    workers: Processes = None,
    timeout: Timeout = None,
    settle: Annotated[
        str | None,
        typer.Option(
            help="Time in which the circuit must settle after any step of its inputs, with its "
            "unit: 100ms. Default: the time is measured, without a limit."
        ),
    ] = None,
    output: OutputOptions,
) -> int:
    """Simulate the whole circuit on every row, and compare accuracy and power with the claim.

    Also measures the settling time and the energy of a decision, by steps from row to row. With
    --copies printed copies are judged on the same rows, under the conditions of training unless
    others are given; without variation in training, with that of the process.

    Writes network.cir, signoff.json and a figure into RUN or --out. Exit code 1 if the circuit is
    not signed off.
    """
    if rows not in SPLITS:
        raise PrintronError(f"got --rows {rows}; allowed are {', '.join(SPLITS)}")
    timeout_s = checked_timeout(timeout, spice, "--no-spice")
    copies_options.check()
    settle_s = _settling_limit(settle, spice)
    from printron.base.compiled import keep_compiled_programs
    from printron.base.machine import usable_cores
    from printron.base.place import place_at
    from printron.cli.signoff_view import sign_off_shown, verdict_view
    from printron.cli.speak import say, say_json
    from printron.report.signoff_files import write_signoff
    from printron.results import read_circuit
    from printron.results.circuit_folder import NETLIST, SIGNOFF
    from printron.results.problem import NAMED_FILES, with_test_table
    from printron.signoff.rule import signed_off

    circuit = read_circuit(run)
    output = OutputOptions(json=output.json, out=output.out or circuit.place.url)
    output.check((*SIGNOFF, NETLIST))
    if test_table is not None:
        named = with_test_table(circuit.record[NAMED_FILES], table, test_table)
        circuit = replace(circuit, record={**circuit.record, NAMED_FILES: named})
        table = named["dataset"]
    copies = copies_options.wanted(circuit)
    seen = circuit.rows(rows, table, data_dir)
    keep_compiled_programs()
    options = {
        "copies": copies,
        "spice": spice,
        "workers": workers or usable_cores(),
        "keep_dir": place_at(str(output.out)).local,
        "timeout_s": timeout_s,
        "settle_s": settle_s,
    }
    verdict, record = sign_off_shown(circuit, rows, seen, as_json=output.json, **options)
    volts = seen[0][:, 0]
    filled = output.fill(lambda folder: write_signoff(circuit, verdict, record, volts, folder))
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    else:
        say(*verdict_view(record))
    return output.conclude(filled, 0 if signed_off(record) else 1)


def _settling_limit(text: str | None, spice: bool) -> float | None:
    """The time of --settle, s.

    Raises
    ------
    PrintronError : no time above 0, or a time without ngspice.
    """
    from printron.cli.quantities import quantity_of

    if text is None:
        return None
    if not spice:
        raise PrintronError(
            f"got --settle {text} with --no-spice, but ngspice measures the time; leave one out"
        )
    limit_s = quantity_of("--settle", text, "s")
    if limit_s is None or limit_s <= 0:
        raise PrintronError(f"--settle: got {text!r}; give a time above 0 s, for example 100ms")
    return limit_s
