"""Whoever may register tries to have others believe it, to take over what others registered, and to hide it."""

import hashlib
import io
import itertools
import json
import os

import cbor2
import httpx
import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from PIL import Image
from sqlalchemy import text

from provenance import Assurance, Evidence, Kind, Origin, Report
from provenance.sentences import say
from provenance_service.audit import check_chain, entries
from provenance_service.registry.evidence import Standing
from provenance_service.registry.fingerprint import Fingerprint, View
from provenance_service.registry.registration import Registration
from provenance_service.registry.registry import RegistrationOutcome, Registry, Removal
from provenance_service.storage import database as databases

from ..core import writer
from ..core.signing import Authority, created
from ..patience import PATIENCE
from .conftest import bearer
from .job_client import finished, results
from .raw_requests import is_problem

WATERMARK = "com.example.watermark"


series = itertools.count()
of_this_test = 0


@pytest.fixture(autouse=True)
def new_series(monkeypatch):
    """Tests ask one service, and none of them finds what another registered."""
    monkeypatch.setitem(globals(), "of_this_test", next(series))


def photo(seed, size=(640, 480), quality=92):
    """A picture of its own for each seed, in each test; smaller, it is a copy."""
    noise = np.random.default_rng((of_this_test, seed)).integers(0, 255, (12, 16, 3), dtype="uint8")
    out = io.BytesIO()
    Image.fromarray(noise).resize((640, 480), Image.BICUBIC).resize(size).save(out, "JPEG", quality=quality)
    return out.getvalue()


def copy_of(seed):
    return photo(seed, (500, 375), 80)


def new_label():
    return f"urn:c2pa:{os.urandom(4).hex()}-2222-4333-8444-{os.urandom(6).hex()}"


def store_about(asset, signer, label, term="trainedAlgorithmicMedia", watermark=None):
    """A manifest store that this signer made of the asset, whosever that is."""
    digest = hashlib.sha256(asset).digest()
    assertions = {
        "c2pa.actions.v2": {"actions": [created(term)]},
        "c2pa.hash.data": {"alg": "sha256", "name": "all", "pad": b"", "hash": digest},
    }
    if watermark is not None:
        assertions["c2pa.soft-binding"] = {"alg": WATERMARK, "blocks": [{"scope": {}, "value": watermark}]}
    boxes = {name: writer.assertion(name, cbor2.dumps(data)) for name, data in assertions.items()}
    own, writer.LABEL = writer.LABEL, label
    try:
        claim = writer.claim_of(boxes)
        return writer.store_of(claim, writer.sign_claim(signer, claim), *boxes.values())
    finally:
        writer.LABEL = own


class Town:
    """A service with two clients that may register, signers whom it trusts, and signers whom nobody knows."""

    def __init__(self, start, backend, tmp_path, **options):
        trusted = Authority("Trusted authority")
        anchors = tmp_path / "anchors.pem"
        anchors.write_bytes(trusted.pem)
        self.service = start("--trust-anchors", str(anchors), **backend.settings(), **options)
        self.backend, self.url = backend, f"{self.service.url}/v1"
        self.known = 0
        self.newsroom, self.nobody = trusted.issue("A newsroom"), Authority("Nobody").issue("OpenAI")
        self.owner, self.attacker = (
            bearer(backend.new_key(name, "--scope", "registry:write")) for name in ("owner", "attacker")
        )

    def register(self, key, asset, store):
        files = {"file": ("a.jpg", asset), "manifest": ("a.c2pa", store)}
        return httpx.post(f"{self.url}/manifests", files=files, headers=key, timeout=PATIENCE)

    def verify(self, content):
        answer = httpx.post(f"{self.url}/verify", files={"file": ("from-the-web.jpg", content)}, timeout=PATIENCE)
        return Report.model_validate(answer.json())

    def stored(self, label):
        answer = httpx.get(f"{self.url}/manifests/{label}")
        return answer.content if answer.status_code == 200 else None

    def by_content(self, content):
        answer = httpx.post(f"{self.url}/matches/byContent", content=content, headers={"Content-Type": "image/jpeg"})
        return [(each["manifestId"], each["signer"]) for each in answer.json()["matches"]]

    def by_watermark(self, value, **more):
        query = {"alg": WATERMARK, "value": value, **more}
        found = httpx.get(f"{self.url}/matches/byBinding", params=query).json()["matches"]
        return [each["manifestId"] for each in found]

    def audited(self):
        """What was written of registrations in this test."""
        with self.backend.storage().database.read() as connection:
            assert check_chain(connection).fault is None
            found = [row for row in entries(connection) if row.action.startswith(("reg", "unreg"))]
        return found[self.known :]

    def begin(self):
        self.known = 0
        self.known = len(self.audited())


@pytest.fixture(scope="module")
def shared_town(start_shared, shared_backend, tmp_path_factory):
    return Town(start_shared, shared_backend, tmp_path_factory.mktemp("town"))


@pytest.fixture
def town(shared_town):
    shared_town.begin()
    return shared_town


def sources(report):
    return [each.source for each in report.evidence]


def test_a_strangers_photograph_that_nobody_registered_as_ai_is_not_called_ai(town):
    before = town.verify(copy_of(1))
    label = new_label()
    answer = town.register(town.attacker, photo(1), store_about(photo(1), town.nobody, label))
    assert answer.status_code == 201
    assert answer.json()["signer"] == "unlisted"
    after = town.verify(copy_of(1))
    job = httpx.post(f"{town.url}/jobs", files=[("file", ("copy.jpg", copy_of(1)))]).json()["id"]
    finished(town.service, job)
    in_job = Report.model_validate(httpx.get(town.service.url + results(town.service, job)[0]["report"]).json())
    for report in (after, in_job):
        assert "registry" not in sources(report)
        assert report.conclusion.model_copy(update={"limits": ()}) == before.conclusion.model_copy(
            update={"limits": ()}
        )
        assert "remark.registry.unlisted" in [each.key for each in report.remarks]
        assert "OpenAI" not in report.model_dump_json()
    # A program is told by whom the match is, and judges the manifest itself.
    assert town.by_content(copy_of(1)) == [(label, "unlisted")]


def test_what_a_listed_signer_registered_is_told_with_its_standing(town):
    label = new_label()
    assert (
        town.register(town.owner, photo(1), store_about(photo(1), town.newsroom, label)).json()["signer"] == "trusted"
    )
    report = town.verify(copy_of(1))
    (found,) = (each for each in report.evidence if each.source == "registry")
    assert (found.details["manifest_id"], found.details["signer"], found.assurance) == (label, "trusted", "attested")
    assert "A newsroom, who is on a trust list" in found.explanation.text
    assert town.by_content(copy_of(1)) == [(label, "trusted")]


def test_a_manifest_with_the_id_of_anothers_is_refused_and_overwrites_nothing(town):
    label = new_label()
    victims = store_about(photo(1), town.newsroom, label, "digitalCapture")
    assert town.register(town.owner, photo(1), victims).status_code == 201
    for signer in (town.nobody, town.newsroom):
        forged = store_about(photo(2), signer, label)
        answer = town.register(town.attacker, photo(2), forged)
        assert is_problem(answer, 409, "id-taken")
        assert town.stored(label) == victims
        assert town.by_content(copy_of(1)) == [(label, "trusted")]
        assert town.by_content(copy_of(2)) == []
        last = town.audited()[-1]
        assert (last.action, last.subject) == ("registration-refused", label)
        assert last.digest == hashlib.sha256(forged).hexdigest()
    # Nobody is told by the attacker what the victim registered.
    assert town.register(town.owner, photo(1), victims).json()["new"] is False


def test_whoever_takes_an_id_first_does_not_stop_its_listed_owner(town):
    label = new_label()
    squatted, own = store_about(photo(1), town.nobody, label), store_about(photo(2), town.newsroom, label)
    assert town.register(town.attacker, photo(1), squatted).status_code == 201
    answer = town.register(town.owner, photo(2), own)
    assert (answer.status_code, answer.json()["new"]) == (201, True)
    assert town.stored(label) == own
    assert town.by_content(copy_of(2)) == [(label, "trusted")]
    assert town.by_content(copy_of(1)) == []
    report = town.verify(copy_of(1))
    assert "registry" not in sources(report)
    assert "remark.registry.unlisted" not in [each.key for each in report.remarks]
    # What the attacker takes out is its own, and what it registers then is refused.
    assert httpx.delete(f"{town.url}/manifests/{label}", headers=town.attacker).status_code == 204
    assert is_problem(town.register(town.attacker, photo(1), squatted), 409, "id-taken")
    assert town.stored(label) == own


def test_of_two_whom_nobody_knows_the_second_is_told_that_the_id_is_taken(town):
    label = new_label()
    first, second = (store_about(photo(seed), Authority("x").issue("X"), label) for seed in (1, 2))
    assert town.register(town.attacker, photo(1), first).status_code == 201
    assert is_problem(town.register(town.owner, photo(2), second), 409, "id-taken")
    assert town.stored(label) == first
    assert town.by_content(copy_of(2)) == []


def test_a_key_takes_out_what_it_registered_and_nothing_else(town):
    label = new_label()
    store = store_about(photo(1), town.newsroom, label)
    town.register(town.owner, photo(1), store)
    assert is_problem(httpx.delete(f"{town.url}/manifests/{label}", headers=town.attacker), 403, "not-allowed")
    assert town.stored(label) == store
    # Who registers the same bytes too, before or after, takes out its own word alone.
    assert town.register(town.attacker, photo(1), store).json()["new"] is False
    assert httpx.delete(f"{town.url}/manifests/{label}", headers=town.attacker).status_code == 204
    assert town.stored(label) == store
    assert is_problem(httpx.delete(f"{town.url}/manifests/{label}", headers=town.attacker), 403, "not-allowed")
    admin = bearer(town.backend.new_key("admin", "--scope", "admin"))
    assert httpx.delete(f"{town.url}/manifests/{label}", headers=admin).status_code == 204
    assert town.stored(label) is None
    assert is_problem(httpx.delete(f"{town.url}/manifests/{label}", headers=town.owner), 404, "not-found")
    removed = [row for row in town.audited() if row.action == "unregistered"]
    assert len({row.client for row in removed}) == 2
    assert {row.digest for row in removed} == {hashlib.sha256(store).hexdigest()}


def test_a_watermark_that_others_claim_later_leads_to_its_owner_first(town):
    value, first, later = os.urandom(4).hex(), "urn:c2pa:ffffffff-2222-4333-8444-555555555555", []
    town.register(town.owner, photo(1), store_about(photo(1), town.nobody, first, watermark=value))
    for number in range(12):
        later.append(f"urn:c2pa:{number:08x}-2222-4333-8444-{os.urandom(6).hex()}")
        store = store_about(photo(2), Authority("b").issue("Attacker"), later[-1], watermark=value)
        assert town.register(town.attacker, photo(2), store).status_code == 201
    assert town.by_watermark(value) == [first, *later[:9]]
    assert town.by_watermark(value, maxResults=1) == [first]
    listed = new_label()
    town.register(town.owner, photo(3), store_about(photo(3), town.newsroom, listed, watermark=value))
    assert town.by_watermark(value)[:2] == [listed, first]
    # Names of algorithms that nobody vouches for are listed nowhere.
    named = httpx.get(f"{town.url}/services/supportedAlgorithms").json()
    assert named["watermarks"] == [{"alg": WATERMARK}]


def test_every_try_to_register_has_an_entry_with_the_key_the_id_and_the_hash(town):
    label = new_label()
    store = store_about(photo(1), town.newsroom, label)
    digest = hashlib.sha256(store).hexdigest()
    town.register(town.owner, photo(1), store)
    town.register(town.attacker, photo(1), store)
    assert is_problem(town.register(town.attacker, photo(2), store), 422, "not-registered")
    assert is_problem(town.register(town.attacker, photo(2), b"\x1b[31mno store"), 422, "not-registered")
    found = [(row.action, row.subject, row.digest) for row in town.audited()]
    assert found == [
        ("registered", label, digest),
        ("registered-again", label, digest),
        ("registration-refused", label, digest),
        ("registration-refused", "", hashlib.sha256(b"\x1b[31mno store").hexdigest()),
    ]
    owner, *others = (row.client for row in town.audited())
    assert owner.startswith("key:")
    assert len(set(others)) == 1
    assert others[0] != owner


def test_a_name_of_a_manifest_that_a_terminal_obeys_reaches_no_log(town):
    store = store_about(photo(1), town.nobody, "urn:c2pa:\x1b[31m\nFORGED")
    assert is_problem(town.register(town.attacker, photo(1), store), 422, "not-registered")
    (entry,) = town.audited()
    assert "\x1b" not in entry.subject
    assert "\n" not in entry.subject


def test_a_flood_of_registrations_of_one_client_ends(start, backend, tmp_path):
    town = Town(start, backend, tmp_path, PROVENANCE_REGISTRATIONS="3/day")  # a limit of its own
    for seed in range(3):
        assert town.register(town.attacker, photo(seed), b"none").status_code == 422
    store = store_about(photo(9), town.newsroom, new_label())
    assert is_problem(town.register(town.attacker, photo(9), store), 429, "quota")
    assert len(town.audited()) == 3
    assert town.register(town.owner, photo(9), store).status_code == 201


# ---- the registry by itself


def code(seed):
    return np.random.default_rng(seed).bytes(32)


def registration(label, standing=Standing.UNLISTED, seed=1, store=None):
    told = Evidence(
        source="c2pa", kind=Kind.SIGNED_MANIFEST, origin=Origin.AI_GENERATED, assurance=Assurance.ATTESTED,
        explanation=say("c2pa.says.ai_generated", signer="A", agent="B"),
    )  # fmt: skip
    fingerprint = Fingerprint("ISCC:EED", (View("whole", code(seed)),))
    store = store or f"{label} {seed}".encode()
    return Registration(label, store, "0" * 64, "image/jpeg", told, standing, fingerprint, ((WATERMARK, label),))


@pytest.fixture
def registry(backend):
    storage = backend.storage()
    yield Registry(storage)
    storage.close()


def asked(seed):
    return Fingerprint("ISCC:EED", (View("whole", code(seed)),))


def test_a_fingerprint_that_was_taken_out_never_leads_to_the_next_manifest(registry):
    registry.add(registration("attackers", Standing.TRUSTED, seed=1), "attacker")
    assert [each.manifest_id for each in registry.by_likeness(asked(1), 10)] == ["attackers"]
    assert registry.remove("attackers", "attacker") is Removal.DONE
    assert registry.add(registration("owners", Standing.TRUSTED, seed=2), "owner") is RegistrationOutcome.NEW
    assert registry.by_likeness(asked(1), 10) == []
    assert [each.manifest_id for each in registry.by_likeness(asked(2), 10)] == ["owners"]


def test_pictures_that_nobody_vouches_for_crowd_out_none_of_a_listed_signer(registry):
    for number in range(120):
        registry.add(registration(f"{number}", seed=1), "attacker")
    registry.add(registration("owners", Standing.KNOWN, seed=1), "owner")
    ((_, found),) = registry.copies_of(asked(1))
    assert (found.manifest_id, found.standing) == ("owners", Standing.KNOWN)
    assert registry.by_likeness(asked(1), 1)[0].manifest_id == "owners"


def test_a_stored_manifest_that_was_exchanged_is_not_handed_out(registry, backend):
    registry.add(registration("owners"), "owner")
    objects = backend.storage().objects
    (key,) = objects.keys("manifests/")
    objects.put(key, b"another")
    assert registry.manifest("owners") is None


def test_an_object_that_cannot_be_written_leaves_no_entry(registry, monkeypatch):
    from provenance_service.storage import Objects, StorageError

    def fail(*_):
        raise StorageError("full")

    monkeypatch.setattr(Objects, "put", fail)
    with pytest.raises(StorageError):
        registry.add(registration("owners"), "owner")
    monkeypatch.undo()
    assert registry.manifest("owners") is None
    assert registry.add(registration("owners"), "owner") is RegistrationOutcome.NEW


def test_what_was_registered_before_keeps_its_bindings_and_its_owner(backend):
    """From the first tables: what was signed here is the operator's; of others only who was trusted is repeated."""
    storage = backend.storage()
    config = Config()
    config.set_main_option("script_location", str(databases._MIGRATIONS))
    evidence = {"source": "c2pa", "kind": "signed-manifest", "explanation": say("c2pa.absent").model_dump(mode="json")}
    with storage._database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for number, (label, assurance) in enumerate(
            (("signed", "attested"), ("trusted", "verified"), ("other", "attested")), 1
        ):
            row = {"id": label, "evidence": json.dumps({**evidence, "assurance": assurance}), "number": number}
            connection.execute(
                text(
                    "INSERT INTO manifest (number, id, asset_sha256, media_type, client, registered_at, evidence) "
                    "VALUES (:number, :id, '0', 'image/jpeg', 'key:1', 1, :evidence)"
                ),
                row,
            )
            connection.execute(
                text("INSERT INTO binding (number, manifest, algorithm, value) VALUES (:n, :n, :a, :v)"),
                {"n": number, "a": WATERMARK, "v": label},
            )
        connection.execute(
            text(
                "INSERT INTO audit (number, at, action, client, subject, digest, credential, hash) "
                "VALUES (1, 'now', 'signed', 'key:1', 'signed', '', '', '')"
            )
        )
    old = hashlib.sha256(b"signed").hexdigest()
    storage.objects.put(f"manifests/{old}", b"store")
    registry = Registry(storage)
    standings = {}
    for label in ("signed", "trusted", "other"):
        (found,) = registry.by_binding(WATERMARK, label, 10)
        standings[label] = found.standing
    assert standings == {"signed": "operator", "trusted": "trusted", "other": "unlisted"}
    assert registry.manifest("signed") == b"store"
    assert registry.remove("signed", "key:2") is Removal.OF_OTHERS
    assert registry.remove("signed", "key:1") is Removal.DONE
    assert registry.by_binding(WATERMARK, "signed", 10) == []
    storage.close()
