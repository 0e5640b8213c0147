"""The six digits that a phone shows (RFC 6238), worked out by ourselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time


def code_of(secret: str, at: float | None = None) -> str:
    """Return the code of a secret (base 32) at a time."""
    step = int((time.time() if at is None else at) // 30)
    padded = secret + "=" * (-len(secret) % 8)
    digest = hmac.new(base64.b32decode(padded), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def fresh_code(secret: str, left: float = 3) -> str:
    """
    Return a code that holds for some seconds more; wait for the next one if need be.

    The service takes the code of this half minute only: one that is worked out at its end is refused at the next.
    """
    remaining = 30 - time.time() % 30
    if remaining < left:
        time.sleep(remaining + 0.1)
    return code_of(secret)
