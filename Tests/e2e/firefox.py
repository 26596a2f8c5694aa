"""Debian's Firefox ESR in a fresh profile and a process of its own, driven by WebDriver BiDi.

BiDi is built into Firefox, so no driver program is needed; `websockets` is the only thing between it and the test.
"""

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from websockets.sync.client import connect

EXECUTABLE = "/usr/bin/firefox-esr"
PATIENCE = 60.0

# A fresh Firefox asks, updates, reports and phones home; none of that belongs in a test.
PREFERENCES = {
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#none",
    "intl.accept_languages": "zh-CN, en",
    # A microphone that asks nobody and hums one tone.
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
}


class ScriptFailed(Exception):
    """The page's script threw."""


class Firefox:
    """A running Firefox with one tab; `close()` ends it and removes its profile."""

    def __init__(self, before: str = "", environment: dict | None = None, preferences: dict | None = None):
        """`before` runs in every page before the page's own scripts; `environment` may name a loudspeaker."""
        self.profile = Path(tempfile.mkdtemp(prefix="liverelay-firefox-"))
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});"
                 for name, value in {**PREFERENCES, **(preferences or {})}.items()]
        (self.profile / "user.js").write_text("\n".join(lines) + "\n")
        self.log_path = self.profile / "firefox.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [EXECUTABLE, "--headless", "--profile", str(self.profile), "--no-remote", "--new-instance",
                 "--remote-debugging-port", "0", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "HOME": str(self.profile), "MOZ_HEADLESS": "1",
                     "MOZ_CRASHREPORTER_DISABLE": "1", **(environment or {})})
        try:
            self.socket = connect(self._address() + "/session", max_size=None, open_timeout=PATIENCE, compression=None,
                                  ping_interval=None)
            self.numbers = itertools.count(1)
            self.command("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            self.tab = self.command("browsingContext.getTree")["contexts"][0]["context"]
            if before:
                self.command("script.addPreloadScript", functionDeclaration=f"() => {{ {before} }}")
        except BaseException:
            self.close()
            raise

    def _address(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", self.log_path.read_text(errors="replace"))
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                break
            time.sleep(0.05)  # the log of another process has no other way to wake us
        raise RuntimeError("Firefox did not start:\n" + self.log_path.read_text(errors="replace")[-2000:])

    def command(self, method: str, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=PATIENCE))
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]

    def goto(self, url: str):
        self.command("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def evaluate(self, expression: str):
        """The value of a JavaScript expression (awaited), by way of JSON."""
        answer = self.command(
            "script.callFunction", target={"context": self.tab}, awaitPromise=True, arguments=[],
            userActivation=False, functionDeclaration=f"async () => JSON.stringify(await ({expression}))")
        if answer["type"] == "exception":
            raise ScriptFailed(answer["exceptionDetails"]["text"])
        result = answer["result"]
        return json.loads(result["value"]) if result["type"] == "string" else None

    def wait_for(self, expression: str, seconds: float = PATIENCE):
        """Until the expression is true; returns its value."""
        deadline = time.monotonic() + seconds
        while True:
            value = self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true in Firefox: {expression}\n{self.evaluate('document.body.innerText')}")
            time.sleep(0.05)  # between two questions

    def click(self, selector: str, seconds: float = PATIENCE):
        """A real click, as far as the page can tell: a pointer that moves there and presses."""
        place = self.wait_for(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            if (!element || element.disabled) return null;
            element.scrollIntoView({{ block: 'center' }});
            const box = element.getBoundingClientRect();
            return box.width > 0 && {{ x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) }};
        }})()""", seconds)
        self.command("input.performActions", context=self.tab, actions=[{
            "type": "pointer", "id": "mouse", "actions": [
                {"type": "pointerMove", **place}, {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0}]}])

    def type(self, selector: str, text: str):
        self.click(selector)
        self.command("input.performActions", context=self.tab, actions=[{
            "type": "key", "id": "keys", "actions": [
                {"type": way, "value": character} for character in text for way in ("keyDown", "keyUp")]}])

    def begin_hearing(self, seconds: float):
        """Records so many seconds while the test does something else; `heard()` gives them."""
        self.wait_for("liverelayEar.isReady")
        self.evaluate(f"(window.liverelayHearing = liverelayEar.hear({seconds}), 1)")

    def heard(self) -> str:
        return self.evaluate("window.liverelayHearing")

    def close(self):
        if hasattr(self, "socket"):
            self.socket.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
