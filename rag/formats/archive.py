"""Zip archives, read in memory: entries in order, bombs and unsafe names refused one by one."""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from rag.clean import printable
from rag.errors import ReadError
from rag.formats.limits import Limits

# Below this size a high ratio is what plain repetition gives, and harms nobody.
_SMALL = 1_000_000
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


def open_archive(data: bytes, name: str, limits: Limits) -> zipfile.ZipFile:
    """The archive in ``data``.

    Raises:
        ReadError: It is no zip archive, or has more entries than ``limits.entries``.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise ReadError(
            f"{name} is damaged or not what its name says ({error}). Save or download it again."
        ) from error
    count = len(archive.infolist())
    if count > limits.entries:
        raise ReadError(f"{name} has {count:,} entries; at most {limits.entries:,} are read. Split it.")
    return archive


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limits: Limits) -> bytes:
    """The bytes of one entry; ``name`` is how messages call it.

    Raises:
        ReadError: It is encrypted, damaged, too large, or packed more tightly than text can be.
    """
    if info.flag_bits & _ENCRYPTED:
        raise ReadError(f"{name} is encrypted. Unpack it with its password first.")
    if info.file_size > limits.file_bytes:
        raise ReadError(
            f"{name} is larger than {limits.file_bytes / 1e6:g} MB, the most that is read. Split it."
        )
    if info.file_size > max(_SMALL, limits.ratio * info.compress_size):
        raise ReadError(
            f"{name} unpacks to over {limits.ratio} times its size, as no article does. "
            "Unpack it by hand if you trust it."
        )
    try:
        # zipfile gives no more than the size declared, and checks the sum at the end.
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
        raise ReadError(f"{name} is damaged ({error}). Save or download the archive again.") from error
    except (NotImplementedError, RuntimeError) as error:
        raise ReadError(
            f"{name} is packed in a way that is not read ({error}). Unpack it by hand."
        ) from error
    except Exception as error:  # lzma.LZMAError where lzma is built in
        raise ReadError(f"{name} is damaged ({error}). Save or download the archive again.") from error


def members(
    data: bytes, name: str, suffixes: frozenset[str], limits: Limits
) -> Iterator[tuple[str, bytes, str | None]]:
    """Name, bytes and error of each entry whose name ends in one of ``suffixes``, as in a folder.

    Names are ``archive!entry``. An archive in an archive is named, not opened.
    """
    try:
        archive = open_archive(data, name, limits)
    except ReadError as error:
        yield name, data, str(error)
        return
    total = 0
    seen: set[str] = set()
    with archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            path = _path(info)
            if info.is_dir() or _left_out(path, suffixes):
                continue
            full = f"{name}!{path}"
            if full in seen:
                yield full, b"", f"{full} is there twice; the second was left out. Pack the archive again."
                continue
            seen.add(full)
            if info.file_size <= limits.file_bytes:  # a larger one is refused without unpacking it
                total += info.file_size
            if total > limits.total_bytes:
                yield full, b"", f"{name} unpacks to over {limits.total_bytes / 1e6:g} MB. Split it."
                return
            try:
                yield full, _member(archive, info, path, full, limits), None
            except ReadError as error:
                yield full, b"", str(error)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: PurePosixPath, full: str, limits: Limits
) -> bytes:
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise ReadError(f"{full} points outside its archive. Leave it out, or pack the archive again.")
    if path.suffix.lower() == ".zip":
        raise ReadError(f"{full} is an archive inside an archive. Unpack it first.")
    return unpack(archive, info, full, limits)


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    """The entry's name; UTF-8 names that were not marked as such are mended."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(printable(name.replace("\\", "/")))


def _left_out(path: PurePosixPath, suffixes: frozenset[str]) -> bool:
    hidden = any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in path.parts)
    return hidden or path.stem.upper() == "README" or path.suffix.lower() not in suffixes
