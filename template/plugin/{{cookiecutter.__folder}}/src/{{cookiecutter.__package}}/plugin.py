"""What this plugin brings. Every command of regrow imports this module, so it imports nothing but regrow."""

from regrow import {% if "stage" in cookiecutter.bring %}Artifact, {% endif %}{% if cookiecutter.bring != "stage" %}Component{% if "stage" in cookiecutter.bring %}, {% endif %}{% endif %}{% if "stage" in cookiecutter.bring %}Stage{% endif %}
{%- if "stage" in cookiecutter.bring %}


def regrow_config() -> str:
    """conf/{{ cookiecutter.__name }}/ ships with the package; `default` is taken unless a project chooses otherwise."""
    return "{{ cookiecutter.__package }}.conf"


def regrow_stages() -> list[Stage]:
    """The stage `{{ cookiecutter.__name }}`."""
    return [
        Stage(
            name="{{ cookiecutter.__name }}",
            kind="{{ cookiecutter.kind }}",
            run="{{ cookiecutter.__package }}.stage:run",
            needs=["table"],  # artifacts of other stages, or sources of the project
            makes=[Artifact("{{ cookiecutter.__name }}", "record")],  # records/{{ cookiecutter.__name }}.json
            params=["{{ cookiecutter.__name }}"],  # the settings that it sees, and reruns for
            settings="{{ cookiecutter.__package }}.settings:Settings",
            about="The share of missing values in every column",
        )
    ]
{%- endif %}
{%- if cookiecutter.bring != "stage" %}


def regrow_components() -> list[Component]:
    """What settings may `use:`. The example is its test on the contract kit's table, and its documentation."""
    return [
{%- if "transformer" in cookiecutter.bring %}
        Component(
            "{{ cookiecutter.__name }}",
            "transformer",
            "{{ cookiecutter.__package }}.transformer:make",
            "{{ cookiecutter.__package }}.settings:Ranks",
            about="each number becomes the share of training rows that lie below it",
            tags=["learns", "takes_missing"],
            example={"quantiles": 10},
        ),
{%- endif %}
{%- if "metric" in cookiecutter.bring %}
        Component(
            "{{ cookiecutter.__name }}",
            "metric",
            "{{ cookiecutter.__package }}.metric:make",
            "{{ cookiecutter.__package }}.settings:Prices",
            about="what wrong predictions cost, on average over all rows",
            tasks=["binary"],
            better="lower",
            example={"miss": 3.0},
        ),
{%- endif %}
    ]
{%- endif %}
