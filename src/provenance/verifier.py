"""The verifier: opens an asset, asks every source, draws the conclusion. Keep one for repeated use."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urldefrag, urlsplit

from . import limits
from .asset import Asset, Input, OpenAsset, open_asset
from .conclusion import Policy, conclude
from .credentials import Credentials, Integrity, IntegrityState, SignerState
from .distribution import VERSION
from .errors import AssetError, SettingError
from .evidence import Assurance, Evidence, Kind, Origin, Status
from .fetching import Fetched, Fetcher
from .format_table import Family
from .media_type import check_type
from .report import Report, TrustListVersion, Versions
from .sentences import Message, check_language, clean, say
from .sources import Context, EvidenceSource, Findings, ManifestLink, examined, is_estimating, load_sources
from .trust import TrustStore

# Below this size hashing takes less time than handing it to another thread.
_HASH_ASIDE_FROM: Final = 256 * limits.KIB


_NOT_EXAMINED: Final = Credentials(integrity=Integrity(state=IntegrityState.UNREADABLE))


class Verifier:
    """Verifies one asset after another with the same settings. Thread-safe; keeps engines and trust lists warm.

    `trust`: a `TrustStore`, or the user's own trust anchors as a PEM path or PEM bytes, added to the profile's lists.
    `trust_profile`: the name of the lists to use, `c2pa`, `c2pa+known` (the default) or `own`.
    `identity_anchors`: certificates (PEM path or bytes) by which stated identities are believed, and no signers.
    `did_documents`: the DID documents (JSON paths or bytes) of the identity services to believe.
    `sources`: names or instances of the sources to ask; all that are installed if left out.
    `policy`: a `Policy`; the shipped one if left out.
    `language`: of the sentences: en, fr or ja.
    `at`: judge certificates as of this time, where no trusted time stamp says when they were used.
    `second_engine`: have C2PA manifests checked by a second, independent engine, and say where the two differ.
    `remote_manifests`: fetch the manifest that an asset without one names; its server then learns that you ask.
    `fetcher`: fetches with rules of its own, where it fetches at all.
    `online_revocation`: ask the responder that a trusted signer's certificate names whether it was revoked. This opens
    connections.
    `refused_types`: media types that are not examined, such as `image/svg+xml` or `video/*`; an asset of one of them
    raises `RefusedTypeError` before anything else of it is read.
    `timed`: is told how long each source took for an asset, by its name, in seconds.

    Raises `SettingError`, `TrustError` or `PolicyError` for settings that cannot be used.
    """

    def __init__(
        self,
        *,
        trust: TrustStore | str | Path | bytes | None = None,
        trust_profile: str | None = None,
        identity_anchors: str | Path | bytes | None = None,
        did_documents: Iterable[str | Path | bytes] = (),
        sources: Iterable[str | EvidenceSource] | None = None,
        policy: Policy | None = None,
        language: str = "en",
        at: datetime | None = None,
        second_engine: bool = True,
        remote_manifests: bool = False,
        fetcher: Fetcher | None = None,
        online_revocation: bool = False,
        refused_types: Sequence[str] = (),
        timed: Callable[[str, float], None] | None = None,
    ) -> None:
        check_language(language)
        self.trust = _store(trust, trust_profile).with_did_documents(did_documents)
        if identity_anchors is not None:
            self.trust = self.trust.with_identity_anchors(identity_anchors)
        self.online_revocation = online_revocation
        self.policy = policy or Policy.default()
        self.language = language
        self.second_engine = second_engine
        self.at = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
        self.sources = _sources(sources)
        self.fetcher = fetcher or Fetcher()
        self.remote_manifests = remote_manifests
        self.refused_types = tuple(refused_types)
        self.timed = timed
        self._versions = self._describe_versions()
        self._hashing = ThreadPoolExecutor(max_workers=4, thread_name_prefix="provenance-sha256")

    def verify(
        self,
        source: Input,
        *,
        name: str | None = None,
        manifest: bytes | None = None,
        segments: Sequence[Input] = (),
        language: str | None = None,
        thumbnails: bool = False,
    ) -> Report:
        """Examines a path, bytes or a binary file and says what is known about where it comes from.

        `name` stands in for a name that bytes do not have. `manifest` is an external manifest store; without it, one
        embedded in the asset is read, else a file of the same name that ends in `.c2pa` beside a path. `segments` are
        media segments of the stream (DASH, CMAF) of which the source is the initialization segment, in playback order.
        `thumbnails` adds those of the history, as data URIs.

        Raises `AssetError` where there is nothing to examine; a damaged or hostile file gets a report.
        """
        check_language(language or self.language)
        if len(segments) > limits.MAX_STREAM_SEGMENTS:
            raise AssetError(f"more than {limits.MAX_STREAM_SEGMENTS} segments; give them in several calls")
        with ExitStack() as stack:
            parts = tuple(stack.enter_context(open_asset(segment)) for segment in segments)
            context = self._context(manifest=manifest, segments=parts, thumbnails=thumbnails)
            return self._verify(source, name, context).in_language(language or self.language)

    def verify_url(
        self,
        url: str,
        *,
        name: str | None = None,
        manifest: bytes | None = None,
        language: str | None = None,
        thumbnails: bool = False,
    ) -> Report:
        """Fetches the asset at an https URL and says what is known about where it comes from.

        Where the asset has no manifest inside, the one that its server names in a `Link` header with the relation
        `c2pa-manifest` is fetched too (C2PA 2.4, section 15.5). The other arguments are those of `verify`.

        Raises `FetchError` where the asset cannot be fetched.
        """
        check_language(language or self.language)
        fetched = self.fetcher.fetch(url, max_size=limits.MAX_FETCHED_ASSET)
        context = self._context(manifest=manifest, thumbnails=thumbnails, link=self._manifest_link(fetched))
        report = self._verify(fetched.data, name or _name_in(fetched.url), context)
        remarks = (say("remark.asset_fetched", url=fetched.url), *report.remarks)
        return report.model_copy(update={"remarks": remarks}).in_language(language or self.language)

    def _context(
        self,
        *,
        manifest: bytes | None,
        thumbnails: bool,
        segments: tuple[OpenAsset, ...] = (),
        link: ManifestLink | None = None,
    ) -> Context:
        return Context(
            trust=self.trust,
            at=self.at,
            thumbnails=thumbnails,
            manifest=manifest,
            segments=segments,
            second_engine=self.second_engine,
            online_revocation=self.online_revocation,
            remote=self.fetcher if self.remote_manifests else None,
            link=link,
        )

    def _manifest_link(self, fetched: Fetched) -> ManifestLink | None:
        """The manifest that the server names, unless the link leads into the asset itself."""
        url = fetched.link("c2pa-manifest")
        if url is None or urldefrag(url).url == fetched.url:
            return None
        return ManifestLink(url, self.fetcher)

    def _verify(self, source: Input, name: str | None, context: Context) -> Report:
        """One verification, in these steps:

        1. The asset is opened, and its type told by its content.
        2. Its SHA-256 is taken, beside the rest where it is large.
        3. Each source is asked in turn: the signed manifest, declared metadata, then what only estimates, which is
           asked where no signature that holds has answered yet.
        4. The conclusion is drawn from all evidence: what is weaker never outranks what is stronger.
        5. All of it is put into one report, in English, and then in the reader's language.
        """
        with open_asset(source, name=name) as opened:
            check_type(opened.media_type, self.refused_types)
            if context.segments and opened.family is not Family.MOVIE:
                raise AssetError(f"{opened.name or 'the asset'}: segments belong to a video stream, and this is none")
            try:
                sha256, findings = self._examine(opened, context)
            except OSError as error:
                raise AssetError(f"{opened.name or 'the asset'}: reading it failed ({error})") from error
            return self._report(opened, sha256, findings, segments=context.segments)

    def _examine(self, opened: OpenAsset, context: Context) -> tuple[str, list[Findings]]:
        if not opened.can_be_read_aside or opened.size < _HASH_ASIDE_FROM:
            return opened.sha256(), self._ask_all(opened, context)
        digest = self._hashing.submit(opened.sha256)
        try:
            findings = self._ask_all(opened, context)
        finally:
            wait([digest])  # before the file is closed under it
        return digest.result(), findings

    def _ask_all(self, opened: OpenAsset, context: Context) -> list[Findings]:
        """What all sources find. Those that estimate are asked only where no signed record says what the asset is."""
        findings: list[Findings] = []
        for source in self.sources:
            if is_estimating(source) and _is_answered(findings):
                findings.append(Findings(limits=[say("limit.estimate_not_needed")]))
            else:
                started = time.perf_counter()
                findings.append(examined(source, opened, context))
                if self.timed is not None:
                    self.timed(source.name, time.perf_counter() - started)
        return findings

    def add_findings(self, report: Report, added: Sequence[Findings]) -> Report:
        """The report with what the caller found out about the asset, such as a match in a registry of its own.

        The conclusion is drawn anew, from all evidence. The report's language stays.
        """
        language, report = report.language, report.in_language("en")
        evidence = (*report.evidence, *(item for findings in added for item in findings.evidence))
        limits_said = [*report.conclusion.limits, *(sentence for findings in added for sentence in findings.limits)]
        remarks = (*report.remarks, *(remark for findings in added for remark in findings.remarks))
        conclusion = conclude(evidence, self.policy, limits=limits_said)
        changed = {"evidence": evidence, "conclusion": conclusion, "remarks": tuple(dict.fromkeys(remarks))}
        return report.model_copy(update=changed).in_language(language)

    def stopped_report(
        self, source: Input, seconds: float, *, name: str | None = None, language: str | None = None
    ) -> Report:
        """The report for an asset whose examination was stopped, by a time limit or by a crash of the worker."""
        with open_asset(source, name=name) as opened:
            stopped = Evidence(
                source="verifier",
                kind=Kind.SIGNED_MANIFEST,
                status=Status.UNREADABLE,
                codes=("stopped",),
                explanation=say("verifier.stopped", seconds=round(seconds)),
            )
            findings = Findings(evidence=[stopped], credentials=_NOT_EXAMINED)
            report = self._report(opened, opened.sha256(), [findings])
        return report.in_language(language or self.language)

    def _report(
        self, opened: OpenAsset, sha256: str, findings: Sequence[Findings], *, segments: Sequence[OpenAsset] = ()
    ) -> Report:
        evidence = tuple(item for source_findings in findings for item in source_findings.evidence)
        credentials = next(
            (source_findings.credentials for source_findings in findings if source_findings.credentials is not None),
            _NOT_EXAMINED,
        )
        return Report(
            language="en",
            examined_at=datetime.now(UTC).isoformat(timespec="seconds"),
            judged_at=self._judged_at,
            asset=Asset(
                sha256=sha256,
                media_type=opened.media_type,
                size=opened.size,
                name=opened.name and clean(opened.name),
                segments=tuple(segment.sha256() for segment in segments),
            ),
            credentials=credentials,
            evidence=evidence,
            conclusion=conclude(evidence, self.policy, limits=_limits_of(findings)),
            remarks=self._remarks_of(findings, credentials),
            versions=self._versions,
        )

    @property
    def _judged_at(self) -> str | None:
        return self.at.isoformat(timespec="seconds") if self.at is not None else None

    def _remarks_of(self, findings: Sequence[Findings], credentials: Credentials) -> tuple[Message, ...]:
        """Each once: those of the sources, and, where somebody signed, by which time and lists that was judged."""
        remarks = [remark for source_findings in findings for remark in source_findings.remarks]
        if credentials.signer.state is not SignerState.NONE:
            judged = [say("remark.judged_at", time=self._judged_at)] if self._judged_at else []
            remarks = [*judged, *remarks, *_overdue_lists(self.trust)]
        return tuple(dict.fromkeys(remarks))

    def _describe_versions(self) -> Versions:
        engines: dict[str, str] = {}
        detectors: dict[str, str] = {}
        for source in self.sources:
            engines |= getattr(source, "engines", {})
            detectors |= getattr(source, "versions", {})
        return Versions(
            toolkit=VERSION,
            engines=engines,
            trust_lists=tuple(
                TrustListVersion(
                    name=trust_list.name,
                    date=trust_list.date,
                    next_update=trust_list.next_update,
                    entries=len(trust_list.anchors),
                )
                for trust_list in self.trust.lists
            ),
            detectors=detectors,
            policy=f"{self.policy.name} {self.policy.version}",
        )


def verify(
    source: Input,
    *,
    trust: TrustStore | str | Path | bytes | None = None,
    sources: Iterable[str | EvidenceSource] | None = None,
    policy: Policy | None = None,
    language: str = "en",
) -> Report:
    """Examines one asset and says what is known about where it comes from. The arguments are those of `Verifier`."""
    if trust is None and sources is None and policy is None:
        return _default_verifier().verify(source, language=language)
    return Verifier(trust=trust, sources=sources, policy=policy, language=language).verify(source)


@cache
def _default_verifier() -> Verifier:
    return Verifier()


def _limits_of(findings: Sequence[Findings]) -> list[Message]:
    """What the sources could not tell, and which of them were not there to be asked."""
    limits_found = [limit for source_findings in findings for limit in source_findings.limits]
    estimated = any(item.kind is Kind.DETECTOR for source_findings in findings for item in source_findings.evidence)
    if not estimated and all(limit.key != "limit.estimate_not_needed" for limit in limits_found):
        limits_found.append(say("limit.no_detector"))
    if all(source_findings.credentials is None for source_findings in findings):
        limits_found.append(say("limit.no_c2pa"))
    return limits_found


def _is_answered(findings: Sequence[Findings]) -> bool:
    """Whether a signature that holds already says where the content comes from."""
    return any(
        item.assurance.rank >= Assurance.ATTESTED.rank and item.origin is not Origin.UNKNOWN
        for source_findings in findings
        for item in source_findings.evidence
    )


def _name_in(url: str) -> str | None:
    """The file's name in a URL, where there is one."""
    return PurePosixPath(unquote(urlsplit(url).path)).name or None


def _store(trust: TrustStore | str | Path | bytes | None, profile: str | None) -> TrustStore:
    if isinstance(trust, TrustStore):
        if profile is not None:
            raise SettingError("a trust store has its lists already: give it, or trust_profile, not both")
        return trust
    store = TrustStore.profile(profile) if profile is not None else TrustStore.default()
    return store if trust is None else store.with_own_anchors(trust)


def _overdue_lists(trust: TrustStore) -> list[Message]:
    """Lists that their issuer expected to replace by now: now, whatever time certificates are judged at."""
    now = datetime.now(UTC)
    return [
        say("remark.trust_list_overdue", name=trust_list.name, date=trust_list.next_update[:10])
        for trust_list in trust.lists
        if trust_list.next_update and trust_list.overdue_at(now)
    ]


def _sources(sources: Iterable[str | EvidenceSource] | None) -> tuple[EvidenceSource, ...]:
    if sources is None:
        return tuple(load_sources())
    loaded: list[EvidenceSource] = []
    for source in [sources] if isinstance(sources, str) else sources:
        loaded.extend(load_sources([source]) if isinstance(source, str) else [source])
    return tuple(sorted(loaded, key=is_estimating))
