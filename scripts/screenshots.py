"""Take pictures of the chat page for the documentation: ``screenshots.py URL FOLDER [--browser PATH]``.

A service with the model of the package must run at URL without keys: ``pecrs serve --no-auth``.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect, sync_playwright

DESKTOP, PHONE = (1280, 860), (390, 844)
SAID = (
    "I love superhero movies like The Avengers and Black Panther.",
    "I have seen that one. What about something funny?",
)


def converse(page: Page, url: str) -> None:
    """Hold a short conversation, like a film and ask why."""
    page.goto(url)
    for number, text in enumerate(SAID, start=1):
        page.get_by_label("Your message").fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Why these?")).to_have_count(number, timeout=30_000)
    page.locator(".cards").last.get_by_role("button", name="Like: ").first.click()
    expect(page.locator(".cards").last.locator("[aria-pressed=true]")).to_have_count(1)
    page.get_by_role("button", name="Why these?").last.click()
    expect(page.locator(".why").first).to_be_visible(timeout=30_000)
    page.locator(".turn.seeker").last.evaluate("said => said.scrollIntoView()")
    page.locator("#message").focus()


def main() -> None:
    """Write four pictures: desktop and phone, light and dark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--browser", default=shutil.which("chromium"), help="a Chromium; the system's by default")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox"])
        for name, (width, height) in (("desktop", DESKTOP), ("phone", PHONE)):
            for scheme in schemes:
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                converse(page, arguments.url)
                page.screenshot(path=arguments.folder / f"chat-{name}-{scheme}.png")
                page.request.delete(f"{arguments.url}/v1/sessions/{page.url.partition('#')[2]}")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
