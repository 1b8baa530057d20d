"""Reference values of tf-idf, from scikit-learn. Writes tfidf.json next to this file.

    python crates/text/tests/reference/tfidf.py

The corpus is made up here. The words are those of the preset `words`: the pattern below says in Python's `re` what
models/words/tokenizer.json says in its own.
"""

import json
import pathlib
import platform
import unicodedata

import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer

CJK = "\u3040-\u30ff\u4e00-\u9fff"
PATTERN = rf"[{CJK}]|[^\W{CJK}]+|[^\w\s]+"

CORPUS = [
    "The cat sat on the mat.",
    "The dog sat on the log, and the dog barked!",
    "Cats and dogs: the usual suspects -- again and again and again!!",
    "CAFÉ, café, cafe\u0301: three ways to write one word.",
    "Die Straße ist lang; die STRASSE ist breit.",
    "我爱北京，我爱你",
    "Great job 👍 👍 it's 100% fine :) <3",
    "It costs $5.99 or €6; that is 5 dollars and 99 cents.",
    "?!",
    "   \t\n",
    "log",
    "\ufb01ne \uff21\uff22\uff23 abc x_y x_y x_y",
]


def normalise(text):
    return unicodedata.normalize("NFKC", text).lower()


def main():
    vectorizer = TfidfVectorizer(
        preprocessor=normalise, token_pattern=PATTERN, ngram_range=(1, 2), sublinear_tf=True, smooth_idf=True, norm="l2"
    )
    rows = vectorizer.fit_transform(CORPUS).tocsr()
    names = vectorizer.get_feature_names_out()
    row = lambda i: {names[j]: float(rows[i, j]) for j in sorted(rows[i].indices)}
    out = {
        "made_by": f"scikit-learn {sklearn.__version__}, Python {platform.python_version()}",
        "corpus": CORPUS,
        "idf": {name: float(idf) for name, idf in zip(names, vectorizer.idf_)},
        "rows": [row(i) for i in range(len(CORPUS))],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n")
    print(out["made_by"], "->", path.name)


if __name__ == "__main__":
    main()
