"""Names of others stay text."""

import pytest

from printron.report.markdown import code_block, escaped, table

HOSTILE = "a|b`c`<img src=x onerror=alert(1)>*b*_c_[l](http://e)\n# h\x00"


def test_nothing_of_a_hostile_name_is_markup():
    text = escaped(HOSTILE)
    assert "\n" not in text
    assert "<" not in text
    assert "\x00" not in text
    for special in "|`*[]#":
        assert text.count(special) == text.count(f"\\{special}")
    assert "http://" not in text  # no link of itself


@pytest.mark.parametrize("name", ["acute_inflammation", "0.95", "1.3 ± 0.2", "56.4 %", "–"])
def test_plain_names_and_numbers_are_left_as_they_are(name):
    assert escaped(name) == name


def test_a_table_keeps_its_columns():
    made = table(["a", "b"], [(HOSTILE, 1)])
    lines = made.split("\n")
    assert len(lines) == 3
    bars = [line.replace("\\|", "").count("|") for line in lines]
    assert bars == [3, 3, 3]


@pytest.mark.parametrize("text", ["plain", "```\nout", "a ````` b"])
def test_nothing_in_a_code_block_closes_it(text):
    fence, *inside, end = code_block(text).split("\n")
    assert fence == end
    assert "\n".join(inside) == text
    assert fence not in text


def test_a_code_block_shows_what_a_terminal_would_obey():
    assert "\n".join(code_block("a\x1b[31m\nb\u202e").split("\n")[1:-1]) == "a\\x1b[31m\nb\\u202e"
