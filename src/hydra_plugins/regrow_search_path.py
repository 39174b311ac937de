"""Hydra finds this module by itself, in DVC's process too: it adds the groups that a project's plugins ship."""

import sys

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class RegrowSearchPath(SearchPathPlugin):
    """Inside a regrow project, appends the plugins' config packages in order of plugin name; elsewhere does nothing."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra whenever it composes."""
        from regrow.settings import compose
        from regrow.tools import hydra

        compose.explain_overrides()
        for line in hydra.extend_search_path(search_path):
            print(line, file=sys.stderr)
