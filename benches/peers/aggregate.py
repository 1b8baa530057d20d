"""crowd-kit's aggregation of one set's answers, a line of JSON for each method.

`aggregate.py ANSWERS GOLD METHOD,METHOD` reads JSONL, plain or gzip. Of several answers to a pair the last one counts, as in Querist
(crowd-kit itself counts all). `accuracy` takes the labels as crowd-kit gives them; `shared` counts an item with k equally likely
labels as 1/k where the right one is among them. `seconds` is `fit_predict` alone, on a data frame that is ready.

`ds:N` is Dawid-Skene with N iterations, whatever its objective does: crowd-kit stops where that falls.
"""
import gzip
import json
import math
import sys
import time

import pandas as pd
from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote, OneCoinDawidSkene, Wawa

METHODS = {
    "mv": MajorityVote,
    "wawa": Wawa,
    "ds": lambda: DawidSkene(n_iter=100),
    "onecoin": lambda: OneCoinDawidSkene(n_iter=100),
    "glad": lambda: GLAD(n_iter=100),
    "mace": lambda: MACE(random_state=0),
}


def read(path):
    """The rows of a JSONL file."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines]


def shared(probabilities, label):
    """1/k if the label is one of the k likeliest, else 0."""
    likeliest = probabilities[probabilities >= probabilities.max() - 1e-9].index
    return 1 / len(likeliest) if label in likeliest else 0


def main():
    answers, gold, methods = sys.argv[1:]
    votes = pd.DataFrame(read(answers)).rename(columns={"item": "task", "annotator": "worker"})
    votes = votes[["task", "worker", "label"]].drop_duplicates(["task", "worker"], keep="last")
    gold = {row["item"]: row["label"] for row in read(gold)}
    for name in methods.split(","):
        kind, _, iterations = name.partition(":")
        method = DawidSkene(n_iter=int(iterations), tol=-math.inf) if iterations else METHODS[kind]()
        start = time.perf_counter()
        labels = method.fit_predict(votes)
        seconds = time.perf_counter() - start
        known = [item for item in gold if item in labels.index]
        accuracy = sum(labels[item] == gold[item] for item in known) / len(known)
        fair = sum(shared(method.probas_.loc[item], gold[item]) for item in known) / len(known)
        line = {"method": name, "seconds": seconds, "items": len(known), "accuracy": accuracy, "shared": fair}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
