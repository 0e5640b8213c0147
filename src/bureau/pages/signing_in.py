"""Where one goes after signing in again (重新登录): to the page on which a form was, not to where it was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect

from bureau.pages.errors import page_left


class SignInMiddleware(LoginRequiredMiddleware):
    """Ask to sign in, and lead back afterwards (登录中间件); many forms are sent to addresses that show nothing."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Redirect to the sign-in; a form that was sent leads back to its page."""
        page = page_left(request) if request.method == "POST" else ""
        if not page:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
