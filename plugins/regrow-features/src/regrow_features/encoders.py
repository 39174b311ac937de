"""Encoders of our own; a stored model may hold them, as their components declare."""

from collections import Counter
from typing import Any

import numpy as np
from sklearn.preprocessing import OneHotEncoder


class DistinctOneHotEncoder(OneHotEncoder):
    """scikit-learn's, with names that differ: also where a=b_c stands beside a_b=c, or missing cells beside nan."""

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """(columns out,) names; one that is taken already ends in _2, _3, ..."""
        names = super().get_feature_names_out(input_features)
        taken, seen, made = set(names), Counter[str](), []
        for name in names:
            seen[name] += 1
            new = name
            while seen[name] > 1 and new in taken:
                new = f"{name}_{seen[name]}"
                seen[name] += new in taken
            taken.add(new)
            made.append(new)
        return np.array(made, dtype=object)
