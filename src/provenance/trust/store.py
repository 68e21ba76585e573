"""The trust store: the lists that a verification uses, and which anchor on them vouches for a chain."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from ..errors import TrustError
from .certificates import (
    TIME_STAMPING,
    SignerCertificate,
    extended_usages,
    is_authority,
    is_understood,
    issued,
    may_certify,
    may_certify_below,
    may_certify_for,
    may_sign,
    pem,
)
from .did import DidDocument, read_document
from .lists import ListName, Purpose, TrustAnchor, TrustList, own_anchors
from .profiles import DEFAULT_PROFILE, accepted_usages, identity_usages, lists_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from .folder import TrustFolder

# In order of strength.
FOR_SIGNERS: Final = (Purpose.SIGNERS, Purpose.OWN_SIGNERS, Purpose.ALLOWED, Purpose.KNOWN_SIGNERS)
FOR_TIME_STAMPS: Final = (Purpose.TIME_STAMPS,)
FOR_IDENTITIES: Final = (Purpose.IDENTITIES,)

# Whose entries may be certificates that issue nothing: these alone are trusted, and nobody by them.
_DIRECT: Final = (Purpose.ALLOWED, Purpose.IDENTITIES)


@dataclass(frozen=True)
class Vouched:
    """Why a chain is believed: the anchor that it leads to, and the list on which that stands."""

    trust_list: TrustList
    anchor: TrustAnchor
    length: int  # of the chain up to the anchor; what stands behind it plays no part

    @property
    def directly(self) -> bool:
        """Whether the list names the signer's own certificate, and no authority above it."""
        return self.trust_list.purpose in _DIRECT and not is_authority(self.anchor.certificate)


@dataclass(frozen=True, eq=False)
class TrustStore:
    """The trust lists that a verification uses. Immutable, so that it can be shared between threads.

    `usages`: the extended key usages that a signer's certificate may have, as object identifiers (C2PA 2.4, section
    14.4.1); it needs one of them. Certificates that are trusted directly are asked for none. `identity_services`: the
    DID documents of the services that the user believes about identities, by their identifier.
    """

    lists: tuple[TrustList, ...]
    usages: frozenset[str] = accepted_usages()
    identity_services: Mapping[str, DidDocument] = field(default_factory=dict)

    @classmethod
    def profile(cls, name: str = DEFAULT_PROFILE, *, folder: "TrustFolder | None" = None) -> Self:
        """The lists of a named profile: `c2pa`, `c2pa+known` or `own`.

        They are taken from the user's trust folder where they are there, else as shipped. Raises `SettingError` for a
        profile that is not there, `TrustError` for a list in the folder that cannot be read.
        """
        return cls(lists_of(name, folder))

    @classmethod
    def default(cls) -> Self:
        """The profile that is used where none is named: `c2pa+known`."""
        return cls.profile()

    def with_own_anchors(self, source: str | Path | bytes) -> Self:
        """This store, and these trust anchors of the user as PEM. Raises `TrustError` where they cannot be read."""
        return self._with(own_anchors(source))

    def with_identity_anchors(self, source: str | Path | bytes) -> Self:
        """This store, and these certificates as PEM, by which identities are believed: authorities, or actors' own.

        They vouch for no signer of a manifest. Raises `TrustError` where they cannot be read.
        """
        return self._with(own_anchors(source, ListName.OWN_IDENTITIES))

    def with_did_documents(self, sources: Iterable[str | Path | bytes]) -> Self:
        """This store, believing the identity services whose DID documents (JSON) these are. Nothing is fetched.

        Raises `TrustError` for what is no such document, and for two of one service.
        """
        services = dict(self.identity_services)
        for source in sources:
            document = read_document(source)
            if services.setdefault(document.id, document) != document:
                raise TrustError(f"two different documents of {document.id}: give one")
        return replace(self, identity_services=services)

    def _with(self, given: TrustList) -> Self:
        """This store, and the entries of a list that is added to the one of the same name."""
        mine = [
            trust_list
            for trust_list in self.lists
            if (trust_list.purpose, trust_list.name) == (given.purpose, given.name)
        ]
        anchors = {anchor.der: anchor for trust_list in (*mine, given) for anchor in trust_list.anchors}
        others = (trust_list for trust_list in self.lists if trust_list not in mine)
        return replace(self, lists=(replace(given, anchors=tuple(anchors.values())), *others))

    def engine_anchors(self) -> str:
        """All anchors as one PEM text, for an engine that knows one pool; `who_vouches` tells them apart again.

        Certificates that are trusted directly are left out: in the engine they would become authorities. So are those
        for identities, which are looked up here alone.
        """
        pool = (
            anchor.der
            for trust_list in self.lists
            if trust_list.purpose not in _DIRECT
            for anchor in trust_list.anchors
        )
        return "\n".join(pem(der) for der in dict.fromkeys(pool))

    def who_vouches(
        self, chain: "Sequence[Certificate]", purposes: tuple[Purpose, ...] = FOR_SIGNERS
    ) -> Vouched | None:
        """The anchor that vouches for a chain, the end certificate first; None if there is none.

        Each certificate must be issued by the next one, and every one but the first must be an authority (RFC 5280,
        4.2.1.9). Only anchors of these purposes count, so that one for time stamps vouches for no signer, nor the
        other way round. The strongest list wins.
        """
        # An authority certifies others; it is nobody's name under a claim. C2PA 2.4, section 14.5.1.
        if is_authority(chain[0]) or not may_sign(chain[0]) or not is_understood(chain[0]):
            return None
        directly = self._directly(chain[0], purposes)
        usages = self._usages_for(purposes)
        if purposes != FOR_TIME_STAMPS and usages.isdisjoint(extended_usages(chain[0])):
            return None if purposes == FOR_IDENTITIES else directly
        for position, certificate in enumerate(chain):
            below = position - 1  # authorities between this one and the signer
            if position and not (
                may_certify(certificate, below)
                and may_certify_for(certificate, usages)
                and is_understood(certificate)
                and issued(certificate, chain[below])
            ):
                break
            for trust_list, anchor in self._anchors_for(certificate):
                above = position if anchor.certificate != certificate else below
                if (
                    trust_list.purpose in purposes
                    and _may_vouch_for(anchor, chain[0])
                    and may_certify_below(anchor.certificate, above)
                ):
                    vouched = Vouched(trust_list, anchor, position + 1)
                    # Known is less than trusted, and whom the user trusts is trusted.
                    return directly if directly and trust_list.purpose is Purpose.KNOWN_SIGNERS else vouched
        return directly

    def _usages_for(self, purposes: tuple[Purpose, ...]) -> frozenset[str]:
        """The extended usages of which a certificate, and all above it, must be for one."""
        if purposes == FOR_TIME_STAMPS:
            return frozenset({TIME_STAMPING})
        return identity_usages() if purposes == FOR_IDENTITIES else self.usages

    def _directly(self, certificate: "Certificate", purposes: tuple[Purpose, ...]) -> Vouched | None:
        """C2PA 2.4, section 14.4.3: an entry of the private credential store is trusted, and issues nothing."""
        for trust_list in self.lists:
            for anchor in (
                trust_list.anchors if trust_list.purpose in _DIRECT and trust_list.purpose in purposes else ()
            ):
                if anchor.certificate == certificate:
                    return Vouched(trust_list, anchor, 1)
        return None

    def _anchors_for(self, certificate: "Certificate") -> list[tuple[TrustList, TrustAnchor]]:
        """The anchors that are this certificate or issued it, the strongest list first."""
        candidates = self._by_subject.get(certificate.issuer.public_bytes(), ())
        same = self._by_subject.get(certificate.subject.public_bytes(), ())
        return [
            (trust_list, anchor)
            for trust_list, anchor in (*candidates, *same)
            if anchor.certificate == certificate or issued(anchor.certificate, certificate)
        ]

    @cached_property
    def _by_subject(self) -> dict[bytes, list[tuple[TrustList, TrustAnchor]]]:
        by_subject: dict[bytes, list[tuple[TrustList, TrustAnchor]]] = {}
        for purpose in (*FOR_SIGNERS, *FOR_TIME_STAMPS, *FOR_IDENTITIES):
            for trust_list in self.lists:
                for anchor in trust_list.anchors if trust_list.purpose is purpose is not Purpose.ALLOWED else ():
                    if purpose is Purpose.IDENTITIES and not is_authority(anchor.certificate):
                        continue
                    by_subject.setdefault(anchor.certificate.subject.public_bytes(), []).append((trust_list, anchor))
        return by_subject


def _may_vouch_for(anchor: TrustAnchor, signer: "Certificate") -> bool:
    return anchor.organisations is None or SignerCertificate.of(signer).organisation in anchor.organisations
