"""A folder on any storage supported by fsspec: local disks, memory://, s3:// and so on."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from printron.base.files import is_unfinished, unfinished_name, write_bytes
from printron.errors import PrintronError

OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss"}
_URL = re.compile(r"[\w+.:-]+://")


class StoreError(PrintronError):
    """A folder cannot be read or written; the message names the file and what to do."""


@dataclass(frozen=True)
class Place:
    """A folder; created with its first file.

    Attributes
    ----------
    url : as typed by the user.
    files, root : file system of fsspec (None for local disks), and the folder's path there.
    """

    url: str
    files: Any
    root: str

    @property
    def local(self) -> Path | None:
        """The folder on this machine's disks; None elsewhere."""
        return None if self.files else Path(self.root)

    def address(self, name: str) -> str:
        """Path or URL of a file."""
        return f"{self.url.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes:
        """All bytes of a file.

        Raises
        ------
        OSError : missing or unreadable file.
        """
        if self.local:
            return (self.local / name).read_bytes()
        with self._naming(name):
            content: bytes = self.files.cat_file(f"{self.root}/{name}")
            return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file atomically.

        On local disks the finished file is renamed; object stores put whole objects.

        Raises
        ------
        OSError : the file cannot be written.
        """
        if self.local:
            write_bytes(content, self.local / name)
            return
        with self._naming(name):
            self._make_folder(f"{self.root}/{name}".rpartition("/")[0])
            self.files.pipe_file(f"{self.root}/{name}", content)

    def exists(self, name: str) -> bool:
        """Whether the file exists."""
        if self.local:
            return (self.local / name).exists()
        with self._naming(name):
            return bool(self.files.exists(f"{self.root}/{name}"))

    def names(self, folder: str) -> list[str]:
        """Sorted names of the files in a subfolder, without unfinished files."""
        if self.local:
            inside = self.local / folder
            found = [path.name for path in inside.iterdir()] if inside.is_dir() else []
        else:
            with self._naming(folder):
                self.files.invalidate_cache()
                try:
                    paths = self.files.ls(f"{self.root}/{folder}", detail=False)
                except FileNotFoundError:
                    paths = []
            found = [str(path).rpartition("/")[2] for path in paths]
        return sorted(name for name in found if name and not is_unfinished(name))

    def check_writable(self) -> None:
        """Check that files can be written, without leaving any.

        Raises
        ------
        StoreError : one sentence with the place and the reason.
        """
        if self.local:
            _check_local(self.local)
            return
        probe = unfinished_name(Path("probe"))
        with self._naming(probe):
            self._make_folder(self.root)
            self.files.pipe_file(f"{self.root}/{probe}", b"")
            self.files.rm_file(f"{self.root}/{probe}")

    def put(self, write: Callable[[Path], Sequence[str]]) -> Sequence[str]:
        """Let `write` write files into a local folder: this folder, or a temporary one.

        Parameters
        ----------
        write : takes a local folder; returns the names of its files, in the order of upload.

        Returns
        -------
        The names.

        Raises
        ------
        OSError : a file cannot be written.
        """
        if self.local:
            return write(self.local)
        with tempfile.TemporaryDirectory() as made:
            names = write(Path(made))
            for name in names:
                self.write(name, (Path(made) / name).read_bytes())
            return names

    @contextmanager
    def fetched(self, names: Sequence[str]) -> Iterator[Path]:
        """A local folder with these files, for libraries that read files.

        Raises
        ------
        OSError : missing or unreadable file.
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
        """Remove a file, if present.

        Raises
        ------
        OSError : the file cannot be removed.
        """
        if self.local:
            (self.local / name).unlink(missing_ok=True)
        elif self.exists(name):
            with self._naming(name):
                self.files.rm_file(f"{self.root}/{name}")

    def _make_folder(self, path: str) -> None:
        """Make a folder; not on object stores, which would make a bucket of a mistyped name."""
        protocols = self.files.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        if not names & OBJECT_STORES:
            self.files.makedirs(path, exist_ok=True)

    @contextmanager
    def _naming(self, name: str) -> Iterator[None]:
        """Any error of a storage library, as an OSError that names the file."""
        try:
            yield
        except FileNotFoundError as error:
            raise FileNotFoundError(2, "no such file", self.address(name)) from error
        except Exception as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise OSError(5, why, self.address(name)) from error


def place_at(url: str | Path) -> Place:
    """The folder of a path or URL; the only parser of typed folders.

    A path may begin with ~; file:///folder is a folder of this machine.

    Raises
    ------
    StoreError : fsspec does not support the storage, or lacks a package.
    """
    text = str(url)
    if text.lower().startswith("file:"):
        text = _path_of(text)
    if not _URL.match(text):
        return _local_place(text)
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(text)
    except Exception as error:
        why = " ".join(str(error).split()).rstrip(".")
        raise StoreError(
            f"got the place '{text}', which cannot be opened ({why}); give a folder of this "
            "machine, or a URL of a storage that fsspec supports (s3://bucket/folder), with its "
            "package installed"
        ) from error
    return Place(text, files, str(root).rstrip("/"))


def _local_place(text: str) -> Place:
    if not text.strip():
        raise StoreError("got an empty name of a folder; name a folder, or leave the option out")
    try:
        folder = str(Path(text).expanduser())
    except RuntimeError:  # ~name of an unknown user
        folder = text
    return Place(folder, None, folder)


def _path_of(url: str) -> str:
    """The path of a file URL.

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
            "(three slashes), or the path alone"
        )
    return unquote(path)


def path_here(text: str, what: str) -> str:
    """The local path of a typed file or folder; see `place_at`.

    Parameters
    ----------
    what : kind of file or folder, for the message.

    Raises
    ------
    StoreError : the file is on another storage.
    """
    place = place_at(text)
    if place.local is None:
        raise StoreError(
            f"got the {what} '{text}', which is not on this machine; copy it here and give its path"
        )
    return str(place.local)


def check_writable(folder: str | Path) -> None:
    """Check that files can be written below a folder, without leaving any.

    Raises
    ------
    StoreError : one sentence with the path and the reason.
    OSError : a remote storage refused.
    """
    place_at(folder).check_writable()


def _check_local(folder: Path) -> None:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        if not place.is_dir():
            raise NotADirectoryError(20, "a file, not a folder")
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise StoreError(
            f"cannot write to '{folder}': '{place}' does not take files ({error.strerror}); name "
            "another folder with --out"
        ) from error
