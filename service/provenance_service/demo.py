"""The demo: starts the service on a free port, verifies files through its HTTP endpoint, prints the answers, stops."""

import json
import signal
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

from rich.console import Console

from provenance.render.terminal import print_report
from provenance.report import Report

_START = "Serving on "


def main(paths: list[str]) -> None:
    """Verifies these files through a service of its own."""
    command = [sys.executable, "-m", "provenance.cli", "serve", "--port", "0"]
    console = Console()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            address = _address(service)
            for path in paths:
                print_report(Report.model_validate(_verify(address, Path(path))), console)
        finally:
            service.send_signal(signal.SIGINT)
            service.wait(timeout=30)
    console.print(f"These {len(paths)} answers came from POST {address}/v1/verify; that service has stopped again.")
    console.print("To use it yourself: [bold]make serve[/bold], then open [bold]http://127.0.0.1:8000[/bold]")


def _address(service: "subprocess.Popen[str]") -> str:
    for line in service.stdout or ():
        if line.startswith(_START):
            return line.removeprefix(_START).strip()
    raise SystemExit("The service did not start; its message stands above.")


def _verify(address: str, path: Path) -> object:
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    request = urllib.request.Request(  # noqa: S310 - the service that was just started
        f"{address}/v1/verify",
        data=head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        return json.load(response)


if __name__ == "__main__":
    main(sys.argv[1:])
