"""Tables: whole words and numbers at any width, and nothing that a terminal would obey."""

import itertools

import pytest

from printron.cli.sheet import Sheet, wrapped
from printron.cli.tables import table_of

ROWS = [
    (
        "circuits, ideal sources",
        "63.3",
        "432.7 µW",
        "< 0.01",
        "28.73",
        "R1 371.4 kΩ, 9.4/8.8 µm",
    ),
    ("SPICE", "100.0", "2.123 mW", "54.4", "12341.5", "a_rather_long_name"),
]
NAMES = ("", "accuracy %", "power", "gap mV", "out mV", "values")


def shown(sheet, width):
    return [line for line, _ in sheet.lines(width)]


@pytest.fixture
def sheet():
    made = table_of("Title of the table", *NAMES, caption="a caption that is long", texts=(5,))
    for row in ROWS:
        made.add_row(*row)
    return made


@pytest.mark.parametrize("width", [30, 40, 60, 72, 80, 100, 200])
def test_no_word_number_or_unit_is_broken(sheet, width):
    lines = shown(sheet, width)
    text = "\n".join(lines)
    words = itertools.chain.from_iterable(cell.replace(",", " ").split() for cell in ROWS[0])
    assert all(word in text for word in words)
    for whole in ("432.7 µW", "2.123 mW", "< 0.01", "371.4 kΩ", "9.4/8.8 µm", "accuracy"):
        assert any(whole in line for line in lines)


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(sheet, width):
    assert max(map(len, shown(sheet, width))) <= width


def test_a_wide_table_goes_on_below_under_its_first_column(sheet):
    lines = shown(sheet, 40)
    assert sum(line.startswith("SPICE") for line in lines) > 1
    assert sum(line.startswith("SPICE") for line in shown(sheet, 200)) == 1


def test_a_path_that_is_longer_than_the_line_stays_whole():
    made = table_of("", "", "", "", texts=(1, 2))
    path = "/home/someone/" + "very_long_name/" * 6
    made.add_row("compiled programs", "ok", f"kept in {path}")
    lines = shown(made, 80)
    assert any(path in line for line in lines)
    assert any(line.split()[:3] == ["compiled", "programs", "ok"] for line in lines)


def test_numbers_stand_at_the_right_and_text_at_the_left():
    made = Sheet(["t"], ("name", "number"))
    made.add_row("a", "1")
    made.add_row("bb", "1000")
    lines = shown(made, 80)
    assert lines[-3:-1] == ["a           1", "bb       1000"]


def test_what_a_cell_holds_is_made_visible():
    made = table_of("a\x1b[31m", "b")
    made.add_row("c\x07\u202e\n")
    text = "\n".join(shown(made, 80))
    assert r"a\x1b[31m" in text
    assert r"c\x07\u202e\n" in text
    assert not set(text) & set("\x1b\x07\u202e")


def test_a_sentence_is_wrapped_between_words_and_keeps_numbers_with_units():
    sentence = "samples differ by 290 nV at most, power by ± 3 % of 12 mW and 5 kΩ"
    for width in range(8, 60):
        lines = wrapped(sentence, width)
        assert " ".join(lines) == sentence
        assert max(map(len, lines)) <= max(width, 8)
        assert any("290 nV" in line for line in lines)
