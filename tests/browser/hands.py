"""Do what a person does with the pages: look, wait, write, press."""

from __future__ import annotations

import time

from playwright.sync_api import Locator, Page


def see(page: Page, locator: Locator, *, within_s: float = 100.0) -> Locator:
    """The locator once it is on the page, which is loaded again until then."""
    deadline = time.monotonic() + within_s
    while locator.count() == 0:
        assert time.monotonic() < deadline, f"{locator} is not on {page.url}"
        page.wait_for_timeout(200)
        page.reload()
    return locator


def act(page: Page, login: str, button: str, text: str = "") -> None:
    """Fill the form at the end of a pull request or issue and press one of its buttons."""
    form = page.locator("form:has(textarea[name=body])")
    form.get_by_label("comment").fill(text)
    form.get_by_label("act as").select_option(login)
    with page.expect_navigation():
        form.get_by_role("button", name=button, exact=True).click()


def comment(page: Page, text: str) -> Locator:
    """The newest comment that says this."""
    return page.locator(".box[id^=issuecomment]", has_text=text).last


def overflow_px(page: Page) -> int:
    """By how much the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
