"""The peers' side of the benchmark: reads requests, one JSON object a line, from standard input, and answers each with one
on standard output, so that both sides can take turns and neither pays for starting up.

Work with linear algebra in it is timed with one thread and with as many as OMP_NUM_THREADS says, and the faster counts:
threads that wait for one another can be slower than one, the more so on a busy machine, and that is not the peer's fault.

A request has `do`, the name of a method of `Peers` that is not private, and the method's arguments. Times are wall-clock
seconds of the named work alone.
"""
import json
import os
import sys
import time
import warnings

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from sets import texts_and_labels

# A fit that stops at its most iterations says so by its gradient, which is in every answer.
warnings.filterwarnings("ignore")

# The numbers of threads that are tried.
THREADS = sorted({1, int(os.environ.get("OMP_NUM_THREADS", "1"))})

# The norm of the gradient that counts as tight.
TIGHT = 1e-4


def timed(work):
    """What `work` gives, and its seconds."""
    begin = time.perf_counter()
    out = work()
    return out, time.perf_counter() - begin


def fastest(work):
    """What `work` gives, its seconds and the number of threads, for the number that is fastest."""
    runs = []
    for threads in THREADS:
        with threadpool_limits(limits=threads):
            runs.append((*timed(work), threads))
    return min(runs, key=lambda run: run[1])


def single(matrix):
    """The same matrix, columns ascending, with values that single precision holds exactly: both sides see the same."""
    matrix = csr_matrix(matrix)
    matrix.sort_indices()
    matrix.data = matrix.data.astype("<f4").astype(np.float64)
    return matrix


def write(prefix, matrix, targets):
    """A matrix and the classes of its rows as raw little-endian files; gives their shape."""
    for name, values, kind in [("starts", matrix.indptr, "<u8"), ("columns", matrix.indices, "<u4"),
                               ("values", matrix.data, "<f4"), ("targets", targets, "<u2")]:
        values.astype(kind).tofile(f"{prefix}.{name}")
    return {"rows": matrix.shape[0], "columns": matrix.shape[1], "entries": int(matrix.nnz)}


def gradient_norm(model, rows, targets):
    """Euclidean norm of the gradient of sum(-ln p(class)) + alpha/2 |W|² at the model, intercepts included. With two classes
    scikit-learn's one vector w stands for the softmax of -w/2 and w/2, and alpha is 2/C; otherwise it is 1/C."""
    weights, intercept, alpha = model.coef_, model.intercept_, 1.0 / model.C
    if len(weights) == 1:
        weights, intercept, alpha = np.vstack([-weights, weights]) / 2, np.array([-1, 1]) * intercept / 2, 2 * alpha
    logits = rows @ weights.T + intercept
    residual = np.exp(logits - logits.max(1, keepdims=True))
    residual /= residual.sum(1, keepdims=True)
    residual[np.arange(len(targets)), np.searchsorted(model.classes_, targets)] -= 1.0
    by_weights = (rows.T @ residual).T + alpha * weights
    return float(np.sqrt((by_weights ** 2).sum() + (residual.sum(0) ** 2).sum()))


class Peers:
    def open(self, train, test):
        """Reads a set."""
        self.texts, labels = texts_and_labels(train)
        test_texts, test_labels = texts_and_labels(test)
        classes = {name: index for index, name in enumerate(sorted(set(labels)))}
        self.targets = np.array([classes[label] for label in labels])
        known = [place for place, label in enumerate(test_labels) if label in classes]
        self.test_texts = [test_texts[place] for place in known]
        self.test_targets = np.array([classes[test_labels[place]] for place in known])
        return {"documents": len(self.texts), "classes": len(classes)}

    def versions(self):
        import sklearn
        try:
            from importlib.metadata import version
            import small_text  # noqa: F401
            small = version("small-text")
        except ImportError:
            small = None
        return {"python": sys.version.split()[0], "numpy": np.__version__, "scikit_learn": sklearn.__version__,
                "small_text": small}

    def vectorise(self):
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        matrix, seconds = timed(lambda: vectorizer.fit_transform(self.texts))
        return {"seconds": seconds, "columns": matrix.shape[1], "entries": int(matrix.nnz)}

    def problem(self, n, folder):
        """Writes n random labelled documents and the test set, in 2^18 hashed columns, and keeps them for `fit`."""
        chosen = np.random.RandomState(7).choice(len(self.texts), n, replace=False)
        hashing = HashingVectorizer(n_features=2 ** 18, ngram_range=(1, 2), alternate_sign=False, norm=None)
        weighing = TfidfTransformer(sublinear_tf=True)
        self.rows = single(weighing.fit_transform(hashing.transform([self.texts[place] for place in chosen])))
        self.classes = self.targets[chosen]
        self.test = single(weighing.transform(hashing.transform(self.test_texts)))
        write(os.path.join(folder, "test"), self.test, self.test_targets)
        return write(os.path.join(folder, "train"), self.rows, self.classes)

    def _model(self, solver, c, tol):
        return LogisticRegression(C=c, solver=solver, tol=tol, max_iter=100_000 if tol < 1e-4 else 1_000)

    def fit(self, solver, c, tol=1e-4):
        model, seconds, threads = fastest(lambda: self._model(solver, c, tol).fit(self.rows, self.classes))
        return {"seconds": seconds, "threads": threads, "iterations": int(model.n_iter_.max()), "tol": tol,
                "gradient_norm": gradient_norm(model, self.rows, self.classes),
                "accuracy": float((model.predict(self.test) == self.test_targets).mean())}

    def tight_tol(self, solver, c):
        """The highest tol of 1e-6, 1e-7 … that comes under the tight gradient: each from where the last one stopped, for
        speed. The largest entry of the mean gradient is what tol is compared with, so those far above need no try."""
        powers = [power for power in range(6, 14) if 10.0 ** -power * self.rows.shape[0] <= 2 * TIGHT]
        model = self._model(solver, c, 10.0 ** -powers[0]).set_params(warm_start=True)
        for power in powers:
            with threadpool_limits(limits=1):
                model.set_params(tol=10.0 ** -power).fit(self.rows, self.classes)
            if gradient_norm(model, self.rows, self.classes) <= TIGHT:
                break
        return {"tol": 10.0 ** -power}

    def pool(self, n, features, folder):
        """Writes the pool and the test set in that many columns and keeps them for `round`; n random rows are labelled."""
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=features)
        self.matrix = single(vectorizer.fit_transform(self.texts))
        self.matrix_test = single(vectorizer.transform(self.test_texts))
        self.labeled = np.sort(np.random.RandomState(7).choice(len(self.texts), n, replace=False))
        self.unlabeled = np.setdiff1d(np.arange(len(self.texts)), self.labeled)
        self.labeled.astype("<u8").tofile(os.path.join(folder, "labeled"))
        write(os.path.join(folder, "pool_test"), self.matrix_test, self.test_targets)
        return write(os.path.join(folder, "pool"), self.matrix, self.targets)

    def round(self, peer, batch):
        """Train, score, select."""
        picks, predict, seconds, threads = (self._sklearn if peer == "scikit-learn" else self._small_text)(batch)
        return {"seconds": seconds, "threads": threads, "accuracy": float((predict(self.matrix_test) == self.test_targets).mean()),
                "picks": sorted(int(pick) for pick in picks)}

    def _sklearn(self, batch):
        def work():
            model = LogisticRegression(C=10.0, max_iter=1000)
            model.fit(self.matrix[self.labeled], self.targets[self.labeled])
            p = model.predict_proba(self.matrix[self.unlabeled])
            scores = -(p * np.log(np.clip(p, 1e-12, 1))).sum(1)
            return model, self.unlabeled[np.argpartition(-scores, batch)[:batch]]

        (model, picks), seconds, threads = fastest(work)
        return picks, model.predict, seconds, threads

    def _small_text(self, batch):
        from small_text import PoolBasedActiveLearner, PredictionEntropy, SklearnClassifierFactory, SklearnDataset

        labels = np.unique(self.targets)
        data = SklearnDataset(self.matrix, self.targets, target_labels=labels)

        def work():
            factory = SklearnClassifierFactory(LogisticRegression(C=10.0, max_iter=1000), len(labels))
            learner = PoolBasedActiveLearner(factory, PredictionEntropy(), data)
            learner.initialize_data(self.labeled, self.targets[self.labeled])
            return learner, learner.query(num_samples=batch)

        (learner, picks), seconds, threads = fastest(work)

        def predict(matrix):
            targets = np.zeros(matrix.shape[0], dtype=int)
            return learner.classifier.predict(SklearnDataset(matrix, targets, target_labels=labels))

        return picks, predict, seconds, threads


def main():
    peers = Peers()
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(getattr(peers, request.pop("do"))(**request)), flush=True)


main()
