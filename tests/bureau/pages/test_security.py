"""What every page owes a browser: nothing inline that runs, nobody's frame, a policy, and cookies that stay at home."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.matrix import ALL, Line, lines
from tests.bureau.people import make_person
from tests.bureau.test_access_matrix import undone

LINES = lines()
HANDLERS = re.compile(r"^on[a-z]+$|^hx-on")


class Running(HTMLParser):
    """Finds what would run without being a file of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        given = dict(attrs)
        data = given.get("type") in ("application/json", "application/ld+json")
        if tag == "script" and not data and not (given.get("src") or "").startswith("/static/"):
            self.found.append(f"<script {given}>")
        self.found += [f"<{tag} {name}>" for name in given if HANDLERS.match(name)]
        self.found += [
            f"<{tag} {name}={value}>"
            for name, value in attrs
            if value and name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-vals")
            and value.strip().lower().startswith(("javascript:", "js:", "vbscript:"))
        ]  # fmt: skip
        if tag in ("script", "link", "img", "iframe", "object", "embed"):
            address = given.get("src") or given.get("href") or given.get("data") or ""
            if address.startswith(("http:", "https:", "//")):
                self.found.append(f"<{tag}> from elsewhere: {address}")


def signed_in_for_everything() -> Client:
    """Return the browser of somebody who may everything."""
    client = Client()
    client.force_login(make_person(*ALL, region="140928"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(line: Line, client: Client) -> Any:
    """Return a page as it is shown to somebody signed in, or to anybody if it is public."""
    words = line.of("140928")
    return (Client() if line.public else client).get(
        reverse(line.name, kwargs=words) + f"?{urlencode(line.query(words))}"
    )


SANDBOXED = frozenset(["commissions:result_file"])
"""Documents with scripts of their own, shown without an origin: they can reach nothing of ours."""


@pytest.mark.parametrize("name", sorted(SANDBOXED))
def test_a_document_with_scripts_has_no_origin_and_reaches_nothing(name: str, db: None) -> None:
    response = opened(LINES[name], signed_in_for_everything())
    policy = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    words = {part[0]: part[1:] for part in policy if part}
    assert "allow-same-origin" not in words["sandbox"]
    assert words["default-src"] == ["'none'"]
    assert not {"connect-src", "form-action"} & words.keys() or words.get("form-action") == ["'none'"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


SHOWN = sorted(name for name, line in LINES.items() if line.get is not None and name not in SANDBOXED)


@pytest.mark.parametrize("room", sorted({name.partition(":")[0] for name in SHOWN}))
def test_a_page_runs_only_our_own_files_and_has_its_policy(room: str, db: None) -> None:
    client = signed_in_for_everything()
    for name in (name for name in SHOWN if name.partition(":")[0] == room):
        with undone():
            response = opened(LINES[name], client)
            policy = response.headers["Content-Security-Policy"]
            script = re.search(r"script-src ([^;]*)", policy)
            assert script, name
            assert "unsafe" not in script[1], name
            assert "frame-ancestors 'none'" in policy, name
            assert "object-src 'none'" in policy, name
            assert response.headers["X-Frame-Options"] == "DENY", name
            assert response.headers["X-Content-Type-Options"] == "nosniff", name
            assert response.headers["Referrer-Policy"] == "same-origin", name
            if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
                found = Running()
                found.feed(response.content.decode())
                assert not found.found, f"{name}: {found.found}"


def test_pages_of_errors_have_their_policy_too(db: None) -> None:
    client = Client()
    client.force_login(make_person("view"), backend="django.contrib.auth.backends.ModelBackend")
    for address, status in (("/no/such/page/", 404), (reverse("office:people"), 403)):
        response = client.get(address)
        assert response.status_code == status
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert "Traceback" not in response.content.decode()


PRINT = """
import json, django
from django.conf import settings
django.setup()
from django.core.checks import run_checks
names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "DEBUG",
         "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", "X_FRAME_OPTIONS", "ALLAUTH_TRUSTED_PROXY_COUNT"]
told = [m.id for m in run_checks(include_deployment_checks=True)]
print(json.dumps({name: getattr(settings, name) for name in names} | {"checks": told}))
"""


@pytest.mark.slow
def test_a_server_keeps_its_cookies_on_https(tmp_path: Path) -> None:
    words = {
        "DJANGO_SETTINGS_MODULE": "bureau.settings.production",
        "BUREAU_HOME": str(tmp_path),
        "BUREAU_HOSTS": "a.example",
    }
    done = subprocess.run(
        [sys.executable, "-c", PRINT], env=os.environ | words, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["SESSION_COOKIE_SECURE"]
    assert told["CSRF_COOKIE_SECURE"]
    assert told["SESSION_COOKIE_HTTPONLY"]
    assert told["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert told["SECURE_SSL_REDIRECT"]
    assert told["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert told["DEBUG"] is False
    assert told["ALLOWED_HOSTS"] == ["a.example"]
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert set(told["checks"]) <= {"security.W005", "security.W021"}, "sub-domains and preloading are the operator's"
