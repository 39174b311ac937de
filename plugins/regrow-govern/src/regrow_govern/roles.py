"""governance/roles.yaml: who has which role and which SSH key, and who has to sign at which tier."""

import re
from typing import Literal, get_args

from pydantic import Field, field_validator, model_validator

from regrow import RegrowError, Strict
from regrow_govern.governance import Day

Role = Literal[
    "subject-matter-expert", "data-scientist", "data-engineer", "software-engineer", "devops", "risk-manager",
    "architect",
]  # fmt: skip
ROLE_NAMES: tuple[str, ...] = get_args(Role)
NAMESPACE = "regrow-approval"  # of signatures: one made for anything else is none of ours
KEY = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*")
EMAIL = re.compile(r"[^\s@,*?!]+@[^\s@,*?!]+")


class Person(Strict):
    """Somebody who may sign."""

    email: str
    #: public keys, as in id_ed25519.pub, without the comment or with it
    keys: list[str] = []
    roles: list[Role]
    #: other e-mails of theirs, by which Git knows them as an author
    also: list[str] = []
    #: the last day of their roles
    until: Day | None = None

    @field_validator("email", "also")
    @classmethod
    def _emails(cls, value: str | list[str]) -> str | list[str]:
        for one in [value] if isinstance(value, str) else value:
            if not EMAIL.fullmatch(one):
                raise ValueError(f"{one!r} is no e-mail")
        return value

    @field_validator("keys")
    @classmethod
    def _keys(cls, value: list[str]) -> list[str]:
        for one in value:
            if not KEY.match(one):
                raise ValueError(f"{one[:30]!r} is no public SSH key, as ~/.ssh/id_ed25519.pub has it")
        return [" ".join(one.split()[:2]) for one in value]

    @property
    def emails(self) -> set[str]:
        """All of theirs, in small letters."""
        return {one.lower() for one in (self.email, *self.also)}


class Roles(Strict):
    """The file."""

    people: dict[str, Person] = {}
    #: tier -> the roles that have to sign
    sign: dict[Literal[1, 2, 3], list[Role]]
    #: days until an approval ends, unless its signer says otherwise
    valid_days: int = Field(default=180, ge=1)

    @model_validator(mode="after")
    def _whole(self) -> "Roles":
        for tier in (1, 2, 3):
            if not self.sign.get(tier):
                raise ValueError(f"sign: tier {tier} needs at least one role")
        emails = [one for person in self.people.values() for one in sorted(person.emails)]
        keys = [one for person in self.people.values() for one in person.keys]
        for what, values in (("e-mail", emails), ("key", keys)):
            if twice := sorted({one for one in values if values.count(one) > 1}):
                raise ValueError(f"people: two have the {what} {twice[0][:60]}: who signs has to be one person")
        return self

    def with_key(self, key: str) -> tuple[str, Person] | None:
        """Whose public key that is."""
        plain = " ".join(key.split()[:2])
        return next(((name, one) for name, one in self.people.items() if plain in one.keys), None)

    def with_email(self, email: str) -> tuple[str, Person] | None:
        """Whose e-mail that is."""
        return next(((name, one) for name, one in self.people.items() if email.lower() in one.emails), None)

    def required(self, tier: int) -> list[str]:
        """The roles that have to sign."""
        return list(self.sign[tier])  # type: ignore[index]

    def allowed_signers(self) -> str:
        """As `ssh-keygen -Y verify -f` and Git's gpg.ssh.allowedSignersFile take it. RegrowError without any."""
        lines = [
            f'{person.email} namespaces="{NAMESPACE},git" {key}\n'
            for person in self.people.values()
            for key in person.keys
        ]
        if not lines:
            raise RegrowError(
                "nobody has a key", where="governance/roles.yaml", fix="people.NAME.keys: [ssh-ed25519 ...]"
            )
        return "".join(lines)
