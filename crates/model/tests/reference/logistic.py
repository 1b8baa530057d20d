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


def problem(name, kind, n, d, k, c, rng):
    x, y = kind(rng, n, d, k)
    new, _ = kind(rng, 8, d, k)
    model = LogisticRegression(C=c, solver="newton-cg", tol=1e-11, max_iter=100_000).fit(x, y)
    return {
        "name": name,
        "c": c,
        "n_classes": k,
        "rows": x.tolist(),
        "targets": y.tolist(),
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
    out = {
        "made_by": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
        "problems": problems,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
    print(out["made_by"], "->", path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
