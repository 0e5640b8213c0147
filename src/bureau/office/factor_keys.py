"""
How second factors are kept (第二因子加密): encrypted, with keys of the installation that are not in the database.

Other rooms that must keep secrets which can be read again, such as those that sign messages, let them be kept so too
(:func:`hold`): one key, one change of it, one look at whether all can be read.

The keys stand in a file, a line each: the first encrypts, all of them decrypt. It is read each time, so that a new key is
in force at once in every process.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from bureau.kept_files import whole
from bureau.refusal import Refusal

MARK = "enc1:"
"""Beginning of a secret that is encrypted."""
UNREADABLE = "第二因子读不出来：服务器上的第二因子密钥已更换或丢失。请联系运维人员，不要反复尝试。"


def key_file() -> Path:
    """Return the file of the keys (密钥文件)."""
    return Path(settings.FACTOR_KEY_FILE)


def _keys() -> MultiFernet:
    lines = [line.strip() for line in key_file().read_text(encoding="utf-8").splitlines() if line.strip()]
    return MultiFernet([_fernet(line) for line in lines])


def _fernet(line: str) -> Fernet:
    digest = hashlib.sha256(b"bureau.office.factor\0" + line.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encrypted(text: str) -> str:
    """Return a secret as it is kept (加密)."""
    return MARK + _keys().encrypt(text.encode()).decode()


def decrypted(kept: str, unreadable: str = UNREADABLE) -> str:
    """
    Return a secret that is kept (解密); one that was never encrypted is returned as it is.

    Parameters
    ----------
    kept : str
    unreadable : str
        What is said if it cannot be read.

    Raises
    ------
    Refusal
        If no key of the installation reads it.
    """
    if not kept.startswith(MARK):
        return kept
    try:
        return _keys().decrypt(kept.removeprefix(MARK).encode()).decode()
    except (InvalidToken, OSError, ValueError) as wrong:
        raise Refusal("factor-unreadable", unreadable) from wrong


Renewed = Callable[[str], str]
HOLDERS: dict[str, Callable[[Renewed], int]] = {}
"""Functions that put each secret of a room through another, and save it if it is changed; they return how many there are."""


def hold(name: str, each: Callable[[Renewed], int]) -> None:
    """
    Let the secrets of a room be looked at, and encrypted anew, with the second factors (登记密文).

    Parameters
    ----------
    name : str
        Of the room; the last to be registered under a name is asked.
    each : callable
        Takes what each kept secret is to become; returns how many there are. It is called in a transaction.
    """
    HOLDERS[name] = each


@dataclass(frozen=True)
class Standing:
    """
    How the secrets of an installation are kept (密文状况): second factors, and what rooms let be held.

    Attributes
    ----------
    encrypted, plain, unreadable : int
        How many are encrypted and readable, not encrypted, and not readable.
    """

    encrypted: int
    plain: int
    unreadable: int


def _secrets(one: Authenticator) -> dict[str, str]:
    """Return the secrets of a factor that allauth hands to us."""
    return {name: one.data[name] for name in ("secret", "seed") if isinstance(one.data.get(name), str)}


def standing() -> Standing:
    """Look at every secret that is kept (检查密文)."""
    counts = {"encrypted": 0, "plain": 0, "unreadable": 0}

    def look(kept: str) -> str:
        try:
            decrypted(kept)
        except Refusal:
            counts["unreadable"] += 1
        else:
            counts["encrypted" if kept.startswith(MARK) else "plain"] += 1
        return kept

    with transaction.atomic():
        _each(look)
    return Standing(**counts)


def renew_key() -> int:
    """
    Encrypt every secret with a new key, and forget the old ones (更换第二因子密钥).

    Returns
    -------
    int
        How many were encrypted.

    Raises
    ------
    Refusal
        If one of them cannot be read: then nothing is changed.
    """
    old = key_file().read_text(encoding="utf-8")
    new = secrets.token_urlsafe(48)
    _write(f"{new}\n{old}")  # from here on both are read
    try:
        with transaction.atomic():
            done = _each(lambda kept: encrypted(decrypted(kept)))
    except BaseException:
        _write(old)
        raise
    _write(f"{new}\n")
    return done


def _each(renewed: Renewed) -> int:
    """Put every secret through a function, and save those that it changes; return how many there are."""
    done = 0
    for one in Authenticator.objects.select_for_update():
        found = _secrets(one)
        after = {name: renewed(kept) for name, kept in found.items()}
        done += len(after)
        if after != found:
            one.data |= after
            one.save(update_fields=["data"])
    return done + sum(each(renewed) for each in HOLDERS.values())


def _write(text: str) -> None:
    """Write the keys, whole or not at all, for their owner only."""
    with whole(key_file()) as part, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
