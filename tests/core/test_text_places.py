"""What stands in the place of a text's manifest: a stranger may write there without the signature breaking.

The hash leaves that place out, so it holds the manifest and what frames it, exactly, or the text is not called unchanged.
"""

import base64
import io
import time
from collections.abc import Callable

import c2pa_text
import pytest

import provenance
from provenance.asset import OpenAsset
from provenance.formats.jumbf import StoreError
from provenance.media_type import STORE_DESCRIPTION
from provenance.sources.c2pa.embedding import embedding_in

from .embedding import Embedder, in_comment, in_html, in_plain_text, sign_embedded
from .signing import Authority, Credential, created, manifest

RECORD = manifest(created("digitalCreation", "Editor"))
PAGE = "<!DOCTYPE html><html><head><title>t</title></head><body>The mayor was re-elected.</body></html>\n"
BEGIN, END = c2pa_text.BEGIN_DELIMITER, c2pa_text.END_DELIMITER
URI = c2pa_text.DATA_URI_PREFIX

EMPTY_STORE = b"\0\0\0\x28jumb\0\0\0\x20" + STORE_DESCRIPTION + b"\x03c2pa\0\0\0"


@pytest.fixture(scope="module")
def signer() -> Credential:
    return Authority().issue("Victim News")


@pytest.fixture(scope="module", params=[True, False], ids=["both engines", "one engine"])
def verifier(request: pytest.FixtureRequest) -> provenance.Verifier:
    return provenance.Verifier(second_engine=request.param, sources=["c2pa"])


def state(verifier: provenance.Verifier, data: bytes, name: str) -> str:
    report = verifier.verify(data, name=name)
    if report.credentials.integrity.state != "intact":
        assert report.conclusion.assurance == "none"
    return str(report.credentials.integrity.state)


def framed(before: str, after: str, *, at: str = "", behind: str = "") -> Embedder:
    """The store as base64 in this frame, all of it left out of the hash, in front of `at` and behind `behind`."""

    def embed(text: bytes, store: bytes) -> tuple[bytes, int, int]:
        place = text.index(at.encode()) if at else len(text) if behind == "all" else len(behind.encode())
        block = before.encode() + base64.b64encode(store) + after.encode()
        return text[:place] + block + text[place:], place, len(block)

    return embed


# HTML

SCRIPTS = {
    "another script's address": '<script src="data:text/javascript,alert(1)" type="application/c2pa">',
    "a type that is none": '<script src="data:text/javascript,alert(1)" data-type="application/c2pa">',
    "another type before": '<script type="text/javascript" src="//a.example/x.js" data-type=\'application/c2pa\'>',
    "a handler behind": '<script type="application/c2pa" onerror="alert(1)">',
    "a second type": '<script type="application/c2pa" type="module">',
    "a type within a value": "<script title=' type=\"application/c2pa\"' src=//a.example/x.js>",
    "unlike quotes": "<script type=\"application/c2pa'>",
    "two tags in one": '<script <script type="application/c2pa">',
    "an element before": '<b>The mayor was arrested.</b><script type="application/c2pa">',
}


@pytest.mark.parametrize("how", SCRIPTS)
def test_a_strangers_script_in_the_tag_of_the_manifest(
    verifier: provenance.Verifier, signer: Credential, how: str
) -> None:
    data = sign_embedded(signer, PAGE.encode(), RECORD, framed(SCRIPTS[how], "</script>", at="</head>"))
    assert state(verifier, data, "a.html") in ("partial", "unreadable", "disputed")


@pytest.mark.parametrize(
    "after", ["\t \t\t \n</script>", "<!-- alert(1) --></script>", "</script><b>Arrested.</b>", "</script x=1>"]
)
def test_words_behind_the_manifest_of_a_page(verifier: provenance.Verifier, signer: Credential, after: str) -> None:
    frame = framed('<script type="application/c2pa">', after, at="</head>")
    data = sign_embedded(signer, PAGE.encode(), RECORD, frame)
    assert state(verifier, data, "a.html") in ("partial", "unreadable", "disputed")


@pytest.mark.parametrize("tag", ['type="application/c2pa"', "type='application/c2pa'", "type=application/c2pa"])
@pytest.mark.parametrize("space", ["", "\n"])
def test_a_page_may_quote_the_type_either_way(signer: Credential, tag: str, space: str) -> None:
    frame = framed(f"<script {tag}>{space}", f"{space}</script>", at="</head>")
    data = sign_embedded(signer, PAGE.encode(), RECORD, frame)
    report = provenance.Verifier(second_engine=False, sources=["c2pa"]).verify(data, name="a.html")
    assert report.credentials.integrity.state == "intact"


# Structured text

CODE = 'if not allowed(user): raise SystemExit("refused")\nprint("open")\n'
LINE = {"a.py": "#", "a.js": "//", "a.yaml": "#", "a.toml": "#"}
BLOCKS = {
    "a.css": ("/*", "*/", "p { color: red }\n/* note */ q { color: blue }\n"),
    "a.md": ("<!--", "-->", "# News\nThe rumour is false.\n<!-- note -->\nEnd.\n"),
    "a.xml": ("<!--", "-->", "<news><p>A rumour.</p><!-- note --><p>It is false.</p></news>\n"),
    "b.xml": ("<?c2pa", "?>", "<news><p>A rumour.</p><?note ?><p>It is false.</p></news>\n"),
    "a.xhtml": ("<!--", "-->", '<html xmlns="http://www.w3.org/1999/xhtml"><!-- note --><body>a</body></html>\n'),
}


@pytest.mark.parametrize("name", LINE)
@pytest.mark.parametrize("instead", [b" ", b"\t", b"\r", b"\f"])
def test_a_line_break_taken_away_makes_a_comment_of_the_code_behind(
    verifier: provenance.Verifier, signer: Credential, name: str, instead: bytes
) -> None:
    signed = sign_embedded(signer, CODE.encode(), RECORD, in_comment(LINE[name]))
    assert state(verifier, signed, name) == "intact"
    end = signed.index(END.encode()) + len(END)
    assert state(verifier, signed[:end] + instead + signed[end + 1 :], name) == "partial"


@pytest.mark.parametrize("name", BLOCKS)
def test_a_comment_that_is_not_closed_hides_what_follows(
    verifier: provenance.Verifier, signer: Credential, name: str
) -> None:
    mark, closing, text = BLOCKS[name]
    signed = sign_embedded(signer, text.encode(), RECORD, in_comment(mark, closing))
    assert state(verifier, signed, name) == "intact"
    end = signed.index(END.encode()) + len(END) + 1
    blank = b" " * len(closing)
    assert state(verifier, signed[:end] + blank + signed[end + len(closing) :], name) == "partial"
    assert state(verifier, blank + signed[len(blank) :], name) == "partial"
    joined = signed[: end + len(closing)] + b" " + signed[end + len(closing) + 1 :]
    assert state(verifier, joined, name) == "partial"


FRAMES = {
    "three quotes open a text": ("a.py", f'""" {BEGIN} {URI}', f" {END}\n"),
    "three quotes around the block": ("a.py", f'""" {BEGIN} {URI}', f' {END} """\n'),
    "three quotes close nothing": ("a.py", f"# {BEGIN} {URI}", f' {END} """\n'),
    "no mark": ("a.py", f"{BEGIN} {URI}", f" {END}\n"),
    "code before": ("a.py", f"import os # {BEGIN} {URI}", f" {END}\n"),
    "code within": ("a.py", f"# {BEGIN}\nimport os\n# {URI}", f" {END}\n"),
    "code in lines of the block": ("a.py", f"# {BEGIN} {URI}\n", f"\n{END}\n"),
    "spaces before": ("a.py", f"    # {BEGIN} {URI}", f" {END}\n"),
    "spaces within": ("a.py", f"# {BEGIN}  {URI}", f"  {END}\n"),
    "lines before": ("a.py", f"\n\n# {BEGIN} {URI}", f" {END}\n"),
    "one line more": ("a.py", f"\n# {BEGIN} {URI}", f" {END}\n"),
    "another language's mark": ("a.py", f"// {BEGIN} {URI}", f" {END}\n"),
    "a mark of each kind": ("a.css", f"<!-- {BEGIN} {URI}", f" {END} */\n"),
    "a style's line": ("a.css", f"// {BEGIN} {URI}", f" {END}\n"),
    "a heading": ("a.md", f"# {BEGIN} {URI}", f" {END}\n"),
    "an instruction not closed": ("a.xml", f"<?c2pa {BEGIN} {URI}", f" {END} -->\n"),
    "a script's open comment": ("a.js", f"/* {BEGIN} {URI}", f" {END}\n"),
}


@pytest.mark.parametrize("how", FRAMES)
def test_only_the_marks_of_the_language_frame_the_block(
    verifier: provenance.Verifier, signer: Credential, how: str
) -> None:
    name, before, after = FRAMES[how]
    text = BLOCKS[name][2] if name in BLOCKS else CODE
    data = sign_embedded(signer, text.encode(), RECORD, framed(before, after))
    assert state(verifier, data, name) in ("partial", "unreadable", "absent", "disputed")


def test_a_block_at_the_end_begins_a_line(verifier: provenance.Verifier, signer: Credential) -> None:
    """Else the last line of the text would go on in it."""
    text = b"admin: false"
    apart = sign_embedded(signer, text, RECORD, framed(f"\n# {BEGIN} {URI}", f" {END}", behind="all"))
    assert state(verifier, apart, "a.yaml") == "intact"
    joined = sign_embedded(signer, text, RECORD, framed(f"# {BEGIN} {URI}", f" {END}\n", behind="all"))
    assert state(verifier, joined, "a.yaml") in ("partial", "disputed")


def test_metadata_in_front_of_markdown_keeps_its_comment(verifier: provenance.Verifier, signer: Credential) -> None:
    text = b"---\ndraft: true\n---\n\nNews.\n"
    comment = framed(f"# {BEGIN} {URI}", f" {END}\n", behind="---\n")
    assert state(verifier, sign_embedded(signer, text, RECORD, comment), "a.md") == "intact"
    for before, after in (("<!-- ", " -->\n"), ("\n# ", "\n"), ("", "\n")):
        frame = framed(f"{before}{BEGIN} {URI}", f" {END}{after}", behind="---\n")
        assert state(verifier, sign_embedded(signer, text, RECORD, frame), "a.md") in ("partial", "disputed")


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_metadata_in_front_of_markdown_may_hold_the_block_in_lines_of_its_own(
    verifier: provenance.Verifier, signer: Credential, line_break: str
) -> None:
    fence, text = f"---{line_break}", f"---{line_break}draft: true{line_break}---{line_break}News.".encode()
    lines = f"{BEGIN}{line_break}{URI}", f"{line_break}{END}{line_break}"
    signed = sign_embedded(signer, text, RECORD, framed(*lines, behind=fence))
    assert state(verifier, signed, "a.md") == "intact"
    for before, after in (
        (lines[0], lines[1] + "\n"),
        (lines[0].replace("data", " data"), lines[1]),
        ("draft: x\n" + lines[0], lines[1]),
    ):
        data = sign_embedded(signer, text, RECORD, framed(before, after, behind=fence))
        assert state(verifier, data, "a.md") in ("partial", "disputed")
    elsewhere = sign_embedded(signer, b"News.\n", RECORD, framed(*lines))
    assert state(verifier, elsewhere, "a.md") in ("partial", "disputed")


PLACES = {
    "a.html": in_html,
    **{name: in_comment(mark) for name, mark in LINE.items()},
    **{name: in_comment(mark, closing) for name, (mark, closing, _) in BLOCKS.items()},
}


def is_own(data: bytes, name: str, start: int, length: int) -> bool:
    """Whether all of this is the manifest's own."""
    try:
        found = embedding_in(OpenAsset(io.BytesIO(data), name=name))
    except StoreError:
        return False
    return found is not None and any(each.start <= start and start + length <= each.end for each in found.ranges)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLACES)
def test_no_byte_of_the_frame_can_be_another(name: str) -> None:
    text = PAGE if name == "a.html" else BLOCKS[name][2] if name in BLOCKS else CODE
    whole, start, length = PLACES[name](text.encode(), EMPTY_STORE)
    letters = whole.find(base64.b64encode(EMPTY_STORE)), len(base64.b64encode(EMPTY_STORE))
    assert is_own(whole, name, start, length)
    for place in range(start, start + length):
        if letters[0] <= place < sum(letters):
            continue  # what the signature holds together
        for byte in range(256):
            other = whole[:place] + bytes([byte]) + whole[place + 1 :]
            if other.lower() != whole.lower():
                assert not is_own(other, name, start, length), other[start : start + length]


# Unstructured text


def test_no_selector_of_the_room_can_be_another() -> None:
    whole, start, length = in_plain_text(CODE.encode(), EMPTY_STORE)
    text = whole.decode()
    room = text.index(c2pa_text.encode_wrapper(EMPTY_STORE)) + len(c2pa_text.encode_wrapper(EMPTY_STORE))
    assert room < len(text)
    assert is_own(whole, "a.txt", start, length)
    selectors = [*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))]
    for place in range(room, len(text)):
        for selector in selectors:
            other = (text[:place] + selector + text[place + 1 :]).encode()
            # A selector of another length moves the end of the place that the hash leaves out.
            if len(other) == len(whole) and other != whole:
                assert not is_own(other, "a.txt", start, length)


def test_words_spelt_in_the_room_of_the_wrapper(verifier: provenance.Verifier, signer: Credential) -> None:
    """Two selectors to choose from, in room for thousands, spell any words to a program that knows to look."""
    words = "".join("\ufe00" if bit == "0" else "\U000e01ef" for bit in f"{int.from_bytes(b'ARRESTED'):064b}")

    def spelling(text: bytes, store: bytes) -> tuple[bytes, int, int]:
        wrapper = (c2pa_text.encode_wrapper(store) + words).encode()
        size = c2pa_text.worst_case_wrapper_byte_length(len(store)) + 400
        room = size - len(wrapper)
        zeros = next(count for count in range(4) if (room - 3 * count) % 4 == 0)
        wrapper += ("\ufe00" * zeros + "\U000e01ef" * ((room - 3 * zeros) // 4)).encode()
        return text + wrapper, len(text), len(wrapper)

    text = b"The mayor said that the budget is balanced.\n"
    assert state(verifier, sign_embedded(signer, text, RECORD, in_plain_text), "a.txt") == "intact"
    assert state(verifier, sign_embedded(signer, text, RECORD, spelling), "a.txt") == "partial"


# Drawings

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:c2pa="http://c2pa.org/manifest"><metadata>%b</metadata></svg>'


@pytest.mark.parametrize("foreign", [b"<!-- arrested -->", b"<![CDATA[ arrested ]]>", b"<?note arrested?>", b"&#32;"])
def test_foreign_characters_in_the_manifest_of_a_drawing(foreign: bytes) -> None:
    letters = base64.b64encode(EMPTY_STORE)
    drawing = DRAWING.encode()
    clean = drawing % (b"<c2pa:manifest>" + letters + b"</c2pa:manifest>")
    found = embedding_in(OpenAsset(io.BytesIO(clean), name="a.svg"))
    assert found is not None
    assert clean[found.ranges[0].start : found.ranges[0].end] == letters
    with pytest.raises(StoreError):
        embedding_in(OpenAsset(io.BytesIO(clean.replace(letters, letters + foreign)), name="a.svg"))


# Time

SVG = b'<svg xmlns="http://www.w3.org/2000/svg">manifest '
HTML = b"<!doctype html><html>application/c2pa "
BLOCK = f"x {BEGIN} {URI}{base64.b64encode(EMPTY_STORE).decode()} {END}\n".encode()
REPEATED: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "comments of a drawing": ("a.svg", lambda count: SVG + b"<!--" * count),
    "closed comments of a drawing": ("a.svg", lambda count: SVG + b"<!---->" * count),
    "sections of a drawing": ("a.svg", lambda count: SVG + b"<![CDATA[" * count),
    "empty elements": ("a.svg", lambda count: SVG + b"<c2pa:manifest/>" * count),
    "comments of a page": ("a.html", lambda count: HTML + b"<!--" * count),
    "scripts that are not closed": ("a.html", lambda count: HTML + b"<script " * count),
    "scripts of another type": ("a.html", lambda count: HTML + b"<script>" * count),
    "types in one tag": ("a.html", lambda count: HTML + b"<script " + b"type=application/c2pa " * count),
    "types and spaces": ("a.html", lambda count: HTML + b"<script " + b"type" + b" " * count + b">"),
    "spaces before a block": ("a.py", lambda count: b"# head\n" + b" " * count + BLOCK),
    "spaces behind a block": ("a.py", lambda count: b"# " + BLOCK[2:-1] + b" " * count + b"x"),
}


def seconds(name: str, data: bytes) -> float:
    """The processor's time for one search, the least of five."""
    taken = []
    for _ in range(5):
        asset = OpenAsset(io.BytesIO(data), name=name)
        start = time.process_time()
        try:
            embedding_in(asset)
        except StoreError:
            pass
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.slow
@pytest.mark.parametrize("what", REPEATED)
def test_twice_the_size_takes_no_more_than_its_share_of_time(what: str) -> None:
    name, made = REPEATED[what]
    count = 2_000
    while (once := seconds(name, made(count))) < 0.03 and count < 500_000:
        count *= 2
    assert seconds(name, made(2 * count)) < 3 * max(once, 0.03)
