"""Amending a record without changing the asset: update manifests, redactions, and who says they made it.

C2PA 2.4, sections 11.2.3 (update manifests) and 6.8 (redaction).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import c2pa

from provenance.asset import Input, OpenAsset, open_asset
from provenance.credentials import IntegrityState
from provenance.format_table import Family
from provenance.sentences import say
from provenance.sources import Context
from provenance.sources.c2pa.reading import read_asset
from provenance.sources.c2pa.validation import codes_of, integrity_of
from provenance.trust import TrustStore

from .binding import check_bound
from .credential import Credential
from .engine import EngineIngredient, IdentitySigner, Order, sign_asset, writable_media_types
from .errors import FormatError, IngredientError, ProfileError
from .manifest import PARENT, generator_info, own, title_of, training_mining
from .preservation import check_before
from .profile import OPENED, Permission
from .read_back import read_back
from .signer import Signed, handed_out, output_of, remarks_on

# Why something was redacted. C2PA 2.4, section 18.15.4.6.
REASONS: Final = ("c2pa.PII.present", "c2pa.invalid.data", "c2pa.trade-secret.present", "c2pa.government.confidential")

# Where an update manifest leaves the old hash as it is, for both engines. In the others (RIFF, TIFF, MP3, FLAC) a
# longer manifest changes sizes or offsets that are hashed, and of SVG the engines disagree; there the record is amended
# by a standard manifest, with the asset as its parent.
_UPDATED: Final = frozenset(
    {Family.JPEG, Family.PNG, Family.GIF, Family.HEIC, Family.AVIF, Family.JPEG_XL, Family.MOVIE}
)

# NOTE: encypher-c2pa (1.7) looks for the assertion that a redaction names, which is gone, as section 6.8 asks.
_EXCUSED: Final = frozenset({"assertion.action.redactionMismatch"})

# What C2PA keeps from being redacted: what was done, and what binds the record to the content.
_KEPT: Final = ("c2pa.actions", "c2pa.hash.")


def amend(
    source: Input,
    output: Path | str | None = None,
    *,
    credential: Credential,
    in_place: bool = False,
    assertions: Sequence[Mapping[str, Any]] = (),
    permission: Permission | None = None,
    identity: IdentitySigner | None = None,
    redact: Sequence[str] = (),
    reason: str = REASONS[0],
    trust: TrustStore | None = None,
) -> Signed:
    """Adds assertions to an asset's record, or takes some out of it; the asset's content stays as it is.

    `assertions` are label and data, as the engine takes them; `permission` is for training and data mining; `identity`
    is a person or organisation beside the signer. `redact` names assertions by their label, or by their JUMBF URI where
    several manifests have one of that label. The output is as for `Signer.sign`.

    Raises `SigningError`; nothing is written then.
    """
    credential.check_valid()
    if not (assertions or permission or identity or redact):
        raise ProfileError("there is nothing to amend: give assertions, an identity, or what is to be redacted")
    path = Path(source) if isinstance(source, str | Path) else None
    with open_asset(source) as asset:
        # NOTE: c2pa-rs (0.91) asks an identity for a hard binding in its own manifest, which an update does not have.
        # An update may redact too, but encypher-c2pa (1.7) then finds the redacted assertion missing.
        update = asset.family in _UPDATED and identity is None and not redact
        order = _order(asset, trust or TrustStore.default(), assertions, permission, redact, reason, update=update)
        order = replace(order, identity=identity)
        target = output_of(path, output, in_place=in_place)
        return handed_out(lambda stream: _signed(asset, stream, order, credential), target, like=path)


def _signed(asset: OpenAsset, target: BinaryIO, order: Order, credential: Credential) -> Signed:
    check_before(asset)
    check_bound(asset)
    made = sign_asset(order, credential, asset.media_type, asset.stream, target)
    redacts = bool(order.definition.get("redactions"))
    signed = read_back(asset, target, made.store, embedded=True, excused=_EXCUSED if redacts else frozenset())
    disputed = (say("sign.redaction_disputed"),) if redacts else ()
    remarks = (*made.remarks, *signed.remarks, *disputed, *remarks_on(credential))
    return Signed(asset.media_type, signed.manifest_id, signed.size, made.store, remarks)


def _order(
    asset: OpenAsset,
    trust: TrustStore,
    assertions: Sequence[Mapping[str, Any]],
    permission: Permission | None,
    redact: Sequence[str],
    reason: str,
    *,
    update: bool,
) -> Order:
    name = asset.name or "the asset"
    if asset.media_type not in writable_media_types():
        raise FormatError(f"{name}: the record of {asset.media_type} cannot be amended")
    reading = read_asset(asset, Context(trust=trust, second_engine=False))
    shown = reading.shown
    if shown.store is None or reading.external is not None:  # of one beside it the engine would know nothing
        raise IngredientError(f"{name}: has no manifest inside that could be amended")
    if (state := integrity_of(codes_of(shown.store))) is not IntegrityState.INTACT:
        raise IngredientError(f"{name}: its manifest does not hold ({state}), and is not amended")
    definition: dict[str, Any] = {
        "claim_generator_info": [generator_info(None)],
        "assertions": [*(dict(assertion) for assertion in assertions), *training_mining(permission)],
    }
    if asset.name:
        definition["title"] = title_of(asset.name)
    uris = [_uri(label, asset) for label in redact]
    if reason not in REASONS and "." not in reason:
        raise ProfileError(f"{reason}: a reason is one of {', '.join(REASONS)}, or has a namespace of your own")
    actions = [{"action": OPENED, "parameters": {"ingredientIds": [PARENT]}}]
    actions += [{"action": "c2pa.redacted", "reason": reason, "parameters": {"redacted": uri}} for uri in uris]
    definition["assertions"].append(own("c2pa.actions.v2", {"actions": actions, "allActionsIncluded": True}))
    if uris:
        definition["redactions"] = uris
    parent = {"relationship": "parentOf", "label": PARENT, "format": asset.media_type, "title": title_of(name)}
    return Order(definition, [EngineIngredient(parent, asset.media_type, asset.stream)], update=update, trust=trust)


def _uri(label: str, asset: OpenAsset) -> str:
    """The JUMBF URI of an assertion that may be redacted. Raises `ProfileError`."""
    asset.stream.seek(0)
    with c2pa.Reader(asset.media_type, asset.stream) as reader:
        manifests = json.loads(reader.detailed_json())["manifests"]
    uris = [
        f"self#jumbf=/c2pa/{manifest}/c2pa.assertions/{assertion}"
        for manifest, content in manifests.items()
        for assertion in content.get("assertion_store") or ()
    ]
    matches = [uri for uri in uris if uri == label or uri.rpartition("/")[2] == label]
    if not matches:
        labels = sorted({uri.rpartition("/")[2] for uri in uris})
        raise ProfileError(f"{label}: there is no such assertion; there are {', '.join(labels)}")
    if len(matches) > 1:
        raise ProfileError(f"{label}: several manifests have one; name it whole: {' or '.join(matches)}")
    if matches[0].rpartition("/")[2].startswith(_KEPT):
        raise ProfileError(f"{label}: C2PA does not allow to redact what was done, or what binds the content")
    return matches[0]
