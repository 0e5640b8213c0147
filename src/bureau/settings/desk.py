"""One's own machine (单机): a private PostGIS cluster and a secret key in the installation's own folder."""

from __future__ import annotations

from bureau.service.cluster import PrivateCluster, kept_secret
from bureau.settings.common import *  # noqa: F403
from bureau.settings.common import DATABASES, HOME

DATABASES["default"] = PrivateCluster(HOME / "cluster").database("bureau")
SECRET_KEY = kept_secret(HOME / "secret-key")
FACTOR_KEY_FILE = HOME / "factor-key"
kept_secret(FACTOR_KEY_FILE)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
