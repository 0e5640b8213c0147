"""What a child of the sandbox does, done in this process: a child takes a second to import what it needs (不经子进程)."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bureau.commissions.sandbox import Refused


def told_here(module: str, words: Mapping[str, Any], **limits: int) -> dict[str, Any]:
    """Return what a module of the sandbox tells of a job, without limits; for tests that do not ask about the sandbox."""
    child = import_module(module)
    with (
        TemporaryDirectory() as folder,
        patch.object(child, "keep_within_limits"),
        patch.object(sys, "argv", [module, json.dumps({**words, "folder": folder})]),
        redirect_stdout(io.StringIO()) as said,
    ):
        child.main()
    told: dict[str, Any] = json.loads(said.getvalue())
    if "refused" in told:
        raise Refused(told["refused"])
    return told
