"""Files are whole or not there, and only what printron left unfinished is ever cleared away."""

import errno

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.base.files import (
    clear_unfinished,
    is_unfinished,
    unfinished_name,
    write_atomically,
    write_bytes,
)

OTHERS = (".my-notes.csv", ".iris-abc.parquet", ".readings-00000.parquet", ".printron-1-2.csv",
          ".printron-0123456789abcdef-0123456789abcdef.csv", ".lock", "notes.csv")  # fmt: skip


def test_what_printron_left_unfinished_is_cleared_and_nothing_else(tmp_path):
    for name in OTHERS:
        (tmp_path / name).write_text("x")
    left = [unfinished_name(tmp_path / name) for name in ("a.csv", "b.parquet", "c", "d.e-f")]
    for name in left:
        (tmp_path / name).write_text("half")
    clear_unfinished([tmp_path, tmp_path / "nowhere"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(OTHERS)


def test_a_process_that_is_killed_leaves_a_file_that_is_known_as_unfinished(tmp_path):
    seen = []
    write_atomically(tmp_path / "a.csv", lambda part: seen.append(part) or part.write_text("x"))
    assert is_unfinished(seen[0].name)
    assert seen[0].suffix == ".csv"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@given(st.text(max_size=60))
def test_no_name_that_a_person_writes_is_taken_for_one(name):
    assert not is_unfinished(name)
    assert not is_unfinished(f".printron-{name}")


def test_a_full_disk_names_the_file_and_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.csv"
    write_bytes(b"old", path)

    def full(part):
        part.write_bytes(b"ha")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, full)
    assert caught.value.filename == str(path)
    assert caught.value.errno == errno.ENOSPC
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_a_file_is_an_error_that_names_what_was_to_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the kind differs between systems
        write_bytes(b"new", tmp_path / "file" / "a.csv")
    assert caught.value.filename == str(tmp_path / "file" / "a.csv")


def test_libraries_that_add_a_suffix_find_theirs(tmp_path):
    write_atomically(tmp_path / "a.npz", lambda part: np.savez(part, x=np.zeros(2)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
