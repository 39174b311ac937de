"""Whether a tag counts: governance/promotion.yaml may ask for a signature of somebody in roles.yaml.

What checks settings is imported only where the file asks for signatures, as a rollback waits for it.
"""

from collections.abc import Mapping
from pathlib import Path

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow.base.yaml_files import read_yaml
from regrow_govern import git_write
from regrow_govern.model_tags import Move
from regrow_govern.protected import text_there

PROMOTION, ROLES = "governance/promotion.yaml", "governance/roles.yaml"


def signatures_asked(root: Path) -> bool:
    """Whether the protected branch asks for signed tags; not where it has no rules. Raises RegrowError."""
    text = text_there(root, PROMOTION)
    if text is None:
        return False
    said = read_yaml(text, PROMOTION)
    if isinstance(said, Mapping) and said.get("signed_tags", False) is False:
        return False
    from regrow_govern import governance
    from regrow_govern.promotion_settings import Promotion

    return governance.parse(text, PROMOTION, Promotion).signed_tags


def distrust(root: Path, move: Move) -> str:
    """Why a tag does not count, or ""."""
    if not signatures_asked(root):
        return ""
    from regrow_govern import governance
    from regrow_govern.roles import Roles

    allowed = governance.committed(root, ROLES, Roles).allowed_signers()
    return "" if git_write.verified(root, move.tag, allowed) else f"{move.tag} is signed by nobody of {ROLES}"


def require_key(root: Path, key: Path | None) -> None:
    """Raises RegrowError where a tag has to be signed, and there is no key."""
    if key is None and signatures_asked(root):
        wrong = f"{PROMOTION} asks for signed tags, and no key was named"
        raise RegrowError(wrong, where="--key", fix="--key ~/.ssh/id_ed25519", code=Exit.UNSAFE)
