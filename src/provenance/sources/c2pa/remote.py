"""The manifest on the network: named by the asset's server in a `Link` header, or by the asset in its XMP.

C2PA 2.4, section 15.5. Fetched only where the context says so, and only one for each asset.
"""

from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...fetching import FetchError
from ...sentences import Message, say
from .. import Context, ManifestLink
from .engine import Engine, Outcome, StoreReading

_MEDIA_TYPE: Final = "application/c2pa"


def manifest_link(context: Context, remote_url: str | None) -> ManifestLink | None:
    """Where to fetch the manifest of an asset that has none inside, or None where that was not asked for."""
    if context.link is not None:
        return context.link
    if context.remote is not None and remote_url is not None:
        return ManifestLink(remote_url, context.remote)
    return None


def read_fetched(
    engine: Engine, asset: OpenAsset, link: ManifestLink, context: Context
) -> tuple[StoreReading, Message | None, Message | None]:
    """The manifest behind a link; then from where it was fetched, or else why it was not."""
    try:
        fetched = link.fetcher.fetch(link.url, max_size=limits.MAX_MANIFEST_STORE, accept=_MEDIA_TYPE)
        reading = engine.read(asset, manifest=fetched.data, thumbnails=context.thumbnails)
        if reading.outcome is not Outcome.READ:
            raise FetchError(say("fetch.no_manifest"))
    except FetchError as error:
        failed = say("limit.fetch_failed", url=link.url, why=error.why)
        return StoreReading(Outcome.REMOTE, remote_url=link.url), None, failed
    return reading, say("remark.manifest_fetched", url=fetched.url), None
