"""The service fetches nothing unless its settings say so, and then nothing from private addresses."""

import socket
from pathlib import Path

import pytest

from ..core.signing import Authority, created, manifest, picture

WHY = "limit.fetch_failed"


@pytest.fixture
def luring(listener: socket.socket, tmp_path: Path) -> Path:
    """An asset that names a manifest on this very machine."""
    asset, _ = (
        Authority()
        .issue("Example Press")
        .sign_apart(picture(), manifest(created("digitalCapture")), f"https://127.0.0.1:{listener.getsockname()[1]}/m")
    )
    (tmp_path / "luring.jpg").write_bytes(asset)
    return tmp_path / "luring.jpg"


@pytest.mark.parametrize(
    ("options", "environment", "tried"),
    [
        ((), {}, False),
        ((), {"PROVENANCE_REMOTE_MANIFESTS": "false"}, False),
        (("--remote-manifests",), {}, True),
        ((), {"PROVENANCE_REMOTE_MANIFESTS": "true"}, True),
    ],
)
def test_only_its_settings_make_the_service_fetch_and_never_from_itself(
    options, environment, tried, start, luring, listener
):
    report = start(*options, **environment).verify(luring).json()
    assert report["credentials"]["integrity"]["state"] == "remote"
    assert (WHY in [each["key"] for each in report["conclusion"]["limits"]]) == tried
    with pytest.raises(TimeoutError):
        listener.accept()
