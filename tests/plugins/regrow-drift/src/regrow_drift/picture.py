"""A bar chart as SVG text."""

from html import escape


def bars(rows):
    """One bar a row, longest first."""
    longest = max((value for _, value in rows), default=1.0) or 1.0
    drawn = "".join(
        f'<rect x="140" y="{20 * i}" width="{200 * value / longest:.1f}" height="16"/>'
        f'<text x="130" y="{20 * i + 13}" text-anchor="end" font-size="12">{escape(name)}</text>'
        for i, (name, value) in enumerate(rows)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="360" height="{20 * len(rows)}">{drawn}</svg>'
