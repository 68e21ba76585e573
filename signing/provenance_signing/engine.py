"""The engine that makes manifests: c2pa-python (c2pa-rs). Nothing here decides what a manifest says.

Some calls of the C API have no Python layer yet: signing for embedders, and identity assertions. They stand here and
nowhere else, and hold for c2pa-python 0.38 (c2pa-rs 0.91).
"""

import ctypes
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Any, BinaryIO, Final

import c2pa
from c2pa.c2pa import C2paSigner, _check_ffi_operation_result, _lib

from provenance.media_type import MANIFEST_STORE
from provenance.sentences import Message, say
from provenance.trust import TrustStore

from .credential import Credential
from .errors import CredentialError, FormatError, SigningError
from .manifest import CREATED_LABELS
from .time_stamps import IfUnavailable

_SETTINGS: Final[dict[str, Any]] = {
    "verify": {
        "verify_after_sign": False,  # what was signed is read back from the output itself
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
    "builder": {
        "thumbnail": {"enabled": False},  # the engine's own takes twenty times as long as the signature
        "created_assertion_labels": list(CREATED_LABELS),
    },
}

_BYTES: Final = ctypes.POINTER(ctypes.c_ubyte)
_STRINGS: Final = ctypes.POINTER(ctypes.c_char_p)

# Signs with the engine's signer; what fails outside the engine goes into the list.
_Sign = Callable[[Any, list[Exception]], bytes]


class Placement(Enum):
    """Where the manifest store goes."""

    EMBEDDED = auto()
    APART = auto()  # the asset stays as it is; its store is handed out


@dataclass(frozen=True)
class EngineIngredient:
    """An ingredient as the engine takes it: its description, and its content where the engine reads that itself."""

    description: Mapping[str, Any]
    media_type: str
    content: BinaryIO | None = None


@dataclass(frozen=True)
class Order:
    """All that the engine needs for one manifest, beside the asset and the credential."""

    definition: Mapping[str, Any]
    ingredients: Sequence[EngineIngredient] = ()
    resources: Mapping[str, bytes] = field(default_factory=dict)
    update: bool = False
    remote_url: str | None = None
    identity: "IdentitySigner | None" = None
    trust: TrustStore | None = None  # whose signatures count as trusted in what is recorded of ingredients


@dataclass(frozen=True)
class IdentitySigner:
    """A person or organisation who signs an identity assertion beside the claim. CAWG identity assertion 1.1."""

    credential: Credential
    roles: tuple[str, ...] = ()
    referenced_assertions: tuple[str, ...] = ("c2pa.actions.v2",)


@dataclass(frozen=True)
class Made:
    """A manifest store that was signed, and what whoever signs should know of it."""

    store: bytes
    remarks: tuple[Message, ...] = ()


def sign_asset(
    order: Order,
    credential: Credential,
    media_type: str,
    source: BinaryIO,
    target: BinaryIO,
    *,
    placement: Placement = Placement.EMBEDDED,
) -> Made:
    """Signs the asset in `source` into `target`. Raises `SigningError`."""

    def sign(signer: Any, failed: list[Exception]) -> bytes:
        source.seek(0)
        target.seek(0)
        target.truncate()
        with _builder(order) as builder:
            if placement is Placement.APART:
                builder.set_no_embed()
            if order.remote_url is not None:
                builder.set_remote_url(order.remote_url)
            store: bytes = builder.sign(signer, media_type, source, _Watched(target, failed))
            return store

    return _with_time_stamp(credential, order.identity, sign)


def sign_embeddable(order: Order, credential: Credential, binding: Mapping[str, Any]) -> Made:
    """A manifest store with this data hash (C2PA 2.4, section 18.5), for a carrier that the engine does not write.

    `binding` has the hash as bytes. Raises `SigningError`.
    """
    data_hash = json.dumps({**binding, "hash": list(binding["hash"]), "pad": []}).encode()

    def sign(signer: Any, _failed: list[Exception]) -> bytes:
        with _builder(order) as builder:
            made = _BYTES()
            name = MANIFEST_STORE.encode()
            room = _api().placeholder(builder._handle, signer.reserve_size(), name, ctypes.byref(made))
            _check_ffi_operation_result(room, "no room for the manifest", check=lambda size: size <= 0)
            _lib.c2pa_free(made)
            size = _api().sign_embeddable(builder._handle, signer._handle, data_hash, name, None, ctypes.byref(made))
            _check_ffi_operation_result(size, "signing failed", check=lambda size: size <= 0)
            try:
                return ctypes.string_at(made, size)
            finally:
                _lib.c2pa_free(made)

    return _with_time_stamp(credential, order.identity, sign)


@cache
def writable_media_types() -> frozenset[str]:
    """The media types into which this engine embeds a manifest."""
    return frozenset(name for name in c2pa.Builder.get_supported_mime_types() if "/" in name)


def _with_time_stamp(credential: Credential, identity: IdentitySigner | None, sign: _Sign) -> Made:
    """Signs with a time stamp where the credential has an authority for it; without one only if the settings say so."""
    stamps = credential.time_stamps
    if stamps is None:
        return Made(_signed(credential, identity, None, sign))
    with stamps.relayed() as relay:
        try:
            return Made(_signed(credential, identity, relay.url, sign))
        except SigningError:
            if relay.failure is None:
                raise
            failure = relay.failure
    if stamps.if_unavailable is IfUnavailable.FAIL:
        raise failure
    return Made(_signed(credential, identity, None, sign), (say("sign.no_time_stamp", why=str(failure)),))


def _signed(credential: Credential, identity: IdentitySigner | None, url: str | None, sign: _Sign) -> bytes:
    failed: list[Exception] = []
    try:
        with _signer(credential, identity, url, failed) as signer:
            return sign(signer, failed)
    except c2pa.C2paError as error:
        if failed:
            is_explained = isinstance(failed[0], SigningError | OSError)
            raise (failed[0] if is_explained else CredentialError("the key failed")) from None
        message = str(error)
        if message.startswith("NotSupported"):
            raise FormatError(f"no manifest can be written into this file ({message})") from None
        if "could not be parsed" in message:
            raise FormatError(f"the asset cannot be parsed ({message.rpartition(': ')[2]})") from None
        raise SigningError(f"the engine did not sign: {message}") from None


class _Watched:
    """The output as the engine writes it. What fails is kept in `failed`: the engine passes no reason on."""

    def __init__(self, stream: BinaryIO, failed: list[Exception]) -> None:
        self._stream, self._failed = stream, failed

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)

    def tell(self) -> int:
        return self._stream.tell()

    def write(self, data: bytes, /) -> int:
        return int(self._watch(self._stream.write, data))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._watch(self._stream.seek, offset, whence))  # writes what is still in the buffer

    def flush(self) -> None:
        self._watch(self._stream.flush)

    def _watch(self, call: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except OSError as error:
            self._failed.append(error)
            raise


@contextmanager
def _signer(
    credential: Credential, identity: IdentitySigner | None, url: str | None, failed: list[Exception]
) -> Iterator[Any]:
    """The engine's signer. What a key raises is kept in `failed`: the engine itself passes no reason on."""
    signer = _claim_signer(credential, url, failed)
    if identity is not None:
        signer = _beside(signer, _claim_signer(identity.credential, None, failed), identity)
    with signer:
        yield signer


def _claim_signer(credential: Credential, url: str | None, failed: list[Exception]) -> Any:
    def sign(data: bytes) -> bytes:
        try:
            return credential.sign(data)
        except Exception as error:
            failed.append(error)
            return b""  # an empty signature is the engine's sign of failure, and is not logged with its cause

    algorithm = c2pa.C2paSigningAlg[credential.algorithm.name]
    return c2pa.Signer.from_callback(sign, algorithm, credential.pem, url)


def _beside(claim: Any, identity: Any, identity_signer: IdentitySigner) -> Any:
    """A signer of claims that adds an identity assertion, signed by the second signer."""
    handle = _api().identity_signer(
        claim._handle,
        identity._handle,
        _strings(identity_signer.referenced_assertions),
        _strings(identity_signer.roles),
    )
    _check_ffi_operation_result(handle, "no signer for the identity")
    # Both are consumed: their handles are the new signer's now. Their callbacks have to live as long as it does.
    both = c2pa.Signer(handle)
    both._callback_cb = (claim._callback_cb, identity._callback_cb)
    for consumed in (claim, identity):
        consumed._teardown(free_handle=False)
    return both


def _strings(values: Sequence[str]) -> Any:
    return (ctypes.c_char_p * (len(values) + 1))(*(value.encode() for value in values), None)


@contextmanager
def _builder(order: Order) -> Iterator[Any]:
    with c2pa.Builder(json.dumps(order.definition), context=_context(order.trust)) as builder:
        for identifier, data in order.resources.items():
            builder.add_resource(identifier, io.BytesIO(data))
        for ingredient in order.ingredients:
            if ingredient.content is not None:
                ingredient.content.seek(0)
                builder.add_ingredient(json.dumps(ingredient.description), ingredient.media_type, ingredient.content)
        if order.update:
            builder.set_intent(c2pa.C2paBuilderIntent.UPDATE)
        yield builder


@lru_cache(maxsize=8)
def _context(trust: TrustStore | None) -> Any:
    if trust is None:
        return c2pa.Context.from_dict(_SETTINGS)
    settings = {"trust_anchors": trust.engine_anchors(), "trust_config": "\n".join(sorted(trust.usages))}
    return c2pa.Context.from_dict({**_SETTINGS, "trust": {name: value for name, value in settings.items() if value}})


@dataclass(frozen=True)
class _Api:
    placeholder: Any
    sign_embeddable: Any
    identity_signer: Any


@cache
def _api() -> _Api:
    """The calls of the C API that the Python layer does not wrap."""
    placeholder = _lib.c2pa_builder_data_hashed_placeholder
    placeholder.restype = ctypes.c_int64
    placeholder.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(_BYTES)]
    sign_embeddable = _lib.c2pa_builder_sign_data_hashed_embeddable
    sign_embeddable.restype = ctypes.c_int64
    sign_embeddable.argtypes = [
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p),
        *(ctypes.c_void_p, ctypes.POINTER(_BYTES)),
    ]
    identity_signer = _lib.c2pa_identity_signer_create
    identity_signer.restype = ctypes.POINTER(C2paSigner)
    identity_signer.argtypes = [ctypes.POINTER(C2paSigner), ctypes.POINTER(C2paSigner), _STRINGS, _STRINGS]
    return _Api(placeholder, sign_embeddable, identity_signer)
