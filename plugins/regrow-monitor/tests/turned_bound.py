"""How often any test at all could find 5 % turned labels within ten days; `python turned_bound.py` says it of both
worlds, and of flights that are late by a quarter of an hour, of which the model is seldom sure.

Who knows every probability exactly, and the day on which it would begin, has the most powerful test there is for ten
days of labels: their likelihood ratio (Neyman and Pearson, Philosophical Transactions A 231, 1933). At most one alarm
without a cause in 19 of 20 years is 0.355 of them a year, if they come by chance (Poisson), and so a share of 0.0097 of
all stretches of ten days. All of it is spent on labels here, so no rule of alarms does better.
"""

import numpy as np

SHARE, A_YEAR, STRETCHES, ROWS, DRAWN = 0.05, 0.355, 36.5, 500, 5_000


def power(probability: np.ndarray, rows: int = ROWS, seed: int = 0) -> float:
    """Of a population with these probabilities, when so many labels are there."""
    rng = np.random.default_rng(seed)
    p = np.clip(probability, 0.001, 0.999)
    q = p + SHARE * (1 - 2 * p)
    there, not_there = np.log(q / p), np.log((1 - q) / (1 - p))

    def ratios(real: np.ndarray) -> np.ndarray:
        made = np.zeros(DRAWN)
        for _ in range(rows):
            row = rng.integers(0, len(p), DRAWN)
            made += np.where(rng.random(DRAWN) < real[row], there[row], not_there[row])
        return made

    limit = np.quantile(ratios(p), 1 - A_YEAR * rows / ROWS / STRETCHES)
    return float((ratios(q) > limit).mean())


if __name__ == "__main__":
    import years
    from sklearn.isotonic import IsotonicRegression

    for name, late_by in (("flights", 60), ("flights", 15), ("loans", 0)):
        years.LATE_BY = late_by
        rows = years.world(name).rows
        said, happened = rows["probability_1"].to_numpy(), (rows["target"] == "1").to_numpy()
        right = IsotonicRegression(out_of_bounds="clip").fit(said, happened).predict(said)
        print(name, late_by or "", *(f"{power(right, 50 * days):.2f} within {days} days" for days in (10, 20)))
