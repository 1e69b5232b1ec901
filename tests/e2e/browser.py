"""A headless Chromium, spoken to over its debugging pipe, which needs nothing but the standard library."""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time
import unittest

PATIENCE_SECONDS = 120
PROBE = pathlib.Path(__file__).with_name("browser_probe.js")
# Chromium reads commands from descriptor 3 and writes answers to descriptor 4.
LAUNCHER = """\
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
FLAGS = [
    "--headless", "--remote-debugging-pipe", "--no-startup-window", "--no-sandbox", "--disable-gpu",
    "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--mute-audio",
]


class Browser:
    """One page in a profile of its own, without JavaScript, that may load from one origin only."""

    def __init__(self, directory):
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if program is None:
            raise unittest.SkipTest("no chromium is installed")
        theirs_in, self.commands = os.pipe()
        self.answers, theirs_out = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(theirs_in), str(theirs_out), program, *FLAGS,
             f"--user-data-dir={directory / 'profile'}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(directory)},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.unread = b""
        self.last_id = 0
        self.session = None
        self.answered = {}
        self.origin = None
        self.documents = {}
        self.loads = 0
        self.strangers = []
        self.scheme = "light"
        self.width = 0
        try:
            self._open_page()
        except BaseException:
            self.close()
            raise

    def _open_page(self):
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tell("Page.enable")
        self.tell("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self.tell("Emulation.setScriptExecutionDisabled", value=True)

    def close(self):
        try:
            self.session = None
            self._send("Browser.close", {})
            self.process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(timeout=PATIENCE_SECONDS)
        os.close(self.commands)
        os.close(self.answers)

    def _send(self, method, parameters):
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        return self.last_id

    def tell(self, method, **parameters):
        number = self._send(method, parameters)
        self._read_until(lambda: number in self.answered, method)
        answer = self.answered.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _read_until(self, is_there, what):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_there():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise TimeoutError(f"the browser does not answer: {what}")
            data = os.read(self.answers, 1 << 16)
            if not data:
                raise RuntimeError(f"the browser ended: {what}")
            *messages, self.unread = (self.unread + data).split(b"\0")
            for message in messages:
                self._hear(json.loads(message))

    def _hear(self, message):
        method = message.get("method")
        if "id" in message:
            self.answered[message["id"]] = message
        elif method == "Fetch.requestPaused":
            self._serve(message["params"])
        elif method == "Page.loadEventFired":
            self.loads += 1

    def _serve(self, asked):
        """Lets the request through to the one origin, answers it from memory, or refuses and notes it."""
        number, url = asked["requestId"], asked["request"]["url"]
        if url in self.documents:
            fields = [{"name": "Content-Type", "value": "text/html; charset=utf-8"}]
            body = base64.b64encode(self.documents[url].encode()).decode()
            self._send(
                "Fetch.fulfillRequest",
                {"requestId": number, "responseCode": 200, "responseHeaders": fields, "body": body},
            )
        elif self.origin and url.startswith(self.origin + "/"):
            self._send("Fetch.continueRequest", {"requestId": number})
        else:
            self.strangers.append(url)
            self._send("Fetch.failRequest", {"requestId": number, "errorReason": "BlockedByClient"})

    def look_like(self, width, height, scheme):
        self.width, self.scheme = width, scheme
        is_phone = width < 600
        self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone
        )
        self.tell("Emulation.setTouchEmulationEnabled", enabled=is_phone)
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def _loading(self, action, what):
        before = self.loads
        self.strangers = []
        action()
        self._read_until(lambda: self.loads > before, what)

    def open(self, url):
        self._loading(lambda: self.tell("Page.navigate", url=url), url)

    def open_text(self, html):
        """Shows a document as a program for mail shows it, which gives it no origin to load anything from."""
        url = "http://mail.invalid/"
        # The browser asks for an icon of its own accord.
        self.documents = {url: html, url + "favicon.ico": ""}
        self.open(url)

    def evaluate(self, expression):
        """What the debugger, not the page, computes; scripts of pages stay off."""
        done = self.tell("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"]["exception"]["description"])
        return done["result"].get("value")

    def click(self, selector, place=0):
        """Scrolls to what the selector finds, and presses the mouse on the middle of it."""
        found = f"document.querySelectorAll({json.dumps(selector)})[{place}]"
        self.evaluate(f"{found}.scrollIntoView({{ block: 'center', behavior: 'instant' }})")
        box = self.evaluate(f"{found}.getBoundingClientRect().toJSON()")
        where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.tell("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)

    def write(self, selector, text):
        self.click(selector)
        self.tell("Input.insertText", text=text)

    def submit(self, selector):
        """Presses a button and waits for the page that answers."""
        self._loading(lambda: self.click(selector), selector)

    def complaints(self, **options):
        """What the probe finds wrong with the page as it is shown, and what it wanted from elsewhere."""
        options = {"width": self.width, "scheme": self.scheme, **options}
        found = self.evaluate(f"({PROBE.read_text(encoding='utf-8')})({json.dumps(options)})")
        return found + [f"loads {url}" for url in self.strangers]

    def screenshot(self, file):
        taken = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(taken["data"]))
