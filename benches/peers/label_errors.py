"""cleanlab's label errors in one run's documents, a line of JSON.

`label_errors.py FOLDER` reads labeled.jsonl (id, text, label) and injected.txt (the ids whose label was made wrong). The
probabilities are out of fold: five folds, tf-idf of words and pairs of words, logistic regression. `listed` is
`find_label_issues`, the ranking is by self-confidence, and `precision_at_k` takes as many as were made wrong.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = [json.loads(line) for line in (folder / "labeled.jsonl").read_text(encoding="utf-8").splitlines()]
    injected = set((folder / "injected.txt").read_text(encoding="utf-8").split())
    names = sorted({row["label"] for row in rows})
    labels = np.array([names.index(row["label"]) for row in rows])
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(row["text"] for row in rows)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = LogisticRegression(C=10, max_iter=1000)
    probabilities = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")
    listed = find_label_issues(labels, probabilities, return_indices_ranked_by="self_confidence")
    ranked = np.argsort(get_label_quality_scores(labels, probabilities))

    def hits(places):
        return sum(rows[place]["id"] in injected for place in places)

    put_in = len(injected)
    print(json.dumps({
        "listed": len(listed),
        "f1": 2 * hits(listed) / max(1, len(listed) + put_in),
        "precision_at_k": hits(ranked[:put_in]) / max(1, put_in),
    }))


warnings.simplefilter("ignore")
main()
