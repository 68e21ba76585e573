"""Keys in a PKCS #11 module: SoftHSM, which is a real module without the hardware."""

import shutil
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import provenance
from provenance_signing.algorithms import Algorithm
from provenance_signing.credential import Credential
from provenance_signing.errors import CredentialError
from provenance_signing.keys.development import create
from provenance_signing.keys.pkcs11 import Pkcs11Key

from .directly import signed_jpeg

pkcs11 = pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "471147114711"

pytestmark = pytest.mark.skipif(
    shutil.which("softhsm2-util") is None or not MODULE.exists(), reason="softhsm2 is not installed (Debian: softhsm2)"
)


def softhsm(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", "--module", str(MODULE), *arguments], check=True, capture_output=True)


def new_token(label: str) -> None:
    softhsm("--init-token", "--free", "--label", label, "--so-pin", PIN, "--pin", PIN)


def put(token: str, label: str, key: Path, number: str) -> None:
    softhsm("--import", str(key), "--token", token, "--label", label, "--id", number, "--pin", PIN)


@pytest.fixture(scope="module")
def token(tmp_path_factory, development):
    """A token with a key for each algorithm, under the algorithm's name. The module reads its settings once only."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        for name in ("newsroom", "other", "vanishing", "locked"):
            new_token(name)
        for number, algorithm in enumerate(Algorithm):
            put("newsroom", algorithm, development(algorithm).key, f"0{number}")
        for number in ("08", "09"):
            put("newsroom", "twice", development().key, number)
        for name in ("other", "vanishing", "locked"):
            put(name, "es256", development().key, "01")
        yield "newsroom"


def key(token: str, label: str, pin: str | None = PIN) -> Pkcs11Key:
    return Pkcs11Key(MODULE, token=token, label=label, pin=pin)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_in_a_token_signs(token, development, algorithm):
    credential = Credential.of(development(algorithm).chain.read_bytes(), key(token, algorithm), algorithm=algorithm)
    public = credential.chain[0].public_key()
    assert algorithm.is_valid(public, credential.sign(b"a claim"), b"a claim")
    assert credential.key.public_key == public


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.PS256, Algorithm.ED25519])
def test_a_picture_signed_by_a_token_is_intact_and_its_signer_trusted(token, development, algorithm):
    credential = Credential.of(development(algorithm).chain.read_bytes(), key(token, algorithm))
    report = provenance.Verifier(trust=development(algorithm).root).verify(signed_jpeg(credential))
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    assert report.credentials.signer.name == "Example newsroom"


def test_a_credential_file_names_the_token_and_where_the_pin_is(token, development, tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN_PIN", PIN)
    (tmp_path / "credential.toml").write_text(
        f'certificates = "{development().chain}"\n[key]\n'
        f'pkcs11 = "{MODULE}"\ntoken = "{token}"\nlabel = "es256"\npin_env = "TOKEN_PIN"\n'
    )
    assert Credential.load(tmp_path / "credential.toml").sign(b"a claim")


def test_where_the_token_has_no_public_half_the_key_is_proved_by_a_signature(token, development, tmp_path):
    key("other", "es256")
    with pkcs11.lib(str(MODULE)).get_token(token_label="other").open(rw=True) as session:
        session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label="es256").destroy()
    found = key("other", "es256")
    assert found.public_key is None
    assert Credential.of(development().chain.read_bytes(), found).sign(b"a claim")
    with pytest.raises(CredentialError, match="does not belong to the signer's certificate"):
        Credential.of(create(tmp_path).chain.read_bytes(), found)


def test_a_key_signs_for_many_threads(token, development):
    one, other = key(token, "es256"), key(token, "ps256")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: one.sign(b"%d" % n, Algorithm.ES256), range(100)))
        also = list(pool.map(lambda n: other.sign(b"%d" % n, Algorithm.PS256), range(20)))
    assert all(Algorithm.ES256.is_valid(one.public_key, each, b"%d" % n) for n, each in enumerate(made))
    assert all(Algorithm.PS256.is_valid(other.public_key, each, b"%d" % n) for n, each in enumerate(also))


def test_a_session_that_the_device_ended_is_opened_again(token):
    one, other = key(token, "es256"), key(token, "es384")
    one._key.session.close()
    assert Algorithm.ES256.is_valid(one.public_key, one.sign(b"a claim", Algorithm.ES256), b"a claim")
    assert Algorithm.ES384.is_valid(other.public_key, other.sign(b"a claim", Algorithm.ES384), b"a claim")


def test_a_key_that_is_gone_for_good_is_an_error(token):
    found = key("vanishing", "es256")
    with pkcs11.lib(str(MODULE)).get_token(token_label="vanishing").open(rw=True) as session:
        session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="es256").destroy()
    with pytest.raises(CredentialError):
        found.sign(b"a claim", Algorithm.ES256)


def test_a_module_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(CredentialError, match="cannot open shared object file"):
        Pkcs11Key(tmp_path / "none.so", token="newsroom", label="es256", pin=PIN)


def test_a_file_that_is_no_module_is_an_error(tmp_path):
    (tmp_path / "text.so").write_text("no module")
    with pytest.raises(CredentialError, match=r"text\.so"):
        Pkcs11Key(tmp_path / "text.so", token="newsroom", label="es256", pin=PIN)


@pytest.mark.parametrize(
    ("token_label", "label", "pin", "said"),
    [
        ("no such token", "es256", PIN, "has no token called no such token"),
        ("newsroom", "no such key", PIN, "has no private key labelled no such key"),
        ("newsroom", "twice", PIN, "has several private keys labelled twice"),
        ("locked", "es256", "0000", "the PIN of the token locked is wrong"),
        ("locked", "es256", "", "the PIN of the token locked is wrong"),
        ("locked", "es256", None, "it may show it with its PIN only"),
        ("newsroom", "es256", "0000", "in use here with another PIN"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_without_the_pin(token, token_label, label, pin, said):
    key(token, "es256")
    with pytest.raises(CredentialError, match=said) as caught:
        key(token_label, label, pin)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert PIN not in told
    assert "0000" not in told


def test_a_key_in_a_token_does_not_show_the_pin(token):
    assert PIN not in repr(key(token, "es256"))


def test_without_the_package_the_error_says_what_to_install(tmp_path):
    """In a process of its own, in which the package is hidden from imports."""
    script = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from pathlib import Path\n"
        "from provenance_signing.keys.pkcs11 import Pkcs11Key\n"
        "Pkcs11Key(Path('/module.so'), token='t', label='l', pin='p')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in done.stderr
    assert "[pkcs11]" in done.stderr
