"""Whether the loss of a row tells that the model learnt from it."""

import numpy as np

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, number
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.weighted import errors, log_losses
from regrow_govern.security.settings import MembershipSettings
from regrow_govern.security.tried import nothing, predicted, scorer_of, section, told, unable, within

SAID = "security.membership", "A row's loss does not tell whether the model learnt from it", "major"
LIMIT = "one attack, by the loss alone; where training and held-out rows differ for other reasons, as after a split by "
LIMIT += "time, it measures those, too. A small AUC is no proof of privacy."


def membership(settings: MembershipSettings, context: Context) -> Analysis:
    """The AUC of telling training rows from held-out ones by their loss (Yeom et al., Privacy risk in machine learning,
    CSF 2018). Its interval is DeLong's (Biometrics 44, 1988)."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        scorer, rng = scorer_of(evidence), np.random.Generator(np.random.PCG64(context.random_state))
        chosen = np.sort(rng.permutation(len(scorer.training))[: settings.rows])
        members = predicted(evidence, scorer.model, scorer.training.iloc[chosen].reset_index(drop=True),
                            scorer.target[chosen])  # fmt: skip
        others = evidence.predicted.rows(np.sort(rng.permutation(len(evidence.predicted.target))[: settings.rows]))
        area, ends = told_apart(-losses(members), -losses(others), evidence.bootstrap.confidence)
        seen = f"{len(chosen):,} training rows are told from {len(others.target):,} held-out ones with an AUC of "
        seen += f"{area:.3f}; a coin has 0.5, and {settings.at_most:g} is let be."
        numbers = {"auc": number(area, ends)}
        found = told(
            *SAID, within(ends, settings.at_most), seen, LIMIT, numbers=numbers, n=len(chosen) + len(others.target)
        )
        body = [["Learnt from", float(np.mean(losses(members)))], ["Held out", float(np.mean(losses(others)))]]
        table = blocks.table("Loss", ["Rows", "Mean loss"], body, LIMIT)
        return {"metrics": {"auc": area, "low": ends[0], "high": ends[1]}, "findings": [found],
                "section": section("Who was learnt from", 63, [table])}  # fmt: skip

    return examine


def losses(p: Predicted) -> np.ndarray:
    """(n,) of each row."""
    if p.task == REGRESSION:
        return np.asarray(errors(p))
    return np.asarray(log_losses(p) if p.probability is not None else (p.target != p.prediction).astype(float))


def told_apart(own: np.ndarray, others: np.ndarray, confidence: float) -> tuple[float, tuple[float, float]]:
    """The area under the ROC curve of two samples of scores, (m,) and (n,), ties counting half, and DeLong's
    interval, kept within 0 and 1."""
    from statistics import NormalDist

    from scipy.stats import rankdata

    both = rankdata(np.concatenate([own, others]))
    m, n = len(own), len(others)
    above = (both[:m] - rankdata(own)) / n
    below = 1 - (both[m:] - rankdata(others)) / m
    area = float(above.mean())
    spread = float(np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n))
    width = NormalDist().inv_cdf((1 + confidence) / 2) * spread
    return area, (max(0.0, area - width), min(1.0, area + width))
