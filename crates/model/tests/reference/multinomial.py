"""Reference optima of multinomial logistic regression with sample weights, from scikit-learn. Writes multinomial.json.

    python crates/model/tests/reference/multinomial.py

The problems are made up here. Feature values are multiples of 1/64 and sample weights of 1/16, so that the file holds them
exactly. Every row is a list of (column, value).
"""

import json
import pathlib
import platform
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression


def rows(rng, n, d, k, shared):
    """Rows like word counts: some columns that many rows have and some that one row alone has; one row is empty, two repeat."""
    y = np.arange(n) % k
    x = np.zeros((n, d + 2 * n))
    for i in range(n):
        own = [j for j in range(d) if j % k == y[i]]
        chosen = set(rng.choice(own, min(shared, len(own)), replace=False)) | set(rng.choice(d, shared, replace=False))
        for j in chosen:
            x[i, j] = 0.1 + rng.random()
        x[i, d + 2 * i : d + 2 * i + 2] = 0.1 + 0.5 * rng.random(2)
        x[i] /= np.linalg.norm(x[i])
    x = np.round(x * 64) / 64
    x[n // 2] = x[0]
    x[n - 1] = 0
    return x, y


def gradient_norm(x, y, s, c, model):
    """Of the summed objective, with a row of weights for each class."""
    w, b = model.coef_.T, model.intercept_
    if w.shape[1] == 1:
        w, b, alpha = np.hstack([-w / 2, w / 2]), np.array([-b[0] / 2, b[0] / 2]), 2 / c
    else:
        alpha = 1 / c
    z = x @ w + b
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    r = s[:, None] * p
    return float(np.sqrt(((x.T @ r + alpha * w) ** 2).sum() + (r.sum(0) ** 2).sum()))


def problem(rng, n, d, k, shared, c):
    x, y = rows(rng, n, d, k, shared)
    s = np.maximum(np.round(rng.exponential(size=n) * 16), 1) / 16
    model = LogisticRegression(C=c, solver="newton-cg", tol=1e-13, max_iter=100_000).fit(x, y, sample_weight=s)
    norm = gradient_norm(x, y, s, c, model)
    assert norm < 1e-7, norm
    return {
        "c": c,
        "n_classes": k,
        "n_columns": x.shape[1],
        "rows": [[[int(j), row[j]] for j in np.flatnonzero(row)] for row in x],
        "targets": y.tolist(),
        "weights": s.tolist(),
        "probabilities": model.predict_proba(x).tolist(),
    }


def main():
    # It stops where rounding hides that the objective falls, and says so; what counts is the gradient, asserted above.
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(11)
    problems = []
    for n, d, k, shared in ((20, 8, 2, 3), (24, 12, 3, 3), (30, 20, 6, 4), (36, 40, 12, 6)):
        for c in (0.1, 1, 10, 1000):
            problems.append(problem(rng, n, d, k, shared, c))
    out = {
        "made_by": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
        "problems": problems,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('{"c"', '\n{"c"') + "\n")
    print(out["made_by"], "->", path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
