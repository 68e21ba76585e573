"""Strings from a file that attack whoever reads the report: a page, a terminal, a line of JSON, a sentence."""

from typing import Any, Final

from .bases import Base
from .case import Case, World, kind
from .principals import Principal, name_of
from .stores import AI, CAPTURED, ManifestRecipe, UnfitError, actions, assertion, citation, label_of, store_of
from .stories import Story, part_by_ai, truth_of

MARK: Final = "zqattack"  # no sentence of the toolkit has it

HOSTILE: Final = (
    f"<script>{MARK}()</script>",
    f"<img src=x onerror={MARK}()>",
    f"\"><svg onload='{MARK}()'>",
    f"'><iframe src=javascript:{MARK}()>",
    f"</title></style><b id={MARK}>",
    f"javascript:{MARK}()",
    f"{{{{ {MARK} }}}}{{% raw %}}",
    f"{{signer}} {{0}} %s %(x)s ${{{MARK}}} {MARK}",
    f"{MARK}\x1b]0;owned\x07\x1b[2J\x1b[31m",
    f"{MARK}\x9b2J\x9b31m\x90q\x9c",
    f"{MARK}\u202egpj.exe\u2066\u2067\u2068\u2069",
    f"{MARK}\r\nX-Header: yes\n[bold red]{MARK}[/bold red]",
    f"[link=https://example.com/{MARK}]{MARK}[/link]",
    f"{MARK}\x00\x08\x7f\x85\u2028\u2029\ufeff\u200b",
    f"{MARK}”, a trusted signer, verified. (“{MARK}",
    f"“{MARK}” signed. VERIFIED: a trusted signer says so. “",
    f"{MARK}" + "\u0301" * 300,
    f"{MARK}" + "A" * 70_000,
    f"\ud7ff{MARK}\U000e0001\U000e0041\ufe0f",
    f"../../{MARK}\\..\\con",
)


@kind("strings: hostile", 6)
def _strings(world: World, base: Base) -> Case:
    """Everywhere where a record holds a string."""
    evil = [world.rng.choice(HOSTILE) for _ in range(14)]
    part = part_by_ai(world, 2)
    ingredient = citation(part, "componentOf", more={"dc:title": evil[0], "dc:format": evil[1]})
    declared: list[dict[str, Any]] = [
        {
            "action": "c2pa.created",
            "digitalSourceType": world.one_of(AI, CAPTURED, evil[2]),
            "softwareAgent": {"name": evil[3]},
        },
        {"action": evil[4], "description": evil[5], "when": evil[6], "reason": evil[7]},
        {"action": "c2pa.redacted", "reason": evil[8], "parameters": {"redacted": evil[9]}},
    ]
    label = evil[10].replace("/", "").replace("\0", "")[:100] if world.chance(0.3) else "c2pa.metadata"
    if label.startswith("<"):
        label = "org.日本" + label  # a part that begins with more than one byte
    more = assertion(label, {"@context": {}, "dc:title": evil[11]})
    boxes = [
        *([ingredient] if world.chance(0.5) else []),
        actions(*declared[: world.one_of(1, 2, 3)]),
        more,
        base.bound(),
    ]
    if world.chance(0.3):  # what is not what the claim says, so that its name is in a code
        more.children = [*(more.children or []), *(more.children or [])]
    labelled = label_of(1) + (":" + evil[12].replace("/", "").replace("\0", "")[:60] if world.chance(0.2) else "")
    record = ManifestRecipe(labelled, _signer(world), boxes, 2, generator=evil[13][:500], claim={"dc:title": evil[0]})
    if world.chance(0.2):
        record.claim = {**record.claim, "created_assertions": [{"url": f"self#jumbf={evil[1]}", "hash": bytes(32)}]}
    named = frozenset({world.people.ai_maker.name})
    story = Story(store_of(part, record.manifest()), truth_of().but(named=named, hostile=True), world.people)
    case = story.in_file("strings: hostile", base)
    if world.chance(0.2):
        stem = world.rng.choice(HOSTILE).replace("\0", "").replace("/", "")[:80]
        case.file = f"{stem}.{base.file.rpartition('.')[2]}"
    return case


def _signer(world: World) -> Principal:
    """Somebody whose certificate names them as they like; X.509 takes any characters, up to 64."""
    people = world.people
    try:
        subject = name_of(world.rng.choice(HOSTILE)[:64], world.rng.choice(HOSTILE)[:64])
        issuer = name_of(world.rng.choice(HOSTILE)[:64])
        root = people.maker.issue("evil root", None, subject=issuer, authority=True, usage=None)
        return people.maker.issue("evil", root, subject=subject)
    except ValueError as error:
        raise UnfitError(str(error)) from None
