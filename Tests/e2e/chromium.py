"""Debian's Chromium through Playwright: a lecturer with a WAV for a microphone, listeners without one."""

from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

EXECUTABLE = "/usr/bin/chromium"
PATIENCE = 30_000  # ms; loaded machines take their time, and no test waits longer than it must


@contextmanager
def playwright():
    with sync_playwright() as running:
        yield running


def launch(running, microphone: Path | None = None) -> Browser:
    """A browser; with `microphone` its microphone plays that WAV round and round."""
    arguments = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=user-gesture-required"]
    if microphone is not None:
        arguments += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                      f"--use-file-for-fake-audio-capture={microphone.resolve()}"]
    return running.chromium.launch(executable_path=EXECUTABLE, headless=True, args=arguments)


def context(browser: Browser, **options) -> BrowserContext:
    """A person of their own: nothing shared with other contexts; the self-signed certificate accepted once."""
    settings = {"ignore_https_errors": True, "locale": "zh-CN", "timezone_id": "Asia/Shanghai",
                "viewport": {"width": 1440, "height": 900}, **options}
    opened = browser.new_context(**settings)
    opened.set_default_timeout(PATIENCE)
    return opened


class Watched:
    """A page, with everything it complained about."""

    def __init__(self, page: Page):
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", lambda line: line.type in ("error", "warning") and self.complaints.append(
            f"{line.type}: {line.text} ({line.location.get('url', '')}:{line.location.get('lineNumber', '')})"))


def open_page(browser: Browser, url: str, **options) -> Watched:
    watched = Watched(context(browser, **options).new_page())
    watched.page.goto(url)
    return watched
