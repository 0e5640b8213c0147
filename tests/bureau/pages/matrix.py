"""Who may open the home page, and allauth's pages of signing in."""

from __future__ import annotations

from tests.bureau.matrix import Line

SIGNED_IN = "LoginRequiredMiddleware, and allauth asks for the password once more (302)"
SIGNING_IN = "allauth: part of signing in; sends away whoever is signed in"

LINES = (
    Line("home", post=200),
    Line("alive", public=True, post=200),
    Line("account_login", public=True, post=200, marked=False, kept_by=SIGNING_IN),
    Line("account_inactive", public=True, marked=False, kept_by=SIGNING_IN),
    Line("account_logout", get=200, post=302, marked=False, kept_by="LoginRequiredMiddleware"),
    Line("account_reauthenticate", get=(200, 302), post=(200, 302), marked=False, kept_by="LoginRequiredMiddleware"),
    Line("account_change_password", get=(200, 302), post=(200, 302), marked=False, kept_by=SIGNED_IN),
    Line("mfa_index", get=200, marked=False, kept_by="LoginRequiredMiddleware"),
    Line("mfa_authenticate", public=True, get=302, post=302, marked=False, kept_by=SIGNING_IN),
    Line("mfa_reauthenticate", get=(200, 302), post=(200, 302), marked=False, kept_by="LoginRequiredMiddleware"),
    Line("mfa_activate_totp", get=(200, 302), post=(200, 302), marked=False, kept_by=SIGNED_IN),
    Line("mfa_deactivate_totp", get=(200, 302), post=(200, 302), marked=False, kept_by=SIGNED_IN),
    Line("mfa_view_recovery_codes", get=(200, 302, 404), post=None, marked=False, kept_by=SIGNED_IN),
    Line("mfa_generate_recovery_codes", get=(200, 302), post=(200, 302), marked=False, kept_by=SIGNED_IN),
    Line("mfa_download_recovery_codes", get=(200, 302, 404), post=None, marked=False, kept_by=SIGNED_IN),
)
