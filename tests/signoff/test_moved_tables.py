"""A table that has moved is named once, and belongs to one data set."""

from pathlib import Path

import pytest

from printron.errors import PrintronError
from printron.signoff.moved_tables import tables_named


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("own=a.csv", ("a.csv", None)),
        ("d/own.csv,t.csv", ("d/own.csv", "t.csv")),
        ("own=,t.csv", (None, "t.csv")),
        ("own=with,comma.csv", ("with,comma.csv", None)),
        ("own=with,comma.csv,own.csv", ("with,comma.csv", "own.csv")),
    ],
)
def test_a_path_may_have_a_comma(tmp_path, monkeypatch, text, places):
    monkeypatch.chdir(tmp_path)
    for name in ("with,comma.csv", "own.csv"):
        Path(name).write_text("x")
    assert tables_named([text], {"own": "own.csv", "iris": "iris"}) == {"own": places}


CAME_FROM = {"x": "a/x.csv", "x_2": "b/x.csv", "A": "c/y.csv", "iris": "iris"}


def test_a_table_belongs_to_the_data_set_that_came_from_a_file_of_its_name():
    assert tables_named(["new/y.csv", "x_2=x.csv"], CAME_FROM, ["A", "x_2"]) == {
        "A": ("new/y.csv", None),
        "x_2": ("x.csv", None),
    }


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["new/x.csv"], "could be a table of x, x_2; write DATASET=PATH: --table x=new/x.csv"),
        (["x_2=x.csv"], "'x_2' is not simulated here: x, A, iris; leave the table out"),
        (["iris=i.csv"], "'iris' is a benchmark and has no table"),
        (["z.csv"], "the experiment has the data sets x, x_2, A, iris: write DATASET=PATH"),
        (["A=y.csv", "c/y.csv"], "twice for 'A'"),
    ],
)
def test_a_table_of_no_or_of_several_data_sets_is_refused(texts, told):
    with pytest.raises(PrintronError) as caught:
        tables_named(texts, CAME_FROM, ["x", "A", "iris"])
    assert told in str(caught.value)


def test_a_place_may_be_written_as_elsewhere(tmp_path, monkeypatch):
    """With the home, or as the URL of a file; not on another storage."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "t.csv").write_text("x")
    for text in (f"A=~/t.csv,file://{tmp_path}/t.csv", f"A=file://{tmp_path}/t.csv,~/t.csv"):
        assert tables_named([text], CAME_FROM) == {"A": (str(tmp_path / "t.csv"),) * 2}
    with pytest.raises(PrintronError, match="not on this machine"):
        tables_named(["A=memory://t.csv"], CAME_FROM)
