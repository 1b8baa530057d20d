"""Reference values of agreement on published crowd answers.

    python agreement_crowd.py DIR > agreement_crowd.json

DIR holds a folder a set, with answers.jsonl or answers.jsonl.gz ({"item", "annotator", "label"} a line; of several answers of an
annotator to an item the last counts). Classes are the labels in sorted order. Only results are printed, never an answer: what
agreement_tables.py says of small tables, and Cohen's kappa as its mean over all pairs of annotators with at least MIN_SHARED
items in common (scikit-learn; undefined ones are left out).
"""

import collections
import gzip
import importlib.metadata
import itertools
import json
import math
import pathlib
import sys

from agreement_tables import PACKAGES, cohen_kappa_score, measures

MIN_SHARED = 10
SETS = ("rte", "temp", "bluebirds", "dog", "face", "weather", "s_adult", "d_product", "d_possent", "sp", "agnews_noisy")


def lines(folder):
    plain = folder / "answers.jsonl"
    opened = plain.open(encoding="utf-8") if plain.exists() else gzip.open(folder / "answers.jsonl.gz", "rt", encoding="utf-8")
    with opened as rows:
        return [json.loads(row) for row in rows]


def kappas(answers, k):
    by_annotator = collections.defaultdict(dict)
    for (item, annotator), label in answers.items():
        by_annotator[annotator][item] = label
    found, pairs = {"none": [], "linear": [], "quadratic": []}, 0
    for a, b in itertools.combinations(sorted(by_annotator), 2):
        shared = by_annotator[a].keys() & by_annotator[b].keys()
        if len(shared) < MIN_SHARED:
            continue
        pairs += 1
        columns = [[by_annotator[who][item] for item in sorted(shared)] for who in (a, b)]
        if len(set(columns[0]) | set(columns[1])) > 1:
            for weights, values in found.items():
                weights = None if weights == "none" else weights
                values.append(cohen_kappa_score(*columns, labels=range(k), weights=weights))
    means = {weights: math.fsum(values) / len(values) if values else None for weights, values in found.items()}
    return {"pairs": pairs, "defined": len(found["none"])} | means


def describe(folder):
    rows = lines(folder)
    names = sorted({row["label"] for row in rows})
    place = {name: index for index, name in enumerate(names)}
    answers = {(row["item"], row["annotator"]): place[row["label"]] for row in rows}
    items = collections.defaultdict(list)
    for (item, _), label in answers.items():
        items[item].append(label)
    print(folder.name, file=sys.stderr)
    found = {"set": folder.name, "labels": names, "answers": len(answers), "items": len(items), "cohen": kappas(answers, len(names))}
    return found | measures(list(items.values()), len(names))


def main():
    root = pathlib.Path(sys.argv[1])
    fields = {"command": 'python agreement_crowd.py "$QUERIST_DATA" > agreement_crowd.json', "python": sys.version.split()[0]}
    fields |= {package: importlib.metadata.version(package) for package in PACKAGES} | {"min_shared": MIN_SHARED}
    parts = [f' "{name}": {json.dumps(value)}' for name, value in fields.items()]
    sets = [describe(root / f"crowd_{name}") for name in SETS]
    parts.append(' "sets": [\n' + ",\n".join("  " + json.dumps(found) for found in sets) + "\n ]")
    print("{\n" + ",\n".join(parts) + "\n}")


main()
