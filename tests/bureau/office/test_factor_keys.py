"""Second factors are kept encrypted, with a key that is not in the database; the key can be renewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests.bureau.codes import fresh_code
from tests.bureau.people import make_person

from bureau.office import factor_keys
from bureau.refusal import Refusal
from bureau.service import inspection, inspection_database
from bureau.service.cluster import kept_secret

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Path) -> Path:
    """Give the test a key of its own."""
    cache.clear()
    settings.FACTOR_KEY_FILE = tmp_path / "factor-key"
    kept_secret(settings.FACTOR_KEY_FILE)
    return Path(settings.FACTOR_KEY_FILE)


def factor_of(who: Any) -> Authenticator:
    """Return somebody's second factor, as it is kept."""
    return Authenticator.objects.get(user=who, type=Authenticator.Type.TOTP)


def signs_in(who: Any, secret: str) -> Any:
    """Sign in with a code; return the answer."""
    client = Client()
    client.post("/account/login/", {"login": who.username, "password": "Good-enough-1"})
    return client.post(reverse("mfa_authenticate"), {"code": fresh_code(secret)})


def verdicts() -> dict[str, str]:
    """Return what the checks of factors find."""
    return {
        finding.subject: finding.verdict
        for check in (inspection.factor_key, inspection_database.factors)
        for finding in check()
    }


def test_the_database_does_not_hold_the_secret() -> None:
    who = make_person("approve")
    RecoveryCodes.activate(who)
    secret = factor_keys.decrypted(factor_of(who).data["secret"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        kept = cursor.fetchone()[0]
    assert secret not in kept
    assert kept.count(factor_keys.MARK) == 2
    assert signs_in(who, secret).status_code == 302
    assert verdicts() == {"factor-key": "good", "factors": "good"}


def test_a_renewed_key_reads_everything_and_the_old_one_nothing(key: Path) -> None:
    who = make_person("approve")
    secret, old = factor_keys.decrypted(factor_of(who).data["secret"]), key.read_text()
    assert factor_keys.renew_key() == 1
    assert old.strip() not in key.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    assert signs_in(who, secret).status_code == 302
    key.write_text(old)
    assert factor_keys.standing().unreadable == 1
    key.write_text("")


def test_a_secret_of_former_days_is_read_told_and_encrypted() -> None:
    who = make_person("approve")
    one = factor_of(who)
    one.data["secret"] = factor_keys.decrypted(one.data["secret"])
    one.save()
    assert verdicts() == {"factor-key": "good", "factors-plain": "warning"}
    assert signs_in(who, one.data["secret"]).status_code == 302
    factor_keys.renew_key()
    assert verdicts() == {"factor-key": "good", "factors": "good"}


def test_a_lost_key_is_told_to_whoever_signs_in_and_to_the_operator(key: Path) -> None:
    who = make_person("approve")
    secret = factor_keys.decrypted(factor_of(who).data["secret"])
    before = key.read_text()
    key.write_text("another")
    assert verdicts() == {"factor-key": "good", "factors": "fault"}
    assert "密钥已更换或丢失" in signs_in(who, secret).content.decode()
    with pytest.raises(Refusal):
        factor_keys.renew_key()
    assert key.read_text() == "another", "nothing is changed"
    key.write_text(f"another\n{before}")
    assert verdicts() == {"factor-key": "good", "factors": "good"}
    cache.clear()
    assert signs_in(who, secret).status_code == 302


def test_a_key_that_others_can_read_or_is_gone_is_a_fault(key: Path) -> None:
    key.chmod(0o644)
    assert verdicts()["factor-key"] == "fault"
    key.unlink()
    assert verdicts()["factor-key"] == "fault"
