"""The signer: from an asset, a profile and facts to a signed asset that was read back before it is handed out.

asset ──► checked against the profile ──► metadata ──► manifest ──► signed ──► read back ──► moved into place
"""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, TypedDict, Unpack, cast

from provenance.asset import SIDECAR_SUFFIX, Input, OpenAsset, open_asset
from provenance.files import read_small_file
from provenance.limits import MAX_MANIFEST_STORE, MIB
from provenance.media_type import UNKNOWN
from provenance.sentences import Message, say
from provenance.sources.metadata.aigc import AigcLabel
from provenance.trust import TrustStore
from provenance.trust.certificates import SignerCertificate

from . import limits, metadata
from .binding import check_bound
from .carriers import carrier_for
from .credential import Credential
from .engine import IdentitySigner, Order
from .errors import FormatError, IngredientError, OutputError, ProfileError
from .existing_manifest import has_manifest_inside, is_manifest_of, manifest_in
from .facts import FactArguments, Facts
from .ingredients import Ingredient, Prepared, Relationship, prepared
from .manifest import PARENT, THUMBNAIL, declared_source_type, definition
from .output import draft
from .preservation import check_before
from .profile import Parent, Profile
from .read_back import read_back
from .thumbnail import is_decoded, thumbnail_of

# Below this size an asset is signed in memory; above it a file holds what is between the steps.
_IN_MEMORY: Final = 32 * MIB


@dataclass(frozen=True)
class Signed:
    """A signed asset that was read back and found intact.

    `manifest` is its manifest store. `data` is the asset, where it was not written to a file. `remarks` are what
    whoever signs should know.
    """

    media_type: str
    manifest_id: str
    size: int
    manifest: bytes
    remarks: tuple[Message, ...] = ()
    path: Path | None = None
    manifest_path: Path | None = None
    data: bytes | None = None


@dataclass(frozen=True)
class Request:
    """What is asked for one asset, beside the settings of the `Signer`."""

    facts: Facts
    parent: Input | Ingredient | None = None
    ingredients: Sequence[Ingredient] = ()
    assertions: Sequence[Mapping[str, object]] = ()
    identity: IdentitySigner | None = None
    embed: bool = True
    remote_url: str | None = None


class RecordArguments(TypedDict, total=False):
    """Arguments of `Signer.sign` about the record beside the facts, and about where it goes."""

    ingredients: Sequence[Ingredient]
    assertions: Sequence[Mapping[str, object]]
    identity: IdentitySigner | None
    sidecar: bool
    remote_url: str | None


class SignArguments(RecordArguments, FactArguments, total=False):
    """All arguments of `Signer.sign` but the source and the output."""

    in_place: bool
    name: str | None
    parent: Input | Ingredient | None


class Signer:
    """Signs one asset after another by one profile. Thread-safe where the credential's key is.

    `profile`: a `Profile`, the name of a shipped one, or the path of a TOML file.
    `trust`: whose signatures count as trusted in what is recorded of ingredients; the default lists if left out.
    `thumbnail`: put a small picture of the asset into its manifest.
    `declare`: write the digital source type into the asset's XMP too, where the profile does so.
    `accept_broken_ingredients`: keep an ingredient whose own manifest does not hold, with that recorded.

    Raises `ProfileError` for a profile that cannot be read, `CredentialError` for a credential that is not valid today.
    """

    def __init__(
        self,
        credential: Credential,
        *,
        profile: Profile | str | Path,
        trust: TrustStore | None = None,
        thumbnail: bool = True,
        declare: bool = True,
        accept_broken_ingredients: bool = False,
    ) -> None:
        credential.check_valid()
        self.credential = credential
        self.profile = profile if isinstance(profile, Profile) else Profile.load(profile)
        self.trust = trust or TrustStore.default()
        self.thumbnail = thumbnail
        self.declare = declare
        self.accept_broken = accept_broken_ingredients

    def sign(
        self,
        source: Input,
        output: Path | str | None = None,
        *,
        in_place: bool = False,
        name: str | None = None,
        parent: Input | Ingredient | None = None,
        ingredients: Sequence[Ingredient] = (),
        assertions: Sequence[Mapping[str, object]] = (),
        identity: IdentitySigner | None = None,
        sidecar: bool = False,
        remote_url: str | None = None,
        **facts: Unpack[FactArguments],
    ) -> Signed:
        """Signs a path, bytes or a binary file. The source is never changed, unless `in_place` says so of a path.

        With `output` the signed asset is written there; else it is in the answer's `data`. `parent` is what the asset
        was made from, where the profile asks for it. `facts` are those of `Facts`: title, model, when, actions.
        `sidecar` leaves the asset as it is and writes the manifest beside `output`, or beside the source. With
        `remote_url` the asset names the place of its manifest, which is written beside `output` for upload.

        Raises `SigningError` or `AssetError`; nothing is written then.
        """
        self.credential.check_valid()
        request = Request(
            facts=Facts.of(facts),
            parent=parent,
            ingredients=ingredients,
            assertions=assertions,
            identity=identity,
            embed=not sidecar and remote_url is None,
            remote_url=remote_url,
        )
        path = Path(source) if isinstance(source, str | Path) else None
        with open_asset(source, name=name) as asset:
            if sidecar:
                return self._sign_beside(asset, request, _sidecar_target(path, output))
            target = output_of(path, output, in_place=in_place)
            if target is not None and remote_url is not None:
                return self._sign_for_remote(asset, request, target, like=path)
            return handed_out(lambda stream: self._sign(asset, stream, request), target, like=path)

    def sign_bytes(self, data: bytes, **arguments: Unpack[SignArguments]) -> bytes:
        """Signs content in memory and gives it back signed; the other arguments are those of `sign`."""
        return data_of(self.sign(data, **arguments))

    def _sign_for_remote(self, asset: OpenAsset, request: Request, target: Path, *, like: Path | None) -> Signed:
        beside = target.with_suffix(SIDECAR_SUFFIX)
        self._check_free(beside, target)
        with draft(target, like=like) as made:
            signed = self._sign(asset, made.stream, request)
            with draft(beside) as apart:
                apart.stream.write(signed.manifest)
                apart.publish()  # first: an asset never names a manifest that is not there yet
            made.publish()
            return replace(signed, path=target, manifest_path=beside)

    def _sign_beside(self, asset: OpenAsset, request: Request, target: Path) -> Signed:
        self._check_manifest(target, asset)
        with draft(target) as made, tempfile.TemporaryFile() as unchanged:
            signed = self._sign(asset, unchanged, request)
            made.stream.write(signed.manifest)
            made.publish()
            return replace(signed, manifest_path=target)

    def _check_free(self, beside: Path, target: Path) -> None:
        """Raises `OutputError` where the manifest would take the place of anything but the old output's manifest."""
        if beside == target:
            raise OutputError(f"{target}: is where its manifest goes; give the asset another name")
        if target.exists():
            with open_asset(target) as old:
                self._check_manifest(beside, old)
        elif beside.exists():
            raise OutputError(f"{beside}: is there already; it would be lost")

    def _check_manifest(self, path: Path, asset: OpenAsset) -> None:
        """Raises `OutputError` where something is there already that is not this asset's manifest."""
        if path.exists() and not is_manifest_of(asset, read_small_file(path, MAX_MANIFEST_STORE), self.trust):
            raise OutputError(f"{path}: is there already, and is not this asset's manifest")

    def _sign(self, asset: OpenAsset, target: BinaryIO, request: Request) -> Signed:
        """Signs into `target` and reads it back. Raises where anything is not as it should be."""
        _check_content(asset)
        carrier = carrier_for(asset.media_type)
        if request.embed or request.remote_url is not None:
            check_before(asset)
        check_bound(asset)
        with ExitStack() as stack:
            parts = [stack.enter_context(part) for part in self._ingredients(asset, request)]
            self._check_history(asset, parts)
            remarks = [say("sign.broken_kept", name=part.broken) for part in parts if part.broken]
            source = stack.enter_context(self._declared(asset, request, remarks))
            picture = thumbnail_of(asset.stream, asset.media_type) if self.thumbnail and carrier.pictures else None
            if picture is None and self.thumbnail and is_decoded(asset.media_type):
                remarks.append(say("sign.no_picture"))
            order = Order(
                definition=self._definition(asset, request, parts, thumbnail=picture is not None),
                ingredients=[part.ingredient for part in parts],
                resources={
                    **({THUMBNAIL: picture} if picture else {}),
                    **{key: data for part in parts for key, data in part.resources.items()},
                },
                remote_url=request.remote_url,
                identity=request.identity,
                trust=self.trust if parts else None,
            )
            made = carrier.sign(order, self.credential, asset.media_type, source, target, embed=request.embed)
        named = request.remote_url is not None
        signed = read_back(asset, target, made.store, embedded=request.embed, named=named)
        remarks += (*made.remarks, *signed.remarks)
        remarks += remarks_on(self.credential)
        return Signed(
            media_type=asset.media_type,
            manifest_id=signed.manifest_id,
            size=signed.size,
            manifest=made.store,
            remarks=tuple(remarks),
        )

    def _definition(
        self, asset: OpenAsset, request: Request, parts: Sequence[Prepared], *, thumbnail: bool
    ) -> dict[str, Any]:
        manifest = definition(
            self.profile,
            request.facts,
            title=asset.name,
            inputs=[part.label for part in parts if part.relationship is Relationship.INPUT],
            placed=[part.label for part in parts if part.relationship is Relationship.COMPONENT],
            thumbnail=thumbnail,
            assertions=request.assertions,
        )
        # Those that the engine does not read itself are a part of the definition.
        apart = [dict(part.ingredient.description) for part in parts if part.ingredient.content is None]
        return {**manifest, "ingredients": apart} if apart else manifest

    def _ingredients(self, asset: OpenAsset, request: Request) -> Iterable[Any]:
        if len(request.ingredients) >= limits.MAX_INGREDIENTS:
            raise IngredientError(f"an asset has fewer than {limits.MAX_INGREDIENTS} ingredients")
        given = [self._parent(asset, request), *request.ingredients]
        for number, ingredient in enumerate(ingredient for ingredient in given if ingredient is not None):
            relationship = str(ingredient.relationship)
            label = PARENT if relationship == Relationship.PARENT else f"ingredient-{number}"
            if label == PARENT and number > 0:
                raise ProfileError("an asset has one parent: give it as `parent`, and only where the profile has one")
            yield prepared(ingredient, label, self.trust, accept_broken=self.accept_broken)

    def _parent(self, asset: OpenAsset, request: Request) -> Ingredient | None:
        kind, parent = self.profile.parent, request.parent
        name = self.profile.name
        if kind is Parent.NONE and parent is not None:
            raise ProfileError(f"the profile {name} says that the asset begins here: it has no parent")
        if kind is Parent.REQUIRED and parent is None:
            raise ProfileError(f"the profile {name} needs the parent: what the asset was made from")
        if kind is Parent.ITSELF and parent is None:
            asset.stream.seek(0)
            return Ingredient(asset.stream, Relationship.PARENT, asset.name, manifest=manifest_beside(asset))
        if parent is None:
            return None
        if isinstance(parent, Ingredient):
            return replace(parent, relationship=Relationship.PARENT)
        return Ingredient(parent, Relationship.PARENT)

    def _check_history(self, asset: OpenAsset, parts: Sequence[Prepared]) -> None:
        """A manifest that the asset has is never dropped: it is that of an ingredient, or nothing is signed."""
        present = manifest_in(asset, self.trust)
        if present is None or any(present in part.manifests for part in parts):
            return
        if self.profile.parent is Parent.NONE:
            raise IngredientError(
                f"{asset.name or 'the asset'}: has a manifest already, which “{self.profile.name}” would drop; "
                "“published”, “edited” and “ai-edited” keep it as the parent's"
            )
        raise IngredientError(
            f"{asset.name or 'the asset'}: has a manifest that none of the ingredients has; give what it came from"
        )

    @contextmanager
    def _declared(self, asset: OpenAsset, request: Request, remarks: list[Message]) -> Iterator[BinaryIO]:
        """The asset with what its metadata declares, where the profile does so and the asset may be changed."""
        declared = _declaration(self.profile, request.facts, declare=self.declare)
        stays = not request.embed and request.remote_url is None  # beside an asset that is not changed
        if declared is None or stays:
            yield asset.stream
            return
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            changed = cast(BinaryIO, spool)
            asset.stream.seek(0)
            if metadata.write(asset.stream, changed, asset.media_type, declared):
                changed.seek(0)
                yield changed
                return
        remarks.append(say("sign.not_declared", media_type=asset.media_type))
        asset.stream.seek(0)
        yield asset.stream


def data_of(signed: Signed) -> bytes:
    """The content that was signed in memory. Raises `ProfileError` where it was not asked for."""
    if signed.data is None:
        raise ProfileError("sign_bytes gives the signed content back; to write a manifest beside a file, use sign")
    return signed.data


def manifest_beside(asset: OpenAsset) -> bytes | None:
    """The manifest store in the file beside an asset; None where there is none, or one inside, which comes first.

    Raises `AssetError`.
    """
    if asset.sidecar is None or has_manifest_inside(asset):
        return None
    return read_small_file(asset.sidecar, MAX_MANIFEST_STORE)


def remarks_on(credential: Credential) -> list[Message]:
    """What whoever signs with this credential should know."""
    return [say("sign.development")] if SignerCertificate.of(credential.chain[0]).development else []


def _declaration(profile: Profile, facts: Facts, *, declare: bool) -> metadata.Declared | None:
    """What is declared in the asset's metadata beside its manifest; None where nothing is."""
    term = declared_source_type(profile, facts) if declare else None
    if term is None and facts.aigc is None:
        return None
    label = {name: value for name, value in facts.aigc or () if value is not None}
    return metadata.Declared(
        term,
        AigcLabel.of(**label) if label else None,
        facts.model.name if facts.model else None,
        facts.model.version if facts.model else None,
    )


def _check_content(asset: OpenAsset) -> None:
    if asset.size == 0:
        raise FormatError(f"{asset.name or 'the asset'}: is empty")
    if asset.media_type == UNKNOWN:
        raise FormatError(f"{asset.name or 'the asset'}: is of no type that can be signed")


def handed_out(sign: Callable[[BinaryIO], Signed], target: Path | None, *, like: Path | None) -> Signed:
    """What `sign` writes, moved to `target` with the permissions of `like`; in the answer's `data` without a target."""
    if target is None:
        out = io.BytesIO()
        return replace(sign(out), data=out.getvalue())
    with draft(target, like=like) as made:
        signed = sign(made.stream)
        made.publish()
        return replace(signed, path=target)


def output_of(path: Path | None, output: Path | str | None, *, in_place: bool) -> Path | None:
    """Where the signed asset is written: to `output`, in the source's place on request, or nowhere."""
    if output is None:
        if in_place and path is None:
            raise OutputError("only a file can be signed in place")
        return path.resolve() if in_place and path is not None else None
    target = Path(output)
    if path is not None and target.exists() and path.exists() and target.samefile(path) and not in_place:
        raise OutputError(f"{target}: is the source; to sign it in place, say so")
    return target.resolve() if target.is_symlink() else target


def _sidecar_target(path: Path | None, output: Path | str | None) -> Path:
    if output is not None:
        target = Path(output)
        return target if target.suffix == SIDECAR_SUFFIX else target.with_suffix(SIDECAR_SUFFIX)
    if path is None:
        raise OutputError("say where the manifest is to be written: the source has no place")
    return path.with_suffix(SIDECAR_SUFFIX)
