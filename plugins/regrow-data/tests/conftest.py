"""Running ingest on the text of a CSV, without a word of how."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_stage_settings import ingest_settings


@pytest.fixture
def ingested(tmp_path: Path) -> Callable[..., Any]:
    """Run ingest on the text of a CSV; returns its three outputs."""
    from regrow_data.ingest import ingest

    def run(text: str | bytes, **data: Any) -> dict[str, Any]:
        (tmp_path / "d.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return ingest(raw=tmp_path, settings=ingest_settings(**data))

    return run


@pytest.fixture
def ingested_clean(tmp_path: Path) -> Callable[..., Any]:
    """Run ingest on the text of a CSV under clean.steps; returns its outputs."""
    from regrow_data.ingest import ingest

    def run(text: str, steps: dict[str, Any]) -> dict[str, Any]:
        (tmp_path / "d.csv").write_text(text)
        return ingest(raw=tmp_path, settings=ingest_settings(clean=steps))

    return run
