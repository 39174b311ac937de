"""Whether a tag counts: governance/promotion.yaml may ask for a signature of somebody in roles.yaml."""

from pathlib import Path

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_govern import git_write, governance
from regrow_govern.model_tags import Move
from regrow_govern.promotion_settings import Promotion
from regrow_govern.roles import Roles


def signatures_asked(root: Path) -> bool:
    """Whether the protected branch asks for signed tags; not where it has no rules."""
    try:
        return governance.committed(root, governance.PROMOTION, Promotion).signed_tags
    except RegrowError as error:
        if error.code == Exit.DATA_MISSING:
            return False
        raise


def distrust(root: Path, move: Move) -> str:
    """Why a tag does not count, or ""."""
    if not signatures_asked(root):
        return ""
    allowed = governance.committed(root, governance.ROLES, Roles).allowed_signers()
    return (
        "" if git_write.verified(root, move.tag, allowed) else f"{move.tag} is signed by nobody of {governance.ROLES}"
    )


def require_key(root: Path, key: Path | None) -> None:
    """Raises RegrowError where a tag has to be signed, and there is no key."""
    if key is None and signatures_asked(root):
        wrong = f"{governance.PROMOTION} asks for signed tags, and no key was named"
        raise RegrowError(wrong, where="--key", fix="--key ~/.ssh/id_ed25519", code=Exit.UNSAFE)
