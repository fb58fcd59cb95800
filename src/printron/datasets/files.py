"""Raw files of the benchmarks: found in a folder or downloaded, and always checked."""

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from printron.datasets.errors import DatasetError

DATA_DIR_VARIABLE = "PRINTRON_DATA_DIR"


@dataclass(frozen=True)
class RawFile:
    """One file as its source published it.

    Attributes
    ----------
    name : str
        File name, in a data folder and at the source.
    size_bytes : int
    sha256 : str
        Checksum (hex) of the file itself.
    url : str
        Direct address of the file, or of the zip that holds it.
    zip_sha256 : str or None
        Checksum of the zip at ``url``; None where ``url`` is the file itself.
    """

    name: str
    size_bytes: int
    sha256: str
    url: str
    zip_sha256: str | None = None


def locate(file: RawFile, data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Path of a checked copy of ``file``.

    The file is searched for in ``data_dir``, then in the folder named by the environment variable
    PRINTRON_DATA_DIR; if neither has the file, it is downloaded once into the user's cache.

    Raises
    ------
    DatasetError
        If a given folder does not exist, if a found file is not the published one, or if
        the file is in no folder and cannot be downloaded.
    """
    folders = _folders(file, data_dir)
    return check(_in_folders(file, folders) or _download(file, folders), file)


def at_hand(file: RawFile, data_dir: str | os.PathLike[str] | None = None) -> bool:
    """Whether `locate` would find ``file`` without a network."""
    try:
        found = _in_folders(file, _folders(file, data_dir))
        return check(found, file).is_file() if found else _is_cached(file)
    except (DatasetError, OSError):
        return False


def check(path: Path, file: RawFile) -> Path:
    """Return ``path`` if its content is that of ``file``.

    Raises
    ------
    DatasetError
        If the checksum differs, as for a truncated or edited file, or the file is not readable.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"cannot read '{path}' ({error.strerror}): make the file readable, or remove it to "
            "have it downloaded."
        ) from error
    got = hashlib.sha256(content).hexdigest()
    if got != file.sha256:
        raise DatasetError(
            f"'{path}' is not the published file: got {len(content)} bytes with sha256 {got}, "
            f"expected {file.size_bytes} bytes with sha256 {file.sha256}; replace it with the "
            f"unaltered file from {file.url}, or remove it to have it downloaded."
        )
    return path


def _folders(file: RawFile, data_dir: str | os.PathLike[str] | None) -> list[Path]:
    """Folders to search, in order; a named folder must exist."""
    named = {"data_dir": data_dir, DATA_DIR_VARIABLE: os.environ.get(DATA_DIR_VARIABLE)}
    folders = []
    for source, folder in named.items():
        if not folder:
            continue
        if not Path(folder).is_dir():
            raise DatasetError(
                f"{source} is '{folder}', which is not a folder: name a folder that holds "
                f"'{file.name}', or leave {source} out to have the file downloaded."
            )
        folders.append(Path(folder))
    return folders


def _in_folders(file: RawFile, folders: list[Path]) -> Path | None:
    """The first copy of the file in the folders, unchecked."""
    return next((path for folder in folders if (path := folder / file.name).is_file()), None)


def _is_cached(file: RawFile) -> bool:
    """Whether pooch would take the file from the user's cache."""
    download = _cache() / _download_name(file)
    if not download.is_file():
        return False
    got = hashlib.sha256(download.read_bytes()).hexdigest()
    if got != (file.zip_sha256 or file.sha256):
        return False
    # pooch unpacks a missing member, and takes an existing one unchecked.
    member = download.with_name(f"{download.name}.unzip") / file.name
    return not member.is_file() or check(member, file).is_file()


def _cache() -> Path:
    """The user's cache folder of printron."""
    import pooch

    return Path(pooch.os_cache("printron"))


def _download_name(file: RawFile) -> str:
    return file.url.rsplit("/", 1)[-1]


def _download(file: RawFile, folders: list[Path]) -> Path:
    """Download into the user's cache, unless a copy with the right checksum is already there."""
    import pooch

    unzip = pooch.Unzip(members=[file.name]) if file.zip_sha256 else None
    try:
        with _quiet(pooch.get_logger()):
            found = pooch.retrieve(
                url=file.url,
                known_hash=f"sha256:{file.zip_sha256 or file.sha256}",
                fname=_download_name(file),
                path=_cache(),
                processor=unzip,
            )
    except (OSError, ValueError) as error:
        raise DatasetError(_download_failed(file, folders, error)) from error
    return Path(found if isinstance(found, str) else found[0])


def _download_failed(file: RawFile, folders: list[Path], error: Exception) -> str:
    looked = " and ".join(f"'{folder}'" for folder in folders)
    where = f"is not in {looked}" if looked else "is in no data folder"
    # pooch raises ValueError for a wrong checksum; other errors are of the network or the disk.
    why = "gave a file with another checksum" if isinstance(error, ValueError) else "failed"
    return (
        f"the file '{file.name}' {where} and the download from {file.url} {why} "
        f"({type(error).__name__}): get the file by other means, keep its name, and name its "
        f"folder with --data-dir, data_dir= or the environment variable {DATA_DIR_VARIABLE}."
    )


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from logging to the terminal."""
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
