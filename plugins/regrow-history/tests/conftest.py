"""The projects of regrow's own tests."""

from tests.conftest import environment as environment
from tests.conftest import pristine as pristine
from tests.conftest import project as project
from tests.repository import made as made
from tests.repository import recorded as recorded
from tests.repository import warm as warm
from tests.small import small as small
from tests.tiny import tiny as tiny
from tests.tiny import tiny_made as tiny_made
