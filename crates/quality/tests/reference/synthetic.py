"""Made-up labels of five classes, and what scikit-learn and SciPy say about them.

    python synthetic.py > synthetic.json

Each case has two columns of class indices from a seeded generator. Kappa compares them; accuracy, macro-F1 and the scores
of each class take `a` as the truth and `b` as the prediction. A kappa that is undefined is null.
"""

import json
import math
import random
import sys
import warnings

import scipy
import sklearn
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

SEED = 20081025
CLASSES = 5


def columns(rng, n, weights_a, weights_b, copied):
    """Column a drawn by weights_a; b repeats it with probability `copied` and is drawn by weights_b otherwise."""
    a = rng.choices(range(CLASSES), weights_a, k=n)
    b = [x if rng.random() < copied else rng.choices(range(CLASSES), weights_b)[0] for x in a]
    return a, b


def case(name, a, b):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kappa = float(cohen_kappa_score(a, b))
    present = sorted(set(a) | set(b))
    precision, recall, f1, support = precision_recall_fscore_support(a, b, labels=present, zero_division=0)
    return {
        "name": name,
        "a": a,
        "b": b,
        "kappa": None if math.isnan(kappa) else kappa,
        "accuracy": float(accuracy_score(a, b)),
        "macro_f1": float(f1_score(a, b, average="macro", zero_division=0)),
        "classes": [
            {"class": k, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for k, p, r, f, s in zip(present, precision, recall, f1, support)
        ],
        "confusion": confusion_matrix(a, b, labels=range(CLASSES)).tolist(),
    }


def cases():
    rng = random.Random(SEED)
    even, skewed = [1] * 5, [200, 40, 8, 2, 1]
    yield case("even classes, mostly agreeing", *columns(rng, 300, even, even, 0.75))
    yield case("skewed classes, mostly agreeing", *columns(rng, 300, skewed, skewed, 0.8))
    yield case("independent", *columns(rng, 200, even, even, 0.0))
    yield case("skewed and independent", *columns(rng, 200, skewed, skewed, 0.0))
    yield case("two classes are never predicted", *columns(rng, 120, even, [1, 1, 1, 0, 0], 0.0))
    yield case("a class is only predicted", *columns(rng, 120, [1, 1, 1, 1, 0], even, 0.4))
    yield case("always the same prediction", *columns(rng, 60, skewed, [0, 0, 1, 0, 0], 0.0))
    yield case("twelve items", *columns(rng, 12, even, even, 0.5))
    a, _ = columns(rng, 50, even, even, 1.0)
    yield case("equal", a, a)
    yield case("never equal", a, [(x + 1) % CLASSES for x in a])
    yield case("one label only", [3] * 8, [3] * 8)
    yield case("one item, two labels", [0], [4])


def intervals():
    for k, n in [(0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (10, 10), (3, 5), (45, 50), (799, 800), (123_456, 1_000_000)]:
        ends = binomtest(k, n).proportion_ci(confidence_level=0.95, method="wilson")
        yield {"k": k, "n": n, "low": float(ends.low), "high": float(ends.high)}


def main():
    fields = {
        "command": "python synthetic.py > synthetic.json",
        "scikit_learn": sklearn.__version__,
        "scipy": scipy.__version__,
        "python": sys.version.split()[0],
        "seed": SEED,
        "n_classes": CLASSES,
    }
    parts = [f' "{name}": {json.dumps(value)}' for name, value in fields.items()]
    for name, values in (("wilson", intervals()), ("cases", cases())):
        parts.append(f' "{name}": [\n' + ",\n".join("  " + json.dumps(value) for value in values) + "\n ]")
    print("{\n" + ",\n".join(parts) + "\n}")


main()
