"""Small tables of answers, and what scikit-learn, statsmodels, krippendorff and irrCAC say about them.

    python agreement_tables.py > agreement_tables.json

A table is a row an item, a column an annotator, a class index or null (no answer) a cell. Some are published worked examples,
named by their source, with the value printed there under "published"; the others come from a seeded generator. Class indices
are places in the label order, and irrCAC is told of all classes, used or not.

- cohen: for every two annotators, unweighted, linear and quadratic kappa (scikit-learn) and their large-sample standard
  errors (statsmodels; Fleiss, Cohen and Everitt 1969), null where they are undefined;
- scott: Scott's pi of tables with two annotators (irrCAC, from the table of counts);
- fleiss: kappa of the items with the commonest number of answers (statsmodels); fleiss_all: of all items (irrCAC);
- alpha: nominal, ordinal, interval, and interval with the values of the table (krippendorff);
- gwet: AC1, and AC2 with linear, quadratic and ordinal weights, each with its analytic standard error (irrCAC);
- classes: nominal alpha, both kappas of Fleiss and AC1 of "the class or not".
"""

import collections
import importlib.metadata
import itertools
import json
import math
import random
import sys
import warnings

import irrCAC.raw
import irrCAC.table
import krippendorff
import numpy
import pandas
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

SEED = 20141102
PACKAGES = ("scikit-learn", "statsmodels", "krippendorff", "irrCAC")
GWET = {"ac1": "identity", "linear": "linear", "quadratic": "quadratic", "ordinal": "ordinal"}

warnings.simplefilter("ignore")
numpy.seterr(all="ignore")


def finite(value):
    return float(value) if math.isfinite(value) else None


def cohen(table, k):
    for a, b in itertools.combinations(range(len(table[0])), 2):
        both = [(row[a], row[b]) for row in table if row[a] is not None and row[b] is not None]
        found = {"a": a, "b": b, "n": len(both)}
        counts = numpy.zeros((k, k))
        for x, y in both:
            counts[x, y] += 1
        for name, weights, wt in (("none", None, None), ("linear", "linear", "linear"), ("quadratic", "quadratic", "fc")):
            defined = both and len({label for pair in both for label in pair}) > 1
            columns = list(zip(*both))
            kappa = cohen_kappa_score(*columns, labels=range(k), weights=weights) if defined else math.nan
            error = cohens_kappa(counts, wt=wt).std_kappa if defined else math.nan
            found[name] = {"kappa": finite(kappa), "error": finite(error)}
        yield found


def counts_of(rows, k):
    return numpy.array([[row.count(c) for c in range(k)] for row in rows])


def fleiss(rows, k):
    sizes = collections.Counter(len(row) for row in rows if len(row) >= 2)
    if not sizes:
        return None
    size = min(sizes, key=lambda size: (-sizes[size], size))
    same = [row for row in rows if len(row) == size]
    used = {label for row in same for label in row}
    return {"size": size, "items": len(same), "kappa": finite(fleiss_kappa(counts_of(same, k))) if len(used) > 1 else None}


def coefficients(rows, k, weights):
    width = max(len(row) for row in rows)
    padded = pandas.DataFrame([row + [None] * (width - len(row)) for row in rows], dtype=float)
    return irrCAC.raw.CAC(padded, weights=weights, categories=list(range(k)), digits=15)


def value_and_error(found):
    return {"value": finite(found["est"]["coefficient_value"]), "error": finite(found["est"]["se"])}


def alpha(rows, k, level, values=None):
    paired = {label for row in rows if len(row) >= 2 for label in row}
    if len(paired) < 2 or (values and len({values[label] for label in paired}) < 2):
        return None
    domain = values if values else list(range(k))
    return finite(krippendorff.alpha(value_counts=counts_of(rows, k), value_domain=domain, level_of_measurement=level))


def measures(rows, k, values=None):
    """What depends on how often each class was chosen of each item; rows are lists of labels, none empty."""
    overlap = any(len(row) >= 2 for row in rows)
    classes = []
    for c in range(k):
        binary = [[int(label == c) for label in row] for row in rows]
        used = any(1 in row for row in binary)
        one = coefficients(binary, 2, "identity") if used and overlap else None
        other = used and any(0 in row for row in binary)
        classes.append({
            "alpha": alpha(binary, 2, "nominal"),
            "fleiss": (fleiss(binary, 2) or {"kappa": None})["kappa"],
            "fleiss_all": finite(one.fleiss()["est"]["coefficient_value"]) if one and other else None,
            "ac1": value_and_error(one.gwet())["value"] if one else None,
        })
    several = len({label for row in rows for label in row}) > 1
    found = {
        "fleiss": fleiss(rows, k),
        "fleiss_all": value_and_error(coefficients(rows, k, "identity").fleiss()) if overlap and several else None,
        "alpha": {level: alpha(rows, k, level) for level in ("nominal", "ordinal", "interval")},
        "gwet": {name: value_and_error(coefficients(rows, k, w).gwet()) for name, w in GWET.items()} if overlap else None,
        "classes": classes,
    }
    if found["alpha"]["nominal"] is not None:
        found["alpha_error"] = finite(coefficients(rows, k, "identity").krippendorff()["est"]["se"])
    if values:
        found["alpha"]["valued"] = alpha(rows, k, "interval", values)
    return found


def scott(table, k):
    both = [row for row in table if None not in row]
    counts = numpy.zeros((k, k))
    for a, b in both:
        counts[a, b] += 1
    found = irrCAC.table.CAC(pandas.DataFrame(counts), digits=15).scott()
    return finite(found["est"]["coefficient_value"])


def describe(name, table, k, values=None, published=None):
    rows = [[label for label in row if label is not None] for row in table]
    rows = [row for row in rows if row]
    found = {"name": name, "n_classes": k, "table": table, "values": values, "published": published or {}}
    found["cohen"] = list(cohen(table, k)) if len(table[0]) <= 6 else []
    found["scott"] = scott(table, k) if len(table[0]) == 2 else None
    return found | measures(rows, k, values)


def made_up(rng, items, annotators, weights, copied, missing, near=False):
    """Answers that repeat the item's class with probability `copied`, else are drawn by weights (or a neighbour of it)."""
    k = len(weights)
    for _ in range(items):
        truth = rng.choices(range(k), weights)[0]
        row = []
        for _ in range(annotators):
            other = min(k - 1, max(0, truth + rng.choice([-1, 1]))) if near else rng.choices(range(k), weights)[0]
            label = truth if rng.random() < copied else other
            row.append(None if rng.random() < missing else label)
        yield row


def expand(counts):
    """A table of counts as a table of answers; which column they are in does not matter."""
    return [[c for c, count in enumerate(row) for _ in range(count)] for row in counts]


def pairs(cells):
    return [[a, b] for (a, b), count in cells for _ in range(count)]


N = None
KRIPPENDORFF = list(map(list, zip(
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
)))
GWET_2014 = list(map(list, zip(
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, N],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
)))
FLEISS = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]


def from_one(table):
    return [[None if label is None else label - 1 for label in row] for row in table]


def cases():
    yield describe("Krippendorff 2011, sections C to E: four observers, five values, missing data", from_one(KRIPPENDORFF), 5,
                   [1.0, 2.0, 3.0, 4.0, 5.0], {"alpha_nominal": 0.743, "alpha_ordinal": 0.815, "alpha_interval": 0.849})
    yield describe("four raters and twelve subjects of Gwet 2014, as printed in the documentation of irrCAC", from_one(GWET_2014), 5,
                   None, {"ac1": 0.77544, "fleiss_all": 0.76117})
    yield describe("Fleiss 1971, thirty diagnoses by six raters", expand(FLEISS), 5, None, {"fleiss": 0.430})
    yield describe("the paradox of kappa: 118 twice positive, 5 and 2 apart, none twice negative",
                   pairs([((0, 0), 118), ((0, 1), 5), ((1, 0), 2)]), 2)
    rng = random.Random(SEED)
    even, skewed, binary = [1] * 4, [200, 40, 8, 2, 1], [97, 3]
    yield describe("even classes, nothing missing", list(made_up(rng, 60, 4, even, 0.7, 0)), 4, [0.0, 1.0, 3.5, 10.0])
    yield describe("skewed classes, a third missing", list(made_up(rng, 90, 5, skewed, 0.6, 0.33)), 5, [-2.0, -1.0, 0.0, 0.5, 4.0])
    yield describe("neighbours are confused", list(made_up(rng, 80, 5, [1] * 6, 0.5, 0.2, near=True)), 6, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    yield describe("two annotators, two classes, skewed", list(made_up(rng, 120, 2, binary, 0.5, 0)), 2)
    yield describe("two annotators, neighbours confused, some missing", list(made_up(rng, 100, 2, [1, 2, 3, 2, 1], 0.6, 0.15, near=True)), 5)
    yield describe("chance alone", list(made_up(rng, 70, 3, even, 0.0, 0.1)), 4, [0.0, 1.0, 2.0, 3.0])
    yield describe("a class that nobody uses, another in the middle", [[0, 0, 3], [3, 3, N], [0, 3, 3], [1, 1, 1], [1, 0, N], [3, N, N]], 5,
                   [5.0, 5.0, 5.0, 7.0, 9.0])
    yield describe("one label only", [[2, 2], [2, 2], [2, 2]], 3)
    yield describe("perfect agreement", [[0, 0, N], [1, 1, 1], [2, 2, 2], [1, 1, N]], 3, [1.0, 2.0, 9.0])
    yield describe("no overlap", [[0, N], [N, 1], [1, N]], 2)


def main():
    fields = {"command": "python agreement_tables.py > agreement_tables.json", "python": sys.version.split()[0], "seed": SEED}
    fields |= {package: importlib.metadata.version(package) for package in PACKAGES}
    parts = [f' "{name}": {json.dumps(value)}' for name, value in fields.items()]
    parts.append(' "cases": [\n' + ",\n".join("  " + json.dumps(case) for case in cases()) + "\n ]")
    print("{\n" + ",\n".join(parts) + "\n}")


if __name__ == "__main__":
    main()
