"""One table in many formats: what is read does not depend on how the table was saved."""

import csv
import gzip
import io
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.datasets import DatasetError, is_table, load_dataset, table_name
from printron.datasets.dialect import cells_of
from printron.datasets.own_table import read_table

ROWS = [(20.5 + i / 4, round(-i / 7, 6), "gut" if i % 2 else "schlecht") for i in range(30)]
HEADER = ("Wärme", "ph, sauer", "Klasse")


def text_of(separator=",", comma=False, above="", below=""):
    """The table as text."""

    def cell(value):
        text = repr(value) if isinstance(value, float) else value
        text = text.replace(".", ",") if comma and isinstance(value, float) else text
        return f'"{text}"' if separator in text else text

    lines = [separator.join(map(cell, HEADER)), below]
    lines += [separator.join(map(cell, row)) for row in ROWS]
    return above + "\n".join(line for line in lines if line) + "\n"


def frame():
    return pd.DataFrame(ROWS, columns=HEADER)


def packed(write):
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


COMMA = "decimal comma ('20,5' is 20.5)"
FORMATS = {  # name of the file, content, what is said of it
    "plain.csv": (text_of().encode(), ""),
    "marked.csv": (text_of().encode("utf-8-sig"), ""),
    "windows.csv": (text_of().replace("\n", "\r\n").encode(), ""),
    "mac.csv": (text_of().replace("\n", "\r").encode(), ""),
    "semicolon.csv": (text_of(";").encode(), "semicolon"),
    "german.csv": (text_of(";", comma=True).encode("cp1252"), f"Latin-1; semicolon; {COMMA}"),
    "quoted.csv": (text_of(comma=True).encode(), COMMA),
    "excel.csv": (b"sep=;\n" + text_of(";", comma=True).encode(), f"semicolon; {COMMA}"),
    "wide.txt": (text_of("\t").encode("utf-16"), "UTF-16; tab"),
    "bare.txt": (text_of("\t").encode("utf-16-le"), "UTF-16; tab"),
    "tab.tsv": (text_of("\t").encode(), "tab"),
    "bar.txt": (text_of("|").encode(), "bar"),
    "noted.csv": (text_of(above="# logger 7\n% calibrated\n").encode(), "2 comment lines"),
    "commented.csv": (("# " + text_of()).encode(), ""),
    "packed.csv.gz": (gzip.compress(text_of().encode()), ""),
    "trailing.csv": (text_of(";").replace("\n", ";;\n").encode(), "semicolon"),
    "book.xlsx": (packed(lambda to: frame().to_excel(to, index=False)), ""),
    "columns.parquet": (packed(lambda to: frame().to_parquet(to, index=False)), ""),
    "indexed.parquet": (
        packed(lambda to: frame().rename_axis("id").reset_index().set_index("id").to_parquet(to)),
        "1 column left out: 'id' (row numbers)",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_table_is_the_same_however_it_is_saved(name, tmp_path):
    content, said = FORMATS[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert is_table(str(path))
    table = read_table(path)
    assert table.feature_names == HEADER[:2]
    assert table.class_names == ("gut", "schlecht")
    np.testing.assert_array_equal(table.readings, [row[:2] for row in ROWS])
    expected = (f"'{path}' was read so: {said}",) if said else ()
    assert table.remarks == expected
    assert load_dataset(str(path)).name == name.split(".")[0]


def units_of(tmp_path, text):
    path = tmp_path / "logged.csv"
    path.write_text(text)
    table = read_table(path)
    return table.feature_names, len(table.labels)


def test_units_below_the_names_become_part_of_them(tmp_path):
    names = ("Wärme (°C)", "ph, sauer")
    assert units_of(tmp_path, text_of(below="[°C],-,")) == (names, len(ROWS))
    scaling = load_dataset(tmp_path / "logged.csv").scaling
    assert scaling.as_records(names)[0]["unit"] == "°C"
    assert units_of(tmp_path, text_of(";", comma=True, below="°C;;")) == (names, len(ROWS))
    percent = ("Wärme (%)", "ph, sauer (°C)")  # no comment
    assert units_of(tmp_path, text_of(below="%,°C,")) == (percent, len(ROWS))


def test_a_first_row_without_readings_is_no_line_of_units(tmp_path):
    for first in ("hot,-,gut", "-,-,gut"):
        path = tmp_path / "logged.csv"
        path.write_text(text_of(below=first))
        with pytest.raises(DatasetError, match="line 2, column 'Wärme': got '(hot|-)'"):
            read_table(path)
    path.write_text("x,y,sex\n,,F\n" + "\n".join(f"{i}.5,{-i},{'FM'[i % 2]}" for i in range(20)))
    with pytest.raises(DatasetError, match="line 2, column 'x': the value is missing"):
        read_table(path)


def test_rows_that_begin_like_a_comment_are_rows(tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"#{i % 2 + 1},{i}.5,{i * i}" for i in range(20)]
    path.write_text("\n".join(["kind,x,y", *rows, "# the end"]))
    table = read_table(path, label="kind")
    assert (table.class_names, len(table.labels)) == (("#1", "#2"), 20)
    assert "1 comment line" in table.remarks[0]
    path.write_text("\n".join(["%RH,x,kind", *(f"{i}.5,{i * i},{'ab'[i % 2]}" for i in range(20))]))
    assert read_table(path).feature_names == ("%RH", "x")


def test_a_comma_in_a_name_separates_nothing_where_semicolons_do(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("x, y;z\n" + "\n".join(f"{i},5;{'ab'[i % 2]}" for i in range(20)))
    table = read_table(path)
    assert (table.feature_names, table.class_names) == (("x, y",), ("a", "b"))


def test_nullable_columns_and_an_index_of_dates(tmp_path):
    table = frame().convert_dtypes()
    table["n"] = pd.array([*range(len(ROWS) - 1), None], "Int64")
    table = table[["n", *HEADER]].set_index(pd.date_range("2024-01-01", periods=len(ROWS)))
    table.to_parquet(tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet", missing="drop")
    assert read.feature_names == ("n", *HEADER[:2])
    assert "1 of 30 rows left out for want of a value" in read.remarks[0]
    assert "'index' (dates)" in read.remarks[0]


def test_the_sheet_with_text_is_read_and_named(tmp_path):
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame().to_excel(book, sheet_name="cover", index=False)
        frame().to_excel(book, sheet_name="data", index=False)
        frame().to_excel(book, sheet_name="copy", index=False)
    assert "sheet 'data' of 3 sheets" in read_table(path).remarks[0]


def test_names_that_repeat_are_numbered_and_free(tmp_path):
    path = tmp_path / "many.csv"
    rows = "\n".join(f"{i},{i * i},{i % 5},{-i},{'ab'[i % 2]}" for i in range(20))
    path.write_text(f"X1,X1_2,X1,X1,class\n{rows}\n")
    table = read_table(path)
    assert table.feature_names == ("X1", "X1_2", "X1_3", "X1_4")
    assert "names that repeat numbered ('X1')" in table.remarks[0]


BROKEN = {
    "no.csv.gz": (b"x,y\n1,a\n", "cannot be unpacked"),
    "half.csv.gz": (gzip.compress(text_of().encode())[:40], "cannot be unpacked"),
    "no.xlsx": (b"x,y\n1,a\n", "cannot be read as an Excel file"),
    "no.xls": (b"x,y\n1,a\n", "cannot be read as an Excel file"),
    "no.parquet": (b"x,y\n1,a\n", "cannot be read as a Parquet file"),
    "both.csv": (b'a;b;c\n"1,5";2.5;x\n1;2;y\n', "decimal comma \\('1,5', line 2\\) and with a"),
    "thousands.csv": (b"a;c\n1.234,5;x\n1;y\n", "got '1.234,5', but a feature must be a finite"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_what_its_name_says_is_one_sentence(name, tmp_path):
    content, says = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=says) as caught:
        read_table(tmp_path / name)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_cells_or_no_csv(content):
    with suppress(csv.Error):
        rows, *_ = cells_of(content)
        assert all(line >= 1 for line, _ in rows)


cells = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0#%/"), min_size=1).filter(
    lambda text: text.strip() == text and not text.startswith("sep=")
)


@given(st.lists(st.tuples(cells, cells, cells), min_size=3, max_size=8))
def test_quoted_cells_survive_every_separator(rows):
    for separator in ",;\t|":
        lines = [separator.join('"' + c.replace('"', '""') + '"' for c in row) for row in rows]
        found, *_ = cells_of("\n".join(lines).encode())
        assert [tuple(row) for _, row in found] == rows


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/b.csv", "b"), ("b.csv.gz", "b"), (".b.xlsx", "b"), (".csv", "table"), ("B.X.TSV", "B.X")],
)
def test_a_table_has_the_name_of_its_file(path, name):
    assert table_name(path) == name
