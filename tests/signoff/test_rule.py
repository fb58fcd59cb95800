"""Each objection to a circuit says what to do about it."""

import copy
import json

import pytest

from printron.signoff.rule import advice, kept_without_spice, objections, signed_off

GOOD = {
    "ideal": {"not_converged": {}},
    "loaded": {"not_converged": {}},
    "spice": {"not_converged": {}},
    "truth": "spice",
    "claim": {
        "model": "loaded",
        "independent": True,
        "accuracy_kept": True,
        "power_kept": True,
    },
    "engines_agree": True,
    "cross_check_kept": True,
    "missing": None,
    "settle_s": 7e-3,
    "settling": {"limit_s": None, "kept": None, "missing": None},
}
LATE = "ngspice did not solve sample 3; ngspice was stopped after 10 s; ..."
CASES = {
    "ideal, accuracy": (
        {"claim.model": "ideal", "claim.accuracy_kept": False}, {"accuracy"}, "--sources loaded",
    ),
    "ideal, power": (
        {"claim.model": "ideal", "claim.power_kept": False}, {"power"}, "--sources loaded",
    ),
    "loaded, both": (
        {"claim.accuracy_kept": False, "claim.power_kept": False}, {"accuracy", "power"},
        "train the circuit again: the claim in circuit.json",
    ),
    "rows": ({"spice.not_converged": {"3": "singular matrix"}}, {"rows"}, "kept deck"),
    "late rows": ({"spice.not_converged": {"3": LATE}}, {"rows"}, "--timeout"),
    "rows of the built-in solver": (
        {"truth": "loaded", "loaded.not_converged": {"1": "did not converge"},
         "claim.model": "ideal", "engines_agree": None, "cross_check_kept": None},
        {"rows"}, "let ngspice try",
    ),
    "engines": ({"engines_agree": False}, {"engines"}, "trust neither simulator"),
    "engines, rows of one": (
        {"engines_agree": False, "loaded.not_converged": {"1": "did not converge"}}, {"engines"},
        "ngspice solved 1 row that",
    ),
    "copies": (
        {"copies": {"spice": {"agree": False, "worst_V": 0.1}}}, {"copies"}, "printed copies",
    ),
    "copies, none solved": (
        {"copies": {"spice": {"agree": False, "worst_V": None}}}, {"copies"}, "--timeout",
    ),
    "cross check": ({"cross_check_kept": False}, {"cross_check"}, "several operating points"),
    "slow": (
        {"settling.kept": False, "settling.limit_s": 5e-3}, {"settling"}, "allow more time",
    ),
    "speed unknown": (
        {"settling.kept": False, "settling.limit_s": 5e-3, "settle_s": None,
         "settling.missing": "the circuit gives all rows the same class"},
        {"settling"}, "without a settling time",
    ),
    "speed without SPICE": (
        {"truth": "loaded", "claim.independent": False, "missing": "ngspice is not on PATH; ...",
         "settling.kept": False, "settling.limit_s": 5e-3, "settle_s": None},
        {"settling", "independent"}, "install ngspice",
    ),
    "no SPICE": (
        {"truth": "loaded", "claim.independent": False, "missing": "ngspice is not on PATH; ..."},
        {"independent"}, "install ngspice",
    ),
    "--no-spice": (
        {"truth": "loaded", "claim.independent": False, "missing": "ngspice was not run"},
        {"independent"}, "leave out --no-spice",
    ),
}  # fmt: skip


def changed(changes):
    record = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *outer, name = path.split(".")
        (record[outer[0]] if outer else record)[name] = value
    return record


@pytest.mark.parametrize("case", CASES)
def test_an_objection_says_what_to_do(case):
    changes, names, told = CASES[case]
    record = changed(changes)
    assert set(objections(record)) == names
    assert not signed_off(record)
    (sentence,) = advice(record)
    assert told in sentence
    assert advice(json.loads(json.dumps(record))) == [sentence]


def test_a_circuit_that_is_signed_off_needs_no_advice():
    assert objections(GOOD) == {}
    assert signed_off(GOOD)
    assert advice(GOOD) == []
    unknown = {"engines_agree": None, "cross_check_kept": None}  # nothing to compare with
    assert signed_off(changed(unknown))


def test_what_is_too_slow_names_both_times():
    slow = changed({"settling.kept": False, "settling.limit_s": 5e-3})
    assert objections(slow)["settling"] == "the circuit settles in 7 ms, not within 5 ms"
    kept = {"settling.kept": True, "settling.limit_s": 9e-3}
    assert signed_off(changed(kept))


def test_a_record_that_says_nothing_of_speed_has_no_objection():
    assert signed_off({k: v for k, v in GOOD.items() if k not in ("settle_s", "settling")})


def test_rows_come_first_and_nothing_is_said_twice():
    record = changed(
        {
            "spice.not_converged": {"3": LATE},
            "claim.accuracy_kept": False,
            "claim.power_kept": False,
        }
    )
    first, second = advice(record)
    assert "--timeout" in first
    assert second.startswith("correct the rows")


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"truth": "spice"}, False),
        ({"claim": {"kept": False}}, False),
        ({"loaded": {"not_converged": {3: "lost"}}}, False),
    ],
)
def test_without_spice_the_built_in_solver_must_find_what_was_claimed(changed, kept):
    found = {"truth": "loaded", "claim": {"kept": True}, "loaded": {"not_converged": {}}}
    assert kept_without_spice(found | changed) is kept
