"""Webhooks: who is told what, and that nothing is told to this machine."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.bureau.interfaces.conftest import NOW

from bureau.interfaces import addresses, jobs, services, telling
from bureau.interfaces.models import Delivery, Webhook
from bureau.interfaces.webhook_secrets import secret_of
from bureau.office import factor_keys
from bureau.refusal import Refusal

PUBLISHED = "publication.published"


@pytest.fixture
def webhook(person: Callable[..., Any]) -> Callable[..., Webhook]:
    """Return the function that lets an address be told of a region's events."""

    def make(region: str = "140900", address: str = "https://hooks.example.org/a") -> Webhook:
        by = person("administer", region=region)
        return services.make_webhook(
            by=by, organisation=by.organisation, address=address, subjects=[PUBLISHED], now=NOW
        )[0]

    return make


def test_those_whose_region_it_is_are_told_of_a_publication(
    webhook: Callable[..., Webhook], published: Callable[..., Any]
) -> None:
    city, province = webhook("140900"), webhook("140000")
    webhook("140928"), webhook("220000")
    made = published()
    assert set(Delivery.objects.values_list("webhook_id", flat=True)) == {city.pk, province.pk}
    body = Delivery.objects.filter(webhook=city).get().body
    assert (body["publication"], body["region"], body["simulated"]) == (made.pk, "140900", True)


def test_what_fails_to_be_published_is_not_told(webhook: Callable[..., Webhook], published: Callable[..., Any]) -> None:
    webhook()
    with pytest.raises(Refusal):
        published(year=1999)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("address", [
    "http://127.0.0.1/x", "http://localhost:8000/", "http://[::1]/", "http://169.254.169.254/latest", "ftp://a.example/", "http://u:p@a.example/",
    "http://0.0.0.0/", "https://", "http://a.localhost/", "http://localhost./", "http://[::ffff:127.0.0.1]:8122/alive",
    "http://[::ffff:169.254.169.254]/", "http://[::ffff:7f00:1]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://[::127.0.0.1]/", "http://10.0.0.8/", "http://192.168.1.1/", "http://[fd00::1]/", "http://100.64.0.1/",
    "http://x.example:99999/", "http://x.example:0/", "http://x.example:a/", "http://[::1", "http://@a.example/",
])  # fmt: skip
def test_this_machine_and_what_is_no_address_are_refused(address: str, webhook: Callable[..., Webhook]) -> None:
    with pytest.raises(Refusal):
        webhook(address=address)


def test_a_network_of_ones_own_is_told_if_the_operator_allows_it_and_this_machine_never(
    webhook: Callable[..., Webhook], settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = ["10.20.0.0/16", "fd00::/8", "127.0.0.0/8", "169.254.0.0/16"]
    for address in ("http://10.20.3.4:9000/in", "http://[fd00::1]/", "http://[::ffff:10.20.3.5]/"):
        assert webhook(address=address).address == address
    for address in ("http://10.21.0.1/", "http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/"):
        with pytest.raises(Refusal):
            webhook(address=address)


def test_what_is_no_address_is_refused_on_the_page(signed_in: Callable[..., Any]) -> None:
    client = signed_in("administer", region="140900")
    given = {"organisation": client.person.organisation_id, "subjects": [PUBLISHED]}
    for address in ("http://x.example:99999/", "http://[::ffff:127.0.0.1]:8122/"):
        page = client.post("/interfaces/webhooks/new/", given | {"address": address})
        assert page.status_code == 200
    assert not Webhook.objects.exists()


def test_the_page_says_that_the_secret_is_kept(signed_in: Callable[..., Any]) -> None:
    client = signed_in("administer", region="140900")
    given = {"organisation": client.person.organisation_id, "subjects": [PUBLISHED], "address": "https://x.example/"}
    page = client.post("/interfaces/webhooks/new/", given).content.decode()
    assert secret_of(Webhook.objects.get()) in page
    assert "不保存" not in page
    assert "平台加密保存它，用来给每条消息签名" in page


def test_another_citys_administrator_may_not(person: Callable[..., Any], webhook: Callable[..., Webhook]) -> None:
    mine = webhook()
    stranger = person("administer", region="220000")
    with pytest.raises(Refusal):
        services.switch_webhook(by=stranger, webhook=mine)
    with pytest.raises(Refusal):
        services.make_webhook(
            by=stranger, organisation=mine.organisation, address="https://x.example/", subjects=[PUBLISHED], now=NOW
        )


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes messages down, and answers as it is told."""

    answer = 200
    taken: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        """Take a message."""
        self.taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Receiver]]:
    """Run a receiver on this machine, which messages may reach in this test only."""
    made = type("Own", (Receiver,), {"taken": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), made)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.port = server.server_port  # type: ignore[attr-defined]
    monkeypatch.setattr(addresses, "reached", lambda host, port: "127.0.0.1")
    yield made
    server.shutdown()
    server.server_close()


def test_a_message_is_signed_and_told_once(
    receiver: Any, webhook: Callable[..., Webhook], published: Callable[..., Any]
) -> None:
    hook = webhook(address=f"http://hooks.test:{receiver.port}/in?a=1")
    published()
    message = Delivery.objects.get()
    jobs.deliver(delivery=message.pk)
    jobs.deliver(delivery=message.pk)
    assert len(receiver.taken) == 1
    headers, content = receiver.taken[0]
    assert headers["X-Shuibao-Signature"] == telling.signature(secret_of(hook), content)
    assert json.loads(content) == message.body
    message.refresh_from_db()
    assert (message.answer, message.tries) == ("200 OK", 1)


def test_a_message_that_is_not_taken_is_tried_again(
    receiver: Any, webhook: Callable[..., Webhook], published: Callable[..., Any]
) -> None:
    receiver.answer = 503
    webhook(address=f"http://hooks.test:{receiver.port}/")
    published()
    message = Delivery.objects.get()
    with pytest.raises(jobs.NotTaken):
        jobs.deliver(delivery=message.pk)
    message.refresh_from_db()
    assert message.delivered is None
    assert message.answer.startswith("503")
    receiver.answer = 204
    jobs.deliver(delivery=message.pk)
    message.refresh_from_db()
    assert (message.tries, message.delivered is None) == (2, False)


@pytest.mark.parametrize(
    "found", ["127.0.0.1", "::ffff:127.0.0.1", "::1", "169.254.169.254", "10.0.0.8", "64:ff9b::a00:8"]
)
def test_a_name_that_leads_to_this_machine_or_its_network_is_not_told(
    found: str, webhook: Callable[..., Webhook], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = webhook(address="http://hooks.test/")
    message = Delivery.objects.create(webhook=hook, event=PUBLISHED, body={}, made=NOW)
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *words, **more: [(0, 0, 0, "", (found, 80))])
    with pytest.raises(jobs.NotTaken, match="不能推送到"):
        jobs.deliver(delivery=message.pk)


@pytest.mark.parametrize("address", ["http://x.example:99999/", "http://[::1", "http://" + "a" * 70 + ".example/"])
def test_an_address_that_was_let_in_before_and_is_none_fails_like_any_other(
    address: str, webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    Webhook.objects.filter(pk=hook.pk).update(address=address)
    message = Delivery.objects.create(webhook=hook, event=PUBLISHED, body={}, made=NOW)
    with pytest.raises(jobs.NotTaken):
        jobs.deliver(delivery=message.pk)
    message.refresh_from_db()
    assert message.tries == 1
    assert message.answer


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> Path:
    """Give the installation a key of its own, for this test."""
    made = tmp_path / "factor-key"
    made.write_text("first\n")
    made.chmod(0o600)
    settings.FACTOR_KEY_FILE = made
    return made


def test_the_database_does_not_hold_the_secret_and_a_new_key_reads_it(
    key: Path, webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    secret = secret_of(hook)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(w::text, ' ') FROM interfaces_webhook w")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(e::text, ' ') FROM interfaces_webhookevent e")
        history = cursor.fetchone()[0]
    assert secret not in kept + (history or "")
    assert kept.count(factor_keys.MARK) == 1
    old = key.read_text()
    assert factor_keys.renew_key() == 2  # and the administrator's factor
    hook.refresh_from_db()
    assert secret_of(hook) == secret
    assert old.strip() not in key.read_text()
    assert factor_keys.standing() == factor_keys.Standing(encrypted=2, plain=0, unreadable=0)


def test_a_backup_of_before_the_key_was_changed_signs_again_with_the_former_key(
    key: Path, webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    secret, kept, old = secret_of(hook), hook.secret, key.read_text()
    factor_keys.renew_key()
    Webhook.objects.filter(pk=hook.pk).update(secret=kept)  # what is restored
    assert factor_keys.standing().unreadable == 1
    message = Delivery.objects.create(webhook=hook, event=PUBLISHED, body={}, made=NOW)
    with pytest.raises(jobs.NotTaken, match="推送的密文读不出来"):
        jobs.deliver(delivery=message.pk)
    message.refresh_from_db()
    assert "bureau check" in message.answer, "the page says what to do"
    with pytest.raises(Refusal):
        factor_keys.renew_key()
    key.write_text(key.read_text() + old)
    assert factor_keys.renew_key() == 2  # and the administrator's factor
    hook.refresh_from_db()
    assert secret_of(hook) == secret


def test_a_secret_of_former_days_signs_and_is_encrypted_with_the_next_key(
    key: Path, webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    Webhook.objects.filter(pk=hook.pk).update(secret="a" * 64)
    hook.refresh_from_db()
    assert secret_of(hook) == "a" * 64
    assert factor_keys.standing().plain == 1
    factor_keys.renew_key()
    hook.refresh_from_db()
    assert hook.secret.startswith(factor_keys.MARK)
    assert secret_of(hook) == "a" * 64
