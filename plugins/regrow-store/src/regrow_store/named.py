"""Which columns settings name, and which a step makes."""

from regrow import Columns
from regrow_features.named import window
from regrow_store.settings import FeatureView


def feature_view(settings: FeatureView) -> Columns:
    """As a window."""
    return window(settings.model_copy(update={"prefix": settings.start}))
