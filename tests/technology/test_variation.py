"""How printing varies stands in the process file, checked, with a source beside each number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.technology import TechnologyError, technology_from, technology_tables
from printron.technology.library import technology
from printron.technology.process import default_process, load_process
from printron.technology.variation import QUANTITIES, Variation


def test_the_shipped_process_says_how_printing_varies_and_where_its_numbers_come_from():
    variation = default_process().spread
    for quantity in QUANTITIES:
        assert variation.of(quantity).own > 0
        assert "assumed" in variation.of(quantity).source
    assert variation.R.own == pytest.approx(0.1)
    assert variation.V_T.shared == pytest.approx(0.02)


def test_a_process_that_does_not_say_is_refused_where_variation_is_asked_for(edited):
    text = (
        edited("inkjet_egt.toml", "[variation]", "[variation]").read_text().split("[variation]")[0]
    )
    path = edited("inkjet_egt.toml", "[variation]", "[variation]")
    path.write_text(text)
    process = load_process(path)
    assert process.variation is None
    with pytest.raises(TechnologyError, match=r"has no table \[variation\]"):
        _ = process.spread


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('own = "5 %"', 'own = "200 %"', "variation.W.own"),
        ('own = "5 %"', 'own = "-5 %"', "got -5 %; give 0 % to 100 %"),
        ('own = "5 %"', "own = 0.05", "write a percentage"),
        ('own = "5 %"', 'own = "5"', "write a percentage"),
        ('own = "5 %"', 'own = "5 mV"', "write a percentage"),
        ('own = "10 mV"', 'own = "10 %"', "unit V"),
        ('own = "10 mV"', 'own = "10 MV"', "give 0 V to 5 V"),
        ('source = "assumed" }\nL', 'source = "" }\nL', "variation.W.source"),
        ('{ own = "5 %", source = "assumed" }\nL', '{ own = "5 %" }\nL', "'variation.W.source'"),
        ("[variation]\nR", "[variation]\nrho", "variation.rho"),
        ('own = "5 %"', 'own = "5 %", area = "100 um"', "with the unit m2"),
        ('own = "5 %"', 'own = "5 %", area = "-9 um2"', "got -9 um2; give 1 um2 to 1e+09 um2"),
        ('own = "5 %"', 'own = "5 %", area = "1 m2"', "got 1e+12 um2; give 1 um2"),
        ('own = "5 %"', 'own = "5 %", at = "1 Mohm"', "variation.W.at"),
        ('own = "10 %"', 'own = "10 %", area = "9 um2"', "variation.R.area"),
        ('own = "10 %"', 'own = "10 %", at = "0 ohm"', "it must be above 0"),
    ],
)
def test_what_no_printing_does_is_one_sentence(edited, refused, old, new, says):
    refused(load_process, edited("inkjet_egt.toml", old, new), says)


def test_the_tables_that_a_folder_carries_read_back_as_the_same():
    library = technology()
    tables = technology_tables(library, ["ptanh"])
    assert technology_from(tables, "here").process.variation == library.process.variation


def test_sizes_that_deviations_hold_for_are_kept_and_stand_in_the_numbers(edited):
    path = edited("inkjet_egt.toml", 'R = { own = "10 %"', 'R = { own = "10 %", at = "2 Mohm"')
    process = load_process(path)
    tables = technology_tables(technology(process), ["ptanh"])
    assert technology_from(tables, "here").process.variation == process.variation
    plain = default_process().spread.numbers
    assert process.spread.numbers == plain | {"R": {**plain["R"], "size": 2e6}}


@given(st.floats(0, 3))
def test_scaling_scales_every_standard_deviation(factor):
    variation = default_process().spread
    for quantity in QUANTITIES:
        before, after = variation.of(quantity), variation.scaled(factor).of(quantity)
        assert after.own == pytest.approx(factor * before.own)
        assert after.shared == pytest.approx(factor * before.shared)
        assert after.source == before.source


def test_what_a_file_leaves_out_does_not_vary():
    assert all(Variation().of(q).own == Variation().of(q).shared == 0 for q in QUANTITIES)
