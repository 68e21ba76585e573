"""Who says that they made the asset: the identity assertions of its manifest, apart from whoever signed the manifest.

CAWG Identity Assertion 1.2. What is said of an identity was verified here; an engine can only lower that. Lists for
identities, and the DID documents that the user gives, say who is believed; never the lists of signers.
"""

from datetime import datetime
from typing import Any, Final

from ... import limits
from ...credentials import Code, IntegrityState
from ...declared import Identity, IdentityKind, IdentityState
from ...formats.jumbf import StoreError
from ...sentences import clean
from .. import Context
from . import claims_aggregation, engine, named_actor, second_engine
from .identity_assertion import MALFORMED, Checked, IdentityAssertion, failures_of, read_assertion
from .validation import IdentityAnswer, identity_answer, manifest_label
from .validator import Verified

_LABEL: Final = "cawg.identity"
_KINDS: Final = {
    "cawg.x509.cose": IdentityKind.X509,
    "cawg.identity_claims_aggregation": IdentityKind.CLAIMS_AGGREGATION,
}
_HOLDS: Final = (IdentityState.TRUSTED, IdentityState.UNTRUSTED)
_REFUSED: Final = (IdentityAnswer.BROKEN, IdentityAnswer.MISMATCH)


def identities_of(
    verified: Verified,
    first: tuple[Code, ...],
    second: tuple[Code, ...],
    integrity: IntegrityState,
    context: Context,
    proven: datetime | None,
) -> tuple[Identity, ...]:
    """The identity assertions of this manifest; `first` and `second` are the codes of the two engines.

    `proven`: when the manifest was signed, by a trusted time stamp.
    """
    manifest = verified.manifest
    labels = [label for label in manifest.assertions if label.split("__")[0] == _LABEL][: limits.MAX_IDENTITIES]
    found = []
    for label in labels:
        own = [each for each in first if manifest_label(each.url) == manifest.label and _names(each, label)]
        # The second engine speaks of the active manifest alone, and gives the bare label.
        other = [each for each in second if _names(each, label)]
        try:
            identity = read_assertion(manifest.assertions[label])
            checked = _checked(identity, verified, context, proven)
        except StoreError:
            found.append(Identity(label=label, state=IdentityState.BROKEN, codes=(MALFORMED,)))
            continue
        refused = tuple(
            dict.fromkeys((*_refusals(engine.NAME, own, checked), *_refusals(second_engine.NAME, other, checked)))
        )
        disputed = checked.state in _HOLDS and bool(refused)
        if integrity is not IntegrityState.INTACT:
            # What was signed is this asset in this state; of another one nothing was said.
            state = IdentityState.UNCHECKED
        else:
            state = IdentityState.DISPUTED if disputed else checked.state
        found.append(_identity(label, identity, state, refused if disputed else checked.codes, checked.facts))
    return tuple(found)


def _names(code: Code, label: str) -> bool:
    return code.code.startswith("cawg.") and (code.url or "").rsplit("/", 1)[-1] == label


def _checked(identity: IdentityAssertion, verified: Verified, context: Context, proven: datetime | None) -> Checked:
    """What was verified here. Raises `StoreError` for what cannot be read."""
    wrong = tuple(dict.fromkeys(failures_of(identity, verified)))
    match _KINDS.get(identity.kind):
        case IdentityKind.X509:
            found = named_actor.check(identity, context.trust, proven, context.at)
        case IdentityKind.CLAIMS_AGGREGATION:
            found = claims_aggregation.check(identity, context.trust, proven, context.at)
        case _:
            found = Checked(IdentityState.UNCHECKED, ("cawg.identity.sig_type.unknown",))
    if wrong:
        also = found.codes if found.state is IdentityState.BROKEN else ()
        return Checked(IdentityState.BROKEN, (*wrong, *also), found.facts)
    if identity.has_expectations and found.state in _HOLDS:
        return Checked(IdentityState.UNCHECKED, found.codes, found.facts)
    return found


def _refusals(name: str, codes: list[Code], checked: Checked) -> list[str]:
    """The codes by which an engine says that an identity does not hold.

    Who is believed, and what was valid when, is decided here.
    """
    refused = (each.code for each in codes if identity_answer(each) in _REFUSED)
    return [code for code in refused if (name, code) not in checked.excused]


def _identity(
    label: str, identity: IdentityAssertion, state: IdentityState, codes: tuple[str, ...], facts: Any
) -> Identity:
    urls = (each.get("url") for each in identity.references if isinstance(each, dict))
    roles = identity.payload.get("role") or []
    return Identity(
        label=label,
        kind=_KINDS.get(identity.kind, IdentityKind.OTHER),
        state=state,
        roles=tuple(clean(role) for role in roles[: limits.MAX_IDENTITY_PARTS] if role),
        assertions=tuple(clean(url.rsplit("/", 1)[-1]) for url in urls if isinstance(url, str)),
        codes=codes,
        **facts,
    )
