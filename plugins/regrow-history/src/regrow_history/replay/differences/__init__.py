"""Two versions of an artifact: the first difference, how large it is, and what it looks like it came from.

Nothing here trusts a file: whatever can't be read as its type is compared byte by byte.
"""

from regrow_history.replay.differences.causes import likely_cause as likely_cause
from regrow_history.replay.differences.files import equivalent as equivalent
from regrow_history.replay.differences.files import first as first
from regrow_history.replay.differences.files import first_of_folders as first_of_folders
from regrow_history.replay.differences.tally import Difference as Difference
