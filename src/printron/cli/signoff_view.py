"""A sign-off with progress on the terminal, and its result as tables and sentences."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from printron.results import Circuit
    from printron.signoff import Verdict
    from printron.training import Readings

SHOWN_CLASSES = 12


def sign_off_shown(
    circuit: "Circuit", rows: str, seen: "Readings", *, as_json: bool, **options: Any
) -> tuple["Verdict", dict[str, Any]]:
    """Sign off a circuit, with a note on standard error while ngspice works; see
    `printron.signoff.sign_off_circuit`."""
    from printron.base.sentence import number_of
    from printron.cli.speak import waiting
    from printron.signoff import sign_off_circuit

    what = f"{number_of(len(seen[1]), 'operating point')} of the whole circuit"
    with waiting(what, as_json=as_json, processes=True) as progress:
        return sign_off_circuit(circuit, rows, seen, progress=progress, **options)


def signed_off_or_simulated(
    circuit: "Circuit", rows: str, seen: "Readings", *, as_json: bool, **options: Any
) -> tuple["Verdict", dict[str, Any], bool]:
    """As `sign_off_shown`; where ngspice fails, by the built-in solver alone, with the reason in
    the record (`missing`). The last entry is whether ngspice failed."""
    from printron.circuits.ngspice import NgspiceError

    try:
        return *sign_off_shown(circuit, rows, seen, as_json=as_json, **options), False
    except NgspiceError as error:
        options |= {"spice": False, "settle_s": None}
        verdict, found = sign_off_shown(circuit, rows, seen, as_json=as_json, **options)
        return verdict, {**found, "missing": str(error)}, True


def verdict_view(record: dict[str, Any]) -> list[Any]:
    """The table of a sign-off and its sentences."""
    from printron.cli.advice import not_above

    sentences = [*_recalls(record), *_sentences(record)]
    if not record["better_than_majority"]:
        accuracy, alpha = record[record["truth"]]["accuracy"], record.get("alpha", 0.0)
        sentences.append(not_above(accuracy, record["majority"], record["rows"], alpha))
    return [_table(record), *sentences]


def _table(record: dict[str, Any]) -> Any:
    from printron.base.sentence import number_of
    from printron.cli.tables import table_of, watts
    from printron.signoff import MODEL_WORDS, MODELS

    layers = len(record["ideal"]["layer_rms_V"]) - 1
    made = table_of(
        f"{record['dataset']}: {number_of(record['samples'], record['rows'] + ' row')}, majority "
        f"{100 * record['majority']:.1f} %",
        "",
        "accuracy %",
        "balanced %",
        "power",
        "lead mV",
        *(f"z{n + 1} mV" for n in range(layers)),
        "out mV",
        caption="balanced: accuracy as the mean over the classes; lead: largest output minus the "
        "second, median; z, out: RMS difference of "
        f"column and output voltages to {MODEL_WORDS[record['truth']]}",
    )
    for model in MODELS:
        if model not in record:
            continue
        found = record[model]
        lead = found["lead_V"]["median"]
        made.add_row(
            MODEL_WORDS[model],
            f"{100 * found['accuracy']:.1f}",
            f"{100 * found['balanced_accuracy']:.1f}",
            watts(found["power_W"]["total"]),
            "-" if lead is None else f"{1e3 * lead:.1f}",
            *(_millivolts(x) if model != record["truth"] else "" for x in found["layer_rms_V"]),
        )
    return made


def _millivolts(volts: float) -> str:
    return "< 0.01" if volts < 1e-5 else f"{1e3 * volts:.2f}"


def _recalls(record: dict[str, Any]) -> list[str]:
    """The fraction of each class that is right; of many classes the lowest."""
    from printron.cli.tables import percent

    found = zip(record["classes"], record[record["truth"]]["recall"], strict=True)
    known = [(share, name) for name, share in found if share is not None]
    if len(known) > SHOWN_CLASSES:
        known, which = sorted(known)[:SHOWN_CLASSES], f"the lowest {SHOWN_CLASSES} classes"
    else:
        which = "each class"
    words = ", ".join(f"{name} {percent(share)}" for share, name in known)
    return [f"right of {which}: {words}"]


def _sentences(record: dict[str, Any]) -> list[str]:
    from printron.base.quantity import si_text
    from printron.signoff import MODEL_WORDS
    from printron.signoff.rule import objections

    claim, truth = record["claim"], record["truth"]
    ratio = claim["power_ratio"]
    # z: a difference that rounds to 0 has no minus sign.
    power = "no power claimed" if ratio is None else f"{100 * (ratio - 1):+z.1f} % of power"
    sentences = [
        f"{MODEL_WORDS[truth]}: {claim['accuracy_points']:+z.1f} points of accuracy, {power} "
        f"against the {MODEL_WORDS[claim['model']]}"
    ]
    if record["missing"]:
        sentences.append(f"without SPICE: {record['missing']}")
    if record["cross_check_missing"]:
        sentences.append(f"samples could not be solved one by one: {record['cross_check_missing']}")
    if record["cross_check_V"] is not None:
        apart = si_text(float(f"{record['cross_check_V']:.2g}"), "V")
        sentences.append(f"samples solved one by one in ngspice differ by {apart} at most")
    sentences += _speed(record)
    failed = record[truth]["not_converged"]
    for sample, why in list(failed.items())[:3]:
        sentences.append(f"row {sample}: {why}")
    if len(failed) > 3:
        sentences.append(
            f"... {len(failed)} rows without an operating point in all; they count as wrong"
        )
    sentences += _of_copies(record)
    against = objections(record).values()
    sentences.append(
        f"NOT signed off: {'; '.join(against)}" if against else "signed off: the claim is confirmed"
    )
    return [*sentences, *record["advice"]]


def _of_copies(record: dict[str, Any]) -> list[str]:
    """How printed copies fare, and whether ngspice finds the same."""
    from printron.base.quantity import power_text
    from printron.cli.copies_view import copies_words
    from printron.cli.tables import percent

    copies = record.get("copies")
    if copies is None:
        return []
    budget = copies["budget_W"]
    within = "" if budget is None else f" within {power_text(budget)}"
    by_margin = " by the margin" if copies["margin_V"] else ""
    sentences = [
        copies_words(copies),
        f"yield: {percent(copies['yield'])} of the copies (95 % interval "
        f"{percent(copies['yield_low'])} to {percent(copies['yield_high'])}) classify at least "
        f"{percent(copies['least'])} of the rows{by_margin}{within}; as designed the circuit "
        f"classifies {percent(copies['designed'])}",
    ]
    if copies["margin_V"]:
        sentences.append(
            "copies without the margin: mean "
            f"{percent(copies['accuracy_without_margin_mean'])}, 5th percentile "
            f"{percent(copies['accuracy_without_margin_p5'])}"
        )
    return sentences + _of_spice_copies(copies["spice"])


def _of_spice_copies(found: dict[str, Any] | None) -> list[str]:
    """How close ngspice and the built-in solver are on copies."""
    from printron.base.sentence import number_of

    if found is None:
        return ["no copy was simulated in ngspice"]
    where = f"{number_of(found['copies'], 'copy', 'copies')} on {number_of(found['rows'], 'row')}"
    lost = f"; {number_of(found['unsolved'], 'row')} unsolved" if found["unsolved"] else ""
    if found["worst_V"] is None:
        return [f"{where} in ngspice: none was compared{lost}"]
    return [
        f"{where} in ngspice: outputs differ by {1e6 * found['worst_V']:.2g} µV at most from the "
        f"built-in solver, {number_of(found['rows_that_differ'], 'row')} with another class{lost}"
    ]


def _speed(record: dict[str, Any]) -> list[str]:
    """Settling time and energy of a decision; the reason where ngspice ran and gave none."""
    from printron.base.quantity import power_text, si_text
    from printron.technology.dynamics import PER_CM2

    speed, settle_s = record["settling"], record["settle_s"]
    if settle_s is None:
        known = record["missing"] or not speed["missing"] or speed["limit_s"] is not None
        return [] if known else [f"no settling time: {speed['missing']}"]
    power_W = record[record["truth"]]["power_W"]["total"]
    capacitance = si_text(speed["gate_capacitance_F_per_m2"] * PER_CM2, "F")
    return [
        f"settles to {1e3 * speed['within_V']:g} mV in {si_text(settle_s, 's')}, the slowest of "
        f"{len(speed['steps'])} steps that change the class: {si_text(record['energy_J'], 'J')} "
        f"per decision at {power_text(power_W)}",
        f"gates have {capacitance}/cm² ({speed['gate_capacitance_source']}); the settling time is "
        "proportional to it",
    ]
