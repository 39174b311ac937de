"""The documentation as a site: it builds, its links lead somewhere, and its pages fit a telephone and a desk."""

import functools
import http.server
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from tools import site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MEASURED = ("", "docs/tour/", "docs/reference/", "docs/reference/components/", "docs/benchmarks/", "docs/plugin-guide/")
MEASURE = """<!doctype html><body><script>
addEventListener("load", async () => {
  const found = {};
  for (const page of PAGES) for (const width of [390, 1200]) {
    const frame = document.createElement("iframe");
    frame.style.cssText = `width:${width}px;height:844px;border:0`;
    const ready = new Promise(done => frame.onload = done);
    frame.src = page;
    document.body.append(frame);
    await ready;
    await new Promise(done => setTimeout(done, 50));
    const inside = frame.contentDocument;
    found[`${page} ${width}`] = [inside.documentElement.scrollWidth, inside.querySelectorAll("h1").length];
    frame.remove();
  }
  await fetch("/measured", {method: "POST", body: JSON.stringify(found)});
});
</script></body>"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "html"
    assert site.build(folder) == ""
    return folder


def test_every_page_of_the_repository_is_in_it(built):
    pages = [path for pattern in site.PAGES for path in site.ROOT.glob(pattern)]
    assert len(pages) > 20
    assert len(list(built.rglob("index.html"))) == len(pages)
    assert "regrow-boosting" in (built / "index.html").read_text("utf-8")
    assert (built / "docs/benchmarks/a.svg").is_file()


def test_it_asks_no_other_host(built):
    asked = re.compile(r"<(?:script|img|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//([^\"'/ >]+)")
    found = {host for page in built.rglob("*.html") for host in asked.findall(page.read_text("utf-8"))}
    assert found <= {"zensical.org"}, "the generator's own line is the one allowed"


@pytest.mark.parametrize("link", ["nowhere.md", "concepts.md#nothing-of-that-name", "../src/nowhere.md"])
def test_a_link_that_leads_nowhere_is_an_error(link, tmp_path):
    copied(tmp_path / "copy")
    page = tmp_path / "copy/docs/tour.md"
    page.write_text(page.read_text("utf-8") + f"\nSee [this]({link}).\n", "utf-8")
    wrong = site.build(tmp_path / "html", tmp_path / "copy")
    assert "docs/tour.md" in wrong
    assert not (tmp_path / "html").exists()


def test_a_page_that_nav_does_not_list_is_an_error(tmp_path):
    copied(tmp_path / "copy")
    (tmp_path / "copy/docs/more.md").write_text("# More\n", "utf-8")
    assert "docs/more.md" in site.build(tmp_path / "html", tmp_path / "copy")


def copied(folder: Path) -> None:
    site.gather(site.ROOT, folder)
    shutil.copyfile(site.ROOT / "mkdocs.yml", folder / "mkdocs.yml")


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is here to lay pages out")
def test_pages_fit_390_and_1200_pixels(built, tmp_path):
    """Nothing but a table or a block of code is wider than the page, and these scroll by themselves."""
    (built / "measure.html").write_text(
        MEASURE.replace("PAGES", json.dumps([f"/{page}" for page in MEASURED])), "utf-8"
    )
    told: queue.Queue[bytes] = queue.Queue()
    handler = functools.partial(Server, told, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/measure.html"
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        browser = subprocess.Popen([*command, "--remote-debugging-port=0", address], start_new_session=True, **silent)
        try:
            measured = json.loads(told.get(timeout=240))
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            server.shutdown()
    assert len(measured) == 2 * len(MEASURED)
    wide = {name: width for name, (width, _) in measured.items() if width > int(name.split()[1])}
    assert wide == {}
    assert [name for name, (_, titles) in measured.items() if titles != 1] == []


class Server(http.server.SimpleHTTPRequestHandler):
    """The site, and a place where the page says what it measured."""

    def __init__(self, told: queue.Queue, *arguments, **more):
        self.told = told
        super().__init__(*arguments, **more)

    def do_POST(self) -> None:
        self.told.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
