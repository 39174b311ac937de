"""Whether the model comes out again, bit for bit, when it is fitted on the same rows."""

import numpy as np

from regrow import Context
from regrow_evaluation.evidence import Analysis, Evidence, Result
from regrow_experiment.scoring import score
from regrow_govern.security.tried import fitted, nothing, scorer_of, told

SAID = "ready.refit", "Fitted again on the same rows, the model gives the same answers", "major"
LIMIT = "the same machine and packages, and the model alone; `regrow replay` grows the whole commit again."


def refit(settings: None, context: Context) -> Analysis:
    """See `examine`."""
    return examine


def examine(evidence: Evidence) -> Result:
    """Fits the pipeline once more and compares answers to the last bit."""
    if evidence.scorer is None:
        return nothing(*SAID, "there is no model that learnt from none of the held-out rows", LIMIT, evidence)
    scorer = scorer_of(evidence)
    try:
        again = fitted(scorer, scorer.training, scorer.target)
    except (ValueError, TypeError) as error:
        return nothing(*SAID, f"the model can't be fitted again here: {error}", LIMIT, evidence)
    pairs = zip(score(scorer.model, scorer.features), score(again, scorer.features), strict=True)
    differ = np.zeros(len(scorer.features), dtype=bool)
    for one, other in pairs:
        if one is not None and other is not None:
            differ |= (np.asarray(one) != np.asarray(other)).reshape(len(differ), -1).any(axis=1)
    seen = f"{len(differ) - int(differ.sum()):,} of {len(differ):,} held-out rows have the same answer to the last bit."
    return {"findings": [told(*SAID, not differ.any(), seen, LIMIT, n=len(differ))]}
