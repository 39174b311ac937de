"""`regrow serve --promoted` and `regrow registry check URL`: what runs is what the tag names, and a rollback loses
nothing."""

import hashlib
import http.client
import http.server
import json
import re
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import governed
import pytest

from regrow_govern import model_tags
from regrow_serve import archive


def sha(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(port: int, method: str, path: str, body: bytes = b"", connection=None):
    link = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request(method, path, body or None)
    response = link.getresponse()
    return response.status, json.loads(response.read())


@contextmanager
def serving(project, *options: str):
    port = free_port()
    command = ["regrow", "serve", *options, "--port", str(port)]
    process = subprocess.Popen(command, cwd=project.root, env=project.environment, stderr=subprocess.PIPE)
    try:
        for _ in range(1200):
            assert process.poll() is None, process.stderr.read().decode()
            with suppress(OSError, http.client.HTTPException):
                if ask(port, "GET", "/readyz")[0] == 200:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def twice(promoted, tmp_path_factory):
    """Two bundles that were in prod, the second of them now; and their digests."""
    project = promoted.copy(tmp_path_factory.mktemp("twice") / "flights")
    first = sha(project.root / "models/bundle.bundle")
    config = project.yaml("conf/config.yaml")
    config["model"] = {"use": "linear", "C": 0.05}
    project.put("conf/config.yaml", config)
    project.run("regrow", "compile")
    project.run("dvc", "repro", "--quiet")
    commit = project.commit("another model")
    second = sha(project.root / "models/bundle.bundle")
    evidence = {"bundle": second, "version": "v2.0.0", "by": "dev"}
    model_tags.register(project.root, "served", "v2.0.0", commit, evidence, None)
    model_tags.move(project.root, "served", "prod", commit, "Promote v2", evidence, None)
    return project, first, second


def test_a_rollback_is_noticed_within_a_second_and_no_request_is_lost(twice):
    project, first, second = twice
    assert first != second
    row = {"rows": [archive_example(project)]}
    seen: list[tuple[float, int, str, str]] = []
    lost: list[str] = []
    over = threading.Event()

    def client() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            try:
                status, said = ask(port, "POST", "/v1/predict", json.dumps(row).encode(), link)
                seen.append((time.time(), status, said["bundle"], said["answers"][0]["source"]))
            except (OSError, http.client.HTTPException, KeyError) as error:
                lost.append(repr(error))
                link.close()

    with serving(project, "--promoted", "prod", "--log", str(project.root / "log")) as port:
        # the files are there by hash, not by what lies in the project
        assert ask(port, "GET", "/bundle.json")[1]["digest"] == second
        assert project.run("regrow", "registry", "check", f"http://127.0.0.1:{port}").count("bit for bit") == 1
        time.sleep(2)
        clients = [threading.Thread(target=client) for _ in range(4)]
        for one in clients:
            one.start()
        time.sleep(1)
        said = project.run("regrow", "rollback", "--in", "prod", "--reason", "too many false alarms")
        assert "v1.0.0 stands at prod again" in said
        tag = project.root / ".git/refs/tags/served#prod#3"
        written = tag.stat().st_mtime
        time.sleep(3)
        over.set()
        for one in clients:
            one.join()
        assert ask(port, "GET", "/bundle.json")[1]["digest"] == first
    assert lost == []
    assert {(status, source) for _, status, _, source in seen} == {(200, "model")}
    assert {bundle for _, _, bundle, _ in seen} == {first, second}
    last = max(when for when, _, bundle, _ in seen if bundle == second)
    print(f"{len(seen)} requests, none lost; the last by the old bundle {last - written:.3f} s after the tag")
    assert last - written < 1.0
    logged = [part.read_text().splitlines() for part in (project.root / "log/open").glob("*/part-*.jsonl")]
    rows = {json.loads(part[0])["bundle"]: len(part) - 1 for part in logged}
    for digest in (first, second):
        assert rows[digest] >= sum(bundle == digest for _, _, bundle, _ in seen)
        assert sha(project.root / f"log/bundles/{digest}.bundle") == digest
    history = json.loads(project.run("regrow", "registry", "--history", "--json"))
    assert [one["action"] for one in history] == ["promote", "promote", "rollback"]
    told = json.loads(project.run("regrow", "audit", "HEAD", "--json"))
    assert "rolled back" in [one["what"] for one in told]
    assert "nothing else in prod to go back to" in project.run("regrow", "rollback", "--in", "prod", code=3)


def archive_example(project) -> dict:
    members, _ = archive.unpack((project.root / "models/bundle.bundle").read_bytes())
    return json.loads(members["examples.jsonl"].splitlines()[0])["row"]


def test_a_rebuilt_bundle_and_a_server_that_lies_are_not_what_was_promoted(promoted, tmp_path):
    bundle = promoted.root / "models/bundle.bundle"
    members, about = archive.unpack(bundle.read_bytes())
    off = {**members, "card.md": members.get("card.md", b"") + b"."}
    about_off = {key: value for key, value in about.items() if key not in ("members", "format")}
    other = tmp_path / "late.bundle"
    other.write_bytes(archive.pack(off, about_off))
    with serving(promoted, "--bundle", str(other)) as port:
        said = promoted.run("regrow", "registry", "check", f"http://127.0.0.1:{port}", code=2)
    assert "unknown: no tag names the digest" in said
    answers = [{"prediction": 1, "source": "model", "probabilities": {"0": 0.5, "1": 0.5}}] * 32
    with lying({"digest": sha(bundle), **about}, {"bundle": sha(bundle), "answers": answers}) as port:
        said = promoted.run("regrow", "registry", "check", f"http://127.0.0.1:{port}", code=2)
    assert re.search(r"differs: \d+ of 32 answers are not the bundle's", said)


@contextmanager
def lying(about: dict, said: dict):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, what):
            data = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            self.answer(about)

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.answer(said)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_an_image_is_known_by_its_bundle_and_refused_for_other_code(promoted, tmp_path):
    empty = tmp_path / "packages"
    empty.mkdir()
    promoted.run("regrow", "image", "--packages", str(empty), "-o", str(tmp_path / "image"))
    assert "promoted: prod since" in promoted.run("regrow", "registry", "check", str(tmp_path / "image"))
    blob = max((tmp_path / "image/blobs/sha256").iterdir(), key=lambda file: file.stat().st_size)
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(bytes(data))
    assert "is not what its name says" in promoted.run("regrow", "registry", "check", str(tmp_path / "image"), code=2)


def test_a_stage_that_nothing_was_promoted_to_is_not_served(promoted):
    assert "no model is promoted to staging" in promoted.run("regrow", "serve", "--promoted", "staging", code=3)


def test_the_commands_of_the_page_are_those_that_these_tests_run():
    page = governed.flights.LOCK.parent / "docs/govern.md"
    block = page.read_text(encoding="utf-8").split("test_follow.py runs these lines")[1].split("```")[1]
    lines = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    assert [" ".join(line.split()[:3]) for line in lines] == [
        "regrow serve --promoted",
        "regrow registry check",
        "regrow registry check",
        "regrow rollback --in",
    ]
