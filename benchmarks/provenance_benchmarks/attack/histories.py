"""What a stranger does to somebody else's record: updates, redactions, damage, the records of two files joined."""

from typing import Any

from .bases import Base
from .boxes import rewritten
from .case import AI_ORIGINS, Case, Content, World, kind
from .principals import Principal
from .stores import (
    AI,
    CAPTURED,
    CLAIM,
    MANIFEST,
    UPDATE,
    EditableBox,
    ManifestRecipe,
    UnfitError,
    actions,
    assertion,
    citation,
    created,
    label_of,
    store_of,
    superbox,
)  # fmt: skip
from .stories import Story, by_attacker, capture, composite, generated, honest, opened, part_by_ai, truth_of, updated


def _active(story: Story) -> EditableBox:
    return (story.store.children or [])[-1]


def junk(world: World) -> EditableBox:
    """A manifest that silences a reader which asks that all can be read."""
    type_ = world.one_of(b"zzzz" + CLAIM[4:], b"zzzz" + CLAIM[4:], CLAIM)
    claim = superbox(type_, "c2pa.claim.v2", EditableBox(b"cbor", world.one_of(b"\xa0", b"\xa0", b"\xff")))
    return superbox(MANIFEST, label_of(77), claim)


@kind("history: update over a made-up record", 6)
def _made_up_parent(world: World, base: Base) -> Case:
    """The attacker updates a record that the victim never signed, and may silence one checker by a junk manifest."""
    story = made_up(world, base)
    if world.chance(0.6):
        story.store.children.insert(world.one_of(0, 0, 1), junk(world))  # type: ignore[union-attr]
    return story.in_file("history: update over a made-up record", base)


def made_up(world: World, base: Base) -> Story:
    """The victim's record, made up, signature and all; and the attacker's over it."""
    people = world.people
    victim = world.one_of(people.newsroom, people.ai_maker, people.colleague, people.known)
    record = ManifestRecipe(label_of(1), victim, [actions(created(world.one_of(AI, CAPTURED))), base.bound()], 2)
    record.signature = world.one_of(world.rng.randbytes(64), bytes(64), victim.signature(b"x")[:64])
    if world.chance(0.2) and people.listed:
        record.chain = [world.rng.choice(people.listed).der]
    theirs = record.manifest()
    kind_of = world.one_of(UPDATE, UPDATE, UPDATE, MANIFEST)
    edited = {"action": "c2pa.edited.metadata"}
    mine = updated(world, theirs, people.attacker, edited, kind=kind_of)
    return Story(store_of(theirs, mine), truth_of(), people)


@kind("history: update by a stranger", 3)
def _update(world: World, base: Base) -> Case:
    """An update manifest over an honest record. The record goes on saying what it said."""
    story = honest(world, base)
    signer = world.one_of(world.people.attacker, world.people.newsroom)
    action = world.one_of({"action": "c2pa.edited.metadata"}, {"action": "c2pa.edited"}, created(CAPTURED))
    kind_of = world.one_of(UPDATE, UPDATE, MANIFEST)
    story.store.children.append(updated(world, _active(story), signer, action, kind=kind_of))  # type: ignore[union-attr]
    trusted = signer is not world.people.attacker
    named = story.truth.named | ({signer.name} if trusted else set())
    ai = story.truth.origins == AI_ORIGINS
    signers = frozenset({signer.name} if trusted else ())
    truth = story.truth.but(signers=signers, named=named, stampers=frozenset(), origins=AI_ORIGINS if ai else None)
    return Story(story.store, truth, world.people).in_file("history: update by a stranger", base)


def _redact(world: World, story: Story, part: EditableBox, signer: Principal) -> EditableBox:
    """The story's active manifest loses this assertion, by a manifest over it that says so."""
    inner = _active(story)
    assertions = inner.find("c2pa.assertions").children or []
    assertions.remove(part)
    uri = f"self#jumbf=/c2pa/{inner.label.decode()}/c2pa.assertions/{part.label.decode()}"
    action = {"action": "c2pa.redacted", "reason": "c2pa.PII.present", "parameters": {"redacted": uri}}
    action = world.one_of(action, action, action, {"action": "c2pa.edited.metadata"})
    kind_of = world.one_of(UPDATE, UPDATE, MANIFEST)
    return updated(world, inner, signer, action, kind=kind_of, redacted_assertions=[uri])


@kind("history: redaction", 8)
def _redaction(world: World, base: Base) -> Case:
    """Somebody else removes from an honest record what says that AI took part."""
    people = world.people
    story = world.one_of(_with_disclosure, _composite, _composite, _opened, _two_actions)(world, base)
    assertions = _active(story).find("c2pa.assertions").children or []
    telling = (b"c2pa.ingredient", b"c2pa.ai-disclosure", b"c2pa.actions.v2__1")
    parts = [box for box in assertions if box.label.startswith(telling)]
    part = world.rng.choice(parts if parts and world.chance(0.85) else assertions)
    signer = world.one_of(people.attacker, people.attacker, people.newsroom, people.colleague)
    by = _redact(world, story, part, signer)
    manifests = [*(story.store.children or []), by]
    if world.chance(0.5) and len(manifests) > 2:
        manifests = manifests[1:]  # the ingredient's own record is gone too
    signers = frozenset({signer.name} - {people.attacker.name})
    truth = story.truth.but(signers=signers, named=story.truth.named | signers, origins=AI_ORIGINS)
    return Story(store_of(*manifests), truth, world.people).in_file("history: redaction", base)


def _composite(world: World, base: Base) -> Story:
    """With claims of version 2, which can be redacted."""
    return _of_version_2(composite, world, base)


def _opened(world: World, base: Base) -> Story:
    return _of_version_2(opened, world, base)


def _of_version_2(tell: Any, world: World, base: Base) -> Story:
    for _ in range(20):
        story: Story = tell(world, base)
        if _active(story).label.startswith(b"urn:c2pa:"):
            return story
    raise UnfitError("no claim of version 2")


def _with_disclosure(world: World, base: Base) -> Story:
    disclosure = assertion("c2pa.ai-disclosure", {"modelName": "a generator", "modelType": "c2pa.types.model"})
    parts = [actions(created(CAPTURED)), disclosure, base.bound()]
    record = ManifestRecipe(label_of(1), world.people.newsroom, parts, 2)
    return Story(store_of(record.manifest()), truth_of(world.people.newsroom, origins=AI_ORIGINS), world.people)


def _two_actions(world: World, base: Base) -> Story:
    """A capture, and in a second assertion that a part of it was made by AI."""
    second = assertion("c2pa.actions.v2__1", {"actions": [{"action": "c2pa.edited", "digitalSourceType": AI}]})
    parts = [actions(created(CAPTURED)), second, base.bound()]
    record = ManifestRecipe(label_of(1), world.people.newsroom, parts, 2)
    return Story(store_of(record.manifest()), truth_of(world.people.newsroom, origins=AI_ORIGINS), world.people)


@kind("history: damaged ingredient", 3)
def _damaged(world: World, base: Base) -> Case:
    """The AI part's record is damaged, so that what it says could get lost."""
    story: Story = world.one_of(composite, opened)(world, base)
    part = (story.store.children or [])[0]
    for _ in range(world.one_of(1, 1, 2)):
        box = world.rng.choice(list(part.all()))
        change = world.rng.randrange(4)
        if change == 0 and box.children is not None:
            box.type = b"x2ma" + box.type[4:]
        elif change == 1 and box.children is not None:
            box.label += b"x"
        elif change == 2 and box.children:
            del box.children[world.rng.randrange(len(box.children))]
        elif box.kind == b"cbor":
            box.content = rewritten(world, box.content)
    if world.chance(0.2):
        story.store.children.remove(part)  # type: ignore[union-attr]
    return story.in_file("history: damaged ingredient", base)


@kind("history: a stranger opens it anew", 3)
def _opened_anew(world: World, base: Base) -> Case:
    """The attacker makes a manifest of his own over somebody's AI record, and calls the result a photograph."""
    story = generated(world, base)
    inner = _active(story)
    relationship = world.one_of("parentOf", "componentOf", "inputTo")
    ingredient = citation(inner, relationship)
    action = world.one_of(created(CAPTURED), {"action": "c2pa.opened"})
    record = ManifestRecipe(label_of(5), world.people.attacker, [ingredient, actions(action), base.bound()], 2)
    # The AI record is not about these bytes alone; that it is in the history must show.
    truth = story.truth.but(signers=frozenset(), stampers=frozenset(), origins=AI_ORIGINS)
    return Story(store_of(inner, record.manifest()), truth, world.people).in_file(
        "history: a stranger opens it anew", base
    )


@kind("history: in circles", 1)
def _circles(world: World, base: Base) -> Case:
    """Records that cite themselves and each other, wide and deep."""
    count = world.one_of(1, 2, 3, 6)
    labels = [label_of(number) for number in range(1, count + 1)]
    manifests: list[EditableBox] = []
    shells = [superbox(MANIFEST, label, superbox(b"c2cs" + MANIFEST[4:], "c2pa.signature")) for label in labels]
    for label in labels:
        cited = [world.rng.choice([*manifests, *shells]) for _ in range(world.one_of(1, 2))]
        boxes = [citation(manifest, world.one_of("parentOf", "componentOf"), 2, n) for n, manifest in enumerate(cited)]
        record = ManifestRecipe(label, world.people.attacker, [*boxes, actions(created(AI)), base.bound()], 2)
        manifests.append(record.manifest())
    return Story(store_of(*manifests), truth_of(), world.people).in_file("history: in circles", base)


@kind("splice: the record of another file", 4)
def _splice(world: World, base: Base) -> Case:
    """An honest record, whole, in a file that it is not about; alone, or with the attacker's own beside it."""
    others = [candidate for candidate in world.bases.values() if _differs(candidate, base)]
    if not others:
        raise UnfitError("no other file")
    victim = world.rng.choice(others)
    story = world.one_of(capture, generated, composite)(world, victim)
    theirs = list(story.store.children or [])
    changed = story.truth.but(content=Content.CHANGED)
    if world.chance(0.4):
        return Story(store_of(*theirs), changed, world.people).in_file("splice: the record of another file", base)
    mine = by_attacker(world, base, label=label_of(42, 2), version=2).manifest()
    order = world.one_of([*theirs, mine], [mine, *theirs])
    truth = changed if order[-1] is not mine else truth_of().but(named=story.truth.named)
    if world.chance(0.5) and order[-1] is mine:  # cited as an ingredient, as if it had been opened
        mine = updated(world, theirs[-1], world.people.attacker, kind=world.one_of(UPDATE, MANIFEST))
        # An update has no binding of its own: that of the other file decides.
        truth = truth_of().but(named=story.truth.named, content=Content.CHANGED)
        order = [*theirs, mine]
    return Story(store_of(*order), truth, world.people).in_file("splice: the record of another file", base)


def _differs(first: Base, second: Base) -> bool:
    """Whether they are different content; the one made as HEIC differs from the AVIF in its file type alone."""
    alike = {"heic", "avif"}
    return first.family != second.family and {first.family, second.family} != alike


@kind("binding: dropped, doubled or of another kind", 3)
def _binding(world: World, base: Base) -> Case:
    """A record that the attacker, or somebody honest in error, signs without a binding that binds."""
    signer = world.one_of(world.people.attacker, world.people.newsroom)
    wrong = world.rng.choice([candidate for candidate in world.bases.values() if _differs(candidate, base)]).bound()
    zeros = bytes(32)
    boxes = world.one_of(
        [], [wrong], [wrong, base.bound()],
        [assertion("c2pa.hash.data", {"name": "x", "alg": "sha256", "pad": b""})],
        [assertion("c2pa.hash.data", {"exclusions": [{"start": 0, "length": 2**40}], "hash": zeros})],
        [assertion("c2pa.hash.data", {"exclusions": [{"start": -1, "length": -5}], "hash": zeros})],
        [assertion("c2pa.hash.boxes", {"boxes": []})],
        [assertion("c2pa.hash.bmff.v3", {"exclusions": [], "hash": zeros})],
        [assertion("c2pa.hash.data", {"alg": world.one_of("md5", "sha1", "", "sha512"), "hash": bytes(16)})],
        [assertion("c2pa.hash.collection.data", {"uris": [], "alg": "sha256"})],
    )  # fmt: skip
    holds = base.label in {box.label.decode() for box in boxes} and any(
        box.dumped() == base.bound().dumped() for box in boxes
    )
    record = ManifestRecipe(label_of(1), signer, [actions(created(AI)), *boxes], 2)
    trusted = () if signer is world.people.attacker else (signer,)
    truth = truth_of(*trusted, origins=None).but(content=Content.SAME if holds else Content.CHANGED)
    return Story(store_of(record.manifest()), truth, world.people).in_file(
        "binding: dropped, doubled or of another kind", base
    )


@kind("actions: rules broken", 2)
def _actions(world: World, base: Base) -> Case:
    """Actions in the wrong order, twice, without what they need, or gathered."""
    version = 2
    part = part_by_ai(world, version)
    ingredient = citation(part, "componentOf")
    pool: list[dict[str, Any]] = [
        created(AI), created(CAPTURED), {"action": "c2pa.opened"}, {"action": "c2pa.placed"},
        {"action": "c2pa.removed"},
        {"action": "c2pa.edited", "digitalSourceType": AI}, {"action": "c2pa.unknown"}, {"action": 7}, {},
        {"action": "c2pa.created", "digitalSourceType": world.one_of("nonsense", 5, AI.upper())},
        {"action": "c2pa.opened", "parameters": {"ingredients": [{"url": "self#jumbf=nowhere", "hash": bytes(32)}]}},
    ]  # fmt: skip
    declared = [world.rng.choice(pool) for _ in range(world.one_of(0, 1, 2, 5))]
    boxes = world.one_of(
        [actions(*declared)], [actions(*declared), assertion("c2pa.actions.v2__1", {"actions": declared})]
    )
    record = ManifestRecipe(label_of(1), world.people.newsroom, [ingredient, *boxes, base.bound()], version)
    if world.chance(0.3):
        references = record.claim_map()["created_assertions"]
        record.claim = {"created_assertions": references[-1:], "gathered_assertions": references[:-1]}
    truth = truth_of(world.people.newsroom, world.people.ai_maker)
    return Story(store_of(part, record.manifest()), truth, world.people).in_file("actions: rules broken", base)
