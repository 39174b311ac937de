"""Whether a day is a public holiday: what the installed version of `holidays` knows, which the lock pins.

A date is looked at in its own time zone. Days that were decreed after that version was made are not in it: the version
is the date of this lookup.
"""

import datetime

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_calendar.settings import Holidays
from regrow_features.columns import added, kind, require


def holidays(settings: Holidays, context: Context) -> Derive:
    """Adds `<column>_holiday` and `_bridge` (1 or 0), `_days_to_holiday` and `_days_since_holiday` (0 on one itself),
    float64; missing where the date is. Raises RegrowError for a country or part that `holidays` does not know."""
    known = _known(settings)

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [settings.column])
        column = table[settings.column]
        if kind(column) != "date":
            fix = f"read it as a date: data.types.{settings.column}: date"
            raise RegrowError(f"{settings.column!r} is {kind(column)}, not a date", where=settings.column, fix=fix)
        codes, days = pd.factorize(column.dt.date)
        said = np.array([*([_said(day, known, settings) for day in days]), [np.nan] * 4])[codes]
        places = {"holiday": 0, "days_to": 1, "days_since": 2, "bridge": 3}
        new = {
            f"{settings.column}_{one}{'' if one in ('holiday', 'bridge') else '_holiday'}": said[:, places[one]]
            for one in settings.add
        }
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def _known(settings: Holidays) -> "object":
    import holidays as library

    try:
        return library.country_holidays(settings.country, subdiv=settings.part)
    except NotImplementedError:
        parts = library.list_supported_countries().get(settings.country)
        wrong = f"no holidays are known of {settings.country} {settings.part or ''}".rstrip()
        fix = f"its parts are: {', '.join(parts)}" if parts else "an ISO 3166 code: DE, FR, US"
        raise RegrowError(wrong, where="country" if parts is None else "part", fix=fix) from None


def _said(day: datetime.date, known: "object", settings: Holidays) -> list[float]:
    """Whether it is one, days to the next and since the last, whether it lies between one and a weekend."""
    one = datetime.timedelta(days=1)

    def distance(step: datetime.timedelta) -> float:
        away = next((n for n in range(settings.farthest) if day + n * step in known), settings.farthest)  # type: ignore[operator]
        return float(away)

    free = [day + n * one in known or (day + n * one).weekday() >= 5 for n in (-1, 0, 1)]  # type: ignore[operator]
    holiday = day in known  # type: ignore[operator]
    return [float(holiday), distance(one), distance(-one), float(free[0] and free[2] and not free[1])]
