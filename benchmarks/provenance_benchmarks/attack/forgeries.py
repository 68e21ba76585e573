"""The attacker signs, and tries to be named as somebody else: decoys, chains, headers, signatures and time stamps.

Nobody may be named by these cases but who signed that very claim: most often nobody.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

import cbor2
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from .bases import Base
from .boxes import rewritten
from .case import Case, World, kind
from .principals import EXPIRED, ORDER, SINCE, UNTIL, WHILE_VALID, Principal
from .stamps import Stamp, hollow_token, response_of, stamp_by
from .stores import (
    ASSERTIONS,
    CLAIM,
    MANIFEST,
    SIGNATURE,
    STORE,
    EditableBox,
    ManifestRecipe,
    UnfitError,
    embedded,
    label_of,
    store_of,
    superbox,
)  # fmt: skip
from .stories import Story, by_attacker, capture, honest, truth_of

_ES256: Final[dict[Any, Any]] = {1: -7}
_FORGED: Final = truth_of()


def _victim(world: World) -> tuple[bytes, ...]:
    """A chain of somebody's; most often of one whom the user of this run trusts."""
    own = world.people.victims()[:16]
    return world.rng.choice(own if world.chance(0.7) else world.people.victims())


def _impostor(world: World, chain: Sequence[bytes]) -> Principal:
    """The attacker, with the number and the names of that victim; his own dates or the victim's."""
    victim = x509.load_der_x509_certificate(chain[0])
    try:
        if world.chance(0.7):
            return world.people.maker.impostor(victim, since=SINCE, until=UNTIL)
        return world.people.maker.impostor(victim)
    except ValueError as error:
        raise UnfitError(str(error)) from None


def _empty_cose(chain: Sequence[bytes], unprotected: dict[Any, Any] | None = None) -> bytes:
    """A COSE_Sign1 by nobody, with this chain."""
    parts = [cbor2.dumps({**_ES256, 33: list(chain)}), unprotected or {}, None, bytes(64)]
    return cbor2.dumps(cbor2.CBORTag(18, parts))


def _decoy_stamp(world: World) -> dict[str, Any]:
    anchor = world.rng.choice(world.people.listed_stampers).der
    certificates = world.one_of([anchor], [anchor], list(world.people.stamper.chain))
    return {"sigTst": {"tstTokens": [{"val": hollow_token(certificates)}]}}


@kind("decoy: resource for the store", 6)
def _decoy_store(world: World, base: Base) -> Case:
    """A label that leads into the assertions: whoever asks for "the store" may be given a file of the attacker's."""
    chain, version = _victim(world), world.version()
    label = label_of(1, version) + world.one_of(":c2pa.assertions", ":c2pa.assertions", "c2pa.assertions")
    if world.chance(0.2):
        label = world.one_of("c2pa.assertions", "urn:c2pa:x:c2pa.assertions:1", "acme:urn:uuid:c2pa.assertions")
    stamped = version == 1 and world.chance(0.7)
    inner = superbox(
        MANIFEST,
        label,
        superbox(ASSERTIONS, "c2pa.assertions"),
        superbox(CLAIM, "c2pa.claim.v2", EditableBox(b"cbor", cbor2.dumps({}))),
        superbox(
            SIGNATURE,
            "c2pa.signature",
            EditableBox(b"cbor", _empty_cose(chain, _decoy_stamp(world) if stamped else None)),
        ),
    )
    decoy = embedded(label, superbox(STORE, "c2pa", inner).dumped())
    stamp = stamp_by(world.people.attacker_stamper, WHILE_VALID) if stamped else None
    record = by_attacker(world, base, _impostor(world, chain), version=version, label=label, extra=[decoy], stamp=stamp)
    return Story(store_of(record.manifest()), _FORGED, world.people).in_file("decoy: resource for the store", base)


@kind("decoy: second signature", 3)
def _second_signature(world: World, base: Base) -> Case:
    chain = _victim(world)
    record = by_attacker(world, base, _impostor(world, chain))
    manifest = record.manifest()
    inside = manifest.children or []
    type_ = world.one_of(SIGNATURE, b"zzzz" + SIGNATURE[4:], MANIFEST)
    label = world.one_of("c2pa.signature", "c2pa.signature", "c2pa.signature__1", "C2PA.SIGNATURE")
    content = _empty_cose(chain, world.one_of({}, _decoy_stamp(world)))
    if world.chance(0.3):  # a real one, over another claim
        content = ManifestRecipe(label_of(1), world.people.newsroom, [], 2).signed(b"another claim")
    inside.insert(world.one_of(0, 1, 2, 3), superbox(type_, label, EditableBox(b"cbor", content)))
    return Story(store_of(manifest), _FORGED, world.people).in_file("decoy: second signature", base)


@kind("decoy: second claim", 2)
def _second_claim(world: World, base: Base) -> Case:
    """A manifest of somebody honest, with another claim beside the one that was signed."""
    story = capture(world, base)
    manifest = (story.store.children or [])[-1]
    forged = by_attacker(world, base, label=manifest.label.decode())
    label = world.one_of("c2pa.claim", "c2pa.claim.v2")
    claim = superbox(CLAIM, label, EditableBox(b"cbor", cbor2.dumps(forged.claim_map())))
    (manifest.children or []).insert(world.one_of(0, 1, 2, 3), claim)
    assertions = manifest.find("c2pa.assertions").children or []
    assertions[:] = world.one_of(assertions, [*assertions, *forged.assertions], forged.assertions)
    return story.in_file("decoy: second claim", base)


@kind("decoy: two manifests of one label", 3)
def _twins(world: World, base: Base) -> Case:
    """An honest manifest and the attacker's, under labels that are the same, or the same to somebody."""
    story = capture(world, base)
    theirs = (story.store.children or [])[-1]
    label = theirs.label.decode()
    twin = world.one_of(
        lambda: label,
        label.upper,
        lambda: label.replace("-", "%2D"),
        lambda: label.replace("c", "с"),
        lambda: unicodedata.normalize("NFD", label + "é"),
        lambda: label + "\0",
        lambda: label + " ",
    )()
    mine = by_attacker(
        world, base, _impostor(world, world.people.newsroom.chain), label=twin.replace("\0", "")
    ).manifest()
    mine.label = twin.encode()
    order = world.one_of([theirs, mine], [mine, theirs])
    # Where theirs is the last, it is the active one, and about this very content.
    truth = story.truth if order[-1] is theirs else _FORGED.but(named=story.truth.named)
    return Story(store_of(*order), truth, world.people).in_file("decoy: two manifests of one label", base)


def _headers(world: World, mine: Sequence[bytes], theirs: Sequence[bytes]) -> tuple[Any, dict[Any, Any]]:
    """A protected header, as bytes or as a map, and an unprotected one: two chains, in every place."""
    my, their = list(mine), list(theirs)
    twice = b"\xa3\x01\x26" + b"".join(
        b"\x18\x21" + cbor2.dumps(claim) for claim in world.one_of((my, their), (their, my))
    )
    headers: tuple[Any, dict[Any, Any]] = world.one_of(
        ({**_ES256, 33: my}, {33: their}),
        ({**_ES256, 33: their}, {33: my}),
        (_ES256, {33: their, "x5chain": my}),
        (_ES256, {33: my, "x5chain": their}),
        ({**_ES256, 33: my, "x5chain": their}, {}),
        ({**_ES256, 33: their, "x5chain": my}, {}),
        ({**_ES256, "x5chain": their, 33: my}, {}),
        ({**_ES256, 33: their[0]}, {33: my}),
        ({**_ES256, 33: [their[0], *my]}, {}),
        ({**_ES256, 33: [my[0], *their]}, {}),
        ({**_ES256, 33: [my[0], *their[1:], *my[1:]]}, {}),
        ({**_ES256, 33: [*their, *my]}, {}),
        ({**_ES256, 33: their}, {}),
        ({**_ES256, 33: [my, their]}, {}),
        ({**_ES256, 33: my, 32: their, 34: [-16, bytes(32)]}, {}),
        (twice, {}),
    )
    return headers


@kind("chain: exchanged", 5)
def _chain(world: World, base: Base) -> Case:
    victim = _victim(world)
    signer = _impostor(world, victim)
    protected, unprotected = _headers(world, signer.chain, victim)
    stamp = stamp_by(world.people.attacker_stamper, WHILE_VALID) if world.chance(0.3) else None
    record = by_attacker(
        world, base, signer, protected=None if isinstance(protected, bytes) else protected, stamp=stamp
    )
    record.unprotected = unprotected
    if isinstance(protected, bytes):
        record.encoded_protected = protected
    return Story(store_of(record.manifest()), _FORGED, world.people).in_file("chain: exchanged", base)


@kind("chain: an authority as the signer", 2)
def _authority(world: World, base: Base) -> Case:
    """The certificate of a listed authority, which signs no claims, in the signer's place."""
    anchors = [(anchor.der,) for anchor in world.people.listed]
    chain = world.one_of(world.rng.choice(anchors), world.people.intermediate.chain, world.people.root.chain)
    record = by_attacker(world, base, _impostor(world, chain))
    if world.chance(0.5):
        record.chain = list(chain)
    if world.chance(0.3):  # with the authority's own key: it is a real one, and still no signer
        record.signer, record.chain = world.people.intermediate, None
    record.signature = world.one_of(None, bytes(64), world.rng.randbytes(64))
    return Story(store_of(record.manifest()), _FORGED, world.people).in_file("chain: an authority as the signer", base)


@kind("chain: a signer as an authority", 2)
def _signer_as_authority(world: World, base: Base) -> Case:
    """A key of a listed signer, which may issue nothing, issues a certificate in a famous name."""
    above = world.one_of(world.people.newsroom, world.people.colleague, world.people.known)
    arguments: dict[str, Any] = {"usage": ExtendedKeyUsageOID.TIME_STAMPING} if world.chance(0.2) else {}
    issued = world.people.maker.issue(world.one_of("Reuters", "Famous News"), above, **arguments)
    return Story(store_of(by_attacker(world, base, issued).manifest()), _FORGED, world.people).in_file(
        "chain: a signer as an authority", base
    )


@kind("signature: made up or taken from elsewhere", 4)
def _made_up(world: World, base: Base) -> Case:
    """The victim's chain, and a signature that is not theirs over this claim."""
    victim = world.one_of(world.people.newsroom, world.people.colleague, world.people.known, world.people.expired)
    record = by_attacker(world, base, victim)
    record.signature = world.one_of(
        bytes(64), b"", world.rng.randbytes(64), bytes(31) + b"\1" + bytes(31) + b"\1", world.rng.randbytes(63),
        victim.signature(b"another claim"), _taken(base, victim),
    )  # fmt: skip
    return Story(store_of(record.manifest()), _FORGED, world.people).in_file(
        "signature: made up or taken from elsewhere", base
    )


def _taken(base: Base, victim: Principal) -> bytes:
    another = ManifestRecipe(label_of(9), victim, [base.bound()], 2)
    signed = cbor2.loads(another.signed(cbor2.dumps(another.claim_map())))
    return bytes(signed.value[3])


@kind("signature: header or payload exchanged", 3)
def _exchanged(world: World, base: Base) -> Case:
    """The COSE_Sign1 of an honest record in other forms. What was signed, and by whom, stays what it was."""
    story = honest(world, base)
    box = (story.store.children or [])[-1].find("c2pa.signature")
    leaf = (box.children or [])[0]
    parts = list(cbor2.loads(leaf.content).value)
    header = cbor2.loads(parts[0])
    form = world.rng.randrange(9)
    if form == 0:  # the same signature in its other form; ECDSA has two
        r, s = parts[3][:32], int.from_bytes(parts[3][32:], "big")
        parts[3] = r + (ORDER - s).to_bytes(32, "big")
    elif form == 1:
        parts[2] = world.one_of(b"", b"another claim", cbor2.dumps(by_attacker(world, base).claim_map()))
    elif form == 2:
        parts[0] = cbor2.dumps({**header, 1: world.one_of(-35, -36, -37, -8, 5, 0, None, "ES256")})
    elif form == 3:
        parts[1] = {**parts[1], 1: world.one_of(-35, -8, 5), 33: list(world.people.colleague.chain)}
    elif form == 4:
        parts[0] = cbor2.dumps({**header, 2: [99], 99: 1})
    elif form == 5:
        parts = world.one_of(parts[:3], [*parts, b""], [parts[0], parts[1], parts[2], parts[3][:-1]])
    elif form == 6:
        parts[3] = parts[3] + bytes(world.one_of(1, 64))
    elif form == 7:
        leaf.content = rewritten(world, leaf.content)
        return story.in_file("signature: header or payload exchanged", base)
    tag = world.one_of(18, 18, 98, 17)
    leaf.content = cbor2.dumps(parts if form == 8 else cbor2.CBORTag(tag, parts))
    return story.in_file("signature: header or payload exchanged", base)


@kind("claim: odd CBOR, signed by the attacker", 2)
def _odd_claim(world: World, base: Base) -> Case:
    record = by_attacker(world, base, _impostor(world, _victim(world)))
    record.encode = lambda claim: rewritten(world, cbor2.dumps(claim))
    return Story(store_of(record.manifest()), _FORGED, world.people).in_file(
        "claim: odd CBOR, signed by the attacker", base
    )


def _bad_stamps(world: World) -> Stamp:
    """A stamp that proves nothing, or not this time."""
    people, at = world.people, world.one_of(WHILE_VALID, dt.datetime(2025, 12, 24, tzinfo=dt.UTC), EXPIRED)
    listed = world.rng.choice(people.listed_stampers).der
    mine, theirs = stamp_by(people.attacker_stamper, at), stamp_by(people.stamper, at)
    impostor = people.maker.impostor(people.stamper.certificate, usage=ExtendedKeyUsageOID.TIME_STAMPING)

    def in_failure(data: bytes, named: str) -> bytes:
        token = mine(data, "sigTst2")
        return response_of(token, hollow_token([listed])) if named == "sigTst" else token

    stamp: Stamp = world.one_of(
        mine,
        in_failure,
        lambda _data, named: theirs(b"another claim", named),
        stamp_by(impostor, at),
        stamp_by(people.attacker_stamper, at, certificates=[*people.attacker_stamper.chain, listed]),
        stamp_by(people.attacker_stamper, at, certificates=people.stamper.chain),
        stamp_by(people.attacker_stamper, at, certificates=[listed]),
        stamp_by(people.newsroom, at),
        lambda _data, _named: hollow_token([listed]),
        lambda data, named: mine(data, named) + theirs(b"another claim", named),
        lambda data, named: world.one_of(b"", b"\x30\x80", mine(data, named)[:-5], b"\x30\x84\xff\xff\xff\xff"),
    )
    return stamp


@kind("time: forged stamp", 6)
def _stamped(world: World, base: Base) -> Case:
    """A stamp that is none, on a record of a signer whose certificate expired, or of the attacker."""
    old = world.one_of(world.people.expired, world.people.known_expired, world.people.newsroom, world.people.attacker)
    record = by_attacker(world, base, old, stamp=_bad_stamps(world))
    record.stamp_as = world.one_of(None, None, "sigTst", "sigTst2")
    if world.chance(0.25):  # two stamps, in two forms or in one
        honest_one = stamp_by(world.people.stamper, WHILE_VALID)(b"another claim", "sigTst2")
        record.unprotected = {
            world.one_of("sigTst", "sigTst2"): {"tstTokens": [{"val": honest_one}] * world.one_of(1, 2)}
        }
    signed = old is not world.people.attacker
    truth = truth_of(old) if signed else _FORGED
    return Story(store_of(record.manifest()), truth, world.people).in_file("time: forged stamp", base)


@kind("certificate: damaged or odd", 4)
def _odd_certificate(world: World, base: Base) -> Case:
    """The attacker's own certificate, with other bytes in its names, dates and extensions; its key still signs."""
    signer = world.one_of(world.people.attacker, _impostor(world, world.people.newsroom.chain))
    chain = [bytearray(certificate) for certificate in signer.chain]
    certificate = chain[world.one_of(0, 0, -1)]
    tags = [
        at
        for at, byte in enumerate(certificate)
        if byte in (0x0C, 0x13, 0x17, 0x18, 0x06, 0x30, 0x31, 0x04, 0x01, 0x03)
    ]
    for _ in range(world.one_of(1, 1, 2, 5)):
        named = [match.end() + 1 for match in re.finditer(rb"\x06\x03\x55\x04", certificate)]  # the value's tag
        place = world.one_of(tags, tags, named, named, range(len(certificate)))
        at = world.rng.choice(place)
        kinds = (0x0C, 0x13, 0x1E, 0x1C, 0x03, 0x04, 0x02, 0x05, 0x17, 0x18, 0x14, 0x30, 0xFF)
        certificate[at] = world.rng.choice(kinds) if place in (tags, named) else world.rng.randrange(256)
    record = by_attacker(world, base, signer, chain=[bytes(certificate) for certificate in chain])
    return Story(store_of(record.manifest()), _FORGED, world.people).in_file("certificate: damaged or odd", base)
