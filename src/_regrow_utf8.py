"""Let DVC write its config files as UTF-8: it passes configobj no encoding, and configobj then writes ASCII or fails.

So `dvc exp run --temp`, and the queue, fail in a folder whose path holds a letter such as "ü", and so does
`dvc remote add` with such a path (DVC 3.67). The processes of DVC's queue load nothing of regrow's by themselves, so
regrow_utf8.pth imports this module at every start of the environment's Python; it waits for configobj and is gone.
"""

import sys


class _Waiting:
    """An import hook for one module, once."""

    def find_spec(self, name, path=None, target=None):
        if name != "configobj":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                _write_utf8(module.ConfigObj)

            spec.loader.exec_module = exec_module
        return spec


def _write_utf8(config_class):
    plain = config_class.__init__

    def __init__(self, *arguments, **options):  # noqa: N807 - it takes the place of one
        options.setdefault("default_encoding", "utf-8")
        plain(self, *arguments, **options)

    config_class.__init__ = __init__


sys.meta_path.insert(0, _Waiting())
