"""The command `provenance serve`."""

import socket
import sys
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance import operating_system
from provenance.errors import MissingExtraError, ProvenanceError

from ..settings import MAX_UPLOAD, STOP_GRACE, TIME_LIMIT, Settings

if TYPE_CHECKING:
    import uvicorn

_DEFAULTS = Settings()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", help=f"Address to listen on.  [default: {_DEFAULTS.host}]")
@click.option("--port", type=int, help=f"Port to listen on; 0 for a free one.  [default: {_DEFAULTS.port}]")
@click.option("--trust-anchors", metavar="PEM", type=click.Path(path_type=Path), help="Trust these authorities too.")
@click.option("--max-upload", metavar="SIZE", help=f"Largest file, as in 64MiB.  [default: {MAX_UPLOAD >> 20}MiB]")
@click.option("--time-limit", metavar="SECONDS", type=float, help=f"For examining one file.  [default: {TIME_LIMIT:g}]")
@click.option("--one-engine", is_flag=True, default=None, help="Check C2PA manifests with the first engine only.")
@click.option(
    "--config", type=click.Path(path_type=Path), envvar="PROVENANCE_CONFIG", metavar="TOML",
    help="Settings in a file, under those in the environment and the options.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Print the effective settings, and whether they work; serve nothing.")
@click.option("--log", type=click.Choice(["none", "text", "json"]), help="A line for each answer.  [default: none]")
@click.option(
    "--fetch-urls",
    is_flag=True,
    default=None,
    help="Fetch and examine what clients name by its https address. They then choose which public servers are asked.",
)
@click.option(
    "--remote-manifests",
    is_flag=True,
    default=None,
    help="Fetch the manifests that files name but do not hold. Whoever sends a file then chooses what is asked.",
)
@click.option(
    "--credentials", type=click.Path(path_type=Path), metavar="FOLDER", help="Sign with these: NAME.toml each."
)
@click.option(
    "--profiles", type=click.Path(path_type=Path), metavar="FOLDER", help="Profiles of your own: NAME.toml each."
)
@click.option("--folder", type=click.Path(path_type=Path), metavar="FOLDER", help="For all that is kept: see --check.")
@click.option("--database", metavar="URL", help="postgresql://user@host/name, in place of a file in the folder.")
@click.option("--objects", metavar="URL", help="s3://bucket/prefix, in place of files in the folder.")
@click.option("--anonymous", metavar="SCOPES", help="What needs no key, or none.  [default: verify,detect]")
@click.option("--quota", metavar="N/PERIOD", help="Files for each key, as in 600/hour.")
@click.option("--anonymous-quota", metavar="N/PERIOD", help="Files for each address without a key.")
def serve(config: Path | None, check: bool, **options: Any) -> None:
    """Serve the page and the HTTP interface until stopped.

    Each option can also be set by an environment variable, such as PROVENANCE_PORT.

    \b
    Examples:
      provenance serve
      provenance serve --port 0 --max-upload 1GiB
      provenance serve --host 0.0.0.0 --trust-anchors newsroom-ca.pem
      provenance serve --credentials credentials/ --quota 600/hour --anonymous none
      provenance serve --database postgresql://provenance@db/provenance --objects s3://provenance
      provenance serve --config /etc/provenance.toml --check
    """
    given_options = {name: value for name, value in options.items() if value is not None}
    try:
        settings = Settings.load(config=config, options=given_options)
        if check:
            sys.exit(_check(settings, given_options, config))
        server = _server(settings)
        listening = _listen(settings)
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None
    # uvicorn stops cleanly on these signals, and then raises them again.
    operating_system.exit_when_stopped()
    with listening:
        server.run([listening])
    if not server.started:
        sys.exit(1)


def _check(settings: Settings, options: dict[str, Any], config: Path | None) -> int:
    """Prints the settings and what is wrong with them: 0 for nothing."""
    from ..settings_check import effective_settings, settings_problems

    for setting in effective_settings(settings, options, config):
        click.echo(f"{setting.name:18} {setting.value:24} {setting.origin}".rstrip())
    problems = list(settings_problems(settings))
    for problem in problems:
        click.echo(f"problem: {problem}", err=True)
    click.echo("these settings work" if not problems else f"problems: {len(problems)}")
    return 1 if problems else 0


def _server(settings: Settings) -> "uvicorn.Server":
    try:
        import uvicorn

        from ..app import create_app
        from ..log_lines import log_safely
    except ModuleNotFoundError:
        raise MissingExtraError("The service", "service") from None

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and sockets:
                click.echo(f"Serving on {_address(sockets[0])}")

    log_safely()
    return Server(
        uvicorn.Config(
            create_app(settings),
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.proxies,
            timeout_graceful_shutdown=ceil(settings.time_limit + STOP_GRACE),
        )
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        message = f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}"
        raise click.ClickException(message) from None
    # Connections inherit it. asyncio sets it for sockets of its own alone; without it each answer waits up to 40 ms for
    # an acknowledgement between its headers and its body.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
