"""Writes docs/reference/components.md: every component of the plugins here, from what it declares."""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from regrow.plugin import describe
from regrow.plugin.declare import Component
from regrow.plugin.manager import installed_plugins, load_modules

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/reference/components.md"
HEAD = """\
# Components

What settings can `use:`, by kind. `regrow components KIND NAME` shows the same of one, of any plugin. Written by
`make components` from the declarations. Where a default is `-`, the setting must be given.
"""


def page() -> str:
    """The text of the page."""
    ours = {path.name for path in (ROOT / "plugins").iterdir()}
    entries = [entry.value for entry in installed_plugins() if entry.dist and entry.dist.name in ours]
    plugins = load_modules(entries)
    abouts = {name: kind.about for name, kind in plugins.kinds.items()}
    return "\n".join([HEAD, *(line for kind, group in groupby(describe.found(plugins), lambda pair: pair[1].kind)
                              for line in _kind(kind, abouts[kind], list(group)))])  # fmt: skip


def _kind(kind: str, about: str, group: list[tuple[str, Component]]) -> Iterator[str]:
    yield f"## {kind}\n\n{about[0].upper()}{about[1:]}.\n"
    for plugin, component in group:
        yield f"### {kind} {component.name}\n"
        yield from _facts(plugin, component)
        if rows := describe.settings(component):
            yield "| setting | type | range | default | what it is |\n| --- | --- | --- | --- | --- |"
            for one in rows:
                default = "-" if one.required else f"`{json.dumps(one.default, ensure_ascii=False)}`"
                cells = (_cell(one.type), _cell(one.range), default, _cell(one.description))
                yield f"| `{one.name}` | {' | '.join(cells)} |"
            yield ""


def _facts(plugin: str, component: Component) -> Iterator[str]:
    better = f"{component.better} is better" if component.better else ""
    facts = [component.about, better, ", ".join(component.tags), f"regrow-{plugin}", component.source]
    facts += [f"for {', '.join(component.tasks)}" if component.tasks else ""]
    facts += [f"install {component.extra}" if component.extra else ""]
    yield f"{facts[0][:1].upper()}{'; '.join(filter(None, facts))[1:]}.\n"
    yield f"Example: `{json.dumps({'use': component.name, **component.example}, ensure_ascii=False)}`\n"


def _cell(text: str) -> str:
    return re.sub(r"([\\|<>*_])", r"\\\1", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
