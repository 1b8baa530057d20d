"""Makes words.txt and vectors.i8 from the word-embedding table of all-MiniLM-L6-v2.

    python make.py FOLDER        # of the model: model.safetensors and vocab.txt

Needs numpy and safetensors. The decomposition may differ in its last digits from one library of linear algebra to another,
and so a few values by 1; the files here were made with numpy 2 and OpenBLAS.
"""

import re
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

WIDTH = 128
# The value that becomes 127, in standard deviations of all values. None is beyond it here; what were would be cut.
LARGEST = 10


def main():
    folder, here = Path(sys.argv[1]), Path(__file__).parent
    tensors = load_file(folder / "model.safetensors")
    table = next(values for name, values in tensors.items() if name.endswith("word_embeddings.weight"))
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    # Whole words and numbers: no continuation of a word (##), no marker ([CLS]), no sign, no letter of another alphabet.
    words = sorted((piece, row) for row, piece in enumerate(pieces) if re.fullmatch("[a-z0-9]+", piece))
    vectors = table[[row for _, row in words]].astype(np.float64)
    vectors -= vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    vectors = vectors @ directions[:WIDTH].T
    vectors = np.clip(np.round(vectors * (127 / (LARGEST * vectors.std()))), -127, 127)
    (here / "words.txt").write_text("".join(word + "\n" for word, _ in words), encoding="utf-8")
    (here / "vectors.i8").write_bytes(vectors.astype(np.int8).tobytes())
    print(len(words), "words,", (np.abs(vectors) == 127).mean(), "of the values at the ends")


main()
