"""The leaderboard: a static site of results that asks the network for nothing, and the same as Markdown."""

from .site import write_site

__all__ = ["write_site"]
