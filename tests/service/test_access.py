"""Who may ask, how often, and what becomes of a key that is over."""

import json
import time

import httpx
import pytest
from click.testing import CliRunner

from provenance_service.access.keys import Keys
from provenance_service.access.quota import Quota
from provenance_service.access.quota_counters import QuotaCounters
from provenance_service.access.scope import Scope
from provenance_service.cli.api_key import api_key
from provenance_service.settings import Settings
from provenance_service.storage import Storage

from ..patience import PATIENCE, eventually
from .conftest import bearer, kept, new_key
from .raw_requests import is_problem


def made(folder, *options):
    return CliRunner().invoke(api_key, ["add", *options, "--folder", str(folder)])


@pytest.fixture
def storage(tmp_path):
    opened = Storage.of(Settings(folder=tmp_path))
    yield opened
    opened.close()


def test_a_new_key_is_shown_once_and_only_its_hash_is_kept(tmp_path):
    shown = {}
    for name, *options in (("cms", "--scope", "sign"), ("vault", "--scope", "signature", "--credential", "newsroom")):
        result = made(tmp_path, name, *options)
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"The key of {name} (id ")
        shown[name] = result.output.split()[-1]
    assert shown["cms"] != shown["vault"]
    assert min(map(len, shown.values())) > 40
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"newsroom" in everything
    assert not any(secret.encode() in everything for secret in shown.values())
    listed = CliRunner().invoke(api_key, ["list", "--folder", str(tmp_path)]).output
    assert "good     vault: signature, only newsroom; usual quota, without an end" in listed
    assert "prv_" not in listed


@pytest.mark.parametrize("name", ["Rédaction", "編集部", "😀", 'a "b" \\c', "a = 1"])
def test_a_client_is_called_as_its_operator_likes(storage, tmp_path, name):
    assert made(tmp_path, name, "--scope", "sign", "--credential", name).exit_code == 0
    (key,) = Keys(storage).all()
    assert (key.name, key.credentials) == (name, (name,))


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["cms"], 2),
        (["cms", "--scope", "everything"], 2),
        (["--scope", "sign"], 2),
        (["", "--scope", "sign"], 2),
        (["a" * 201, "--scope", "sign"], 2),
        (["a\nb", "--scope", "sign"], 2),
        (["a\x7f", "--scope", "sign"], 2),
        (["\udcff", "--scope", "sign"], 2),
        (["cms", "--scope", "sign", "--credential", "a\nb"], 2),
        (["cms", "--scope", "sign", "--quota", "many"], 2),
        (["cms", "--scope", "sign", "--days", "0"], 2),
        (["cms", "--scope", "sign", "--folder", "/proc/nowhere"], 1),
        (["cms", "--scope", "sign", "--database", "postgresql://nobody@127.0.0.1:1/none"], 1),
    ],
)
def test_a_key_that_cannot_be_made_is_said_and_none_is_shown(options, status):
    result = CliRunner().invoke(api_key, ["add", *options])
    assert result.exit_code == status
    assert "Error: " in result.output
    assert "prv_" not in result.output


def test_the_help_of_keys_says_what_each_scope_means():
    result = CliRunner().invoke(api_key, ["add", "--help"])
    for text in ("--scope", "--credential", "--quota", "--days", "can sign any claim", "registry:write"):
        assert text in result.output
    assert "Examples:" in CliRunner().invoke(api_key, ["--help"]).output


def test_a_key_ends_by_itself_and_by_its_operator(start, picture, tmp_path):
    service = start("--anonymous", "none", "--folder", str(tmp_path))
    assert is_problem(service.verify(picture), 401, "no-key")
    short, good = (new_key(tmp_path, name, "--scope", "verify", *days) for name, *days in
                   (("short", "--days", "0.00002"), ("good",)))  # fmt: skip
    assert service.verify(picture, headers=bearer(good)).status_code == 200
    assert is_problem(service.verify(picture, headers=bearer("prv_unknown")), 401, "no-key")
    eventually(lambda: service.verify(picture, headers=bearer(short)).status_code == 401)
    refused = service.verify(picture, headers=bearer(short))
    assert is_problem(refused, 401, "key-expired")
    assert refused.headers["www-authenticate"] == "Bearer"
    listed = json.loads(CliRunner().invoke(api_key, ["list", "--json", "--folder", str(tmp_path)]).output)
    assert {each["name"]: each["state"] for each in listed} == {"short": "expired", "good": "good"}
    (number,) = (each["id"] for each in listed if each["name"] == "good")
    assert CliRunner().invoke(api_key, ["revoke", number, "--folder", str(tmp_path)]).exit_code == 0
    assert is_problem(service.verify(picture, headers=bearer(good)), 401, "key-revoked")
    again = CliRunner().invoke(api_key, ["revoke", number, "--folder", str(tmp_path)])
    assert again.exit_code == 1
    assert "no such key" in again.output


def test_a_scope_allows_what_it_says_and_nothing_else(start, picture, tmp_path):
    service = start("--anonymous", "none", "--folder", str(tmp_path))
    keys = {scope: new_key(tmp_path, scope, "--scope", scope) for scope in map(str, Scope)}

    def asked(path, key, **request):
        request.setdefault("files", {"file": ("a.jpg", picture.read_bytes())})
        return httpx.post(f"{service.url}{path}", headers=bearer(key), timeout=PATIENCE, **request).status_code

    for path, scope in (("/v1/verify", "verify"), ("/v1/detect", "detect"), ("/v1/jobs", "verify")):
        for name, key in keys.items():
            assert (asked(path, key) in (200, 202)) == (name == scope), (path, name)
    assert asked("/v1/keys", keys["verify"], files=None, json={"name": "a", "scopes": ["admin"]}) == 403


def test_keys_are_made_listed_and_revoked_over_http(start, picture, tmp_path):
    service = start("--anonymous", "none", "--folder", str(tmp_path))
    admin = bearer(new_key(tmp_path, "admin", "--scope", "admin"))
    url = f"{service.url}/v1/keys"
    new = {"name": "Rédaction", "scopes": ["verify"], "quota": "2/hour", "days": 1}
    made = httpx.post(url, headers=admin, json=new)
    assert made.status_code == 201
    assert 86000 < made.json()["expires_at"] - made.json()["made_at"] < 87000
    key = bearer(made.json()["key"])
    assert [service.verify(picture, headers=key).status_code for _ in range(3)] == [200, 200, 429]
    listed = httpx.get(url, headers=admin).json()
    assert [each["name"] for each in listed] == ["admin", "Rédaction"]
    assert "prv_" not in json.dumps(listed)
    assert httpx.delete(f"{url}/{made.json()['id']}", headers=admin).status_code == 204
    assert is_problem(service.verify(picture, headers=key), 401, "key-revoked")
    assert is_problem(httpx.delete(f"{url}/{made.json()['id']}", headers=admin), 404, "not-found")
    for bad in ({}, {"name": "a\0", "scopes": ["verify"]}, {"name": "a", "scopes": []}, new | {"days": 0},
                new | {"quota": "2 an hour"}, new | {"more": 1}, {"name": "\ud800", "scopes": ["verify"]}):  # fmt: skip
        answer = httpx.post(url, headers=admin, content=json.dumps(bad))
        assert is_problem(answer, 422, "bad-parameter"), bad


def test_an_address_has_a_quota_of_its_own_and_is_told_when_to_come_back(start, picture):
    service = start("--anonymous-quota", "3/hour", PROVENANCE_PROXIES="127.0.0.1")
    answers = [service.verify(picture) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert is_problem(answers[-1], 429, "quota")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    # Somebody else behind the same proxy; one household has all addresses of a network of IPv6.
    others = ["192.0.2.1", "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"]
    found = [service.verify(picture, headers={"X-Forwarded-For": each}).status_code for each in others]
    assert found == [200, 200, 200, 200, 429]
    assert b"192.0.2.1" not in (kept(service.temporary) / "provenance.db").read_bytes()


def test_whoever_is_no_proxy_does_not_choose_an_address(start, picture):
    service = start("--anonymous-quota", "1/hour", PROVENANCE_PROXIES="192.0.2.7")
    assert service.verify(picture).status_code == 200
    assert service.verify(picture, headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429


def test_a_quota_counts_up_to_its_number_and_not_what_it_refuses(storage):
    quotas, quota = QuotaCounters(storage), Quota.parse("10/day")
    assert quotas.take("a", quota, 11) > 0
    assert [quotas.take("a", quota, 4) > 0 for _ in range(3)] == [False, False, True]
    assert quotas.take("a", quota, 2) == 0
    assert 0 < quotas.take("a", quota) <= 86400
    assert quotas.take("b", quota) == 0
    assert quotas.take("c", Quota.parse("0/day")) > 0


def test_a_quota_begins_anew_with_its_period_and_old_counters_go(storage):
    quotas, quota = QuotaCounters(storage), Quota.parse("1/second")
    quotas.take("a", quota)
    time.sleep(1.1)
    assert quotas.take("a", quota) == 0
    time.sleep(1.1)
    quotas.delete_expired()
    with storage.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM quota").scalar() == 0


def test_pages_of_named_origins_alone_may_read_answers(start, picture):
    service = start(PROVENANCE_CORS="https://cms.example")
    ours = service.verify(picture, headers={"Origin": "https://cms.example"})
    assert ours.headers["access-control-allow-origin"] == "https://cms.example"
    assert (
        "access-control-allow-origin" not in service.verify(picture, headers={"Origin": "https://evil.example"}).headers
    )
    asked = {"Origin": "https://cms.example", "Access-Control-Request-Method": "POST"}
    before = httpx.options(
        f"{service.url}/v1/verify", headers=asked | {"Access-Control-Request-Headers": "authorization"}
    )
    assert before.status_code == 200
    assert "access-control-allow-credentials" not in before.headers
