"""Made-up probabilities, and what NumPy, SciPy and scikit-learn say about their calibration.

    python calibration.py > calibration.json

The expected calibration error, its curve and its interval are written out here from their definitions, with SciPy's normal
distribution and root finder; the Brier score and the log-loss are scikit-learn's. Logits are drawn and then sharpened or
softened by a temperature, so the cases run from underconfident to overconfident; some are rounded, so that confidences tie.
"""

import json
import sys

import numpy as np
import scipy
import sklearn
from scipy.optimize import brentq
from scipy.stats import foldnorm
from sklearn.metrics import brier_score_loss, log_loss

SEED = 20170806
MIN_BIN = 20


def ends_by_mass(confidence, bins):
    """Ends of runs of sorted confidences: np.searchsorted moves each cut behind the equal ones."""
    n = len(confidence)
    bins = max(1, min(bins, n // MIN_BIN))
    cuts = [n * b // bins for b in range(1, bins + 1)]
    return sorted({int(np.searchsorted(confidence, confidence[cut - 1], side="right")) for cut in cuts})


def ends_by_width(confidence, bins):
    edges = [m / bins for m in range(1, bins + 1)]
    return sorted({int(np.searchsorted(confidence, edge, side="right")) for edge in edges} - {0})


def error(curve):
    """The error as seen, the corrected one and its interval."""
    n = sum(size for size, _, _ in curve)
    weight = np.array([size / n for size, _, _ in curve])
    gap = np.array([abs(correct / size - confidence) for size, correct, confidence in curve])
    rate = np.array([(correct + 4 * confidence) / (size + 4) for size, correct, confidence in curve])
    noise = np.sqrt(rate * (1 - rate) / np.array([size for size, _, _ in curve]))
    seen = float(weight @ gap)
    direction = gap / seen

    def shown(t, z):
        folded = foldnorm(t * direction / noise, scale=noise)
        return weight @ folded.mean() + z * np.sqrt(weight**2 @ folded.var())

    def solve(z):
        if shown(0.0, z) >= seen:
            return 0.0
        return float(brentq(lambda t: shown(t, z) - seen, 0.0, 1.0, xtol=1e-14))

    z = 1.959963984540054
    return {"ece": seen, "corrected": solve(0.0), "low": solve(z), "high": solve(-z)}


def measured(confidence, right, ends):
    curve = []
    for start, end in zip([0, *ends], ends):
        inside = slice(start, end)
        curve.append([end - start, int(right[inside].sum()), float(confidence[inside].mean())])
    return {"bins": curve, **error(curve)}


def case(rng, name, n, classes, temperature, decimals):
    logits = rng.normal(0, 2, (n, classes))
    true = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([rng.choice(classes, p=row) for row in true])
    p = np.exp(logits / temperature)
    p = np.round(p / p.sum(1, keepdims=True), decimals)
    p[:, -1] = 1 - p[:, :-1].sum(1)
    p = np.clip(p, 0, 1)
    likeliest = p.argmax(1)
    order = np.argsort(p.max(1), kind="stable")
    confidence, right = p.max(1)[order], (likeliest == truth)[order]
    labels = range(classes)
    return {
        "name": name,
        "probabilities": p.tolist(),
        "truth": truth.tolist(),
        "mass": measured(confidence, right, ends_by_mass(confidence, 15)),
        "width": measured(confidence, right, ends_by_width(confidence, 10)),
        "brier": float(brier_score_loss(truth, p, labels=labels, scale_by_half=False)),
        "log_loss": float(log_loss(truth, np.maximum(p, 1e-15) if p.min() == 0 else p, labels=labels)),
    }


def main():
    rng = np.random.default_rng(SEED)
    cases = [
        case(rng, "calibrated", 120, 3, 1.0, 12),
        case(rng, "overconfident", 150, 3, 0.4, 12),
        case(rng, "underconfident", 100, 2, 2.0, 12),
        case(rng, "ties", 130, 4, 0.7, 1),
        case(rng, "few", 15, 3, 0.5, 12),
    ]
    versions = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}
    json.dump({"made_by": "calibration.py", "versions": versions, "cases": cases}, sys.stdout)
    print()


main()
