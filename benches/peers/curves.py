"""Learning curves of scikit-learn and of small-text, from the initial labels that a `querist simulate` started from.

    python curves.py TRAIN TEST RESULTS OUT --strategies sklearn:lsa:kmeans_margin,small-text:tfidf:BreakingTies [--seeds N]

TRAIN and TEST are JSONL files (fields id, text, label; plain or gzip), RESULTS the results.jsonl of a simulation of the same
files: its rounds, batch size and initial documents are taken. A strategy is PEER:FEATURES:NAME. Features are `tfidf` (words and
pairs, 50,000 columns, sublinear) or `lsa` (300 components of it, rows of length 1); the classifier is logistic regression with
C = 10. Appends to OUT, a line a round, and passes over runs that are there already.

sklearn:      random, entropy, margin, least; half_NAME (half of it random); kmeans_NAME (groups among the 10 n highest)
small-text:   any of its strategies for one label, on at most 4,096 random candidates where it needs embeddings

Three things are only made faster; `--plain` leaves them out, for timing. Models are the same up to the solver's tolerance. Picks are
the same but where rounding decides: among ties, and in the order of candidates that k-means starts from. The regression is
solved in the span of the labelled rows, where its solution lies. small-text's embeddings stay sparse. Its greedy core-set keeps its
distances between picks.
"""
import argparse
import json
import os
import time
import warnings

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import normalize

from sets import read

warnings.filterwarnings("ignore")
# small-text's strategies that look at embeddings, and what they need.
EMBEDDED = ("EmbeddingKMeans", "GreedyCoreset", "LightweightCoreset", "ContrastiveActiveLearning")
SUBSAMPLE = 4096


class SpanRegression(LogisticRegression):
    """Logistic regression solved in the span of its n rows: with X Xᵀ = U S² Uᵀ the rows U S have the same inner products, so
    that the penalised optimum is the same; its weights are those of U S taken back by Xᵀ U S⁻¹."""

    def fit(self, X, y, sample_weight=None):
        # Of many rows the span is no smaller than what it stands in.
        if not sparse.issparse(X) or X.shape[0] > 2000:
            return super().fit(X, y)
        values, vectors = np.linalg.eigh((X @ X.T).toarray())
        kept = values > 1e-10 * values[-1]
        roots = np.sqrt(values[kept])
        super().fit(vectors[:, kept] * roots, y)
        self.coef_ = (X.T @ (vectors[:, kept] / roots @ self.coef_.T)).T
        self.n_features_in_ = X.shape[1]
        return self


def usable(path):
    """The rows of a file that have a text."""
    return [row for row in read(path) if row["text"].strip()]


def by_score(name, probabilities):
    """What a measure gives each row (n): higher, ask sooner."""
    top = np.sort(probabilities, 1)
    if name == "entropy":
        return -(probabilities * np.log(np.clip(probabilities, 1e-12, 1))).sum(1)
    return {"margin": 1 - (top[:, -1] - top[:, -2]), "least": 1 - top[:, -1]}[name]


def pick(strategy, rows, probabilities, unlabeled, n, rng):
    """The next n documents by one of scikit-learn's strategies."""
    if strategy == "random":
        return rng.choice(unlabeled, n, replace=False)
    score = by_score(strategy.split("_")[-1], probabilities)
    if strategy.startswith("half_"):
        first = unlabeled[np.argpartition(-score, n // 2)[: n // 2]]
        return np.concatenate([first, rng.choice(np.setdiff1d(unlabeled, first), n - n // 2, replace=False)])
    if strategy.startswith("kmeans_"):
        candidates = np.argpartition(-score, min(10 * n, len(unlabeled) - 1))[: 10 * n]
        means = KMeans(n, n_init=1, random_state=0).fit(rows[unlabeled[candidates]], sample_weight=score[candidates])
        near, out = means.transform(rows[unlabeled[candidates]]), []
        for group in range(n):
            out.append(next(place for place in np.argsort(near[:, group]) if place not in out))
        return unlabeled[candidates[out]]
    return unlabeled[np.argpartition(-score, n)[:n]]


def sklearn_run(strategy, rows, targets, initial, rounds, size, seed, model):
    """A run of scikit-learn: gives each round's model and the seconds of choosing and training."""
    rng, have = np.random.RandomState(1000 + seed), initial
    begin = time.perf_counter()
    for number in range(rounds + 1):
        fitted = model().fit(rows[have], targets[have])
        yield fitted, time.perf_counter() - begin
        begin = time.perf_counter()
        if number < rounds:
            unlabeled = np.setdiff1d(np.arange(len(targets)), have)
            probabilities = fitted.predict_proba(rows[unlabeled])
            have = np.concatenate([have, pick(strategy, rows, probabilities, unlabeled, size, rng)])


def kept_distances(x, unlabeled, labeled, n, **_):
    """small-text's greedy_coreset with Euclidean distances of rows of length 1, each distance computed once."""
    candidates = x[unlabeled]
    # A document without a known word has length 0.
    squares = np.asarray(x.multiply(x).sum(1)).ravel()
    def distances(rows):
        inner = (candidates @ x[rows].T).toarray()
        return np.sqrt(np.maximum(squares[unlabeled][:, None] + squares[rows][None] - 2 * inner, 0)).min(1)
    nearest, out = distances(np.asarray(labeled)), []
    for _ in range(n):
        nearest[out] = -np.inf
        chosen = int(np.argmax(nearest))
        out.append(chosen)
        nearest = np.minimum(nearest, distances(np.asarray([unlabeled[chosen]])))
    return np.array(out)


def small_text_run(strategy, rows, targets, initial, rounds, size, seed, model, plain):
    """A run of small-text: its learner, its strategies, scikit-learn's classifier."""
    import small_text
    from small_text.classifiers.classification import EmbeddingMixin
    from small_text.query_strategies import coresets

    n_classes = int(targets.max()) + 1
    dense = plain or strategy == "LightweightCoreset"

    class Embedding(EmbeddingMixin, small_text.SklearnClassifier):
        """The rows serve as embeddings, as in small-text's own linear experiments."""

        def embed(self, dataset, return_proba=False, embedding_method=None, pbar=None):
            embedded = dataset.x.toarray() if dense else dataset.x
            return (embedded, self.predict_proba(dataset)) if return_proba else embedded

        def predict_proba(self, dataset):
            """One column a class, as its strategies expect, also where a class has no label yet."""
            known = self.model.predict_proba(dataset.x)
            if known.shape[1] == n_classes:
                return known
            out = np.zeros((len(known), n_classes))
            out[:, self.model.classes_] = known
            return out

    class Factory:
        def __init__(self, classes):
            self.classes = classes

        def new(self):
            return Embedding(model(), self.classes)

    if not plain:
        coresets.greedy_coreset = kept_distances
        similarity = lambda centers, vectors, normalized: np.asarray((vectors @ centers.T).T)
        small_text.EmbeddingKMeans._similarity = staticmethod(similarity)
    np.random.seed(1000 + seed)
    if strategy == "DiscriminativeActiveLearning":
        chosen = small_text.DiscriminativeActiveLearning(Factory(2), num_iterations=5)
    else:
        chosen = getattr(small_text, strategy)()
    if strategy in EMBEDDED:
        chosen = small_text.SubsamplingQueryStrategy(chosen, subsample_size=min(SUBSAMPLE, len(targets) // 2))
    data = small_text.SklearnDataset(rows, targets, target_labels=np.arange(n_classes))
    begin = time.perf_counter()
    learner = small_text.PoolBasedActiveLearner(Factory(n_classes), chosen, data)
    learner.initialize_data(initial, targets[initial])
    for number in range(rounds + 1):
        yield learner.classifier.model, time.perf_counter() - begin
        begin = time.perf_counter()
        if number < rounds:
            picks = learner.query(num_samples=size)
            learner.update(targets[picks])


def main():
    arguments = argparse.ArgumentParser()
    for name in ("train", "test", "results", "out"):
        arguments.add_argument(name)
    arguments.add_argument("--strategies", required=True)
    arguments.add_argument("--seeds", type=int, default=10)
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument("--plain", action="store_true")
    given = arguments.parse_args()
    train, test = usable(given.train), usable(given.test)
    names = sorted({row["label"] for row in train})
    code = {name: place for place, name in enumerate(names)}
    targets = np.array([code[row["label"]] for row in train])
    truth = np.array([code.get(row["label"], -1) for row in test])
    place = {row["id"]: number for number, row in enumerate(train)}
    with open(given.results, encoding="utf-8") as lines:
        header, *rounds = map(json.loads, lines)
    protocol = header["protocol"]
    initial = {line["seed"]: np.array([place[name] for name in line["chosen"]]) for line in rounds if line["round"] == 0}
    done = set()
    if os.path.exists(given.out):
        with open(given.out, encoding="utf-8") as lines:
            done = {(line["arm"], line["seed"]) for line in map(json.loads, lines) if line["round"] == protocol["rounds"]}
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), max_features=50000, sublinear_tf=True)
    tfidf = [vectorizer.fit_transform([row["text"] for row in train]), vectorizer.transform([row["text"] for row in test])]
    sets = {"tfidf": tfidf}
    model = lambda: (LogisticRegression if given.plain else SpanRegression)(C=10.0, max_iter=300)
    for seed in range(given.seeds):
        for arm in given.strategies.split(","):
            if (arm, seed) in done:
                continue
            peer, features, strategy = arm.split(":")
            if features == "lsa" and features not in sets:
                svd = TruncatedSVD(300, random_state=0)
                sets[features] = [normalize(svd.fit_transform(tfidf[0])), normalize(svd.transform(tfidf[1]))]
            rows, test_rows = sets[features]
            play = (given.rounds or protocol["rounds"], protocol["size"], seed, model)
            if peer == "sklearn":
                models = sklearn_run(strategy, rows, targets, initial[seed], *play)
            else:
                models = small_text_run(strategy, rows, targets, initial[seed], *play, given.plain)
            lines = []
            for number, (fitted, seconds) in enumerate(models):
                guess = fitted.predict(test_rows)
                lines.append({"arm": arm, "seed": seed, "round": number, "accuracy": float((guess == truth).mean()),
                              "macro_f1": float(f1_score(truth, guess, average="macro")), "seconds": round(seconds, 4)})
            with open(given.out, "a", encoding="utf-8") as out:
                out.writelines(json.dumps(line) + "\n" for line in lines)


main()
