"""The demo: starts the service on a free port, verifies files through it, has one signed, prints the answers, stops."""

import json
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from provenance.render.terminal import print_report
from provenance.report import Report
from provenance_signing.keys import development

from .access.keys import Keys
from .access.scope import Scope
from .settings import Settings
from .storage import Storage

_START = "Serving on "
_TO_SIGN = Path("samples/nothing-known.jpg")
_FACTS = {"profile": "ai-generated", "model": "Example Model"}


def main(paths: list[str]) -> None:
    """Verifies these files through a service of its own, and signs one more."""
    console = Console()
    with TemporaryDirectory() as folder, _service(Path(folder)) as (address, key):
        for path in map(Path, paths):
            print_report(_verified(address, path.name, path.read_bytes()), console)
        signed = _signed(address, key, _TO_SIGN.name, _TO_SIGN.read_bytes())
        print_report(_verified(address, f"signed-{_TO_SIGN.name}", signed), console)
    console.print(
        f"The last file is {_TO_SIGN}, signed by POST {address}/v1/sign with a new development credential, "
        "which nobody should trust. At the command line:"
    )
    for line in (
        ".venv/bin/provenance keys development dev/",
        f".venv/bin/provenance sign {_TO_SIGN} -o signed.jpg --credential dev/credential.toml "
        '--profile ai-generated --model "Example Model"',
        ".venv/bin/provenance verify --trust-anchors dev/root.pem signed.jpg",
    ):
        console.print(f"  [bold]{line}[/bold]", highlight=False, soft_wrap=True)
    console.print(f"These {len(paths) + 1} answers came from POST {address}/v1/verify; that service has stopped again.")
    console.print("To use it yourself: [bold]make serve[/bold], then open [bold]http://127.0.0.1:8000[/bold]")


@contextmanager
def _service(folder: Path) -> Iterator[tuple[str, str]]:
    """A service that signs with a credential that nobody trusts: its address, and a key for it."""
    development.create(folder / "credentials" / "demo")
    storage_folder = folder / "storage"
    storage = Storage.of(Settings(folder=storage_folder))
    _, key = Keys(storage).add("demo", [Scope.SIGN])
    storage.close()
    command = [sys.executable, "-m", "provenance.cli", "serve", "--port", "0"]
    command += ["--credentials", str(folder / "credentials"), "--folder", str(storage_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            yield _address(service), key
        finally:
            service.send_signal(signal.SIGINT)
            service.wait(timeout=30)


def _address(service: "subprocess.Popen[str]") -> str:
    for line in service.stdout or ():
        if line.startswith(_START):
            return line.removeprefix(_START).strip()
    raise SystemExit("The service did not start; its message stands above.")


def _verified(address: str, name: str, content: bytes) -> Report:
    return Report.model_validate_json(_post(f"{address}/v1/verify", name, content))


def _signed(address: str, key: str, name: str, content: bytes) -> bytes:
    field = f'Content-Disposition: form-data; name="facts"\r\n\r\n{json.dumps(_FACTS)}'
    return _post(f"{address}/v1/sign", name, content, field, Authorization=f"Bearer {key}")


def _post(url: str, name: str, content: bytes, *fields: str, **headers: str) -> bytes:
    boundary = uuid.uuid4().hex
    head = "".join(f"--{boundary}\r\n{field}\r\n" for field in fields)
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    # The service that was just started.
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as response:  # noqa: S310
        return bytes(response.read())


if __name__ == "__main__":
    main(sys.argv[1:])
