"""`provenance keys`: credentials for development, requests to a CA, and what a certificate chain lacks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from provenance import operating_system
from provenance.errors import ProvenanceError

from ..algorithms import Algorithm
from .keys_check import check
from .passphrases import encrypt_option, passphrase_for_key, passphrase_for_new_key, passphrase_options

_ORGANISATION: Final = "Example organisation"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def keys() -> None:
    """Keys and certificates for signing.

    \b
    Exit codes:
      0  done
      1  check: the chain lacks what verifiers ask for
      2  wrong usage, or a key or certificate that cannot be used; nothing was written

    \b
    Examples:
      provenance keys development my-keys
      provenance keys check chain.pem --key key.pem
      provenance keys request camera.csr --new-key key.pem --organisation "Example press" \\
        --common-name "Example camera" --country FR
      provenance keys tsa my-clock --port 3161
    """


keys.add_command(check)

_algorithm = click.option(
    "--algorithm",
    type=click.Choice([str(algorithm) for algorithm in Algorithm]),
    default=str(Algorithm.ES256),
    show_default=True,
    help="What the new key signs with.",
)


@keys.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--organisation", default=_ORGANISATION, show_default=True, help="Whom the certificates name.")
@_algorithm
@click.option("--days", default=90, show_default=True, help="How long the signer's certificate lasts; 366 at most.")
@passphrase_options
@encrypt_option
def development(
    folder: Path,
    organisation: str,
    algorithm: str,
    days: int,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    encrypt: bool,
) -> None:
    """Make a credential for development in the folder DIR.

    It gets root.pem, chain.pem, key.pem and credential.toml. Every certificate says that it is for development only;
    nobody trusts it but verifiers that are given root.pem. The authorities' keys are not kept.

    \b
    Exit codes:
      0  made
      2  wrong usage, or a file is there already; nothing was written

    \b
    Examples:
      provenance keys development my-keys
      provenance keys development my-keys --organisation "Example press" --encrypt
      provenance verify --trust-anchors my-keys/root.pem signed.jpg
    """
    from ..keys.development import create

    with _errors():
        files = create(
            folder,
            organisation=organisation,
            algorithm=Algorithm(algorithm),
            days=days,
            passphrase=passphrase_for_new_key(passphrase_file, passphrase_env, encrypt=encrypt),
        )
    click.echo(f"{files.credential}: signs, for development only")
    click.echo(f"{files.root}: give it to verifiers that are to trust it")


@keys.command()
@click.argument("file", metavar="CSR", type=click.Path(path_type=Path))
@click.option("--organisation", required=True, help="Whom the certificate is to name.")
@click.option("--common-name", required=True, help="What the certificate is to name, such as the product that signs.")
@click.option("--country", required=True, metavar="CC", help="The organisation's country, in two letters.")
@click.option("--key", metavar="PEM", type=click.Path(path_type=Path), help="The private key, where there is one.")
@click.option("--new-key", metavar="PEM", type=click.Path(path_type=Path), help="Where to write a new private key.")
@_algorithm
@click.option("--product", metavar="UUID", help="Its record on C2PA's list of conforming products.")
@click.option("--assurance-level", type=click.IntRange(1, 2), default=1, show_default=True, help="With --product.")
@passphrase_options
@encrypt_option
def request(
    file: Path,
    organisation: str,
    common_name: str,
    country: str,
    key: Path | None,
    new_key: Path | None,
    algorithm: str,
    product: str | None,
    assurance_level: int,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    encrypt: bool,
) -> None:
    """Write a request for a certificate to the file CSR, to be sent to a CA.

    It asks for what C2PA's certificate profile wants of a signer's certificate. The private key stays here.

    \b
    Exit codes:
      0  written
      2  wrong usage, or a file is there already; nothing was written

    \b
    Examples:
      provenance keys request camera.csr --new-key key.pem --encrypt \\
        --organisation "Example press" --common-name "Example camera" --country FR
      provenance keys request camera.csr --key key.pem \\
        --organisation "Example press" --common-name "Example camera" --country FR
    """
    from .. import algorithms
    from ..credential import read_key_file
    from ..keys import pem
    from ..keys.request import ConformingProduct
    from ..keys.request import request as make_request

    if (key is None) == (new_key is None):
        raise click.UsageError("give either --key, of a key that is there, or --new-key, of one that is to be made")
    with _errors():
        contents: dict[Path, bytes] = {}
        if key is not None:
            passphrase = passphrase_for_key(key, passphrase_file, passphrase_env)
            private = pem.load_private(read_key_file(key), passphrase, name=str(key))
        if new_key is not None:
            passphrase = passphrase_for_new_key(passphrase_file, passphrase_env, encrypt=encrypt)
            private = algorithms.new_key(Algorithm(algorithm))
            contents[new_key] = pem.private_pem(private, passphrase)
        contents[file] = make_request(
            private,
            organisation=organisation,
            common_name=common_name,
            country=country,
            product=ConformingProduct(product, assurance_level) if product else None,
        )
        pem.write_all(contents, private=new_key)
    click.echo(f"{file}: send it to the CA; the private key stays here")


@keys.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of 127.0.0.1.  [default: a free one]")
@click.option("--organisation", default=_ORGANISATION, show_default=True, help="Whom new certificates name.")
def tsa(folder: Path, port: int, organisation: str) -> None:
    """Run a time stamping authority for development, until stopped.

    Its certificates and its key are in the folder DIR, and are made at the first run. It answers RFC 3161 over HTTP on
    this machine only, and its clock is this machine's: its time stamps prove nothing.

    \b
    Exit codes:
      0  stopped
      2  wrong usage, or what is in DIR cannot be used

    \b
    Examples:
      provenance keys tsa my-clock --port 3161
      provenance trust add --purpose time-stamps my-clock/root.pem
    """
    from ..keys.development import DevelopmentFiles, create_tsa
    from ..keys.development_tsa import DevelopmentTsa

    with _errors():
        if not DevelopmentFiles(folder).key.exists():
            create_tsa(folder, organisation=organisation)
        authority = DevelopmentTsa(folder, port=port)
    operating_system.exit_when_stopped()
    click.echo(f"Stamping time at {authority.url} for whoever trusts {DevelopmentFiles(folder).root}")
    authority.serve()


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None
