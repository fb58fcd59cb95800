"""A JSON record is read as it was written, or refused in half a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.base import json_record
from printron.base.json_record import RecordError, json_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_what_was_written_is_read_back(record):
    assert json_object(json.dumps(record).encode(), "a record") == record


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "cannot be read as JSON"),
        (b"\xff", "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b"[1]", "is not a record"),
        (b'{"a": [{"b": NaN}]}', "contains a number that is not finite"),
        (b'{"a": 1e999}', "contains a number that is not finite"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "deeper than 32 levels"),
    ],
)
def test_what_is_no_record_is_refused(content, words):
    with pytest.raises(RecordError, match=words):
        json_object(content, "a record")


def test_a_file_that_is_too_large_is_not_parsed(monkeypatch):
    monkeypatch.setattr(json_record, "LARGEST", 10)
    with pytest.raises(RecordError, match="has more than 10 bytes"):
        json_object(b"{" + b" " * 10 + b"}", "a record")
