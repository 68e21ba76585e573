"""The collection hash of a ZIP-based document: a hash for each file in it, and one for its directory.

C2PA 2.4, sections 18.8 and A.6.
"""

import bisect
import struct
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final
from urllib.parse import unquote

from .... import limits
from ....asset import OpenAsset
from ..embedding import Range
from ..embedding.archive import ENTRY, LOCAL_HEADER, Stream
from .coverage import Coverage, MalformedBindingError, hash_name, hash_of, without

_CHECKSUM: Final = slice(16, 20)  # of an entry in the directory
_DIRECTORY_ENTRY: Final = 46


def coverage_of(asset: OpenAsset, binding: Mapping[Any, Any], own: tuple[Range, ...], *, algorithm: Any) -> Coverage:
    """What this collection hash covers of the asset, in which `own` is the place of the manifest."""
    name = hash_name(binding, algorithm)
    hashes = _hashes(binding.get("uris"))
    try:
        with zipfile.ZipFile(Stream(asset)) as archive:
            entries, directory = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, UnicodeDecodeError):
        return Coverage(matched=False)
    folders = [entry for entry in entries if _is_bare_folder(entry, hashes)]
    files = [entry for entry in entries if entry.filename != ENTRY and not _is_bare_folder(entry, hashes)]
    if sorted(entry.filename for entry in files) != sorted(hashes):
        return Coverage(matched=False)
    if any(not 0 <= entry.header_offset < directory for entry in entries):
        return Coverage(matched=False)
    starts = sorted([*(entry.header_offset for entry in entries), directory])
    if any(start == following for start, following in pairwise(starts)):
        return Coverage(matched=False)  # entries that share their bytes: each would be hashed again
    covered = [*own, *(span for folder in folders if (span := _folder(asset, folder)) is not None)]
    for file in files:
        span = _span(asset, file, starts, name, hashes[file.filename])
        if span is None:
            return Coverage(matched=False)
        covered.append(span)
    checksum = _checksum(asset, directory)
    parts: list[Range | bytes] = [*without(Range(directory, asset.size), checksum)]
    if hash_of(asset, name, parts) != binding.get("zip_central_directory_hash"):
        return Coverage(matched=False)
    return Coverage(True, tuple(without(Range(0, directory), covered)))


def _is_bare_folder(entry: zipfile.ZipInfo, hashes: Mapping[str, Any]) -> bool:
    return entry.is_dir() and entry.filename not in hashes


def _hashes(uris: Any) -> dict[str, Any]:
    """The hash of each file by its name: the standard has an array, c2pa-rs (0.91) writes a map."""
    if isinstance(uris, Mapping):
        pairs = [
            (name, reference.get("hash") if isinstance(reference, Mapping) else reference)
            for name, reference in uris.items()
        ]
    elif isinstance(uris, list) and all(isinstance(reference, Mapping) for reference in uris):
        pairs = [(reference.get("uri"), reference.get("hash")) for reference in uris]
    else:
        raise MalformedBindingError
    hashes = {unquote(name): value for name, value in pairs if isinstance(name, str)}
    if len(hashes) != len(pairs) or len(pairs) > limits.MAX_EXCLUSIONS:
        raise MalformedBindingError
    return hashes


def _span(asset: OpenAsset, entry: zipfile.ZipInfo, starts: list[int], algorithm: str, wanted: Any) -> Range | None:
    """The bytes of one file that its hash is of: up to its content's end, or to the next file, as some writers do."""
    header = asset.read_at(entry.header_offset, LOCAL_HEADER)
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    content_end = entry.header_offset + LOCAL_HEADER + lengths + entry.compress_size
    following = starts[bisect.bisect_right(starts, entry.header_offset)]
    if content_end > following:
        return None
    for end in dict.fromkeys((content_end, following)):
        if hash_of(asset, algorithm, [Range(entry.header_offset, end)]) == wanted:
            return Range(entry.header_offset, end)
    return None


def _folder(asset: OpenAsset, entry: zipfile.ZipInfo) -> Range | None:
    """The header of a folder, which has no content and no hash: where it says no more than the directory, which has."""
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace")
    year, month, day, hour, minute, second = entry.date_time
    expected = struct.pack(
        "<4s5H3I2H",
        b"PK\x03\x04",
        *(entry.extract_version, entry.flag_bits, entry.compress_type),
        *(hour << 11 | minute << 5 | second // 2, year - 1980 << 9 | month << 5 | day),
        *(entry.CRC, entry.compress_size, entry.file_size, len(name), 0),
    )
    header = asset.read_at(entry.header_offset, LOCAL_HEADER + len(name))
    is_plain = header == expected + name and entry.compress_size == 0
    return Range(entry.header_offset, entry.header_offset + len(header)) if is_plain else None


def _checksum(asset: OpenAsset, directory: int) -> list[Range]:
    """Where the directory has the manifest's checksum, which is not known before the manifest is made."""
    if asset.size - directory > limits.MAX_ZIP_DIRECTORY:
        return []
    data = asset.read_at(directory, asset.size - directory)
    offset = 0
    while data[offset : offset + 4] == b"PK\x01\x02":
        lengths = [int.from_bytes(data[offset + at : offset + at + 2], "little") for at in (28, 30, 32)]
        name = data[offset + _DIRECTORY_ENTRY : offset + _DIRECTORY_ENTRY + lengths[0]]
        if name == ENTRY.encode():
            return [Range(directory + offset + _CHECKSUM.start, directory + offset + _CHECKSUM.stop)]
        offset += _DIRECTORY_ENTRY + sum(lengths)
    return []
