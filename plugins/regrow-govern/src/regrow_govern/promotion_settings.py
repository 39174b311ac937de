"""governance/promotion.yaml: what a promotion asks for beside decision and approvals."""

from fnmatch import fnmatchcase

from pydantic import Field

from regrow import Strict


class Licences(Strict):
    """Which licences of packages are not shipped. Patterns are compared in small letters, `*` stands for anything."""

    deny: list[str] = ["*agpl*", "*proprietary*"]
    #: package -> why it may be shipped all the same
    accepted: dict[str, str] = {}

    def wrong(self, found: dict[str, str]) -> dict[str, str]:
        """Package -> what is wrong with its licence: not known, or denied, and not accepted."""
        made = {}
        for package, licence in sorted(found.items()):
            denied = next((one for one in self.deny if fnmatchcase(licence.lower(), one.lower())), "")
            if package in self.accepted:
                continue
            if denied:
                made[package] = f"has the licence {licence!r}, which {denied!r} denies"
            elif not licence or licence.lower() == "unknown":
                made[package] = "has no known licence"
        return made


class Promotion(Strict):
    """The file."""

    #: how old the table of drills may be
    drill_days: int = Field(default=90, ge=1)
    #: whether the commit has to be replayed, identical, before
    replay: bool = True
    licences: Licences = Licences()
    #: whether a tag counts only if somebody of roles.yaml has signed it
    signed_tags: bool = False
    #: stages that a model can be promoted to
    stages: list[str] = ["staging", "prod"]
