"""Documents that are ZIP archives: Office Open XML, OpenDocument, EPUB, and ZIP itself. C2PA 2.4, 18.8 and A.6.

NOTE: c2pa-rs (0.91) binds them by a map of hashes, where the standard has an array; encypher-c2pa takes only the array.
So the engine makes the store with a data hash, whose place the hash of the collection then takes.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from provenance.sentences import clean, say
from provenance.sources.c2pa.embedding.archive import ENTRY as MANIFEST

from ..credential import Credential
from ..engine import Made, Order, sign_embeddable
from ..errors import FormatError, TimeStampError
from ..time_stamps import IfUnavailable
from .archive import CHECKSUM_IN_HEADER, Archive, end_record, stored_entry
from .cose import sign1, sign1_size
from .rebinding import rebind
from .text import whole_binding

_COLLECTION_HASH: Final = "c2pa.hash.collection.data"


def sign_document(content: bytes, media_type: str, order: Order, credential: Credential) -> tuple[bytes, Made]:
    """The document with a manifest that covers all of its files. Takes the place of a manifest that it already has.

    Raises `FormatError` for an archive that cannot be bound as a whole, and for what its manifest cannot be: an update,
    whose size the parent's own hash covers, or one with an identity, whose signature covers the engine's data hash.
    """
    if order.update:
        raise FormatError("a ZIP-based document takes no update manifest: sign it with its parent as an ingredient")
    if order.identity:
        raise FormatError("an identity assertion cannot be put into a ZIP-based document")
    shape = collection_hash(embed(content, b""))  # refuses what cannot be signed before a key is used
    bound = replace(order, remote_url=None, definition={**order.definition, "format": media_type})
    made = sign_embeddable(bound, credential.with_time_stamps(None), whole_binding(hashlib.sha256().digest()))
    try:
        return _bound(content, shape, made, credential)
    except TimeStampError as failure:
        if credential.time_stamps is None or credential.time_stamps.if_unavailable is IfUnavailable.FAIL:
            raise
        document, made = _bound(content, shape, made, credential.with_time_stamps(None))
        return document, replace(made, remarks=(*made.remarks, say("sign.no_time_stamp", why=str(failure))))


def embed(document: bytes, store: bytes) -> bytes:
    """The document with this store as its last file (section A.6.3); all other files stay byte for byte.

    Raises `FormatError` for what is no archive that can be bound as a whole.
    """
    archive = Archive.of(document)
    kept = [entry for entry in archive.entries if entry.name != MANIFEST]
    files, headers, offset = [], {}, 0
    for entry in sorted(kept, key=lambda entry: entry.start):
        files.append(document[entry.start : entry.end])
        headers[entry.name] = entry.header_at(offset)
        offset += len(files[-1])
    manifest, header = stored_entry(MANIFEST, store, zlib.crc32(store), offset)
    directory = b"".join([*(headers[entry.name] for entry in kept), header])
    end = end_record(len(kept) + 1, len(directory), offset + len(manifest), archive.comment)
    return b"".join([*files, manifest, directory, end])


def collection_hash(document: bytes) -> Mapping[str, Any]:
    """The assertion that binds all files and the directory of a document that has a place for its manifest.

    Each file is hashed as it is packed, with its own header (section A.6.2.1). Of the directory only the manifest's own
    checksum is left out, which is not known before (section A.6.2.2).
    """
    archive = Archive.of(document)
    digest, uris = hashlib.sha256(), []
    for entry in archive.entries:
        if entry.name == MANIFEST:
            digest.update(entry.header[: CHECKSUM_IN_HEADER.start] + entry.header[CHECKSUM_IN_HEADER.stop :])
            continue
        digest.update(entry.header)
        if not entry.is_folder:  # of which there is nothing to hash but its header
            uris.append({"uri": _uri(entry.name), "hash": hashlib.sha256(document[entry.start : entry.end]).digest()})
    digest.update(document[archive.end :])
    if not uris:
        raise FormatError("the document holds no file")
    return {"uris": uris, "alg": "sha256", "zip_central_directory_hash": digest.digest()}


def _uri(name: str) -> str:
    """The name as a relative URI, which may not lead out of the archive. Section 18.8.3."""
    if not {".", "..", ""}.isdisjoint(name.split("/")) or "\\" in name:
        raise FormatError(f"{clean(name)}: the document has a file whose name leads elsewhere")
    return quote(name)


def _bound(content: bytes, shape: Mapping[str, Any], made: Made, credential: Credential) -> tuple[bytes, Made]:
    """The document with the store bound to it: first with zeros in its place, since its length is in the directory.

    `shape` is a binding as long as the one that it gets.
    """
    size = sign1_size(credential)
    room = bytes(len(rebind(made.store, _COLLECTION_HASH, shape, lambda _: bytes(size))))
    binding = collection_hash(embed(content, room))
    store = rebind(made.store, _COLLECTION_HASH, binding, lambda claim: sign1(claim, credential))
    return embed(content, store), replace(made, store=store)
