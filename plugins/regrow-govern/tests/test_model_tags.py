"""Tags in GTO's format: written, read back, listed by GTO itself."""

import json
import subprocess

import pytest
import yaml

from regrow import RegrowError
from regrow_govern import git_write, governance, model_tags, scaffold, trusted_tags


@pytest.fixture
def root(tmp_path):
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture(autouse=True)
def who(monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "dev@example.org")


def test_moves_are_read_back_in_order_and_listed_by_gto(root):
    model_tags.register(root, "late", "v1.0.0", "HEAD", {"bundle": "a" * 64}, None)
    model_tags.move(root, "late", "prod", "HEAD", "Promote", {"bundle": "a" * 64, "version": "v1.0.0"}, None)
    model_tags.move(root, "late", "prod", "HEAD", "Back\n\n{not JSON", {"bundle": "b" * 64, "version": "v0.0.1"}, None)
    found = model_tags.moves(root)
    assert [(one.tag, one.bundle[:1], one.by) for one in found[:1]] == [("late#prod#1", "a", "Dev")]
    assert model_tags.current(root, "prod")[0].count == 2
    shown = subprocess.run(["gto", "show", "--json"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert "v1.0.0" in json.dumps(json.loads(shown)["late"])
    assert "prod" in json.dumps(json.loads(shown)["late"])


def test_a_lightweight_tag_and_a_name_of_another_kind_move_nothing(root):
    subprocess.run(["git", "tag", "late#prod#7"], cwd=root, check=True)
    subprocess.run(["git", "tag", "-a", "-m", "x", "v1.0"], cwd=root, check=True)
    assert not model_tags.moves(root)


def test_a_version_is_taken_once(root):
    model_tags.register(root, "late", "v1.0.0", "HEAD", {}, None)
    with pytest.raises(RegrowError, match="already exists"):
        model_tags.register(root, "late", "v1.0.0", "HEAD", {}, None)
    with pytest.raises(RegrowError, match="is no version"):
        model_tags.register(root, "late", "one", "HEAD", {}, None)


def test_the_next_version():
    assert model_tags.next_version([]) == "v1.0.0"
    assert model_tags.next_version(["v2.3.1", "v10.0.0"]) == "v11.0.0"


def test_a_signed_tag_is_verified_by_its_key_alone(root, tmp_path):
    for name in ("a", "b"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    model_tags.move(root, "late", "prod", "HEAD", "Promote", {"bundle": "c" * 64}, tmp_path / "a")
    allowed = {name: f"dev@example.org {(tmp_path / f'{name}.pub').read_text()}" for name in ("a", "b")}
    assert git_write.verified(root, "late#prod#1", allowed["a"])
    assert not git_write.verified(root, "late#prod#1", allowed["b"])
    assert model_tags.moves(root)[0].bundle == "c" * 64
    assert model_tags.moves(root)[0].signed


def test_where_signed_tags_are_asked_for_another_tag_does_not_count(root, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in ("dev", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name)], check=True)
    written = scaffold.files()
    person = {"email": "dev@example.org", "keys": [(keys / "dev.pub").read_text()], "roles": ["devops"]}
    written[governance.ROLES] = yaml.safe_dump(yaml.safe_load(written[governance.ROLES]) | {"people": {"dev": person}})
    written[governance.PROMOTION] = written[governance.PROMOTION].replace("signed_tags: false", "signed_tags: true")
    for path, text in written.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    for command in (["add", "governance"], ["commit", "-q", "-m", "rules"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    for key in (None, keys / "stranger", keys / "dev"):
        model_tags.move(root, "late", "prod", "HEAD", "Promote", {"bundle": "a" * 64}, key)
    told = [trusted_tags.distrust(root, one) for one in model_tags.moves(root)]
    assert told == [
        "late#prod#1 is signed by nobody of governance/roles.yaml",
        "late#prod#2 is signed by nobody of governance/roles.yaml",
        "",
    ]
    with pytest.raises(RegrowError, match="asks for signed tags, and no key was named"):
        trusted_tags.require_key(root, None)
