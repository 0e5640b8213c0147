"""
Take pictures of the bureau's pages (平台截图): ``python docs/gallery/bureau.py ADDRESS PASSWORD OUTDIR [NAME…]``.

``ADDRESS`` is where ``make serve`` answers, ``PASSWORD`` what it has printed; the demonstration has been published (some
minutes after the first start). All land is made up (模拟数据). Needs Chromium, as the browser tests do.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
WORDS = ["--no-sandbox", "--disable-background-networking", "--use-gl=angle", "--use-angle=swiftshader"]


def settled(page: Page) -> None:
    """Wait until a map has all its tiles and a panel its figures."""
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)  # letters and borders of the map fade in


def at(address: str) -> Callable[[Page], None]:
    """Return what opens a page."""

    def opened(page: Page) -> None:
        page.goto(address)
        settled(page)

    return opened


def swiping(page: Page) -> None:
    """Open the map with two years side by side."""
    at("/map/#region=140928")(page)
    page.get_by_role("button", name="对比").click()
    settled(page)


PICTURES: dict[str, tuple[str, dict[str, int], Callable[[Page], None]]] = {
    "home": ("shi", DESK, at("/")),
    "map": ("shi", DESK, at("/map/#region=140900")),
    "swipe": ("shi", DESK, swiping),
    "targets": ("shi", DESK, at("/targets/regions/140900/")),
    "tasks": ("jilin", DESK, at("/tasks/chart/")),
    "phone": ("xian", PHONE, at("/map/")),
}
"""Name of each picture: who sees it, on what, and how one gets there."""


def main(address: str, password: str, folder: Path, names: list[str]) -> None:
    """Take the pictures asked for, or all."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=WORDS)
        for name in names or list(PICTURES):
            who, viewport, go = PICTURES[name]
            page = browser.new_context(base_url=address, viewport=viewport, locale="zh-CN").new_page()  # type: ignore[arg-type]
            sign_in(page, who, password)
            go(page)
            keep(page.screenshot(), folder / f"{name}.png")
            page.context.close()


def sign_in(page: Page, who: str, password: str) -> None:
    """Sign in as one of the demonstration's people."""
    page.goto("/account/login/")
    page.get_by_label("登录名").fill(who)
    page.get_by_label("口令").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state()


def keep(picture: Any, path: Path) -> None:
    """Keep a picture in few colours, so that it is small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    address, password, folder, *names = sys.argv[1:]
    main(address, password, Path(folder), names)
