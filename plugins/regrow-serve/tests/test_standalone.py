"""`python some.bundle` with the bundle's own packages and nothing of ours; a signal; the image and the wheel."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from regrow import RegrowError
from regrow_serve import image, wheel
from regrow_serve.drill import Server, _free_port

NONE = "sha256:" + "0" * 64
# What is installed in place is hidden, and pyarrow is not there: an environment of requirements.lock alone.
HIDE = """\
import sys
sys.path[:] = [one for one in sys.path if not one.rstrip("/").endswith("/src")]
class NoArrow:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pyarrow", "dvc", "hydra", "pluggy"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoArrow())
"""


@pytest.fixture
def alone(tmp_path, made):
    """A server of the bundle's own code."""
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide/sitecustomize.py").write_text(HIDE)
    port = _free_port()
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "hide")}
    command = [sys.executable, str(made["file"]), "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, cwd=tmp_path)
    server = object.__new__(Server)
    server.port, server.process = port, process
    assert server.ready(), process.stderr.read().decode()
    yield server
    process.kill()
    process.wait()
    process.stderr.close()


def test_it_answers_without_us_and_ends_in_order(alone, row, loaded):
    body = json.dumps({"rows": [row]}).encode()
    status, said = alone.ask("POST", "/v1/predict", body)
    assert (status, said["bundle"], said["answers"][0]["source"]) == (200, loaded.digest, "model")
    answers = []

    def ask():
        answers.append(alone.ask("POST", "/v1/predict", body)[0])

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for one in threads:
        one.start()
    alone.process.send_signal(signal.SIGTERM)
    for one in threads:
        one.join()
    assert answers == [200] * 20
    assert alone.process.wait(timeout=60) in (0, -signal.SIGTERM)
    with pytest.raises((OSError, http.client.HTTPException)):
        alone.ask("GET", "/healthz")


def test_a_refused_bundle_ends_the_server_by_name(made, tmp_path):
    data = bytearray(made["bundle"])
    data[len(data) // 2] ^= 1
    (tmp_path / "odd.bundle").write_bytes(data)
    command = [sys.executable, "-m", "regrow_serve.server", str(tmp_path / "odd.bundle")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 5
    assert "odd.bundle" in done.stderr
    assert "Traceback" not in done.stderr


def packages(folder: Path) -> Path:
    (folder / "tests").mkdir(parents=True)
    (folder / "one.py").write_text("x = 1\n")
    (folder / "tests/two.py").write_text("x = 2\n")
    return folder


def blobs(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in (folder / "blobs/sha256").iterdir()}


def test_an_image_is_the_same_twice_and_a_model_changes_one_layer(made, tmp_path):
    folder = packages(tmp_path / "packages")
    first = image.write(made["file"], tmp_path / "one", packages=folder)
    assert image.write(made["file"], tmp_path / "two", packages=folder) == first
    assert blobs(tmp_path / "one") == blobs(tmp_path / "two")
    manifest = json.loads((tmp_path / "one/blobs/sha256" / first.removeprefix("sha256:")).read_bytes())
    assert manifest["layers"][-1]["size"] < 1_000_000
    from regrow_serve import archive

    members, about = archive.unpack(made["bundle"])
    about = {name: value for name, value in about.items() if name not in ("members", "format")}
    (tmp_path / "other.bundle").write_bytes(archive.pack({**members, "card.md": b"other"}, about))
    third = image.write(tmp_path / "other.bundle", tmp_path / "three", packages=folder, base=tmp_path / "one")
    assert third != first
    layers = json.loads((tmp_path / "three/blobs/sha256" / third.removeprefix("sha256:")).read_bytes())["layers"]
    assert layers[:3] == manifest["layers"]
    assert layers[3:5] == manifest["layers"][:2]  # packages and code are the same ones; the bundle is another
    assert layers[5] != manifest["layers"][2]
    with pytest.raises(RegrowError, match="holds no image sha256:000"):
        image.write(
            made["file"], tmp_path / "four", packages=folder, base=tmp_path / "one", digest="sha256:" + "0" * 64
        )


def test_the_layer_of_packages_is_kept_by_the_lock(made, tmp_path, monkeypatch):
    calls = []
    files = [("opt/packages/one.py", b"x = 1")]
    monkeypatch.setattr(image, "_installed", lambda required: calls.append(required) or files)
    first = image.write(made["file"], tmp_path / "one", cache=tmp_path / "cache")
    assert image.write(made["file"], tmp_path / "two", cache=tmp_path / "cache") == first
    assert len(calls) == 1
    (kept,) = (tmp_path / "cache").glob("*/layer")
    kept.write_bytes(b"edited")
    assert image.write(made["file"], tmp_path / "three", cache=tmp_path / "cache") == first
    assert len(calls) == 2


def test_a_base_that_is_not_what_it_says_is_refused(made, tmp_path):
    folder = packages(tmp_path / "packages")
    image.write(made["file"], tmp_path / "base", packages=folder)
    largest = max((tmp_path / "base/blobs/sha256").iterdir(), key=lambda file: file.stat().st_size)
    largest.write_bytes(largest.read_bytes() + b"x")
    with pytest.raises(RegrowError, match="not what its name says"):
        image.write(made["file"], tmp_path / "out", packages=folder, base=tmp_path / "base")


def test_a_wheel_is_the_same_twice_and_holds_the_bundle(made, tmp_path):
    first = wheel.write(made["file"], "late-flights", "1.0", tmp_path / "one")
    assert first.read_bytes() == wheel.write(made["file"], "late-flights", "1.0", tmp_path / "two").read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.read("late_flights/model.bundle") == made["bundle"]
    for name, version in (("../x", "1.0"), ("x", "one")):
        with pytest.raises(RegrowError):
            wheel.write(made["file"], name, version, tmp_path)
