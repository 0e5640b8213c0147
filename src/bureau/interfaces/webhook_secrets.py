"""How the secrets of webhooks are kept (推送密文): encrypted, with the keys of the installation, as second factors are."""

from __future__ import annotations

from collections.abc import Callable

from bureau.interfaces.models import Webhook
from bureau.office.factor_keys import decrypted, encrypted, hold

UNREADABLE = (
    "推送的密文读不出来：服务器上的第二因子密钥已更换或丢失，消息没有发出。请运维人员执行 bureau check；"
    "密钥找不回时，停用这个推送，换一个地址重新建立。"
)


def listen() -> None:
    """Let the secrets be encrypted anew when the key is changed (登记)."""
    hold("interfaces.webhooks", _each)


def as_kept(secret: str) -> str:
    """Return a secret as the database keeps it (加密)."""
    return encrypted(secret)


def secret_of(webhook: Webhook) -> str:
    """
    Return the secret that signs the messages to an address (推送密文).

    Raises
    ------
    Refusal
        If no key of the installation reads it.
    """
    return decrypted(webhook.secret, UNREADABLE)


def _each(renewed: Callable[[str], str]) -> int:
    """Put the secret of each webhook through a function, and keep what it becomes."""
    done = 0
    for webhook in Webhook.objects.select_for_update():
        after = renewed(webhook.secret)
        if after != webhook.secret:
            Webhook.objects.filter(pk=webhook.pk).update(secret=after)
        done += 1
    return done
