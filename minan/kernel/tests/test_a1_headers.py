"""A1, A2: every answer carries its headers, production settings pass Django's own check, passwords are Argon2id."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher, make_password
from django.test import Client
from django.urls import path

ROOT = pathlib.Path(settings.ROOT_URLCONF and __file__).resolve().parents[3]
REQUIRED = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
)


def broken(request: object) -> None:
    raise RuntimeError("broken")


urlpatterns = [path("broken/", broken)]

pytestmark = pytest.mark.bar("A1")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/not-there/", "/static/minan/minan.css", "/static/not-there.css", "/login/"])
def test_a1_every_answer_carries_its_headers(client: Client, address: str) -> None:
    answer = client.get(address)
    for name in REQUIRED:
        assert name in answer.headers, f"{address} without {name}"
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "script-src 'self'",
    ):
        assert part in policy


@pytest.mark.urls(__name__)
def test_a1_an_error_carries_them_too(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert all(name in answer.headers for name in REQUIRED)


def test_a1_a_body_that_is_too_large_or_of_unsaid_length_is_not_read(client: Client) -> None:
    too_large = client.post(
        "/", b"x", content_type="text/plain", CONTENT_LENGTH=str(settings.UPLOAD_MB * 1024 * 1024 + 1)
    )
    assert too_large.status_code == 413
    assert "Content-Security-Policy" in too_large.headers
    unsaid = client.get("/", HTTP_TRANSFER_ENCODING="chunked")
    assert unsaid.status_code == 411


def test_a1_production_settings_pass_djangos_own_check_and_speak_https_only(tmp_path: pathlib.Path) -> None:
    asked = (
        "import django, json; django.setup()\n"
        "from django.conf import settings\n"
        "from django.core.checks import run_checks\n"
        "from django.test import Client\n"
        "found = [str(m) for m in run_checks(include_deployment_checks=True)]\n"
        "plain = Client().get('/', headers={'host': 'localhost'})\n"
        "secure = Client().get('/offline/', secure=True, headers={'host': 'localhost'})\n"
        "print(json.dumps([found, plain.status_code, plain.headers.get('Location'), dict(secure.headers), settings.DEBUG,\n"
        "  [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE], settings.MFA_REQUIRED_FOR_STAFF,\n"
        "  'minan.shell.demo_signin' in settings.INSTALLED_APPS]))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINAN_")}
    kept |= {"DATA": str(tmp_path / "d"), "KEYS": str(tmp_path / "k"), "DJANGO_SETTINGS_MODULE": "minan.settings"}
    kept.pop("DATABASE_URL", None)
    run = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
    found, status, to, headers, debug, secure_cookies, second_factor, demo = json.loads(run.stdout)
    assert found == []
    assert (status, to) == (301, "https://localhost/")
    assert int(headers["Strict-Transport-Security"].split(";")[0].removeprefix("max-age=")) >= 31_536_000
    assert (debug, secure_cookies, second_factor, demo) == (False, [True, True], True, False)


@pytest.mark.bar("A2")
def test_a2_passwords_are_kept_as_argon2id_with_19_mib_and_two_passes_at_least() -> None:
    assert settings.PASSWORD_HASHERS == ["minan.kernel.hashers.Argon2id"]
    kept = make_password("路灯不亮已经三天")
    assert kept.startswith("argon2$argon2id$")
    said = get_hasher().decode(kept)
    assert said["memory_cost"] >= 19 * 1024
    assert said["time_cost"] >= 2
