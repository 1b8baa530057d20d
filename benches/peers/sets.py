"""Data sets as lists of texts and labels: JSONL files, plain or gzip."""
import gzip
import json


def read(path):
    """The rows of a JSONL file."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines]


def texts_and_labels(path):
    """The texts and the labels of a file."""
    rows = read(path)
    return [row["text"] for row in rows], [row["label"] for row in rows]
