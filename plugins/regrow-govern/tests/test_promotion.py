"""Signing and promotion in a real project, and each refusal by its name."""

import json
import shutil
import subprocess

import governed


def promote(project, code=1, *options: str) -> str:
    return project.run("regrow", "promote", "HEAD", "--to", "prod", *options, code=code)


def edited(project, path, change) -> None:
    content = json.loads((project.root / path).read_text())
    change(content)
    (project.root / path).write_text(json.dumps(content))


def test_a_promotion_with_everything_in_order_is_a_tag_that_gto_lists(promoted):
    tags = promoted.run("git", "tag").split()
    assert tags == ["served#prod#1", "served@v1.0.0"]
    assert "prod" in promoted.run("gto", "show", "--json")
    told = json.loads(promoted.run("regrow", "registry", "--json"))
    assert [(one["stage"], one["version"], one["signed"]) for one in told] == [("prod", "v1.0.0", True)]
    assert {one["role"] for one in told[0]["evidence"]["approvals"]} == {"data-scientist", "risk-manager"}


def test_nobody_has_signed(made):
    said = promote(made)
    assert "approval, data-scientist: has not approved it, and tier 2 needs that" in said
    assert "approval, risk-manager: has not approved it" in said


def test_each_refusal_has_a_name(project):
    """One copy, one refusal after the other, as each command takes a second or more."""
    project.everybody_signs()
    # the author: somebody with the role, whose e-mail the commit has
    roles = project.yaml("governance/roles.yaml")
    roles["people"]["ann"]["also"] = ["t@e"]
    project.put("governance/roles.yaml", roles)
    head = project.run("git", "rev-parse", "HEAD").strip()
    later = project.commit("Ann is t@e", author="other@e")
    project.run("git", "notes", "--ref=refs/notes/regrow-approvals", "copy", head, later)
    assert "ann's does not count: the approver is the author of the commit (t@e)" in promote(project)
    assert "the approver is the author of the commit (t@e)" in project.sign("ann", "data-scientist", code=5)
    # a key that is not in roles.yaml, when signing and when the file loses it afterwards
    assert "the approver's key is unknown" in project.sign("stranger", "data-scientist", code=5)
    roles["people"]["ann"] |= {"also": [], "keys": [project.public("new")]}
    project.put("governance/roles.yaml", roles)
    last = project.commit("Ann has another key", author="other@e")
    project.run("git", "notes", "--ref=refs/notes/regrow-approvals", "copy", later, last)
    assert "ann's does not count: the approver's key is unknown" in promote(project)
    # a table of drills that is too old
    edited(project, "governance/drill.json", lambda table: table.update(date="2026-01-01"))
    project.commit("An old drill", author="other@e")
    assert "drill: is stale: the drill of 2026-01-01 is older than 90 days" in promote(project)
    edited(project, "governance/drill.json", lambda table: table.update(bundle="0" * 64))
    # a replay that was not identical
    edited(project, "governance/replay/replay.json", lambda told: told.update(exit_code=2))
    project.commit("A replay that differed", author="other@e")
    assert "replay: does not pass" in promote(project)
    # a licence that nobody accepted
    rules = project.yaml("governance/promotion.yaml")
    rules["licences"]["deny"] = ["*bsd*", "*mit*", "*apache*", "*psf*"]
    project.put("governance/promotion.yaml", rules)
    # a number that was changed after it was judged
    edited(project, "metrics.json", lambda metrics: metrics.update(roc_auc=0.99))
    project.commit("A better number", author="other@e")
    assert "metrics.json: is not what the stage evaluate made" in promote(project)


def test_one_byte_of_a_statement_voids_it(project):
    project.everybody_signs()
    ref = "refs/notes/regrow-approvals"
    note = project.run("git", "notes", f"--ref={ref}", "show", "HEAD")
    assert "read the report" in note
    project.run(
        "git", "notes", f"--ref={ref}", "add", "-f", "-m", note.replace("read the report", "read the repord"), "HEAD"
    )
    assert "ann's does not count: the statement was changed after signing" in promote(project)


def test_a_rejection_stops_it_until_the_same_person_approves(project):
    project.everybody_signs()
    project.sign("rob", "risk-manager", "reject")
    assert "risk-manager (rob): was rejected: read the report" in promote(project)
    project.sign("rob", "risk-manager")
    project.run("regrow", "promote", "HEAD", "--to", "prod", "--dry-run")


def test_another_bundle_or_decision_is_not_what_was_signed(project):
    project.everybody_signs()
    signed = project.run("git", "rev-parse", "HEAD").strip()
    config = project.yaml("conf/config.yaml")
    config["gates"]["rules"]["good_enough"]["at_least"] = 0.99
    project.put("conf/config.yaml", config)
    project.run("regrow", "compile")
    # a decision that is older than the settings is stale, and a gate that fails is told by its name
    project.run("dvc", "repro", "--quiet")
    project.commit("A gate that fails")
    project.run("git", "notes", "--ref=refs/notes/regrow-approvals", "copy", signed, "HEAD")
    said = promote(project)
    assert "gate good_enough: gate failed: failed" in said
    assert "changed after signing: models/bundle.bundle, decision.json" in said
    assert "risk bad_prediction: its mitigation gate good_enough does not pass: failed" in said


def test_a_mitigation_whose_gate_was_removed_makes_doctor_and_make_check_fail(project):
    assert project.run("regrow", "doctor", "--plugins").startswith("ok")
    config = project.yaml("conf/config.yaml")
    config["gates"]["rules"] = {"another": config["gates"]["rules"]["good_enough"]}
    project.put("conf/config.yaml", config)
    project.run("regrow", "compile")
    said = project.run("regrow", "doctor", "--plugins", code=1)
    assert "risk bad_prediction: its mitigation gate good_enough names nothing real" in said
    makefile = governed.flights.LOCK.parent / "template/project/{{cookiecutter.__folder}}/Makefile"
    assert "doctor --plugins" in makefile.read_text(encoding="utf-8")
    assert "- run: make check" in (makefile.parent / ".github/workflows/ci.yml").read_text(encoding="utf-8")


def test_an_expired_waiver_is_told(project):
    config = project.yaml("conf/config.yaml")
    waiver = {"reason": "new region", "name": "Ann", "until": "2026-01-31"}
    config["gates"]["rules"]["good_enough"] |= {"at_least": 0.99, "waiver": waiver}
    project.put("conf/config.yaml", config)
    project.run("regrow", "compile")
    project.run("dvc", "repro", "--quiet")
    project.commit("A waiver that has ended")
    assert "the waiver of good_enough ended on 2026-01-31" in promote(project)


def test_an_audit_tells_it_in_order(promoted):
    told = json.loads(promoted.run("regrow", "audit", "HEAD", "--json"))
    order = ["trained", "decided", "drilled", "replayed", "signed", "signed", "promoted"]
    assert [one["what"] for one in told] == order
    prov = json.loads(promoted.run("regrow", "audit", "HEAD", "--prov"))
    assert len(prov["activity"]) == len(told)
    assert "trained" in promoted.run("regrow", "audit")


def test_the_registry_knows_what_was_promoted_and_nothing_else(promoted, tmp_path):
    bundle = promoted.root / "models/bundle.bundle"
    assert "promoted: prod since" in promoted.run("regrow", "registry", "check", str(bundle))
    renamed = tmp_path / "other.bundle"
    shutil.copyfile(bundle, renamed)
    promoted.run("regrow", "registry", "check", str(renamed))
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    renamed.write_bytes(bytes(data))
    assert "unknown: no tag names" in promoted.run("regrow", "registry", "check", str(renamed), code=2)


def test_a_fresh_clone_reads_registry_and_approvals_from_git_alone(promoted, tmp_path):
    clone = governed.Governed(tmp_path / "clone")
    clone.keys = promoted.keys
    subprocess.run(["git", "clone", "-q", str(promoted.root), str(clone.root)], check=True)
    clone.run("git", "fetch", "-q", "origin", "refs/notes/*:refs/notes/*")
    assert "v1.0.0" in clone.run("regrow", "registry")
    assert "approved, as tier 2 asks" in clone.run("regrow", "approvals")
