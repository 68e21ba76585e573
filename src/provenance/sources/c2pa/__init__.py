"""The C2PA source: the signed manifest of an asset, verified here, read by two engines besides, and explained.

Integrity, signer, time and history are four answers, never one word. Only on request is anything fetched: a manifest,
or whether a certificate was revoked.
"""

from .source import C2paSource, crjson, why_without

__all__ = ["C2paSource", "crjson", "why_without"]
