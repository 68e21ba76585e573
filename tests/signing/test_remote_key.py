"""A key behind a service, and services that fail in every way."""

from pathlib import Path

import pytest

from provenance_signing.algorithms import Algorithm, new_key
from provenance_signing.credential import Credential
from provenance_signing.errors import CredentialError
from provenance_signing.keys.pem import PemKey
from provenance_signing.keys.remote import RemoteKey

from .servers import drip, hang, send, serving

TOKEN = "the-secret-token"


def signing(key: PemKey, seen: list | None = None):
    def answer(request, body):
        if seen is not None:
            seen.append((request.headers, body))
        send(request, key.sign(body, Algorithm(request.headers["Provenance-Algorithm"])))

    return answer


@pytest.fixture
def files(development):
    return development()


@pytest.fixture
def local(files) -> PemKey:
    return PemKey.load(files.key.read_bytes())


def test_a_service_signs_what_it_is_sent(files, local):
    seen: list = []
    with serving(signing(local, seen)) as url:
        credential = Credential.of(files.chain.read_bytes(), RemoteKey(url, token=TOKEN))
        signature = credential.sign(b"a claim")
    assert Algorithm.ES256.is_valid(local.public_key, signature, b"a claim")
    headers, body = seen[-1]
    assert body == b"a claim"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Provenance-Algorithm"] == "es256"


def test_a_credential_file_names_the_service_and_where_the_token_is(tmp_path, files, local, monkeypatch):
    seen: list = []
    monkeypatch.setenv("KEY_TOKEN", TOKEN)
    with serving(signing(local, seen)) as url:
        toml = f'certificates = "{files.chain}"\n[key]\nurl = "{url}"\ntoken_env = "KEY_TOKEN"\n'
        (tmp_path / "credential.toml").write_text(toml)
        assert Credential.load(tmp_path / "credential.toml").sign(b"a claim")
    assert seen[-1][0]["Authorization"] == f"Bearer {TOKEN}"


def test_a_service_with_another_key_is_found_out_before_anything_is_signed(files):
    with (
        serving(signing(PemKey(new_key(Algorithm.ES256)))) as url,
        pytest.raises(CredentialError, match="does not belong to the signer's certificate"),
    ):
        Credential.of(files.chain.read_bytes(), RemoteKey(url))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda request, _: send(request, b"who are you?", status=401), "error code 401"),
        (lambda request, _: send(request, b"oh", status=500), "error code 500"),
        (lambda request, _: send(request, b"", status=302, Location="http://127.0.0.1:1/"), "error code 302"),
        (lambda request, _: send(request, b"x" * 5000), "larger than 4096 bytes"),
        (lambda request, _: send(request, b""), "sent nothing"),
        (lambda request, _: request.wfile.write(b"this is no HTTP\r\n\r\n"), "does not follow the rules"),
        (lambda request, _: request.connection.close(), "broke off"),
    ],
    ids=["401", "500", "redirect", "too large", "empty", "no HTTP", "closed"],
)
def test_a_service_that_gives_no_signature_is_an_error_that_says_why(answer, said):
    with serving(answer) as url, pytest.raises(CredentialError, match=said) as caught:
        RemoteKey(url, token=TOKEN).sign(b"a claim", Algorithm.ES256)
    assert url in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("answer", [hang, drip(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n")], ids=["hangs", "drips"])
def test_a_service_that_never_comes_to_an_end_is_left_at_the_time_limit(answer):
    with serving(answer) as url, pytest.raises(CredentialError, match=r"longer than 0\.3 seconds"):
        RemoteKey(url, time_limit=0.3).sign(b"a claim", Algorithm.ES256)


def test_a_service_that_is_not_there_is_an_error(listener):
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(CredentialError, match="did not answer"):
        RemoteKey(f"http://127.0.0.1:{port}/").sign(b"a claim", Algorithm.ES256)


@pytest.mark.parametrize("url", ["http://keys.example.org/", "http://10.0.0.1/", "http://127.0.0.1.example.org/"])
def test_a_key_elsewhere_is_asked_over_https_only(url):
    with pytest.raises(CredentialError, match="over https only"):
        RemoteKey(url, token=TOKEN)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "keys.example.org", "https://", "https://a b/", "https://x:0/"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(CredentialError):
        RemoteKey(url)


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(CredentialError, match="no user and no password") as caught:
        RemoteKey("https://user:hush@keys.example.org/")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_token_that_no_header_holds_is_refused_and_not_repeated(token):
    with pytest.raises(CredentialError, match="the token for this key") as caught:
        RemoteKey("https://keys.example.org/", token=token)
    assert not token or token not in str(caught.value)


def test_a_remote_key_does_not_show_its_token():
    assert TOKEN not in repr(RemoteKey("https://keys.example.org/", token=TOKEN))


def test_what_a_token_file_ends_with_does_not_belong_to_the_token(tmp_path: Path, files, local):
    seen: list = []
    (tmp_path / "token").write_text(TOKEN + "\r\n")
    with serving(signing(local, seen)) as url:
        toml = f'certificates = "{files.chain}"\n[key]\nurl = "{url}"\ntoken_file = "token"\n'
        (tmp_path / "credential.toml").write_text(toml)
        Credential.load(tmp_path / "credential.toml")
    assert seen[-1][0]["Authorization"] == f"Bearer {TOKEN}"
