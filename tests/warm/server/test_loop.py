"""What the warm server begins, and when."""

from regrow.warm.server.libraries import Loaded
from regrow.warm.server.loop import Server


def test_where_several_run_at_once_those_with_models_wait_for_all_libraries():
    server = Server("name")
    server.loaded = Loaded.MODELS
    assert server._can_begin(Loaded.FILES), "alone, it has time to load the rest"
    server.children = {1: (None, 0)}  # type: ignore[dict-item]
    assert not server._can_begin(Loaded.FILES)
    assert server._can_begin(Loaded.MODELS)
    server.children, server.jobs = {}, 2
    for server.loaded in (Loaded.MODELS, Loaded.FILES):
        assert not server._can_begin(Loaded.FILES)
        assert server._can_begin(Loaded.STAGES)
    server.loaded = Loaded.ENOUGH
    assert server._can_begin(Loaded.FILES)
