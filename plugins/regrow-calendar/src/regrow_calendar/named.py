"""Which columns settings name, and which a step makes."""

from glob import escape

from regrow import Columns, Reads
from regrow_calendar.settings import Holidays


def holidays(settings: Holidays) -> Columns:
    """A date, and what is said of it."""
    made = [
        f"{escape(settings.column)}_{one}{'' if one in ('holiday', 'bridge') else '_holiday'}" for one in settings.add
    ]
    return Columns([Reads("column", [settings.column])], made)
