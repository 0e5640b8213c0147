"""What all installations share (共用配置)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pghistory
from csp.constants import NONE, SELF

from bureau.settings.geospatial import libraries

globals().update(libraries())

PACKAGE = Path(__file__).parent.parent
HOME = Path(os.environ.get("BUREAU_HOME") or "bureau-home").absolute()
"""Where an installation keeps what is its own: the private cluster, uploads, rasters, the secret key, logs (安装目录)."""

INSTALLED_APPS = [
    "bureau.trail",
    "bureau.regions",
    "bureau.office",
    "bureau.publications",
    "bureau.onemap",
    "bureau.targets",
    "bureau.tasks",
    "bureau.interfaces",
    "bureau.commissions",
    "bureau.delimitation",
    "bureau.pages",
    "bureau.service",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "gisserver",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "bureau.pages.characters.WithoutNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bureau.pages.signing_in.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bureau.office.second_factor.SecondFactorMiddleware",
    "bureau.trail.middleware.TrailMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bureau.urls"
WSGI_APPLICATION = "bureau.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bureau.pages.context.navigation",
            ],
            "builtins": [
                "django.contrib.humanize.templatetags.humanize",
                "bureau.pages.templatetags.pages",
                "bureau.trail.templatetags.trail",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "bureau_cache"}}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20

AUTH_USER_MODEL = "office.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "bureau.office.passwords.LikenessValidator"},
    {"NAME": "bureau.office.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "bureau.office.passwords.CommonValidator"},
    {"NAME": "bureau.office.passwords.DigitsValidator"},
    {"NAME": "bureau.office.passwords.MixedCharactersValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "bureau.office.adapter.OfficeAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
BUREAU_MAIL, BUREAU_ADDRESS = "", ""  # a server may send mail, see bureau.settings.mail
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/30m/key"}  # wrong codes too; axes counts per address
ACCOUNT_FORMS = {
    "login": "bureau.office.sign_in.SignInForm",
    "change_password": "bureau.office.sign_in.ChangePasswordForm",
    "reauthenticate": "bureau.office.sign_in.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "bureau.office.sign_in.FactorForm",
    "reauthenticate": "bureau.office.sign_in.FactorAgainForm",
    "activate_totp": "bureau.office.sign_in.ActivateFactorForm",
}
MFA_ADAPTER = "bureau.office.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "水保"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "bureau.office.adapter.tried_name_of"
AXES_CLIENT_IP_CALLABLE = "bureau.office.adapter.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "office/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "bureau.pages.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],  # MapLibre and ECharts place their own elements by style attributes
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
TILES_BYTES = int(os.environ.get("BUREAU_TILES_MB", "2048")) * 2**20
"""Bytes of the tiles of the map that are kept on disk (chosen: two gigabytes)."""
TIANDITU_KEY = os.environ.get("BUREAU_TIANDITU_KEY", "")
"""Key of Tianditu (天地图), an online base map; without one no page asks anybody else for anything."""
if TIANDITU_KEY:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"].append("https://*.tianditu.gov.cn")
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append("https://*.tianditu.gov.cn")

WEBHOOK_NETWORKS = os.environ.get("BUREAU_WEBHOOK_NETWORKS", "").replace(",", " ").split()
"""Networks of one's own that webhooks may reach, as ``10.20.0.0/16``; none unless the operator writes them down."""

GISSERVER_CAPABILITIES_BOUNDING_BOX = False  # of a hundred thousand zones it takes seconds

PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
PGHISTORY_APPEND_ONLY = True

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # where each room keeps what the worker does
PROCRASTINATE_ON_APP_READY = "bureau.outage.let_jobs_try_again"

SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"short": {"()": "bureau.pages.outage.WithoutTraceback"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
