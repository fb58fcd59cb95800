"""Raw files: found, downloaded, and never taken unchecked; each fault is one sentence."""

import dataclasses
import hashlib
import zipfile

import pooch
import pytest

from printron.datasets import DatasetError, RawFile, describe, load_dataset, names
from printron.datasets.files import at_hand, check, locate

CONTENT = b"1 2 3\n4 5 6\n"
FILE = RawFile(
    name="numbers.dat",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    url="https://example.org/numbers.dat",
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", names())
def test_the_records_are_those_of_the_raw_files(name, raw):
    for file in describe(name).files:
        path = check(raw / file.name, file)
        assert path.stat().st_size == file.size_bytes
        assert file.url.startswith("https://archive.ics.uci.edu/")


def test_a_file_is_taken_from_data_dir_before_the_environment(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PRINTRON_DATA_DIR", str(tmp_path))
    (tmp_path / FILE.name).write_bytes(CONTENT)
    assert locate(FILE, folder) == tmp_path / FILE.name
    (folder / FILE.name).write_bytes(CONTENT)
    assert locate(FILE, folder) == folder / FILE.name
    assert locate(FILE) == tmp_path / FILE.name


@pytest.mark.parametrize("name", ["seeds", "vertebral_3c"])
def test_the_environment_names_the_folder_of_raw_files(name, raw, monkeypatch):
    monkeypatch.setenv("PRINTRON_DATA_DIR", str(raw))
    assert load_dataset(name).name == name


@pytest.mark.parametrize(
    ("content", "got"), [(CONTENT[:5], "got 5 bytes"), (b"9" + CONTENT[1:], "got 12 bytes")]
)
def test_a_truncated_or_edited_file_is_refused(content, got, folder):
    (folder / FILE.name).write_bytes(content)
    message = _message(lambda: locate(FILE, folder))
    assert str(folder / FILE.name) in message
    assert got in message
    assert hashlib.sha256(content).hexdigest() in message
    assert f"expected 12 bytes with sha256 {FILE.sha256}" in message
    assert FILE.url in message


def test_a_truncated_benchmark_is_refused_from_data_dir(folder, raw):
    content = (raw / "seeds_dataset.txt").read_bytes()[:-100]
    (folder / "seeds_dataset.txt").write_bytes(content)
    message = _message(lambda: load_dataset("seeds", data_dir=folder))
    assert "got 9200 bytes" in message
    assert "expected 9300 bytes" in message


def test_a_folder_that_is_not_there_is_named(folder, monkeypatch):
    gone = folder / "gone"
    assert f"data_dir is '{gone}', which is not a folder" in _message(lambda: locate(FILE, gone))
    monkeypatch.setenv("PRINTRON_DATA_DIR", str(gone))
    assert f"PRINTRON_DATA_DIR is '{gone}'" in _message(lambda: locate(FILE))


@pytest.mark.parametrize("name", names())
def test_address_and_checksum_are_handed_to_the_download(name, monkeypatch, raw):
    asked = []

    def retrieve(**order):
        asked.append((order["url"], order["known_hash"]))
        file = describe(name).files[len(asked) - 1]
        path = str(raw / file.name)
        return [path] if order["processor"] else path

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    load_dataset(name)
    assert asked == [
        (file.url, f"sha256:{file.zip_sha256 or file.sha256}") for file in describe(name).files
    ]


def test_without_network_the_error_says_what_to_do(folder):
    message = _message(lambda: load_dataset("seeds", data_dir=folder))
    assert f"'seeds_dataset.txt' is not in '{folder}'" in message
    assert describe("seeds").files[0].url in message
    for remedy in ("--data-dir", "data_dir=", "PRINTRON_DATA_DIR"):
        assert remedy in message


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionError("refused"), "failed (ConnectionError)"),
        (ValueError("SHA256 hash ... does not match"), "gave a file with another checksum"),
        (PermissionError("cache"), "failed (PermissionError)"),
    ],
)
def test_a_failed_download_is_one_sentence(error, why, monkeypatch):
    def retrieve(**order):
        raise error

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    message = _message(lambda: load_dataset("cardiotocography"))
    assert "'CTG.xls' is in no data folder" in message
    assert why in message


def test_a_member_is_taken_out_of_a_downloaded_zip(tmp_path, monkeypatch):
    # The zip stands in the cache already, so that pooch unpacks it without the network.
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    archive = tmp_path / "printron" / "both.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("numbers.dat", CONTENT)
        file.writestr("other.dat", b"7\n")
    one = dataclasses.replace(
        FILE,
        url="https://example.org/both.zip",
        zip_sha256=hashlib.sha256(archive.read_bytes()).hexdigest(),
    )
    other = dataclasses.replace(
        one, name="other.dat", size_bytes=2, sha256=hashlib.sha256(b"7\n").hexdigest()
    )
    assert at_hand(one)
    assert locate(one).read_bytes() == CONTENT
    assert locate(other).read_bytes() == b"7\n"
    assert at_hand(one)
    # A spoilt member is refused, and unpacked again once it is removed.
    locate(one).write_bytes(b"")
    assert "got 0 bytes" in _message(lambda: locate(one))
    assert not at_hand(one)
    next(tmp_path.rglob("numbers.dat")).unlink()
    assert locate(one).read_bytes() == CONTENT
    # Without the zip, pooch would ask the network, although the member is there.
    archive.unlink()
    assert not at_hand(one)
    assert "download" in _message(lambda: locate(one))


def test_a_file_is_at_hand_where_it_would_be_taken_from(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    assert not at_hand(FILE)
    assert not at_hand(FILE, folder)
    cached = tmp_path / "printron" / FILE.name
    cached.parent.mkdir()
    cached.write_bytes(CONTENT)
    assert at_hand(FILE, folder)
    assert locate(FILE, folder) == cached
    # A damaged copy in a folder is refused, not passed over.
    (folder / FILE.name).write_bytes(CONTENT[:5])
    assert not at_hand(FILE, folder)
    cached.write_bytes(CONTENT[:5])
    assert not at_hand(FILE)


def _message(act):
    with pytest.raises(DatasetError) as caught:
        act()
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message
