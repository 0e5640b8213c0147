"""
Tests (测试): a cluster of their own that need not survive a power cut, quick passwords, plain static files.

A process that a test begins, as a worker, is told the test's database and folder by ``BUREAU_TESTING_DATABASE`` and
``BUREAU_TESTING_HOME``.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bureau.service.cluster import PrivateCluster, kept_secret
from bureau.settings.common import *  # noqa: F403
from bureau.settings.common import DATABASES, MIDDLEWARE, STORAGES

HOME = Path(tempfile.gettempdir()) / f"bureau-testing-{os.getuid()}"
MEDIA_ROOT = HOME / f"media-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
DATABASES["default"] = PrivateCluster(HOME / "cluster", durable=False).database(
    os.environ.get("BUREAU_TESTING_DATABASE", "bureau")
)
DATABASES["default"]["TEST"] = {
    "NAME": f"test_bureau{os.environ.get('BUREAU_TEST_SUFFIX', '')}"
}  # for runs side by side
if "BUREAU_TESTING_HOME" in os.environ:
    HOME = Path(os.environ["BUREAU_TESTING_HOME"])
    MEDIA_ROOT = HOME / "media"
FACTOR_KEY_FILE = HOME / "factor-key"
kept_secret(FACTOR_KEY_FILE)
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
