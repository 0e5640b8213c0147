"""A real browser that visits the bureau: on a desk, and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import Any, Self

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from tests.bureau.codes import fresh_code

VIEWPORTS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
NAMES = ("chromium", "chromium-browser", "google-chrome")
WORDS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = Path(__file__).parents[2] / "src/bureau/front/node_modules/axe-core/axe.min.js"
WIDEST = """() => {
    const held = e => e && (getComputedStyle(e).overflowX !== "visible" || held(e.parentElement));
    const right = e => e.getBoundingClientRect().right;
    const loose = [...document.querySelectorAll("main, main *")].filter(e => !held(e.parentElement));
    return loose.sort((a, b) => right(b) - right(a)).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" … ");
}"""
"""What reaches farthest to the right, of what no scroll bar holds."""
PASSWORD = "Good-enough-1"
SIGNING_IN = ("/account/login/", "/account/2fa/authenticate/")
"""Where one is until one is signed in: a form that asks first whether the server is there leaves its page later."""


@contextmanager
def launched() -> Iterator[Any]:
    """Launch the system's browser; where there is none, or no scripts were built, tests are skipped."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no chromium: sh .ci/chromium")
    if not AXE.exists() or not (AXE.parents[3] / "pages/static/dist/pages-page.js").exists():
        pytest.skip("the pages' scripts are not built: sh .ci/front-end")
    sync_api = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in this thread
        browser = playwright.chromium.launch(executable_path=found, args=WORDS)
        yield browser
        browser.close()


class Answering:
    """
    How many requests a server has yet to answer: when a browser has gone, they go on.

    Emptying the database under them would be a deadlock of the one or a fault of the other.
    """

    def __init__(self) -> None:
        self.count = 0
        self.changed = Condition()

    def __enter__(self) -> Self:
        request_started.connect(self._begun, sender=WSGIHandler)
        request_finished.connect(self._ended, sender=WSGIHandler)
        return self

    def __exit__(self, *wrong: object) -> None:
        request_started.disconnect(self._begun, sender=WSGIHandler)
        request_finished.disconnect(self._ended, sender=WSGIHandler)

    def _begun(self, **_: Any) -> None:
        with self.changed:
            self.count += 1

    def _ended(self, **_: Any) -> None:
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def wait(self, seconds: float = 60) -> None:
        """Wait until all is answered."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.count <= 0, seconds), f"{self.count} requests are not answered"


class Gate:
    """What holds some requests of a page back until it is opened; none is left waiting that came as it was being opened."""

    def __init__(self, page: Any, addresses: str) -> None:
        self.held: list[Any] = []
        self.is_open = False
        page.route(addresses, self._pass)

    def _pass(self, asked: Any) -> None:
        if self.is_open:
            asked.continue_()
        else:
            self.held.append(asked)

    def open(self) -> None:
        """Let all pass, from now on."""
        self.is_open = True
        for asked in self.held:
            asked.continue_()


class Visitor:
    """Somebody before a screen: what their browser complains of is kept."""

    def __init__(self, browser: Any, address: str, viewport: str) -> None:
        self.phone = viewport == "phone"
        self.context = browser.new_context(
            base_url=address,
            viewport=VIEWPORTS[viewport],
            has_touch=self.phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on(
            "console", lambda told: told.type == "error" and self.complaints.append(f"{self.page.url}: {told.text}")
        )

    def open(self, address: str) -> Any:
        """Open a page, and wait until its scripts have run."""
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    def sign_in(self, who: Any, secret: str = "") -> Any:
        """Sign in, with the code of a phone if there is a secret."""
        self.open("/account/login/")
        self.page.get_by_label("登录名").fill(who.username)
        self.page.get_by_label("口令").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        if secret:
            self.page.get_by_label("动态码或恢复码").fill(fresh_code(secret, left=10))
            self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda address: not any(step in address for step in SIGNING_IN))
        return self.page

    def barriers(self) -> list[str]:
        """Return what keeps people out of this page (axe-core: serious and critical), and whether it is too wide."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        told = [
            f"{self.page.url} {v['id']} ({v['impact']}): {v['help']}: {v['nodes'][0]['html'][:160]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
            told.append(f"{self.page.url} is wider than its screen: {self.page.evaluate(WIDEST)}")
        return told

    def leave(self) -> None:
        """Close the browser; what the test holds back goes on first."""
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.close()

    def places(self) -> list[str]:
        """Return the addresses of the side bar; on a phone some stand in the bar and the rest behind 更多."""
        links = self.page.locator("nav[aria-label=主导航] > a")
        return [links.nth(at).get_attribute("href") or "" for at in range(links.count())]
