"""Tokens of a sign-in service in place of keys: a real issuer on this machine, and what forgers try."""

import base64
import hmac
import time

import pytest
from joserfc.jwk import ECKey, RSAKey

from provenance.errors import SettingError
from provenance_service.access import oidc
from provenance_service.access.oidc import Issuer

from .conftest import bearer
from .issuer import SignIn, encoded
from .raw_requests import is_problem


@pytest.fixture
def sign_in():
    running = SignIn()
    yield running
    running.server.shutdown()


def test_a_token_allows_what_its_scopes_say(start, sign_in, picture):
    service = start("--anonymous", "none", PROVENANCE_OIDC_ISSUER=sign_in.url, PROVENANCE_QUOTA="3/hour")
    assert is_problem(service.verify(picture), 401, "no-key")
    assert service.verify(picture, headers=bearer(sign_in.token())).status_code == 200
    assert service.verify(picture, headers=bearer(sign_in.token(scope=None, scp=["verify"]))).status_code == 200
    assert is_problem(service.verify(picture, headers=bearer(sign_in.token(scope="detect"))), 403, "not-allowed")
    # A quota is for whoever holds tokens, however many these are.
    answers = [service.verify(picture, headers=bearer(sign_in.token())).status_code for _ in range(2)]
    assert answers == [200, 429]
    assert service.verify(picture, headers=bearer(sign_in.token(sub="another"))).status_code == 200


def forged(sign_in):
    public = sign_in.keys[0].as_pem(private=False)
    stranger = RSAKey.generate_key(2048, parameters={"kid": "first"})
    head, body, signature = sign_in.token().split(".")
    changed = encoded(sign_in.claims(scope="admin"))
    secret = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(sign_in.claims())}"
    mac = base64.urlsafe_b64encode(hmac.digest(public, secret.encode(), "sha256")).decode().rstrip("=")
    none = encoded({"alg": "none"})
    return {
        "of a stranger's key": sign_in.token(stranger),
        "with other claims": f"{head}.{changed}.{signature}",
        "unsigned": f"{none}.{body}.",
        "with the public key as a secret": f"{secret}.{mac}",
        "expired": sign_in.token(exp=int(time.time()) - 3600),
        "without an end": sign_in.token(exp=None),
        "for somebody else": sign_in.token(aud="other"),
        "for nobody": sign_in.token(aud=None),
        "of another issuer": sign_in.token(iss="https://evil.example"),
        "of nobody": sign_in.token(sub=None),
        "cut": head,
        "nothing": "a.b.c",
        "no text": "é",
    }


def test_a_token_that_does_not_hold_is_refused(sign_in):
    from provenance_service.problems import RefusedError

    issuer = Issuer(sign_in.url, "provenance")
    assert issuer.holder(sign_in.token())[1] == ("verify",)
    for name, token in forged(sign_in).items():
        with pytest.raises(RefusedError) as refused:
            issuer.holder(token)
        assert refused.value.problem == "no-key", name


def test_a_new_key_of_the_issuer_is_found_and_strangers_do_not_make_us_ask(sign_in, monkeypatch):
    monkeypatch.setattr(oidc, "ASK_AGAIN_AFTER", 0.5)
    issuer = Issuer(sign_in.url, "provenance")
    issuer.holder(sign_in.token())
    for _ in range(20):
        with pytest.raises(Exception, match="no-key"):
            issuer.holder(sign_in.token(RSAKey.generate_key(2048, parameters={"kid": "made up"})))
    assert sign_in.asked <= 6
    sign_in.keys.append(ECKey.generate_key("P-256", parameters={"kid": "second"}))
    time.sleep(0.6)
    assert issuer.holder(sign_in.token())[1] == ("verify",)


def test_an_issuer_that_does_not_answer_is_said(start, sign_in, picture):
    sign_in.broken = True
    service = start("--anonymous", "none", PROVENANCE_OIDC_ISSUER=sign_in.url)
    assert is_problem(service.verify(picture, headers=bearer(sign_in.token())), 503, "issuer-unavailable")
    sign_in.broken = False
    assert service.verify(picture, headers=bearer(sign_in.token())).status_code == 200


@pytest.mark.parametrize("url", ["http://sign-in.example", "ftp://a", "sign-in.example", ""])
def test_an_issuer_without_https_is_refused(url):
    with pytest.raises(SettingError, match="is no https address"):
        Issuer(url, "provenance")
