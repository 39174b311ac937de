"""The contract kit: declarations, settings, components' examples, and the same bytes twice."""
{% if "stage" in cookiecutter.bring %}
import pandas as pd
{%- endif %}
from regrow_testing.contract import check_plugin
{%- if "stage" in cookiecutter.bring %}

TABLE = pd.DataFrame({"full": [1.0, 2.0], "half": [None, "b"]})
EXAMPLES = {"{{ cookiecutter.__name }}": [({"table": TABLE}, {"{{ cookiecutter.__name }}": {"most": 0.2}})]}
{%- endif %}


def test_the_plugin_keeps_its_contract():
    check_plugin("{{ cookiecutter.__package }}.plugin", {% if "stage" in cookiecutter.bring %}EXAMPLES{% else %}{}{% endif %})
