"""What this plugin declares: the stage profile, its Hydra group, and a command that pins a commit's data."""

from regrow import Artifact, Command, Stage, maybe


def regrow_config() -> str:
    """The package of the Hydra group `profile`."""
    return "regrow_profile.conf"


def regrow_stages() -> list[Stage]:
    """The stage profile: the table -> a page, a section of the report, a record, and findings on what has changed."""
    return [
        Stage(
            name="profile",
            kind="data",
            run="regrow_profile.profile:profile",
            needs=("table", maybe("validation"), maybe("suspects"), maybe("profile_before")),
            makes=(
                Artifact("profile_page", "report", path="profile.html"),
                Artifact("profile", "record"),
                Artifact("change_findings", "findings", path="findings/change.json"),
                Artifact("profile_section", "section", path="sections/profile.json"),
            ),
            params=("profile", "data.task", "data.target", "data.leaks"),
            settings="regrow_profile.settings:ProfileSettings",
            about="one page for looking at the table: distributions, gaps, associations, duplicates, change",
        )
    ]


def regrow_commands() -> list[Command]:
    """What is done with profiles."""
    return [
        Command("profile-pin", "regrow_profile.commands:pin", "Hold the data against those of a commit from now on.")
    ]
