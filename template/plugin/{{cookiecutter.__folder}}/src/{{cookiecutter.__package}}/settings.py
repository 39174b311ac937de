"""What settings may say; checked before anything runs, and loaded by each compile, so nothing heavy is imported."""

from pydantic import Field
from regrow import Strict
{%- if "stage" in cookiecutter.bring %}


class Limit(Strict):
    """The settings group `{{ cookiecutter.__name }}`."""

    most: float = Field(0.1, ge=0, le=1, description="columns that lack a greater share of their values are named")


class Settings(Strict):
    """What the stage gets: its `params`, nested as in params.yaml."""

    {{ cookiecutter.__name }}: Limit
{%- endif %}
{%- if "transformer" in cookiecutter.bring %}


class Ranks(Strict):
    """Parameters of the transformer `{{ cookiecutter.__name }}`."""

    quantiles: int = Field(100, ge=2, description="how fine: the most values that one column may take")
{%- endif %}
{%- if "metric" in cookiecutter.bring %}


class Prices(Strict):
    """Parameters of the metric `{{ cookiecutter.__name }}`."""

    false_alarm: float = Field(1.0, ge=0, description="the cost of a negative row that is called positive")
    miss: float = Field(5.0, ge=0, description="the cost of a positive row that is called negative")
{%- endif %}
