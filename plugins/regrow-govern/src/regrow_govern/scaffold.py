"""What `regrow govern init` writes: the files of governance/, with the four questions, to be answered."""

from pathlib import Path

from regrow.base.atomic import write_text
from regrow_govern import governance
from regrow_govern.questions import QUESTIONS

RISK = """\
# What could happen, and what stands against it. The four questions can only be answered, not taken out or reworded.
# answer      what happens, and what it costs: money, how many people, whether it can be undone
# severity    1 a nuisance, 2 costs an hour, 3 costs money, 4 harms some people, 5 grave or not to be undone
# likelihood  1 once in ten years, 2 once a year, 3 every quarter, 4 every month, 5 every week
# mitigation  the name of something that exists and passes: {{gate: NAME}}, {{check: CODE}}, {{drill: NAME}} or
#             {{monitor: STAGE}}, or a list of them; `regrow risks --mitigations` lists what there is here
# residual    what is left when the mitigation works
# review      the day until which it is looked at again, such as 2027-06-30
# The tier is computed: 1 from severity * likelihood of 12 on, or severity 5; 2 from 6 on; else 3. The tier of the model
# is that of its worst risk, and 1 as long as a question is open. Whether a law applies: ask counsel.
questions:
{questions}
risks: {{}}  # more, by a name of your own, with the same fields
"""
QUESTION = """\
  {name}:
    question: "{question}"
    answer: null
    severity: null
    likelihood: null
    owner: null
    mitigation: null
    residual: null
    review: null
"""
ROLES = """\
# Who may sign. A change here counts once it is on the protected branch (origin/HEAD, origin/main, main).
# The author of a commit never counts as its approver. Keys: the content of ~/.ssh/id_ed25519.pub.
# roles: subject-matter-expert, data-scientist, data-engineer, software-engineer, devops, risk-manager, architect
people: {}
#  ann:
#    email: ann@example.org
#    also: [ann@users.example.org]  # other e-mails by which Git knows her as an author
#    keys: [ssh-ed25519 AAAA...]
#    roles: [data-scientist]
#    until: 2027-12-31  # the last day of her roles

# tier of the model -> the roles that have to sign
sign:
  1: [subject-matter-expert, data-scientist, devops, risk-manager]
  2: [data-scientist, risk-manager]
  3: [data-scientist]
valid_days: 180  # until an approval ends, unless its signer says otherwise
"""
PROMOTION = """\
# What a promotion asks for beside the decision, the approvals and the risk register.
stages: [staging, prod]
drill_days: 90  # how old governance/drill.json may be: regrow drill -o governance/drill.json
replay: true  # governance/replay/replay.json says that every output came out identical
signed_tags: false  # true: a tag that nobody of roles.yaml has signed is not served, and counts for nothing
licences:
  deny: ["*agpl*", "*proprietary*"]  # which licences of packages are not shipped; what a licence asks: ask counsel
  accepted: {}  # package: why it is shipped all the same
"""


def files() -> dict[str, str]:
    """Path -> text."""
    questions = "".join(QUESTION.format(name=name, question=asked) for name, asked in QUESTIONS.items())
    return {governance.RISK: RISK.format(questions=questions.rstrip("\n")), governance.ROLES: ROLES,
            governance.PROMOTION: PROMOTION}  # fmt: skip


def write(root: Path) -> tuple[list[str], list[str]]:
    """Write those that are not there; returns them, and those that stay as they are."""
    made, kept = [], []
    for path, text in files().items():
        file = root / path
        if file.exists():
            kept.append(path)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, text)
        made.append(path)
    return made, kept
