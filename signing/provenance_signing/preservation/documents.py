"""PDF and ZIP-based documents: signatures and passwords that they have, and the files in them."""

import re
import zipfile
from typing import Final

from provenance.asset import OpenAsset
from provenance.sources.c2pa.embedding.archive import ENTRY

# ISO 32000-2, sections 7.6 and 12.8. Neither stands in a compressed object: a signature is found by its place in the
# file, and the trailer says how all else is to be read. Letters of a name may be written by their numbers (7.3.5).
_NAME: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_SIGNED: Final = re.compile(rb"/ByteRange\s*[\[\d%]")
_ENCRYPTED: Final = re.compile(rb"/Encrypt\s*[<\d%]")
_END: Final = b"%%EOF"
_BLANK: Final = b" \t\r\n\f\0"

# OPC (ISO/IEC 29500-2), section 12; OpenDocument 1.3, part 2, section 5; EPUB 3.3, section 4.2.6.3.6; JAR.
_SIGNATURES: Final = re.compile(
    r"_xmlsignatures/.*|META-INF/(documentsignatures\.xml|macrosignatures\.xml|.*signatures.*\.(xml|p7s)|[^/]*\.(SF|RSA|DSA|EC))",
    re.IGNORECASE,
)


def protected_pdf(asset: OpenAsset) -> str | None:
    """A PDF that somebody signed, or that a password protects, or that has something behind its end."""
    content = bytes(asset.content())
    plain = _NAME.sub(lambda escape: bytes([int(escape[1], 16)]), content) if b"#" in content else content
    if _SIGNED.search(plain):
        return "holds somebody's digital signature, which a manifest inside would break"
    if _ENCRYPTED.search(plain):
        return "is protected by a password, and nothing can be put into it"
    _, end, behind = content.rpartition(_END)
    if end and behind.strip(_BLANK):
        return "has something behind its end, which would be lost"
    return None


def signed_archive(asset: OpenAsset) -> str | None:
    """A document that holds a signature of its own kind: to most of them a further file is a forgery."""
    try:
        with zipfile.ZipFile(asset.stream) as archive:
            signed = any(_SIGNATURES.fullmatch(name) for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None  # what cannot be taken apart is refused where it is bound
    return "holds a digital signature, which a manifest inside would break" if signed else None


def archive(before: OpenAsset, after: OpenAsset) -> str | None:
    """All files, in their order, and in an EPUB its type first and not compressed. OCF 3.3, section 4.3."""
    try:
        if _files(before) != _files(after):
            return "its files would be changed"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return "it could not be opened any more"
    return None


def _files(asset: OpenAsset) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(asset.stream) as opened:
        return [
            (entry.filename, entry.CRC, entry.file_size, entry.compress_type, entry.compress_size, entry.date_time)
            for entry in sorted(opened.infolist(), key=lambda entry: entry.header_offset)
            if entry.filename != ENTRY
        ]
