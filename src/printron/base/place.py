"""A folder on any storage that fsspec knows: this machine's disks, memory://, s3:// and so on."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from printron.base.files import is_unfinished, unfinished_name, write_bytes
from printron.errors import PrintronError

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
            write_bytes(content, self.local / name)
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
        """Names of the files in a folder inside, in order; unfinished files left out."""
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
        return sorted(name for name in found if name and not is_unfinished(name))

    def check_writable(self) -> None:
        """Make sure that files can be written, leaving no trace.

        Raises
        ------
        StoreError : one sentence with the place and the reason.
        """
        if self.local:
            _check_local(self.local)
            return
        probe = unfinished_name(Path("probe"))
        with self._told(probe):
            self._make_folder(self.root)
            self.files.pipe_file(f"{self.root}/{probe}", b"")
            self.files.rm_file(f"{self.root}/{probe}")

    def fill(self, write: Callable[[Path], Sequence[str]]) -> "Filled":
        """Let `write` fill a folder with files; what was computed is never lost.

        Where the place refuses them (a full disk, a lost connection), the files go into a new
        folder of this machine.

        Parameters
        ----------
        write : is given a folder of this machine; returns the names of its files, in the order
            in which the place gets them.
        """
        try:
            return Filled(tuple(map(self.address, self._filled(write))))
        except OSError as error:
            refused = error
        for home in dict.fromkeys((tempfile.gettempdir(), os.getcwd(), str(Path.home()))):
            with suppress(OSError):
                folder = tempfile.mkdtemp(prefix="printron-results-", dir=home)
                try:
                    names = write(Path(folder))
                except OSError:
                    shutil.rmtree(folder, ignore_errors=True)
                    raise
                files = tuple(f"{folder}/{name}" for name in names)
                return Filled(files, _moved(refused, folder))
        return Filled((), _lost(refused))

    def _filled(self, write: Callable[[Path], Sequence[str]]) -> Sequence[str]:
        """Names of the files that `write` has put here."""
        if self.local:
            return write(self.local)
        with tempfile.TemporaryDirectory() as made:
            names = write(Path(made))
            for name in names:
                self.write(name, (Path(made) / name).read_bytes())
            return names

    @contextmanager
    def fetched(self, names: Sequence[str]) -> Iterator[Path]:
        """A folder of this machine with these files of the place, for libraries that read files.

        Raises
        ------
        OSError : a file is not there or cannot be read.
        """
        if self.local:
            yield self.local
            return
        with tempfile.TemporaryDirectory() as made:
            for name in names:
                path = Path(made) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.read(name))
            yield Path(made)

    def remove(self, name: str) -> None:
        """Remove a file, if there is one.

        Raises
        ------
        OSError : the file cannot be removed.
        """
        if self.local:
            (self.local / name).unlink(missing_ok=True)
        elif self.exists(name):
            with self._told(name):
                self.files.rm_file(f"{self.root}/{name}")

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


@dataclass(frozen=True)
class Filled:
    """Where files have gone.

    Attributes
    ----------
    files : addresses.  refusal : a sentence where another folder took the files; else empty.
    """

    files: tuple[str, ...]
    refusal: str = ""


def _moved(error: OSError, folder: str) -> str:
    reason = error.strerror or " ".join(str(error).split())
    return (
        f"cannot write '{error.filename}' ({reason}); nothing is lost: all files are in "
        f"'{folder}' instead, move them where there is space"
    )


def _lost(error: OSError) -> str:
    reason = error.strerror or " ".join(str(error).split())
    return (
        f"cannot write '{error.filename}' ({reason}), nor into the folder of temporary files, this "
        "folder or the home; make space and give the same command again"
    )


def place_at(url: str | Path) -> Place:
    """The folder of that path or URL: the one place where what a person typed is understood.

    A path may begin with ~; file:///folder is the folder of this machine.

    Raises
    ------
    StoreError : fsspec does not know the storage, or lacks a package for it.
    """
    text = str(url)
    if text.lower().startswith("file:"):
        text = _path_of(text)
    if "://" not in text:
        return _local_place(text)
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


def _local_place(text: str) -> Place:
    if not text.strip():
        raise StoreError("got an empty name of a folder; name a folder, or leave the option out")
    try:
        folder = str(Path(text).expanduser())
    except RuntimeError:  # ~somebody, whom this machine does not know
        folder = text
    return Place(folder, None, folder)


def _path_of(url: str) -> str:
    """The path that a file URL means.

    Raises
    ------
    StoreError : a URL of another machine, or without a path.
    """
    path = url[len("file:") :]
    host = ""
    if path.startswith("//"):
        host, slash, rest = path[2:].partition("/")
        path = slash + rest
    if host not in ("", "localhost") or not path.strip("/"):
        raise StoreError(
            f"got the place '{url}', which is no folder of this machine; write file:///folder "
            "(three strokes), or the path alone"
        )
    return unquote(path)


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
