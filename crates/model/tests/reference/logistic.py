"""Reference probabilities of logistic regression, from scikit-learn. Writes logistic.json next to this file.

    python crates/model/tests/reference/logistic.py

The problems are made up here. Feature values are multiples of 1/64, so that single precision holds them exactly.
"""

import json
import pathlib
import platform

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression


def grid(values):
    return np.round(np.asarray(values) * 64) / 64


def dense(rng, n, d, k):
    y = np.arange(n) % k
    return grid(rng.normal(size=(n, d)) * 0.6 + np.eye(k, d)[y]), y


def sparse(rng, n, d, k):
    """Rows like word counts: few columns, one group of columns for each class, and repeated rows."""
    y = np.arange(n) % k
    x = np.zeros((n, d))
    for i in range(n):
        own = [j for j in range(d) if j % k == y[i]]
        chosen = set(rng.choice(own, 3, replace=False)) | set(rng.choice(d, 3, replace=False))
        for j in chosen:
            x[i, j] = 1 / 64 + rng.random()
        x[i] /= np.linalg.norm(x[i])
    x = grid(x)
    x[n // 2] = x[0]
    x[n // 2 + 1] = x[0]
    x[n - 1] = 0
    return x, y


def problem(name, kind, n, d, k, c, rng, class_weights=None, weighted=False):
    """`class_weights`: None, "balanced" or one a class; weighted: random sample weights, and classes of unequal size."""
    x, y = kind(rng, n, d, k)
    new, _ = kind(rng, 8, d, k)
    sample_weights = None
    if weighted or class_weights is not None:
        keep = (y == 0) | (np.arange(n) % 3 != 0)
        x, y = x[keep], y[keep]
    if weighted:
        sample_weights = np.round((0.25 + 3 * rng.random(len(y))) * 64) / 64
    by_class = dict(enumerate(class_weights)) if isinstance(class_weights, list) else class_weights
    model = LogisticRegression(C=c, solver="newton-cg", tol=1e-11, max_iter=100_000, class_weight=by_class)
    model.fit(x, y, sample_weight=sample_weights)
    return {
        "name": name,
        "c": c,
        "n_classes": k,
        "rows": x.tolist(),
        "targets": y.tolist(),
        "sample_weights": None if sample_weights is None else sample_weights.tolist(),
        "class_weights": class_weights,
        "new_rows": new.tolist(),
        "probabilities": model.predict_proba(x).tolist(),
        "new_probabilities": model.predict_proba(new).tolist(),
    }


def main():
    rng = np.random.default_rng(7)
    problems = []
    for k in (2, 3, 5):
        for c in (1, 10):
            problems.append(problem(f"dense, {k} classes, C = {c}", dense, 40, 6, k, c, rng))
            problems.append(problem(f"sparse, {k} classes, C = {c}", sparse, 24, 40, k, c, rng))
    for k in (2, 3):
        for kind, n, d in ((dense, 40, 6), (sparse, 24, 40)):
            explicit = [0.5, 2.0, 1.25][:k]
            for weighted, by_class in ((True, None), (False, "balanced"), (True, "balanced"), (True, explicit)):
                sample = "weighted" if weighted else "plain"
                name = f"{kind.__name__}, {k} classes, {sample}, class weights {by_class}"
                problems.append(problem(name, kind, n, d, k, 3, rng, by_class, weighted))
    out = {
        "made_by": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
        "problems": problems,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
    print(out["made_by"], "->", path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
