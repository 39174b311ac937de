"""Hydra composes with the plugins' groups, in its own process too, and says where a value stands."""

import sys
from functools import partial

import pytest
from tests.small import install

from regrow.base.errors import RegrowError
from regrow.tools import hydra


@pytest.fixture
def with_groups(small, tmp_path):
    site = tmp_path / "site-packages"
    site.mkdir()
    module = f"groups_{small.package}"
    install(site, "dist-groups", module, f"def regrow_config():\n    return '{module}.conf'\n", "groups")
    (site / module / "conf/extra").mkdir(parents=True)
    (site / module / "conf/extra/default.yaml").write_text("far: 1\n")
    (site / module / "conf/extra/wide.yaml").write_text("# how far\nfar: 9\n")
    sys.path.append(str(site))
    small.edit("pyproject.toml", "plugins = []", 'plugins = ["groups"]')
    small.write("conf/plugins.yaml", "defaults:\n  - extra: default\n  - _self_\n")
    return small


def test_a_plugins_group_is_composed_and_chosen(with_groups):
    assert hydra.compose(with_groups.root)["extra"] == {"far": 1}
    assert hydra.compose(with_groups.root, ["extra=wide"])["extra"] == {"far": 9}
    assert hydra.compose(with_groups.root, ["extra.far=3"])["extra"] == {"far": 3}
    assert hydra.group_options(with_groups.root, "extra") == ["default", "wide"]


def test_a_wrong_choice_of_a_plugins_group_answers_with_the_choices(with_groups):
    with pytest.raises(RegrowError, match="no 'wid' in conf/extra; did you mean 'wide'. there are: default, wide"):
        hydra.compose(with_groups.root, ["extra=wid"])


def test_where_a_value_stands(with_groups):
    root = with_groups.root
    assert hydra.where_set(root, "rows") == ("conf/config.yaml", 8, 3)
    assert hydra.where_set(root, "metric.use") == ("conf/metric/mean.yaml", 1, "mean")
    assert hydra.where_set(root, "extra.far")[1:] == (1, 1)
    assert hydra.where_set(root, "no.such") is None


@pytest.mark.parametrize("override", ["rows", "=3", "rows=[", "rows=1,2,3x(", "a b=1", "rows==="])
def test_an_override_that_is_none_is_refused(with_groups, override):
    with pytest.raises(RegrowError):
        hydra.compose(with_groups.root, [override])


def test_nothing_is_left_behind(with_groups):
    from hydra.core.global_hydra import GlobalHydra

    with pytest.raises(RegrowError):
        hydra.compose(with_groups.root, ["nope=1"])
    assert not GlobalHydra.instance().is_initialized()


MANY = (
    *([], ["rows=7"], ["rows=7", "rows=8"], ["extra=wide"], ["extra.far=3", "extra=wide"], ["metric.use=sum"]),
    *(["title='a, b'"], ["title=${rows}"], ["title=null"], ["rows=7.0"], ["rows=1e3"], ["title=yes", "+more=[1, 2]"]),
    *(["extra={far: 5}"], ["extra={new: 5}"], ["+extra={new: 5}"], ["~extra"], ["~extra.far"], ["++extra.near=2"]),
    *(["steps.first.by=4"], ["steps={first: {by: 9}}"], ["steps.first=null"], ["steps.none.by=1"], ["rows.x=1"]),
    *(["nope=1"], ["extra=wid"], ["extra@other=wide"], ["+extra@other=wide"], ["rows==="], ["hydra.job.name=x"]),
    *(["rows=1,2"], ["rows=range(3)"], ["rows=int(3.0)"], ["title=${nope}"], ["extra/far=1"], ["extra=[wide]"]),
)


def test_many_are_composed_as_each_by_itself(with_groups):
    many = hydra.composer(with_groups.root)
    for overrides in [*MANY, *reversed(MANY)]:
        assert outcome(many, overrides) == outcome(partial(hydra.compose, with_groups.root), overrides)


def outcome(compose, overrides: list[str]) -> str:
    """The settings with their order and types, or the message."""
    try:
        return repr(compose(overrides))
    except RegrowError as error:
        return str(error)
