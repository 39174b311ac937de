"""A real Chromium without a window, told what to do over a pipe: no driver, no port."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def program() -> str | None:
    """Where one is; the variable CHROMIUM says it, else PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One page. Use it in a `with`."""

    def __init__(self, folder: Path, width: int = 1200, height: int = 900) -> None:
        (to, self._out), (self._in, answers) = os.pipe(), os.pipe()
        command = [
            *(program() or "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *(
                "--disable-dev-shm-usage",
                "--disable-extensions",
                f"--user-data-dir={folder}",
                "--remote-debugging-pipe",
            ),
            "about:blank",
        ]
        redirect = f'exec 3<&{to} 4>&{answers}; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", redirect, "bash", *command], pass_fds=(to, answers), stderr=subprocess.DEVNULL
        )
        os.close(to)
        os.close(answers)
        self._number, self._left, self.said = 0, b"", []
        target = next(one for one in self._call("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = ""
        self._session = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self.size(width, height)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._out)
        os.close(self._in)

    def size(self, width: int, height: int) -> None:
        """Of the window, in CSS pixels."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def open(self, address: str) -> None:
        """Go there, and wait until it is loaded."""
        self._call("Page.navigate", url=address)
        self._wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """The value of an expression, a promise's where it is one."""
        told = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def fill(self, name: str, value: str) -> None:
        """Write into a field as a person does: click, take all, type."""
        self.run(f"document.querySelector('input[name={json.dumps(name)}]').select()")
        if value:
            self._call("Input.insertText", text=value)
        else:
            self.press("Backspace", 8)

    def press(self, key: str, code: int, text: str = "") -> None:
        """A key, down and up."""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def picture(self, file: Path) -> Path:
        """The whole page as it looks."""
        told = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(told["data"]))
        return file

    def complaints(self) -> list[str]:
        """What it wrote to its console, and requests that failed or went elsewhere."""
        return [json.dumps(one) for one in self.said if one["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]

    def requests(self) -> list[str]:
        """The addresses that it asked for."""
        return [one["params"]["request"]["url"] for one in self.said if one["method"] == "Network.requestWillBeSent"]

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if getattr(self, "_session", ""):
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]

    def _wait(self, method: str) -> None:
        while self._next().get("method") != method:
            pass

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            piece = os.read(self._in, 1 << 16)
            assert piece, "the browser has ended"
            self._left += piece
        one, _, self._left = self._left.partition(b"\0")
        told: dict[str, Any] = json.loads(one)
        if "method" in told:
            self.said.append(told)
        return told
