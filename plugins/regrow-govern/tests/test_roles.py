"""governance/roles.yaml: who may sign."""

import pytest
import yaml

from regrow import RegrowError
from regrow_govern import governance, scaffold
from regrow_govern.roles import Roles

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"


def roles(**people) -> Roles:
    content = yaml.safe_load(scaffold.files()[governance.ROLES]) | {"people": people}
    return governance.parse(yaml.safe_dump(content), governance.ROLES, Roles)


def person(email="ann@example.org", **more):
    return {"email": email, "keys": [f"{KEY} ann@laptop"], "roles": ["data-scientist"], **more}


def test_a_key_is_known_without_its_comment():
    assert roles(ann=person()).with_key(f"{KEY} other")[0] == "ann"


def test_an_author_is_known_by_all_of_her_e_mails():
    assert roles(ann=person(also=["a.a@example.org"])).with_email("A.A@example.org")[0] == "ann"


def test_two_people_can_not_have_one_key():
    with pytest.raises(RegrowError, match="two have the key"):
        roles(ann=person(), ben=person("ben@example.org"))


def test_an_e_mail_that_would_be_a_pattern_of_signers_is_refused():
    with pytest.raises(RegrowError, match="is no e-mail"):
        roles(ann=person("*@example.org"))


def test_a_private_key_is_refused():
    with pytest.raises(RegrowError, match="is no public SSH key"):
        roles(ann=person(keys=["-----BEGIN OPENSSH PRIVATE KEY-----"]))


def test_each_tier_needs_somebody():
    content = yaml.safe_load(scaffold.files()[governance.ROLES])
    content["sign"][2] = []
    with pytest.raises(RegrowError, match="tier 2 needs at least one role"):
        governance.parse(yaml.safe_dump(content), governance.ROLES, Roles)


def test_licences_are_denied_or_unknown_unless_accepted():
    from regrow_govern.promotion_settings import Licences

    found = {"a": "MIT", "b": "unknown", "c": "AGPL-3.0-only", "d": "unknown"}
    assert sorted(Licences(accepted={"d": "ours"}).wrong(found)) == ["b", "c"]
