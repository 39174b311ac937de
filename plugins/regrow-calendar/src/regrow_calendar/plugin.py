"""What regrow-calendar brings: the derive step `holidays`."""

from regrow import Component


def regrow_components() -> list[Component]:
    """Holidays of a country, or a part of one."""
    return [
        Component(
            "holidays",
            "derive",
            "regrow_calendar.days:holidays",
            "regrow_calendar.settings:Holidays",
            packages=("holidays",),
            about="whether a date is a public holiday, and the days to and since one",
            columns="regrow_calendar.named:holidays",
            tags=("row_wise", "takes_missing"),
            example={"column": "day", "country": "US"},
            source="Montes et al., holidays for Python, https://github.com/vacanza/holidays",
        )
    ]
