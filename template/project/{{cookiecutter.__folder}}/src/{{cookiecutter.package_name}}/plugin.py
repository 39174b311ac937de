"""What this project adds to regrow: here one component, `circle`. Settings name it: `{use: circle, column: hour, period: 24}`.

Write stages and components of your own in the same way; `regrow plugins` lists what regrow has found.
This module imports nothing heavy, since every command of regrow loads it: the work is in circle.py.
"""

from regrow import Component


def regrow_components() -> list[Component]:
    """The components of this project, for regrow to find."""
    return [
        Component(
            name="circle",
            kind="derive",
            make="{{ cookiecutter.package_name }}.circle:circle",
            settings="{{ cookiecutter.package_name }}.settings:Circle",
            about="a number that goes round, such as an hour of the day, as a point on a circle",
            columns="{{ cookiecutter.package_name }}.settings:circle_columns",
            tags=("row_wise", "takes_missing"),
            example={"column": "count", "period": 12},
        )
    ]
