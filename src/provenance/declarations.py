"""What a manifest declares, set apart from who signed it: how the asset began, what was done, who says they made it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Inception(StrEnum):
    """How a manifest says that the asset began. The names are those of the C2PA asset rubric "signals"."""

    BLANK_CANVAS = "blankCanvas"
    CAPTURED_MEDIA = "capturedMedia"
    CAPTURED_MEDIA_STITCHED = "capturedMediaStitched"
    COMPOSITION_MAY_CONTAIN_GEN_AI = "compositionMayContainGenAI"
    FULLY_GEN_AI_MEDIA = "fullyGenAIMedia"
    MEDIA_UNKNOWN_PROVENANCE = "mediaUnknownProvenance"
    NON_GEN_AI_DIGITAL_CREATION = "nonGenAIDigitalCreation"
    PARTLY_GEN_AI_CREATION = "partlyGenAICreation"
    SCREEN_CAPTURE_MAY_CONTAIN_GEN_AI = "screenCaptureMayContainGenAI"


class Transformation(StrEnum):
    """What a manifest says was done to the asset. The names are those of the C2PA asset rubric "signals"."""

    AMBIGUOUS_ACTIONS = "ambiguousActions"
    NON_EDITORIAL = "nonEditorial"
    PERCEPTIBLE_GEN_AI = "perceptibleGenAI"
    PERCEPTIBLE_NON_GEN_AI = "perceptibleNonGenAI"
    PERCEPTIBLE_POSSIBLY_GEN_AI = "perceptiblePossiblyGenAI"


class Signals(_Frozen):
    """What one manifest declares, by the C2PA asset rubric "signals". It is declared, whether or not it is so."""

    inception: tuple[Inception, ...] = Field(
        default=(), description="How the asset began; the rubric's `inception:signal_` and this name."
    )
    transformations: tuple[Transformation, ...] = Field(
        default=(), description="What was done to it; the rubric's `transformation:signal_` and this name."
    )


class IdentityKind(StrEnum):
    """How an identity is vouched for. CAWG Identity Assertion 1.2, section 8."""

    X509 = "x509"
    CLAIMS_AGGREGATION = "claims-aggregation"
    OTHER = "other"


class IdentityState(StrEnum):
    """Does a stated identity hold, and is there a list that vouches for it?"""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    UNCHECKED = "unchecked"
    DISPUTED = "disputed"  # what was checked here and an engine do not agree
    BROKEN = "broken"


class VerifiedIdentity(_Frozen):
    """One account, document or affiliation that an identity service says it verified."""

    type: str | None = Field(default=None, description="Such as cawg.social_media or cawg.document_verification.")
    name: str | None = None
    username: str | None = None
    uri: str | None = None
    provider: str | None = Field(default=None, description="Where the account is, or who looked at the document.")
    verified_at: str | None = Field(default=None, description="ISO 8601.")


class Identity(_Frozen):
    """Who says that they made the asset: one identity assertion (`cawg.identity`), apart from the manifest's signer.

    Whatever becomes of it, the asset's integrity and its signer stay as they are.
    """

    label: str = Field(description="The assertion's label.")
    kind: IdentityKind = IdentityKind.OTHER
    state: IdentityState = Field(
        description="`trusted`: the signature holds, and a list for identities vouches for its certificate, or the "
        "DID document of the identity service was given. `untrusted`: the signature holds, and nobody vouches for whom "
        "it names. `unchecked`: whether it holds is not known: the key is on the internet and was not fetched, its "
        "signer expected more than is checked, or the record or the content does not hold. `disputed`: it holds, and "
        "an engine says that it does not."
    )
    name: str | None = Field(default=None, description="Organisation in the certificate, for x509.")
    common_name: str | None = None
    issuer: str | None = Field(
        default=None,
        description="Who issued the certificate; for claims-aggregation the identity service, by its decentralised "
        "identifier.",
    )
    verified: tuple[VerifiedIdentity, ...] = Field(default=(), description="For claims-aggregation.")
    roles: tuple[str, ...] = Field(default=(), description="What they say they did, such as cawg.creator.")
    assertions: tuple[str, ...] = Field(default=(), description="The assertions that they signed, by their labels.")
    trust_list: str | None = Field(default=None, description="The list that vouches for the certificate, for x509.")
    codes: tuple[str, ...] = Field(
        default=(), description="Validation codes that failed; where it is disputed, those of the engine."
    )
