"""Two versions of an artifact: the first difference, how large it is, and what it looks like it came from.

Nothing here trusts a file: whatever can't be read as its type is compared byte by byte.
"""

from regrow.differences.causes import likely_cause as likely_cause
from regrow.differences.files import equivalent as equivalent
from regrow.differences.files import first as first
from regrow.differences.files import first_of_folders as first_of_folders
from regrow.differences.tally import Difference as Difference
