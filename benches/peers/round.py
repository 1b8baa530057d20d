"""One labelling round in one process, as a script would do it with scikit-learn: read the pool, vectorise it, train on the
labelled documents, score the others by entropy, take the highest, evaluate the test set.

    python round.py TRAIN TEST LABELED [BATCH]

TRAIN and TEST are JSONL files (fields id, text, label; plain or gzip), LABELED a JSON list of ids of TRAIN whose labels are
known. Prints JSON.
"""
import json
import resource
import sys
import time

start = time.perf_counter()
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from sets import read, texts_and_labels

clock = {}


def timed(name, work):
    """What `work` gives; its seconds go to the clock."""
    begin = time.perf_counter()
    out = work()
    clock[name] = round(time.perf_counter() - begin, 4)
    return out


def entropies(model, rows):
    """The entropy of the model's probabilities of each row, in nats."""
    p = model.predict_proba(rows)
    return -(p * np.log(np.clip(p, 1e-12, 1))).sum(1)


clock["import"] = round(time.perf_counter() - start, 4)
rows = timed("read", lambda: read(sys.argv[1]))
test_texts, test_labels = timed("read_test", lambda: texts_and_labels(sys.argv[2]))
with open(sys.argv[3], encoding="utf-8") as file:
    known = set(json.load(file))
batch = int(sys.argv[4]) if len(sys.argv) > 4 else 100
labeled = np.array([place for place, row in enumerate(rows) if row["id"] in known])
unlabeled = np.setdiff1d(np.arange(len(rows)), labeled)
classes = {name: index for index, name in enumerate(sorted({row["label"] for row in rows}))}
targets = np.array([classes[rows[place]["label"]] for place in labeled])

vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
matrix = timed("vectorise", lambda: vectorizer.fit_transform([row["text"] for row in rows]))
model = timed("train", lambda: LogisticRegression(C=10.0, max_iter=1000).fit(matrix[labeled], targets))
scores = timed("score", lambda: entropies(model, matrix[unlabeled]))
picks = timed("select", lambda: unlabeled[np.argpartition(-scores, batch)[:batch]])
truth = np.array([classes.get(label, -1) for label in test_labels])
predicted = timed("evaluate", lambda: model.predict(vectorizer.transform(test_texts)))
print(json.dumps({
    "pool": len(rows), "labeled": len(labeled), "columns": matrix.shape[1], "seconds": clock,
    "accuracy": float((predicted == truth)[truth >= 0].mean()),
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    "picks": [rows[place]["id"] for place in picks],
}))
