"""Times of day and durations as text: 09:15, 9:15 PM, 23:59:30, 1h 20m, PT5M. All become minutes."""

import re

#: How a column may be written: hours to 24 and beyond, hours to 12 with am and pm, or parts with their units.
FORMS = ("24 h", "12 h", "duration")
_CLOCK = r"(?P<h>[0-9]{1,3}):(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9](?:[.,][0-9]{1,6})?))?"
_PATTERNS = {
    "24 h": re.compile(rf"{_CLOCK}(?:\s?(?:h|Uhr))?"),
    "12 h": re.compile(rf"{_CLOCK}\s?(?P<half>[AaPp])\.?[Mm]\.?"),
    "duration": re.compile(
        r"(?:(?P<d>[0-9]+)\s?d)?\s?(?:(?P<h>[0-9]+)\s?(?:h|hrs?))?\s?(?:(?P<m>[0-9]+)\s?(?:m|min))?"
        r"\s?(?:(?P<s>[0-9]+(?:\.[0-9]{1,6})?)\s?(?:s|sec))?"
    ),
}
_ISO = re.compile(
    r"P(?:(?P<d>[0-9]+)D)?(?:T(?:(?P<h>[0-9]+)H)?(?:(?P<m>[0-9]+)M)?(?:(?P<s>[0-9]+(?:\.[0-9]{1,6})?)S)?)?"
)
DAY = 1440  # minutes
_PARTS = {"d": DAY, "h": 60, "m": 1}


def minutes(cell: str, form: str) -> float | None:
    """Minutes since midnight, or of a duration; None for a cell that is not of the form. Seconds are its fraction."""
    found = _PATTERNS[form].fullmatch(cell) or (_ISO.fullmatch(cell) if form == "duration" else None)
    if not found:
        return None
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    if not parts:
        return None
    if half := parts.pop("half", ""):
        if not 1 <= int(parts["h"]) <= 12:
            return None
        parts["h"] = str(int(parts["h"]) % 12 + 12 * (half in "Pp"))
    whole = sum(int(parts[name]) * worth for name, worth in _PARTS.items() if name in parts)
    return whole + float(parts.get("s", "0").replace(",", ".")) / 60


def compound(cell: str) -> bool:
    """Whether a duration says so itself, which 5 m, perhaps metres, does not: 1h 20m, PT5M."""
    return cell.startswith("P") or len(re.findall("[0-9.]+", cell)) > 1
