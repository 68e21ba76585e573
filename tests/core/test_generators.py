"""Generators by the structure of what they write, in each encoding that is met; and what must not be taken for one."""

import io
import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import pytest
from PIL import Image

import provenance
from provenance.encodings import decoded_wide, user_comment
from provenance.evidence import Evidence
from provenance.sources.metadata.aigc import AigcLabel
from provenance.sources.metadata.settings import GeneratorSettings, settings_in
from provenance.sources.metadata.xmp import read_xmp

from ..sweeps import tries
from .test_metadata import IPTC, XMP_HEADER, chunk, declared_by, jpeg, jpeg_with, png, png_with, xmp

LIST = "a lake\nNegative prompt: blur\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model: some"
PROMPT = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 42, "steps": 20, "model": ["4", 0], "positive": ["6", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "some.safetensors"}},
    "5": {"class_type": "LoraLoader", "inputs": {"lora_name": "ink.safetensors", "model": ["4", 0]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lake", "clip": ["4", 1]}},
}
WORKFLOW = {
    "last_node_id": 4,
    "nodes": [
        {"id": 3, "type": "KSampler", "widgets_values": [42, "fixed", 20]},
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["some.safetensors"]},
    ],
}
LABEL = {"Label": "1", "ContentProducer": "001191110102MACQD9K64010000", "ProduceID": "1"}


def exif_of(tags: Mapping[int, object], inner: Mapping[int, object] | None = None) -> bytes:
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    exif.get_ifd(0x8769).update(inner or {})
    return exif.tobytes()


def image(kind: str, exif: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(out, kind, exif=exif)
    return out.getvalue()


def marks_of(data: bytes) -> list[Evidence]:
    return [item for item in provenance.verify(data).evidence if item.details.get("generator")]


# GeneratorSettings


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"prompt": json.dumps(PROMPT)}, ("ComfyUI", "some.safetensors", "42")),
        ({"workflow": json.dumps(WORKFLOW)}, ("ComfyUI", "some.safetensors", None)),
        ({"workflow": json.dumps(WORKFLOW | {"links": []})}, ("ComfyUI", "some.safetensors", None)),
        ({"comment": json.dumps({"prompt": json.dumps(PROMPT), "workflow": WORKFLOW})}, ("ComfyUI", "some.safetensors", "42")),
        ({"UserComment": json.dumps(PROMPT | {"extraMetadata": "{}"})}, ("Civitai", "some.safetensors", "42")),
        ({"parameters": LIST}, ("AUTOMATIC1111", "some", "42")),
        ({"parameters": LIST.replace("\n", " ")}, ("AUTOMATIC1111", "some", "42")),
        ({"parameters": LIST.split("\n")[2]}, ("AUTOMATIC1111", "some", "42")),
        ({"parameters": LIST.replace("Sampler: Euler a, ", "")}, ("AUTOMATIC1111", "some", "42")),
        ({"parameters": LIST + ", Version: f2.0.1v1.10.1"}, ("Forge", "some", "42")),
        ({"parameters": LIST + ", Version: neo"}, ("Forge Neo", "some", "42")),
        ({"parameters": LIST + ", App: SD.Next, Version: abc"}, ("SD.Next", "some", "42")),
        ({"parameters": LIST + ", Version: Fooocus v2.5.5"}, ("Fooocus", "some", "42")),
        ({"parameters": LIST + ", Version: stable-diffusion.cpp"}, ("stable-diffusion.cpp", "some", "42")),
        ({"parameters": LIST + ", Civitai resources: [{}]"}, ("Civitai", "some", "42")),
        ({"parameters": json.dumps({"sui_image_params": {"model": "some", "seed": 42}})}, ("SwarmUI", "some", "42")),
        ({"invokeai_metadata": json.dumps({"model": {"name": "some", "base": "flux"}, "seed": 42})}, ("InvokeAI", "some", "42")),
        ({"sd-metadata": json.dumps({"model_weights": "some", "image": {"seed": 42}})}, ("InvokeAI", "some", "42")),
        ({"Dream": '"a lake" -s 50 -S 42 -W 512'}, ("InvokeAI", None, "42")),
        ({"parameters": json.dumps({"base_model": "some", "seed": "42", "version": "Fooocus v2.5.5"})}, ("Fooocus", "some", "42")),
        (
            {"Software": "NovelAI", "Source": "NovelAI Diffusion V4.5 4BDE2A90", "Comment": '{"seed": 42, "uc": ""}'},
            ("NovelAI", "NovelAI Diffusion V4.5", "42"),
        ),
        ({"UserComment": '{"Source": "NovelAI Diffusion V3 1A2B3C4D", "Comment": "{\\"seed\\": 42}"}'}, ("NovelAI", "NovelAI Diffusion V3", "42")),
        ({"UserComment": json.dumps({"c": "a lake", "uc": "", "model": "some", "sampler": "x", "seed": 42, "steps": 4})}, ("Draw Things", "some", "42")),
        ({"UserComment": json.dumps({"mflux_version": "0.10", "model": "some", "seed": 42})}, ("mflux", "some", "42")),
        ({"prompt": "a lake", "seed": "42", "use_stable_diffusion_model": "some"}, ("Easy Diffusion", "some", "42")),
        ({"UserComment": '{"Stable Diffusion model": "some", "Seed": 42}'}, ("Easy Diffusion", "some", "42")),
    ],
)  # fmt: skip
def test_settings_are_known_by_their_structure(
    texts: dict[str, str], found: tuple[str, str | None, str | None]
) -> None:
    settings = settings_in(texts)
    assert settings is not None
    assert (settings.generator, next(iter(settings.models), None), settings.seed) == found


def test_additions_and_prompts_are_named() -> None:
    named = settings_in({"prompt": json.dumps(PROMPT)})
    assert named == GeneratorSettings("ComfyUI", ("some.safetensors",), ("ink.safetensors",), "42", ("a lake",))
    listed = settings_in({"parameters": f"<lora:ink:0.8> {LIST}"})
    assert listed is not None
    assert (listed.loras, listed.prompts) == (("ink",), ("<lora:ink:0.8> a lake",))


@pytest.mark.parametrize(
    "texts",
    [
        {"prompt": "a lake"},
        {"prompt": "{}"},
        {"prompt": '{"1": {"class_type": 3}}'},
        {"prompt": json.dumps({"1": {"class_type": "LoadImage"}, "2": {"class_type": "SaveImage"}})},
        {"workflow": '{"nodes": [{"type": "invocation"}], "edges": []}'},
        {"workflow": '{"nodes": 7, "links": []}'},
        {"parameters": "Steps: 3. Size: large. Model: Anna. Seed: flax, sown in spring"},
        {"Description": "How to sample water: Steps: 4, Size: 1 l"},
        {"Comment": '{"seed": 1, "prompt": "sow"}'},
        {"Software": "NovelAI"},
        {"prompt": "[" * 100_000},
        {"prompt": '{"a":' * 100_000},
        {"parameters": '{"sui_image_params": "text"}'},
        {"sd-metadata": '{"image": []}'},
        {"invokeai_metadata": "[]"},
    ],
)
def test_what_is_no_setting(texts: dict[str, str]) -> None:
    assert settings_in(texts) is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    "tags",
    [
        {0x010F: "workflow:" + json.dumps(WORKFLOW), 0x0110: "prompt:" + json.dumps(PROMPT)},
        {0x010F: "Prompt:" + json.dumps(PROMPT), 0x010E: "Workflow:" + json.dumps(WORKFLOW)},
        {0x010D: "prompt: " + json.dumps(PROMPT)},
        {0x010E: json.dumps(PROMPT)},
    ],
)
def test_a_graph_in_the_texts_of_exif(kind: str, tags: dict[int, object]) -> None:
    assert declared_by(image(kind, exif_of(tags)))[2] == "ComfyUI (some.safetensors)"


def test_a_graph_in_xmp_of_any_namespace() -> None:
    text = json.dumps(PROMPT).replace('"', "&quot;")
    assert declared_by(jpeg_with(f'<c:prompt xmlns:c="https://example.com/c">{text}</c:prompt>'))[2] == (
        "ComfyUI (some.safetensors)"
    )


# Encodings


@pytest.mark.parametrize("text", ["a lake", "夕焼けの湖\nSteps", "красный сарай\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8", "utf-8-sig"])
def test_a_wide_text_is_read_as_it_is_written(text: str, encoding: str) -> None:
    assert decoded_wide(text.encode(encoding)) == text


def wide_bodies() -> Iterator[tuple[bytes, str]]:
    for encoding in ("utf-16-le", "utf-16-be", "utf-16", "utf-8"):
        yield b"UNICODE\0" + LIST.encode(encoding), encoding
    yield b"ASCII\0\0\0" + LIST.encode(), "ascii"
    yield b"JIS\0\0\0\0\0" + LIST.encode("iso2022_jp"), "jis"
    yield bytes(8) + LIST.encode(), "undefined"
    yield LIST.encode(), "no name"


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for body, name in wide_bodies()])
@pytest.mark.parametrize("place", ["first", "inner"])
def test_a_user_comment_in_each_encoding_and_both_places(body: bytes, place: str) -> None:
    tags = {0x9286: body}
    exif = exif_of(tags) if place == "first" else exif_of({}, tags)
    assert declared_by(jpeg(exif=exif))[2] == "AUTOMATIC1111 (some)"


def test_a_user_comment_in_japanese() -> None:
    assert user_comment(b"JIS\0\0\0\0\0" + "夕焼け".encode("iso2022_jp")) == "夕焼け"


def test_a_damaged_tag_hides_no_other() -> None:
    text = LIST.encode() + b"\0"
    entries = struct.pack("<HHII", 0x010F, 2, 5_000_000, 60) + struct.pack("<HHII", 0x010E, 2, len(text), 38)
    exif = b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4) + text
    assert declared_by(jpeg((0xE1, b"Exif\0\0" + exif)))[2] == "AUTOMATIC1111 (some)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-16"?>'])
def test_xmp_in_each_encoding(encoding: str, declaration: str) -> None:
    if declaration and encoding == "utf-8":
        return
    packet = xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}digitalArt</Iptc4xmpExt:DigitalSourceType>").decode()
    assert read_xmp([(declaration + packet).encode(encoding)])[0] == {
        "Iptc4xmpExt:DigitalSourceType": [IPTC + "digitalArt"]
    }


@pytest.mark.parametrize(
    "properties",
    [
        f"<Iptc4xmpExt:DigitalSourceFileType>{IPTC}digitalArt</Iptc4xmpExt:DigitalSourceFileType>",
        f"<Iptc4xmpExt:digitalsourcetype>{IPTC}digitalArt</Iptc4xmpExt:digitalsourcetype>",
        f'<o:DigitalSourceType xmlns:o="http://iptc.org/std/Iptc4xmpExt/2008-02-29">{IPTC}digitalArt</o:DigitalSourceType>',
        "<Iptc4xmpExt:DigitalSourceType rdf:parseType='Resource'>"
        f"<rdf:value>{IPTC}digitalArt</rdf:value></Iptc4xmpExt:DigitalSourceType>",
        f"<Iptc4xmpExt:DigitalSourceType><rdf:Description><rdf:value>{IPTC}digitalArt</rdf:value>"
        "</rdf:Description></Iptc4xmpExt:DigitalSourceType>",
        f"<Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li>{IPTC}digitalArt</rdf:li></rdf:Bag></Iptc4xmpExt:DigitalSourceType>",
    ],
)
def test_the_spellings_of_a_property(properties: str) -> None:
    assert read_xmp([xmp(properties)])[0]["Iptc4xmpExt:DigitalSourceType"] == [IPTC + "digitalArt"]


CREDIT = b"\x1c\x02\x6e" + struct.pack(">H", 19) + b"Made with Google AI"
PACKET = xmp("<photoshop:Credit>Made with Google AI</photoshop:Credit>")


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("iptc", CREDIT),
        ("iptc", b"8BIM\x04\x04\0\0" + struct.pack(">I", len(CREDIT)) + CREDIT),
        ("iptc", b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(CREDIT)) + CREDIT),
        ("xmp", PACKET),
        ("APP1", XMP_HEADER + PACKET),
        ("exif", b"Exif\0\0" + exif_of({0x0131: "Adobe Firefly"}).removeprefix(b"Exif\0\0")),
        ("APP1", b"Exif\0\0" + exif_of({0x0131: "Adobe Firefly"}).removeprefix(b"Exif\0\0")),
    ],
)
def test_a_raw_profile_of_a_png(kind: bytes, name: str, data: bytes) -> None:
    import zlib

    text = f"\n{name}\n{len(data):8}\n{data.hex()}\n".encode()
    packed = {b"tEXt": b"\0" + text, b"zTXt": b"\0\0" + zlib.compress(text), b"iTXt": b"\0\0\0\0\0" + text}[kind]
    assert declared_by(png_with(chunk(kind, f"Raw profile type {name}".encode() + packed)))[0] == "ai-generated"


# Names


@pytest.mark.parametrize(
    ("software", "agent"),
    [
        ("ChatGPT", "ChatGPT"),
        ("OpenAI gpt-image-1", "ChatGPT"),
        ("DALL-E 3", "DALL-E"),
        ("Bing Image Creator", "Microsoft Image Creator"),
        ("Gemini", "Google Gemini"),
        ("Imagen 3", "Google Gemini"),
        ("Adobe Firefly 3", "Adobe Firefly"),
        ("Midjourney v6.1", "Midjourney"),
        ("Grok Imagine", "xAI Grok"),
        ("Ideogram 2.0", "Ideogram"),
        ("Leonardo.Ai", "Leonardo.Ai"),
        ("Recraft V3", "Recraft"),
        ("FLUX.1 [dev]", "FLUX (Black Forest Labs)"),
        ("AI generated;txt2img;flux", "FLUX (Black Forest Labs)"),
        ("Stable Diffusion XL", "Stable Diffusion"),
        ("Stability AI", "Stable Diffusion"),
        ("ArtBot - Create images with Stable Diffusion, utilizing the AI Horde", "AI Horde"),
        ("Draw Things 1.8", "Draw Things"),
        ("DiffusionBee", "DiffusionBee"),
        ("NovelAI", "NovelAI"),
        ("Kling AI 2.1", "Kling AI"),
        ("Firefly", "Adobe Firefly"),
        ("GPT-5", "ChatGPT"),
        ("Sora 2", "ChatGPT"),
        ("FLUX", "FLUX (Black Forest Labs)"),
        ("SDXL", "Stable Diffusion"),
        ("DreamStudio", "Stable Diffusion"),
        ("Leonardo AI", "Leonardo.Ai"),
        ("Craiyon", "Craiyon"),
        ("TensorArt", "Tensor.Art"),
        ("NightCafe", "NightCafe"),
        ("Luma", "Luma AI"),
        ("Qwen", "Qwen (Alibaba)"),
        ("Runway", "Runway"),
        ("Veo", "Google Gemini"),
        ("Imagen", "Google Gemini"),
        ("Grok", "xAI Grok"),
        ("MFLUX 0.10.0", "mflux"),
    ],
)
def test_software_that_is_a_generator(software: str, agent: str) -> None:
    assert declared_by(png(Software=software)) == ("ai-generated", "declared", agent)
    assert declared_by(jpeg(exif=exif_of({0x0131: software})))[2] == agent


@pytest.mark.parametrize(
    "software",
    [
        "Adobe Photoshop 25.0 (Windows)",
        "Adobe Photoshop Lightroom Classic 14.0 (Generative Remove)",
        "Adobe Photoshop 26.0 with Adobe Firefly",
        "Canva",
        "Picsart",
        "Samsung Gallery",
        "Google Photos",
        "Gemini Telescope Control",
        "GIMP 2.10",
        "Luminar AI",
        "Topaz Photo AI",
        "Flux 4",
        "Luma Camera",
        "Firefly Game Engine",
        "Sora Sans Editor",
        "Runway Fashion Desk",
        "Forge Photo",
        "Midjourney Street Press Editor",
        "Leonardo da Vinci Scanner",
        "Aurora HDR",
        "f.lux",
        "MAGIX Pika",
        "HDR+ 1.0.345618096zd",
    ],
)
def test_an_editing_tool_is_no_generator(software: str) -> None:
    assert declared_by(png(Software=software))[0] == "unknown"
    assert declared_by(jpeg(exif=exif_of({0x0131: software})))[0] == "unknown"
    assert declared_by(jpeg_with(f"<xmp:CreatorTool>{software.replace('&', '')}</xmp:CreatorTool>"))[0] == "unknown"


@pytest.mark.parametrize(
    "caption",
    [
        "The exhibition shows pictures of Midjourney, DALL-E and Adobe Firefly",
        "Made with Google AI, says the label beside this photograph",
        "Stable Diffusion",
        "Signature: of the artist on the lower left",
        'The label reads {"Label": "1"}',
    ],
)
def test_a_caption_that_speaks_of_ai_declares_nothing(caption: str) -> None:
    data = jpeg((0xFE, caption.encode()), exif=exif_of({0x010E: caption}, {0x9286: b"ASCII\0\0\0" + caption.encode()}))
    assert declared_by(data)[0] == "unknown"
    assert declared_by(png(Description=caption, Comment=caption, Title=caption))[0] == "unknown"
    escaped = caption.replace('"', "&quot;")
    assert declared_by(jpeg_with(f'<d:description xmlns:d="http://purl.org/dc/elements/1.1/">{escaped}</d:description>'))[0] == "unknown"  # fmt: skip


def test_the_signature_of_grok_counts_with_its_number() -> None:
    signature, number = "Signature: " + "aB3/" * 20, "01234567-89ab-cdef-0123-456789abcdef"
    assert declared_by(jpeg(exif=exif_of({0x010E: signature, 0x013B: number})))[2] == "xAI Grok"
    assert declared_by(jpeg(exif=exif_of({0x010E: signature})))[0] == "unknown"
    assert declared_by(jpeg(exif=exif_of({0x010E: signature, 0x013B: "Anna"})))[0] == "unknown"


def test_a_make_that_is_a_generator() -> None:
    assert declared_by(jpeg(exif=exif_of({0x010F: "Ideogram AI"})))[2] == "Ideogram"
    assert declared_by(jpeg(exif=exif_of({0x010F: "Black Forest Labs", 0x0110: "flux-dev"})))[2] == (
        "FLUX (Black Forest Labs)"
    )


def test_a_clean_up_is_an_edit() -> None:
    assert declared_by(jpeg_with("<photoshop:Credit>Apple Photos Clean Up</photoshop:Credit>"))[::2] == (
        "ai-edited",
        "Apple Photos Clean Up",
    )


def samsung_edit(text: str, name: bytes = b"PhotoEditor_Re_Edit_Data") -> bytes:
    block = struct.pack("<HHI", 0, 0xBA1, len(name)) + name + text.encode()
    directory = b"SEFH" + struct.pack("<II", 107, 1) + struct.pack("<HHII", 0, 0xBA1, len(block), len(block))
    return block + directory + struct.pack("<I", len(directory)) + b"SEFT"


def test_an_edit_by_a_phone_counts_in_its_place() -> None:
    for text in ('{"genAIType":2}', '{"a":"{\\"genAIType\\":1}"}'):
        assert declared_by(jpeg() + samsung_edit(text))[::2] == ("ai-edited", "Samsung Galaxy AI")
    assert declared_by(jpeg() + samsung_edit('{"genAIType":0}'))[0] == "unknown"
    assert declared_by(jpeg() + samsung_edit('{"genAIType":2}', b"Image_UTC_Data"))[0] == "unknown"
    assert declared_by(jpeg() + b'PhotoEditor_Re_Edit_Data{"genAIType":2}')[0] == "unknown"
    data = samsung_edit('{"genAIType":2}')
    for length in range(len(data)):
        provenance.verify(jpeg() + data[:length])


# AIGC labels


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(LABEL) + "\0\0",
        json.dumps({"AIGC": LABEL}),
        json.dumps({"AIGC": json.dumps(LABEL)}),
        json.dumps(LABEL | {"Label": 1}),
        str(LABEL),
    ],
)
def test_the_spellings_of_a_label(text: str) -> None:
    label = AigcLabel.read(text)
    assert label is not None
    assert label.producer_name == "Doubao (ByteDance) (001191110102MACQD9K64010000)"


@pytest.mark.parametrize("tag", [0x010E, 0x9286])
def test_a_label_in_exif(tag: int) -> None:
    text = json.dumps({"AIGC": LABEL})
    assert declared_by(jpeg(exif=exif_of({tag: text if tag == 0x010E else text.encode()})))[0] == "ai-generated"


def test_a_producer_by_its_name_or_of_no_known_number() -> None:
    assert AigcLabel.of("1", "MiniMax").producer_name == "Hailuo AI (MiniMax) (MiniMax)"
    assert AigcLabel.of("1", "001191110000MA000000000000000").producer_name is None
    assert AigcLabel.of("1", "").producer_name is None


# Mutations


def photographs() -> list[bytes]:
    """Pictures of a camera with a caption, credit and settings of a camera, in which nothing speaks of AI."""
    exif = exif_of(
        {0x010E: "Seed: a lake, steps to it: 4", 0x010F: "Canon", 0x0110: "EOS R5", 0x0131: "Adobe Photoshop 26.0"},
        {0x9003: "2026:01:02 03:04:05", 0x9286: b"UNICODE\0" + "a model of a lake".encode("utf-16-le")},
    )
    credit = "<photoshop:Credit>Example Agency</photoshop:Credit><xmp:CreatorTool>Lightroom 14</xmp:CreatorTool>"
    datasets = b"\x1c\x02\x6e\0\x06Agency\x1c\x02\x78\0\x06A lake"
    resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(datasets)) + datasets
    packet = xmp(credit)
    return [
        jpeg((0xE1, XMP_HEADER + packet), (0xED, resource), exif=exif) + samsung_edit('{"genAIType":0}'),
        image("WEBP", exif),
        png(Description="a lake", Software="GIMP", workflow='{"steps": ["crop", "scale"]}', AIGC="{}"),
    ]


@tries(60, 30_000)
@pytest.mark.parametrize("data", photographs(), ids=["JPEG", "WebP", "PNG"])
def test_no_mutation_harms_or_makes_a_mark_appear(data: bytes, tries: int) -> None:
    random = Random(45438)
    verifier = provenance.Verifier(sources=["metadata"])
    for _ in range(tries):
        mutated = bytearray(data)
        for _ in range(random.randint(1, 12)):
            at = random.randrange(min(len(mutated), 3_000))
            change = random.choice(("flip", "cut", "repeat"))
            if change == "flip":
                mutated[at] = random.randrange(256)
            elif change == "cut":
                del mutated[at : at + random.randrange(20)]
            else:
                mutated[at:at] = mutated[at : at + random.randrange(40)]
        report = verifier.verify(bytes(mutated))
        assert report.conclusion.origin == "unknown", bytes(mutated)


# The files of public reports, where they are beside the project

REPORTED = (
    "a1111-*", "aigc-*", "comfy-*", "mp4-aigc*", "drawthings*", "easydiffusion*", "iptc-raw*", "novelai*", "sdnext*", "software-*", "xmp-*",
)  # fmt: skip


def test_the_files_of_public_reports(fixtures: Path) -> None:
    folder = fixtures / "reported"
    if not folder.is_dir():
        pytest.skip(f"the files of public reports are not at {folder}")
    files = sorted(path for pattern in REPORTED for path in folder.glob(pattern))
    answers = {path.name: declared_by(path.read_bytes())[:2] for path in files}
    assert {name for name, answer in answers.items() if answer != ("ai-generated", "declared")} == set()
