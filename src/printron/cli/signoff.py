"""`printron signoff`: the whole circuit in SPICE, against its model."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli import completion
from printron.cli.notes import Processes, Timeout, checked_timeout
from printron.cli.options import DataDir, OutputOptions, Run, usable_cores, with_options
from printron.errors import PrintronError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from printron.results import Circuit
    from printron.results.circuit import RowsOf
    from printron.signoff import Verdict

SPLITS = ("test", "valid", "train")


@with_options
def command(
    run: Run,
    *,
    rows: Annotated[
        str,
        typer.Option(
            help="Rows to look at: test, valid or train.", autocompletion=completion.one_of(SPLITS)
        ),
    ] = "test",
    table: Annotated[
        str | None,
        typer.Option(help="Where your table is now; needed for other rows than test if it moved."),
    ] = None,
    test_table: Annotated[
        str | None, typer.Option(help="Where your test table is now, if it did not move along.")
    ] = None,
    data_dir: DataDir = None,
    spice: Annotated[
        bool, typer.Option("--spice/--no-spice", help="Ask ngspice, or the built-in solver alone.")
    ] = True,
    workers: Processes = None,
    timeout: Timeout = None,
    output: OutputOptions,
) -> int:
    """Simulate the whole circuit on every row, and say whether it does what its model claims.

    Writes network.cir, signoff.json and a figure into RUN, or where --out says. Exit code 1 where
    accuracy or power is not what was claimed, or a row has no operating point.
    """
    if rows not in SPLITS:
        raise PrintronError(f"got --rows {rows}; allowed are {', '.join(SPLITS)}")
    timeout_s = checked_timeout(timeout, spice, "--no-spice")
    from printron.base.compiled import keep_compiled_programs
    from printron.base.place import place_at
    from printron.cli.speak import say, say_json
    from printron.results import read_circuit
    from printron.results.circuit_files import NETLIST, SIGNOFF
    from printron.results.problem import with_test_table

    circuit = read_circuit(run)
    output = OutputOptions(json=output.json, out=output.out or circuit.place.url)
    output.check((*SIGNOFF, NETLIST))
    if test_table is not None:
        sources = with_test_table(circuit.record["sources"], table, test_table)
        circuit = replace(circuit, record={**circuit.record, "sources": sources})
        table = sources["dataset"]
    seen = circuit.rows(rows, table, data_dir)
    keep_compiled_programs()
    from printron.signoff.rule import signed_off

    options = {
        "spice": spice,
        "workers": workers or usable_cores(),
        "keep_dir": place_at(str(output.out)).local,
        "timeout_s": timeout_s,
    }
    verdict, record = judged(circuit, rows, seen, as_json=output.json, **options)
    volts = seen[0][:, 0]
    filled = output.fill(lambda folder: write_signoff(circuit, verdict, record, volts, folder))
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    else:
        say(*verdict_view(record))
    return output.conclude(filled, 0 if signed_off(record) else 1)


def judged(
    circuit: "Circuit", rows: str, seen: "RowsOf", *, as_json: bool, **options: Any
) -> tuple["Verdict", dict[str, Any]]:
    """What is found of a circuit, and the record of the sign-off.

    Parameters
    ----------
    rows, seen : name of the split, and its volts and labels.
    options : of `printron.signoff.sign_off`: spice, workers, keep_dir, timeout_s.
    """
    from printron.cli.speak import waiting
    from printron.results import HASH, better_than_majority
    from printron.signoff import Claim, sign_off
    from printron.signoff.rule import advice

    what = f"{len(seen[1])} operating points of the whole circuit"
    with waiting(what, as_json=as_json, processes=True) as told:
        verdict = sign_off(
            circuit.design,
            circuit.parameters,
            seen,
            claimed=Claim(
                "loaded" if circuit.sources == "loaded" else "model", *circuit.claimed(rows)
            ),
            default=circuit.default,
            title=f"printed network for {circuit.name}",
            told=told,
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
        "alpha": circuit.record["alpha"],
        **verdict.record(),
    }
    record["advice"] = advice(record)
    return verdict, record


def verdict_view(record: dict[str, Any]) -> list[Any]:
    """The table of a sign-off and its sentences."""
    from printron.cli.advice import not_above

    said = _sentences(record)
    if not record["better_than_majority"]:
        accuracy = record[record["truth"]]["accuracy"]
        said.append(not_above(accuracy, record["majority"], record["rows"], record["alpha"]))
    return [_table(record), *said]


def write_signoff(
    circuit: "Circuit",
    verdict: "Verdict",
    record: dict[str, Any],
    volts: "NDArray[Any]",
    folder: Path,
) -> list[str]:
    """Write what was found of a circuit; names of the files.

    Parameters
    ----------
    volts : that the netlist's inputs have, V, [inputs].
    """
    from printron.base.files import write_bytes
    from printron.export import FILE_NAME
    from printron.report import save_figure, signoff_figure
    from printron.results import HASH, write_json

    text = circuit.spice(volts, verdict.netlist.title)
    write_bytes(text.encode(), folder / FILE_NAME)
    remark = f"{HASH}: {circuit.hash}"
    figures = save_figure(signoff_figure(verdict, circuit.name), folder / "signoff", remark)
    write_json(record, folder / "signoff.json")
    return [FILE_NAME, *(path.name for path in figures), "signoff.json"]


def _table(record: dict[str, Any]) -> Any:
    from printron.cli.tables import table_of, watts
    from printron.signoff import MODELS, WORDS

    layers = len(record["model"]["layer_rms_V"]) - 1
    made = table_of(
        f"{record['dataset']}: {record['samples']} {record['rows']} rows, majority "
        f"{100 * record['majority']:.1f} %",
        "",
        "accuracy %",
        "power",
        "gap mV",
        *(f"z{n + 1} mV" for n in range(layers)),
        "out mV",
        caption="gap: from the largest output to the second, median; z, out: RMS difference of "
        f"column and output voltages to {WORDS[record['truth']]}",
    )
    for model in MODELS:
        if model not in record:
            continue
        it = record[model]
        gap = it["gap_V"]["median"]
        made.add_row(
            WORDS[model],
            f"{100 * it['accuracy']:.1f}",
            watts(it["power_W"]["total"]),
            "-" if gap is None else f"{1e3 * gap:.1f}",
            *(_millivolts(x) if model != record["truth"] else "" for x in it["layer_rms_V"]),
        )
    return made


def _millivolts(volts: float) -> str:
    return "< 0.01" if volts < 1e-5 else f"{1e3 * volts:.2f}"


def _sentences(record: dict[str, Any]) -> list[str]:
    from printron.base.quantity import si_text
    from printron.signoff import WORDS
    from printron.signoff.rule import objections

    claim, truth = record["claim"], record["truth"]
    ratio = claim["power_ratio"]
    # z: a difference that rounds to nothing has no sign.
    power = "no power claimed" if ratio is None else f"{100 * (ratio - 1):+z.1f} % of power"
    said = [
        f"{WORDS[truth]}: {claim['accuracy_points']:+z.1f} points of accuracy, {power} against the "
        f"{WORDS[claim['model']]}"
    ]
    if record["missing"]:
        said.append(f"without SPICE: {record['missing']}")
    if record["cross_check_missing"]:
        said.append(f"samples were not solved one by one: {record['cross_check_missing']}")
    if record["cross_check_V"] is not None:
        apart = si_text(float(f"{record['cross_check_V']:.2g}"), "V")
        said.append(f"samples solved one by one in ngspice differ by {apart} at most")
    failed = record[truth]["not_converged"]
    for sample, why in list(failed.items())[:3]:
        said.append(f"row {sample}: {why}")
    if len(failed) > 3:
        said.append(
            f"... {len(failed)} rows without an operating point in all; they count as wrong"
        )
    against = objections(record).values()
    said.append(
        f"NOT signed off: {'; '.join(against)}"
        if against
        else "signed off: the circuit does what was claimed"
    )
    return [*said, *record["advice"]]
