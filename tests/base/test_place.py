"""One place is one place, whatever it is called and whichever command is given it."""

import errno
from pathlib import Path

import pytest

from printron.base.files import unfinished_name
from printron.base.filling import fill
from printron.base.place import StoreError, path_here, place_at


def test_a_path_and_its_file_url_are_one_place(tmp_path, monkeypatch):
    folder = tmp_path / "a b"
    url = f"file://{tmp_path}/a%20b"
    for name in (folder, str(folder), url, url.replace("file://", "file://localhost")):
        assert place_at(name).local == folder
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place_at("~/a b").local == folder


def test_a_file_that_a_person_names_is_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("~/a.csv", f"file://{tmp_path}/a.csv", str(tmp_path / "a.csv")):
        assert path_here(name, "table") == str(tmp_path / "a.csv")
    with pytest.raises(StoreError, match=r"got the table 'memory://a.csv', which is not on this"):
        path_here("memory://a.csv", "table")


@pytest.mark.parametrize("url", ["file://", "file:///", "file://elsewhere/folder"])
def test_a_file_url_of_no_folder_here_is_one_sentence(url):
    with pytest.raises(StoreError, match="no folder of this machine"):
        place_at(url)


def two_files(folder):
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "sub" / "a.txt").write_text("a")
    (folder / "b.txt").write_text("b")
    return ["sub/a.txt", "b.txt"]


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_files_arrive_wherever_the_place_is(where, tmp_path):
    place = place_at(tmp_path / "out" if where == "disk" else f"memory://{tmp_path.name}")
    filled = fill(place, two_files)
    assert not filled.refusal
    assert filled.files == (place.address("sub/a.txt"), place.address("b.txt"))
    assert place.read("sub/a.txt") == b"a"
    assert place.names("sub") == ["a.txt"]
    with place.fetched(["sub/a.txt"]) as here:
        assert (here / "sub" / "a.txt").read_text() == "a"
    place.remove("b.txt")
    place.remove("b.txt")
    assert not place.exists("b.txt")


def test_a_place_that_refuses_files_loses_nothing(tmp_path, monkeypatch):
    """The disk is full when the last file is written."""
    (tmp_path / "other").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "other"))

    def write(folder):
        names = two_files(folder)
        if "other" not in str(folder):
            raise OSError(errno.ENOSPC, "No space left on device", str(folder / "c.txt"))
        return names

    filled = fill(place_at(tmp_path / "full"), write)
    assert "No space left on device" in filled.refusal
    assert str(tmp_path / "full" / "c.txt") in filled.refusal
    for path in filled.files:
        assert path.startswith(str(tmp_path / "other"))
        assert path.rpartition("/")[0].removesuffix("/sub") in filled.refusal
        assert Path(path).read_text() in ("a", "b")


def test_where_no_folder_takes_files_the_first_refusal_is_told_and_nothing_left_behind(
    tmp_path, monkeypatch
):
    def refuse(folder):
        raise OSError(errno.EROFS, "Read-only", str(folder))

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    filled = fill(place_at(tmp_path / "out"), refuse)
    assert filled.files == ()
    assert f"cannot write '{tmp_path / 'out'}' (Read-only)" in filled.refusal
    assert not list(tmp_path.iterdir())


def test_hidden_files_are_listed_but_for_unfinished_ones(tmp_path):
    for name in (".readings-00000.parquet", "b", unfinished_name(tmp_path / "b")):
        (tmp_path / name).write_text("x")
    assert place_at(tmp_path).names("") == [".readings-00000.parquet", "b"]


def test_names_that_a_url_or_a_shell_would_read_otherwise(tmp_path):
    assert place_at(f"file://{tmp_path}/a#b?c").local == tmp_path / "a#b?c"
    assert str(place_at("~nobody-of-this-name/x").local) == "~nobody-of-this-name/x"
    for nothing in ("", " "):
        with pytest.raises(StoreError, match="empty name of a folder"):
            place_at(nothing)


def test_looking_whether_a_storage_takes_files_leaves_all_as_it_was(tmp_path):
    (tmp_path / ".probe").write_text("mine")
    place_at(f"local://{tmp_path}").check_writable()
    assert [path.name for path in tmp_path.iterdir()] == [".probe"]
