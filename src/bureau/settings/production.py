"""
A server (服务器): everything that differs between servers comes from the environment.

``BUREAU_DATABASE`` is a conninfo string of PostgreSQL, ``BUREAU_SECRET_KEY_FILE`` and
``BUREAU_FACTOR_KEY_FILE`` are files that only the service may read,
``BUREAU_HOSTS`` the names under which people reach it, separated by commas, ``BUREAU_BACKUPS`` the folder of backups,
``BUREAU_PROXIES`` how many proxies of one's own stand before it: their word is taken for the address of whoever asks,
``BUREAU_MAIL`` the server that takes mail, see :mod:`bureau.settings.mail`.
"""

from __future__ import annotations

import os

from bureau.service.cluster import database_settings, kept_secret
from bureau.settings.common import *  # noqa: F403
from bureau.settings.common import DATABASES, HOME
from bureau.settings.environment import conninfo, whole_number
from bureau.settings.mail import mail_settings

DATABASES["default"] = database_settings(conninfo("BUREAU_DATABASE", "dbname=bureau"))
SECRET_KEY_FILE = os.environ.get("BUREAU_SECRET_KEY_FILE", HOME / "secret-key")
SECRET_KEY = kept_secret(SECRET_KEY_FILE)
FACTOR_KEY_FILE = os.environ.get("BUREAU_FACTOR_KEY_FILE", HOME / "factor-key")
kept_secret(FACTOR_KEY_FILE)
BACKUPS = os.environ.get("BUREAU_BACKUPS", HOME / "backups")
ALLOWED_HOSTS = [host for host in os.environ.get("BUREAU_HOSTS", "localhost").split(",") if host]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
ALLAUTH_TRUSTED_PROXY_COUNT = whole_number("BUREAU_PROXIES", 1)
BUREAU_ADDRESS = f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS else ""
globals().update(mail_settings())
