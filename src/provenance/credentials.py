"""What the C2PA manifest says, as separate answers: unchanged? signed by whom? when? does the history hold?

One word such as "Invalid" would mix four questions that an editor has to keep apart.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from .declarations import Identity, Signals
from .sentences import Message, say


class IntegrityState(StrEnum):
    """Is this asset as it was when it was signed? C2PA 2.4, section 15."""

    INTACT = "intact"
    ALTERED = "altered"
    BROKEN = "broken"
    ABSENT = "absent"
    REMOTE = "remote"
    UNREADABLE = "unreadable"
    PARTIAL = "partial"  # what was signed leaves out parts of the content
    DISPUTED = "disputed"  # what was checked here and an engine do not agree


class SignerState(StrEnum):
    """Do we know who signed?"""

    TRUSTED = "trusted"
    KNOWN = "known"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"
    NONE = "none"


class RevocationState(StrEnum):
    """Was the signer's certificate revoked? C2PA 2.4, section 15.8."""

    NOT_REVOKED = "checked-not-revoked"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"


class RevocationSource(StrEnum):
    """Where the answer about revocation was looked for."""

    STAPLED = "stapled"
    ASSERTION = "assertion"
    ONLINE = "online"


class TimeState(StrEnum):
    """Do we know when it was signed?"""

    TRUSTED = "trusted"
    CLAIMED = "claimed"
    NONE = "none"


class HistoryState(StrEnum):
    """Do the manifests of its ingredients hold?"""

    INTACT = "intact"
    BROKEN = "broken"
    NONE = "none"


class StepState(StrEnum):
    """One step of the history."""

    INTACT = "intact"
    BROKEN = "broken"
    UNSIGNED = "unsigned"


class ThumbnailSource(StrEnum):
    """Whose picture of a step is shown. Either is only as good as the signer who supplied it."""

    OWN_CLAIM = "own-claim"  # the step's own manifest
    INGREDIENT_ASSERTION = "ingredient-assertion"  # the manifest that cites the step


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ManifestPlace(StrEnum):
    """Where the manifest was read from."""

    EMBEDDED = "embedded"
    EXTERNAL = "external"


class Integrity(_Frozen):
    """The answer to "is it unchanged?"."""

    state: IntegrityState
    own: IntegrityState | None = Field(
        default=None,
        description="What the toolkit itself verified, before the engines were heard; none where only they can tell. "
        "The engines can lower it and never raise it.",
    )
    manifest: ManifestPlace | None = Field(default=None, description="Where the manifest was, if one was read.")
    remote_url: str | None = Field(default=None, description="Where the manifest is, for `remote`.")


class Revocation(_Frozen):
    """The answer to "was the signer's certificate revoked?"."""

    state: RevocationState = Field(
        default=RevocationState.NOT_CHECKED,
        description="`unknown`: an answer was looked for, and there was none, or none that says it or can be verified.",
    )
    source: RevocationSource | None = Field(
        default=None,
        description="`stapled`: carried with the signature. `assertion`: in a `c2pa.certificate-status` assertion. "
        "`online`: asked of the responder over the network; the engine does not check who issued its certificate.",
    )


class ClaimSigner(_Frozen):
    """The answer to "who signed?"."""

    state: SignerState = SignerState.NONE
    name: str | None = Field(default=None, description="Organisation in the signing certificate.")
    common_name: str | None = None
    issuer: str | None = Field(default=None, description="Who issued the signing certificate.")
    trust_list: str | None = Field(default=None, description="The list on which the signer's trust anchor stands.")
    entity: str | None = Field(default=None, description="Who stands behind the trust anchor, as its list says.")
    trusted_directly: bool = Field(
        default=False, description="The list names this very certificate, and no authority above it."
    )
    product: str | None = Field(
        default=None,
        description="For a trusted signer on the C2PA Trust List: the conforming product to which the certificate is "
        "made out, by its distinguished name on the C2PA conforming products list. It does not show that this product "
        "made the file.",
    )
    development: bool = Field(
        default=False, description="The certificate says itself that it was made for development only."
    )
    revocation: Revocation = Revocation()
    expired: bool = Field(
        default=False, description="The certificate is not valid at the time of signing, as far as it is proven."
    )
    not_yet_valid: bool = False
    valid_from: str | None = None
    valid_until: str | None = None


class SigningTime(_Frozen):
    """The answer to "when was it signed?"."""

    state: TimeState = TimeState.NONE
    time: str | None = Field(default=None, description="ISO 8601.")
    authority: str | None = Field(default=None, description="The time stamping authority, by its own certificate.")


class Action(_Frozen):
    """One action that a manifest declares. C2PA 2.4, section 18.15."""

    action: str
    digital_source_type: str | None = None
    agent: str | None = None
    when: str | None = None
    description: str | None = None
    gathered: bool = Field(
        default=False, description="The signer passes this statement on, and does not make it. C2PA 2.4, section 10.3."
    )


class Redaction(_Frozen):
    """An assertion that a later manifest removed from a step's own. C2PA 2.4 allows it, and it breaks no signature."""

    part: str = Field(description="The label of the assertion that was removed.")
    by: int = Field(description="The step whose manifest removed it.")
    reason: str | None = Field(default=None, description="Why, as the `c2pa.redacted` action says, such as a code.")


class Step(_Frozen):
    """One manifest, or one unsigned ingredient, of the asset's history; the first step is the asset itself."""

    id: int
    parent: int | None = Field(default=None, description="The step that this one went into.")
    relationship: str | None = Field(default=None, description="parentOf, componentOf or inputTo.")
    state: StepState
    title: str | None = None
    format: str | None = None
    manifest: str | None = Field(default=None, description="The manifest's label.")
    claim_generator: str | None = None
    signer: str | None = Field(default=None, description="As the step's certificate names it.")
    signer_state: SignerState = Field(default=SignerState.NONE, description="Whether an authority vouches for it.")
    time: str | None = None
    actions: tuple[Action, ...] = ()
    signals: Signals | None = Field(default=None, description="What the step's own manifest declares, in short.")
    update: bool = Field(
        default=False, description="An update manifest: it adds to the record, and the content stays what it was."
    )
    redactions: tuple[Redaction, ...] = Field(default=(), description="What later steps removed from its manifest.")
    codes: tuple[str, ...] = Field(default=(), description="Validation codes that failed for this step.")
    thumbnail: str | None = Field(
        default=None,
        description="A data URI, where thumbnails were asked for; none for a step that does not hold.",
    )
    thumbnail_source: ThumbnailSource | None = Field(
        default=None, description="Which manifest supplied the thumbnail: the step's own, or the one that cites it."
    )
    thumbnail_signer_state: SignerState = Field(
        default=SignerState.NONE,
        description="Whether an authority vouches for the signer who supplied the thumbnail; if none does, anyone "
        "could have put any picture there.",
    )


class History(_Frozen):
    """The answer to "does its history hold?"."""

    state: HistoryState = HistoryState.NONE
    steps: tuple[Step, ...] = ()
    truncated: bool = Field(default=False, description="There are more steps than are shown.")


class Code(_Frozen):
    """One C2PA validation code. C2PA 2.4, section 15.2."""

    code: str
    kind: str = Field(description="success, informational or failure.")
    url: str | None = None
    explanation: str | None = None
    ingredient: str | None = Field(default=None, description="The ingredient assertion that it belongs to, if any.")


class EngineReading(_Frozen):
    """What one engine says of the asset, by the same questions as every other engine."""

    engine: str
    version: str
    integrity: IntegrityState
    verdict: str | None = Field(default=None, description="The engine's own word: Trusted, Valid or Invalid.")
    failures: tuple[str, ...] = Field(default=(), description="The validation codes that failed, by this engine.")


class Credentials(_Frozen):
    """All that the asset's C2PA manifest store says."""

    integrity: Integrity
    engines: tuple[EngineReading, ...] = Field(default=(), description="The engines that looked, the first one first.")
    signer: ClaimSigner = ClaimSigner()
    time: SigningTime = SigningTime()
    history: History = History()
    signals: Signals | None = Field(
        default=None, description="What the asset's own manifest declares, in short; for earlier ones see each step."
    )
    signals_rubric: str | None = Field(
        default=None, description="Name, version and date of the rubric by which signals were drawn."
    )
    identities: tuple[Identity, ...] = Field(
        default=(),
        description="Who says that they made the asset, by its own manifest; earlier manifests' are not read.",
    )
    codes: tuple[Code, ...] = ()


def called(name: str | None, state: SignerState) -> str | Message:
    """How a sentence may call a signer: by name only where an authority that we know vouches for the name."""
    if name is None:
        return say("term.unnamed_signer")
    return name if state in (SignerState.TRUSTED, SignerState.KNOWN) else say("term.self_named", name=name)
