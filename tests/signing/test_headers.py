"""What a server says in HTTP of a signed asset."""

import pytest

from provenance_signing.headers import ai_disclosure, manifest_link

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


@pytest.mark.parametrize(
    ("source_type", "facts", "said"),
    [
        (AI, {}, "mode=ai-originated"),
        (AI, {"model": "Example"}, 'mode=ai-originated, model="Example"'),
        (AI, {"model": {"name": "Example", "version": "2"}}, 'mode=ai-originated, model="Example"'),
        (AI, {"human_oversight": "fully_autonomous"}, "mode=machine-generated"),
        (EDITED, {"human_oversight": "fully_autonomous"}, "mode=ai-modified"),
        (AI, {"model": 'a "b" \\c'}, 'mode=ai-originated, model="a \\"b\\" \\\\c"'),
        (AI, {"model": "編集"}, "mode=ai-originated"),
        (AI, {"model": "a\r\nSet-Cookie: b"}, "mode=ai-originated"),
        (AI, {"model": "a" * 201}, "mode=ai-originated"),
        (AI, {"model": 3}, "mode=ai-originated"),
        (CAMERA, {}, None),
        (None, {}, None),
        ("nothing", {}, None),
    ],
)
def test_ai_is_disclosed_where_it_took_part_and_nowhere_else(source_type, facts, said):
    assert ai_disclosure(source_type, facts) == said


@pytest.mark.parametrize("address", ["/v1/manifests/urn:c2pa:1", "/v1/manifests/a>b\r\nc"])
def test_a_link_cannot_be_broken_out_of(address):
    link = manifest_link(address)
    assert link.startswith("</v1/manifests/")
    assert link.endswith('>; rel="c2pa-manifest"')
    assert not set("\r\n ") & set(link.split("; ")[0])
    assert link.count(">") == 1
