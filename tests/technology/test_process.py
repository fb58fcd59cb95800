"""A process file is checked when it is read; each fault is one sentence that names the key."""

import dataclasses

import pytest

from printron.base.quantity import power_text, si_text, to_si
from printron.technology import TechnologyError, default_process, load_process
from printron.technology.process import shipped

FILE = "inkjet_egt.toml"


def test_the_shipped_file_loads_in_si_units():
    process = load_process(shipped(FILE))
    assert process == default_process()
    assert process.crossbar.R_min == pytest.approx(1e4)
    assert process.crossbar.R_max == pytest.approx(1e7)
    assert process.g_max / process.g_min == pytest.approx(1000)
    assert process.rails["vss_divider"] == pytest.approx(-2.2)
    card = process.card("B")
    assert (card.V_T, card.K, *card.L) == pytest.approx((0.1998, 28.229e-6, 1e-5, 5e-4))


def test_any_multiple_of_the_unit_is_the_same_process(edited):
    path = edited(FILE, 'R_max = "10 Mohm"', 'R_max = "10000000 ohm"')
    assert load_process(path) == default_process()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'R_min = "10 kohm"',
            'R_min = "20 Mohm"',
            ("'crossbar'", "R_min = 20 Mohm", "R_max = 10 M"),
        ),
        ('R_min = "10 kohm"', 'R_min = "5 V"', ("'crossbar.R_min'", "'5 V'", "unit ohm")),
        ('R_min = "10 kohm"', "R_min = 10000", ("'crossbar.R_min'", "10000", "write the unit")),
        ('R_min = "10 kohm"', 'R_min = "ten"', ("'crossbar.R_min'", "'ten'", "unit ohm")),
        ('R_min = "10 kohm"', 'R_min = "nan ohm"', ("'crossbar.R_min'", "finite")),
        ('R_min = "10 kohm"', 'R_min = "-1 ohm"', ("'crossbar'", "above 0")),
        ('R_min = "10 kohm"', "R_min = true", ("'crossbar.R_min'", "write the unit")),
        ('R_min = "10 kohm"', 'Rmin = "10 kohm"', ("'crossbar.Rmin'", "not a known key")),
        ("[crossbar]", '[crossbar]\nR_mid = "1 ohm"', ("'crossbar.R_mid'", "not a known key")),
        ('vdd = "1 V"', 'vdd = "1 kohm"', ("'rails.vdd'", "'1 kohm'", "unit V")),
        ('V_T = "124.6 mV"', "", ("'transistors.A.V_T' is missing",)),
        ('W = ["80 um", "1000 um"]', 'W = ["9 mm", "1 um"]', ("'transistors.A.W'", "empty")),
        ('W = ["80 um", "1000 um"]', 'W = ["0 um", "1 um"]', ("'transistors.A.W'", "positive")),
        ('W = ["80 um", "1000 um"]', 'W = ["80 um"]', ("'transistors.A.W",)),
        ("gamma = 1.2156", "gamma = -1", ("'transistors.A.gamma'", "-1", "0.5 or above")),
        ("gamma = 1.2156", "gamma = inf", ("'transistors.A.gamma'", "finite")),
        ('vdd = "1 V"', "vdd = false", ("'rails.vdd'", "write the unit")),
        ("gamma = 1.2156", 'gamma = "x"', ("'transistors.A.gamma'", "'x'")),
        ('S = "63.4 mV"', 'S = "0 mV"', ("'transistors.A'", "S = 0 V", "above 0")),
        ('name = "inkjet-egt"', "", ("'name' is missing",)),
        ("[rails]", "[rails", ("not valid TOML", "line 17")),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_key(edited, refused, old, new, says):
    refused(load_process, edited(FILE, old, new), f"my_{FILE}", *says)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path, refused):
    refused(load_process, tmp_path / "nowhere.toml", "nowhere.toml", "cannot be read", "give a")
    refused(load_process, tmp_path, "cannot be read")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    refused(load_process, tmp_path / "binary.toml", "binary.toml", "cannot be read")


@pytest.mark.parametrize(("ask", "kind"), [("card", "transistor"), ("rail", "rail")])
def test_what_a_process_does_not_have_is_answered_with_what_it_has(ask, kind):
    with pytest.raises(TechnologyError, match=f"'inkjet-egt' has no {kind} 'C'; it has .*, "):
        getattr(default_process(), ask)("C")


def test_a_process_cannot_be_changed_by_accident():
    with pytest.raises(Exception, match="frozen"):
        default_process().name = "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        default_process().card("B").V_T = 0.0


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("0.1 uS", "S", 1e-7),
        ("10 Mohm", "ohm", 1e7),
        ("1/ohm", "S", 1.0),
        ("-0.7587 V", "V", -0.7587),
        ("0.0328 1/V", "1/V", 0.0328),
        ("80 µm", "m", 80e-6),
        (0, "V", 0.0),
    ],
)
def test_quantities_become_si_numbers(text, unit, number):
    assert to_si(text, unit) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize("number", [1e-12, 3.3e-6, 0.5, 1.0, 4.7e3, 1e4, 2.05e6, -1.0])
def test_si_text_is_read_back(number):
    assert to_si(si_text(number, "ohm"), "ohm") == pytest.approx(number)


@pytest.mark.parametrize("power", range(-18, 15))
def test_si_text_has_a_prefix_from_atto_to_tera(power):
    """At most three digits stand before the prefix, and the text is read back."""
    number = 2.5 * 10.0**power
    text = si_text(number, "ohm")
    assert "e" not in text
    assert 1 <= float(text.split()[0]) < 1000
    assert to_si(text, "ohm") == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    ("power_W", "text"),
    [
        (0.0, "0 W"),
        (5.684e-14, "< 1 nW"),
        (9.99e-10, "< 1 nW"),
        (1e-9, "1 nW"),
        (4.327e-4, "432.7 µW"),
        (4.5e-3, "4.5 mW"),
    ],
)
def test_a_power_that_cannot_be_told_from_nothing_reads_so(power_W, text):
    assert power_text(power_W) == text
