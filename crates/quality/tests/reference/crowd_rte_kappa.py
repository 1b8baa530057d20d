"""scikit-learn's values for the recognizing-textual-entailment answers of Snow et al. (EMNLP 2008).

    python crowd_rte_kappa.py DIR > crowd_rte_kappa.json

DIR holds answers.jsonl ({"item", "annotator", "label"} a line) and gold.jsonl ({"item", "label"} a line); annotators are
named w0001, w0002, ... in the order in which the published file first has them. Only results are printed, never an answer:

- pairs: Cohen's kappa of every two annotators with at least MIN_SHARED items in common, null where it is undefined;
- control: every annotator against the gold labels;
- majority: how many items have each label or a tie as their majority.
"""

import collections
import hashlib
import itertools
import json
import math
import pathlib
import sys
import warnings

import sklearn
from sklearn.metrics import accuracy_score, cohen_kappa_score

MIN_SHARED = 10


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def kappa(a, b):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = float(cohen_kappa_score(a, b))
    return None if math.isnan(value) else value


def pairs(answers):
    for a, b in itertools.combinations(sorted(answers), 2):
        shared = sorted(answers[a].keys() & answers[b].keys())
        if len(shared) >= MIN_SHARED:
            columns = [[answers[who][item] for item in shared] for who in (a, b)]
            yield {"a": a, "b": b, "n": len(shared), "kappa": kappa(*columns)}


def control(answers, gold):
    for who in sorted(answers):
        known = sorted(answers[who].keys() & gold.keys())
        columns = [answers[who][item] for item in known], [gold[item] for item in known]
        yield {"annotator": who, "n": len(known), "accuracy": float(accuracy_score(*columns)), "kappa": kappa(*columns)}


def majority(answers):
    votes = collections.defaultdict(collections.Counter)
    for labels in answers.values():
        for item, label in labels.items():
            votes[item][label] += 1
    winners = [[label for label in count if count[label] == max(count.values())] for count in votes.values()]
    return dict(sorted(collections.Counter(w[0] if len(w) == 1 else "tie" for w in winners).items()))


def listing(values):
    return "[\n" + ",\n".join("  " + json.dumps(value) for value in values) + "\n ]"


def main():
    folder = pathlib.Path(sys.argv[1])
    answers = collections.defaultdict(dict)
    for row in rows(folder / "answers.jsonl"):
        answers[row["annotator"]][row["item"]] = row["label"]
    gold = {row["item"]: row["label"] for row in rows(folder / "gold.jsonl")}
    digest = hashlib.sha256((folder / "answers.jsonl").read_bytes()).hexdigest()
    fields = {
        "command": 'python crowd_rte_kappa.py "$QUERIST_DATA/crowd_rte" > crowd_rte_kappa.json',
        "scikit_learn": sklearn.__version__,
        "python": sys.version.split()[0],
        "answers_sha256": digest,
        "annotators": len(answers),
        "min_shared": MIN_SHARED,
        "majority": majority(answers),
    }
    parts = [f' "{name}": {json.dumps(value)}' for name, value in fields.items()]
    parts.append(' "control": ' + listing(control(answers, gold)))
    parts.append(' "pairs": ' + listing(pairs(answers)))
    print("{\n" + ",\n".join(parts) + "\n}")


main()
