"""A folder on any storage that fsspec knows: this machine's disks, memory://, s3:// and so on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printron.errors import PrintronError
from printron.technology.files import write_atomically

OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss"}


class StoreError(PrintronError):
    """A folder cannot take or give results; the message names the file and what to do."""


@dataclass(frozen=True)
class Place:
    """A folder; made by the first file that is written into it.

    Attributes
    ----------
    url : as a person named it.
    files, root : the file system of fsspec and the folder's path on it; None on local disks.
    """

    url: str
    files: Any
    root: str

    @property
    def local(self) -> Path | None:
        """The folder on this machine's disks; None elsewhere."""
        return None if self.files else Path(self.root)

    def address(self, name: str) -> str:
        """What a person would call a file."""
        return f"{self.url.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes:
        """All bytes of a file.

        Raises
        ------
        OSError : it is not there or cannot be read.
        """
        if self.local:
            return (self.local / name).read_bytes()
        with self._told(name):
            content: bytes = self.files.cat_file(f"{self.root}/{name}")
            return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file: whole or not at all, at any moment.

        On local disks the file is renamed into its place; object stores put whole objects.

        Raises
        ------
        OSError : it cannot be written.
        """
        if self.local:
            write_atomically(self.local / name, lambda part: part.write_bytes(content))
            return
        with self._told(name):
            self._make_folder(f"{self.root}/{name}".rpartition("/")[0])
            self.files.pipe_file(f"{self.root}/{name}", content)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        if self.local:
            return (self.local / name).exists()
        with self._told(name):
            return bool(self.files.exists(f"{self.root}/{name}"))

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder inside, in order; those of unfinished files left out."""
        if self.local:
            there = self.local / folder
            found = [path.name for path in there.iterdir()] if there.is_dir() else []
        else:
            with self._told(folder):
                self.files.invalidate_cache()
                try:
                    paths = self.files.ls(f"{self.root}/{folder}", detail=False)
                except FileNotFoundError:
                    paths = []
            found = [str(path).rpartition("/")[2] for path in paths]
        return sorted(name for name in found if name and not name.startswith("."))

    def check_writable(self) -> None:
        """Make sure that files can be written, leaving no trace.

        Raises
        ------
        StoreError : one sentence with the place and the reason.
        """
        if self.local:
            _check_local(self.local)
            return
        with self._told(".probe"):
            self._make_folder(self.root)
            self.files.pipe_file(f"{self.root}/.probe", b"")
            self.files.rm_file(f"{self.root}/.probe")

    @contextmanager
    def folder_to_fill(self) -> Iterator[Path]:
        """A folder of this machine for files that other libraries write; they end up here."""
        if self.local:
            yield self.local
            return
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)
            for path in sorted(Path(made).rglob("*")):
                if path.is_file():
                    self.write(path.relative_to(made).as_posix(), path.read_bytes())

    def _make_folder(self, path: str) -> None:
        """Make a folder; object stores have none, and would make a bucket of a mistyped name."""
        protocols = self.files.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        if not names & OBJECT_STORES:
            self.files.makedirs(path, exist_ok=True)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Errors of a storage, of whatever library, as one of the system's that names the file."""
        try:
            yield
        except FileNotFoundError as error:
            raise FileNotFoundError(2, "it is not there", self.address(name)) from error
        except Exception as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise OSError(5, why, self.address(name)) from error


def place_at(url: str | Path) -> Place:
    """The folder of that path or URL.

    Raises
    ------
    StoreError : fsspec does not know the storage, or lacks a package for it.
    """
    text = str(url)
    if text.startswith("file://"):
        text = text.removeprefix("file://")
    if "://" not in text:
        return Place(text, None, text)
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(text)
    except Exception as error:
        why = " ".join(str(error).split()).rstrip(".")
        raise StoreError(
            f"got the place '{text}', which cannot be opened ({why}); give a folder of this "
            "machine, or a URL of a storage that fsspec knows (s3://bucket/folder) with the "
            "package that it needs installed"
        ) from error
    return Place(text, files, str(root).rstrip("/"))


def check_writable(folder: str | Path) -> None:
    """Make sure that files can be written below a folder, leaving no trace.

    Raises
    ------
    StoreError : one sentence with the path and the reason.
    OSError : a storage elsewhere refused.
    """
    place_at(folder).check_writable()


def _check_local(folder: Path) -> None:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        if not place.is_dir():
            raise NotADirectoryError(20, "it is a file, not a folder")
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise StoreError(
            f"cannot write to '{folder}': '{place}' does not take files ({error.strerror}); name "
            "another folder with --out"
        ) from error
