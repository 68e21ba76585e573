"""Two engines on one asset: what each says, where they differ, and which of them reads what."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import c2pa_text
import pytest

import provenance
from provenance.sources.c2pa import second_engine
from provenance.sources.c2pa.engine import ReadOutcome

from ..patience import PATIENCE
from .embedding import Embedder, in_comment, in_font, in_html, in_ogg, in_plain_text, ogg_pages, sign_embedded
from .signing import Authority, created, manifest, picture

AI = manifest(created("trainedAlgorithmicMedia"))

EMBEDDED: dict[str, tuple[str, Embedder]] = {
    "note.txt": ("The minister of Lyon said nothing.\nCafé 東京\n", in_plain_text),
    "table.csv": ("city,people\nLyon,500000\n", in_plain_text),
    "data.json": ('{"city": "Lyon"}\n', in_plain_text),
    "page.html": ("<!DOCTYPE html><html><head><title>t</title></head><body>Lyon</body></html>", in_html),
    "story.md": ("# Title\n\nLyon\n", in_comment("<!--", "-->")),
    "plain.md": ("# Title\n\nLyon\n", in_plain_text),
    "code.py": ('print("Lyon")\n', in_comment("#")),
    "style.css": (".Lyon { color: red }\n", in_comment("/*", "*/")),
    "code.js": ('let city = "Lyon"\n', in_comment("//")),
    "settings.yaml": ("city: Lyon\n", in_comment("#")),
    "settings.toml": ('city = "Lyon"\n', in_comment("#")),
    "feed.xml": ("<feed>Lyon</feed>\n", in_comment("<!--", "-->")),
    "letters.ttf": ("Lyon Sans", in_font),
    "voice.ogg": ("\x01vorbis Lyon", in_ogg),
}


@dataclass(frozen=True)
class Known:
    """A public file on which the engines differ, and who is right by which section of C2PA 2.4."""

    first: str
    second: str
    conclusion: str
    status: str
    note: str


DIFFERENCES = {
    "c2pa-rs/update_manifest.jpg": Known(
        "intact",
        "broken",
        "disputed",
        "disputed",
        "The update manifest's claim lacks instanceID, which a claim must have (10.2.1). By 2.4 the second engine is"
        " right about the form; that the content matches, which the first engine says, is true as well.",
    ),
    "c2pa-rs/no_alg.jpg": Known(
        "unreadable",
        "broken",
        "broken",
        "broken",
        "No hash algorithm is named anywhere (13.1, 15.4). Both refuse it: the first cannot read it at all, the second"
        " says algorithm.unsupported. Nothing to dispute: neither counts on it.",
    ),
}


LESSER = {
    "public-testfiles/image/jpeg/truepic-20230212-landscape.jpg": (
        "partial",
        "c2pa.engines_differ",
        "The data hash leaves out what stands before the manifest, from the first byte on. Over the rest it matches, as"
        " section 18.5 has it; both engines find another hash. Nothing speaks for the part that is left out.",
    ),
    "public-testfiles/image/jpeg/adobe-20220124-E-uri-CIE-sig-CA.jpg": (
        "intact",
        "c2pa.verdicts_differ",
        "An ingredient's manifest was damaged. The first engine sums up the whole store as Invalid, the second judges"
        " the active manifest. Both are right about their own question: 15.11 asks for the ingredients, 15.12 for the"
        " content.",
    ),
}


@pytest.mark.parametrize("path", LESSER)
def test_where_engines_differ_without_changing_the_answer_it_is_a_remark(
    path: str, verifier: provenance.Verifier, fixtures: Path
) -> None:
    state, remark, _ = LESSER[path]
    report = verifier.verify(fixtures / path)
    assert report.credentials.integrity.state == state
    assert remark in {each.key for each in report.remarks}
    assert not any(each.key.startswith(("c2pa.disputed", remark)) for each in report.conclusion.conflicts)


@pytest.mark.parametrize("path", DIFFERENCES)
def test_a_known_difference_is_said_and_the_weaker_answer_taken(
    path: str, verifier: provenance.Verifier, fixtures: Path
) -> None:
    known = DIFFERENCES[path]
    report = verifier.verify(fixtures / path)
    first, second = report.credentials.engines
    assert (first.engine, first.integrity) == ("c2pa-rs", known.first)
    assert (second.engine, second.integrity) == ("encypher", known.second)
    assert report.credentials.integrity.state == known.conclusion
    said = [item for item in report.evidence if item.status == known.status]
    assert said
    if known.status != "broken":
        assert said[0].explanation in report.conclusion.conflicts
        assert set(first.failures) | set(second.failures) == set(said[0].codes)
        text = said[0].explanation.text
        assert any(each.failures and all(code in text for code in each.failures) for each in (first, second))
    if known.status == "disputed":
        assert report.conclusion.assurance == "none"
        assert report.conclusion.headline.key == "headline.disputed"


@pytest.mark.slow
def test_no_other_public_file_divides_the_engines(verifier: provenance.Verifier, fixtures: Path) -> None:
    divided = set()
    for folder in ("c2pa-rs", "public-testfiles", "openai-signed"):
        for path in sorted(each for each in (fixtures / folder).rglob("*") if each.is_file()):
            statuses = {item.status for item in verifier.verify(path).evidence}
            if "disputed" in statuses:
                divided.add(path.relative_to(fixtures).as_posix())
    assert divided == {path for path, known in DIFFERENCES.items() if known.status == "disputed"}


def test_the_second_engine_can_be_switched_off(fixtures: Path) -> None:
    path = fixtures / "public-testfiles/image/jpeg/adobe-20220124-C.jpg"
    report = provenance.Verifier(second_engine=False).verify(path)
    assert [each.engine for each in report.credentials.engines] == ["c2pa-rs"]
    assert report.credentials.integrity.state == "intact"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize("name", EMBEDDED)
def test_what_only_the_second_engine_opens_is_read_and_its_signer_found(
    name: str, authority: Authority, tmp_path: Path
) -> None:
    text, embed = EMBEDDED[name]
    path = tmp_path / name
    path.write_bytes(sign_embedded(authority.issue("News Desk"), text.encode(), AI, embed))
    report = provenance.Verifier(trust=authority.pem).verify(path)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.name == "News Desk"
    assert report.credentials.signer.state == "trusted"
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")


@pytest.mark.parametrize("name", EMBEDDED)
def test_one_changed_word_in_it_is_found(name: str, authority: Authority, tmp_path: Path) -> None:
    text, embed = EMBEDDED[name]
    signed = sign_embedded(authority.issue("News Desk"), text.encode(), AI, embed)
    assert signed.count(b"Lyon") == 1
    changed = signed.replace(b"Lyon", b"Rome")
    if embed is in_ogg:  # with the checksum of its page put right, as somebody who changes a file would
        sound = b"".join(ogg_pages(1, text.replace("Lyon", "Rome").encode()))
        changed = sound + signed[len(sound) :]
    (tmp_path / name).write_bytes(changed)
    report = provenance.Verifier(trust=authority.pem).verify(tmp_path / name)
    assert report.credentials.integrity.state == "altered"
    assert report.conclusion.assurance == "none"


def test_a_text_with_two_manifests_is_refused(authority: Authority) -> None:
    credential = authority.issue("News Desk")
    signed = sign_embedded(credential, b"Hello\n", AI, in_plain_text)
    twice = signed + signed[len(b"Hello\n") :]
    state = provenance.verify(twice).credentials.integrity.state
    assert state not in ("intact", "absent")


def test_a_text_finds_its_manifest_beside_it(authority: Authority, tmp_path: Path) -> None:
    signed = sign_embedded(authority.issue("News Desk"), b"Hello\n", AI, in_plain_text)
    store, _ = c2pa_text.extract_manifest(signed.decode())
    assert store is not None
    (tmp_path / "note.txt").write_bytes(b"Another text\n")
    (tmp_path / "note.c2pa").write_bytes(store)
    report = provenance.verify(tmp_path / "note.txt")
    assert report.credentials.integrity.manifest == "external"
    assert report.conclusion.headline.key == "headline.altered.external"


def test_the_second_engine_reads_what_its_name_for_a_type_says() -> None:
    assert second_engine.is_supported("video/avi")
    assert not second_engine.is_supported("video/x-matroska")


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + bytes(64), picture()[:300]])
def test_the_second_engine_turns_bad_input_into_an_answer(content: bytes) -> None:
    assert second_engine.read(content, "image/jpeg").outcome in (ReadOutcome.UNREADABLE, ReadOutcome.ABSENT)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows what native code does; it is not installed")
def test_no_engine_opens_a_connection_or_writes_a_setting(fixtures: Path, samples: Path, tmp_path: Path) -> None:
    """In a process of its own with an empty home folder, watched from outside: the engines are native code."""
    script = """
import sys, provenance
for path in sys.argv[1:]:
    assert len(provenance.verify(path).credentials.engines) == 2, path
"""
    paths = [samples / "signed-ai.jpg", samples / "altered-after-signing.jpg", fixtures / "c2pa-rs/cloud.jpg"]
    calls, home = tmp_path / "calls", tmp_path / "home"
    home.mkdir()
    command = ["strace", "-f", "-e", "trace=socket,connect,openat", "-o", str(calls), sys.executable, "-c", script]
    done = subprocess.run(
        [*command, *map(str, paths)],
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if "ptrace" in done.stderr:
        pytest.skip(f"strace may not watch here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    trace = calls.read_text()
    assert "signed-ai.jpg" in trace  # it does see what is opened
    assert "AF_INET" not in trace
    assert not list(home.rglob("*"))
