"""The user's trust folder and the commands that keep it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import provenance
from provenance.trust import TrustFolder, TrustStore
from provenance.trust.identity import identify
from provenance.trust.lists import ListName
from provenance.trust.store import FOR_IDENTITIES

from ..patience import PATIENCE
from .signing import Authority, created, manifest, picture

pytestmark = pytest.mark.slow

SHIPPED = Path(provenance.__file__).parent / "trust" / "data" / "c2pa-trust-list.json"
AUTHORITY = Authority()
SIGNER = AUTHORITY.issue("Example Press")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "trust"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(AUTHORITY.pem)
    return path


def run(folder: Path, *arguments: object, answer: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "provenance.cli", "trust", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        input=answer,
        env=os.environ | {"COLUMNS": "200", "PROVENANCE_TRUST": str(folder)},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def issue(tmp_path: Path, date: str, *, without: int = 0, title: str | None = None) -> Path:
    """An issue of the official list with another date, its first entities left out."""
    lote = json.loads(SHIPPED.read_text())
    lote["LoTE"]["ListAndSchemeInformation"]["ListIssueDateTime"] = date
    lote["LoTE"]["TrustedEntitiesList"] = lote["LoTE"]["TrustedEntitiesList"][without:]
    if title:
        lote["LoTE"]["ListAndSchemeInformation"]["SchemeName"] = [{"lang": "en", "value": title}]
    path = tmp_path / f"issue-{date[:10]}-{without}.json"
    path.write_text(json.dumps(lote))
    return path


def signer_state(folder: Path, profile: str) -> str:
    store = TrustStore.profile(profile, folder=TrustFolder(folder))
    report = provenance.Verifier(trust=store).verify(SIGNER.sign(picture(), manifest(created("digitalCapture"))))
    return report.credentials.signer.state


def test_an_added_authority_is_trusted_in_the_profiles_that_hold_the_users_own(folder: Path, root: Path) -> None:
    assert signer_state(folder, "own") == "untrusted"
    assert run(folder, "add", root).returncode == 0
    assert [signer_state(folder, name) for name in ("own", "c2pa+known", "c2pa")] == ["trusted", "trusted", "untrusted"]


def test_a_removed_authority_is_trusted_no_more_and_rollback_brings_it_back(folder: Path, root: Path) -> None:
    run(folder, "add", root)
    fingerprint = TrustFolder(folder).in_use(ListName.OWN_SIGNERS).anchors[0].fingerprint
    assert run(folder, "remove", fingerprint[:16]).returncode == 0
    assert signer_state(folder, "own") == "untrusted"
    assert "+ " + fingerprint[:16] in run(folder, "rollback", "own-signers", "--yes").stdout
    assert signer_state(folder, "own") == "trusted"


@pytest.mark.parametrize("wanted", ["0123", "0123456789abcdef"])
def test_a_fingerprint_that_is_short_or_not_there_removes_nothing(wanted: str, folder: Path, root: Path) -> None:
    run(folder, "add", root)
    assert run(folder, "remove", wanted).returncode == 2
    assert signer_state(folder, "own") == "trusted"


def test_a_certificate_is_trusted_directly_and_vouches_for_nobody_else(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "signer.pem"
    path.write_bytes(SIGNER.certificate.public_bytes(Encoding.PEM))
    assert run(folder, "add", "--purpose", "allowed", path).returncode == 0
    store = TrustStore.profile("own", folder=TrustFolder(folder))
    verifier = provenance.Verifier(trust=store)
    signer = verifier.verify(SIGNER.sign(picture(), manifest(created("digitalCapture")))).credentials.signer
    assert (signer.state, signer.trusted_directly) == ("trusted", True)
    other = AUTHORITY.issue("Example Press")
    assert (
        verifier.verify(other.sign(picture(), manifest(created("digitalCapture")))).credentials.signer.state
        == "untrusted"
    )
    rogue = Authority("Example Press")
    rogue.key, rogue.name = SIGNER.key, SIGNER.certificate.subject
    assert store.who_vouches([rogue.issue("Reuters").certificate, SIGNER.certificate]) is None


@pytest.mark.parametrize(("authority", "purpose"), [(False, "own-signers"), (False, "time-stamps"), (True, "allowed")])
def test_a_certificate_on_the_wrong_list_is_refused(
    authority: bool, purpose: str, folder: Path, root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "signer.pem"
    path.write_bytes(SIGNER.certificate.public_bytes(Encoding.PEM))
    done = run(folder, "add", "--purpose", purpose, root if authority else path)
    assert (done.returncode, "--purpose" in done.stderr) == (2, True)
    assert not folder.exists()


def test_an_update_shows_who_goes_asks_and_can_be_taken_back(folder: Path, tmp_path: Path) -> None:
    later = issue(tmp_path, "2026-10-01T00:00:00Z", without=1)
    refused = run(folder, "update", "--from", later, answer="n\n")
    assert refused.returncode == 1
    assert "- " in refused.stdout
    assert "Adobe" in refused.stdout
    assert not folder.exists()
    assert run(folder, "update", "--from", later, "--yes").returncode == 0
    used = TrustStore.profile("c2pa", folder=TrustFolder(folder)).lists[0]
    assert (used.date, "Adobe Inc" in {each.entity for each in used.anchors}) == ("2026-10-01T00:00:00Z", False)
    removed = json.loads(run(folder, "diff", "--json").stdout)["c2pa-trust-list"]["removed"]
    assert {each["entity"] for each in removed} == {"Adobe Inc"}
    run(folder, "rollback", "c2pa-trust-list", "--yes")
    assert TrustStore.profile("c2pa", folder=TrustFolder(folder)).lists[0].date.startswith("2026-08-05")
    run(folder, "rollback", "c2pa-trust-list", "--yes")
    assert TrustStore.profile("c2pa", folder=TrustFolder(folder)).lists[0].date.startswith("2026-10-01")


def test_an_older_issue_is_refused_unless_forced_and_then_said_to_be_old(folder: Path, tmp_path: Path) -> None:
    older = issue(tmp_path, "2026-01-01T00:00:00Z")
    done = run(folder, "update", "--from", older, "--yes")
    assert (done.returncode, "not later" in done.stderr) == (2, True)
    assert run(folder, "update", "--from", older, "--yes", "--force").returncode == 0
    assert "older than the one that ships" in run(folder, "list").stdout


@pytest.mark.parametrize("kind", ["another list", "no list", "plain http", "cut off"])
def test_what_is_no_issue_of_an_official_list_is_a_clear_error(kind: str, folder: Path, tmp_path: Path) -> None:
    source: object = tmp_path / "odd.json"
    if kind == "another list":
        source = issue(tmp_path, "2027-01-01T00:00:00Z", title="Some other list")
    elif kind == "no list":
        (tmp_path / "odd.json").write_text('{"LoTE": {"ListAndSchemeInformation": {"SchemeName": ["x"]}}}')
    elif kind == "cut off":
        (tmp_path / "odd.json").write_bytes(SHIPPED.read_bytes()[:5000])
    else:
        source = "http://example.org/list.json"
    done = run(folder, "update", "--from", source, "--yes")
    assert done.returncode == 2
    assert not folder.exists()


def test_a_damaged_list_in_the_folder_stops_the_verification_with_its_path(folder: Path) -> None:
    folder.mkdir()
    (folder / "c2pa-trust-list.json").write_text("{}")
    with pytest.raises(provenance.TrustError, match=r"c2pa-trust-list\.json"):
        TrustStore.profile("c2pa", folder=TrustFolder(folder))
    assert run(folder, "list").returncode == 2


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path, root: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    done = run(blocked / "inside", "add", root)
    assert (done.returncode, "cannot be written" in done.stderr or "cannot be read" in done.stderr) == (2, True)


def test_only_whole_files_are_left_behind(folder: Path, root: Path) -> None:
    run(folder, "add", root)
    run(folder, "add", "--purpose", "time-stamps", root)
    assert sorted(path.name for path in folder.iterdir()) == ["own-signers.pem", "time-stamps.pem"]


def test_an_overdue_list_is_said_once_and_only_where_somebody_signed(folder: Path, samples: Path) -> None:
    lote = json.loads(SHIPPED.read_text())
    lote["LoTE"]["ListAndSchemeInformation"] |= {"NextUpdate": "2026-09-01T00:00:00Z"}
    folder.mkdir()
    (folder / "c2pa-trust-list.json").write_text(json.dumps(lote))
    store = TrustStore.profile("c2pa", folder=TrustFolder(folder))
    verifier = provenance.Verifier(trust=store, at=datetime(2026, 8, 10, tzinfo=UTC))
    said = [each for each in verifier.verify(samples / "signed-ai.jpg").remarks if "overdue" in each.key]
    assert [each.values["date"] for each in said] == ["2026-09-01"]
    assert not [each for each in verifier.verify(samples / "nothing-known.jpg").remarks if "overdue" in each.key]


def test_an_identity_is_believed_by_a_list_of_its_own_and_no_signer_is(folder: Path, root: Path) -> None:
    assert run(folder, "add", "--purpose", "identity", root).returncode == 0
    assert signer_state(folder, "own") == "untrusted"
    store = TrustStore.profile("own", folder=TrustFolder(folder))
    chain = tuple(each.public_bytes(Encoding.DER) for each in AUTHORITY.issue("Jane Doe").chain)
    assert identify(store, chain, FOR_IDENTITIES).vouched.anchor.der == chain[-1]
    assert identify(store, chain).vouched is None


def test_the_list_of_news_publishers_can_be_replaced_and_taken_back(folder: Path, root: Path) -> None:
    name = ListName.NEWS_PUBLISHERS
    assert run(folder, "update", "--from", root, "--purpose", name, "--yes").returncode == 0
    assert len(TrustFolder(folder).in_use(name).anchors) == 1
    assert run(folder, "rollback", name, "--yes").returncode == 0
    assert len(TrustFolder(folder).in_use(name).anchors) == 20
