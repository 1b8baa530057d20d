-- The schema as version 1 made it, to the letter, and a few rows of each table.
CREATE TABLE imports (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    meta TEXT,
    role TEXT NOT NULL CHECK (role IN ('pool', 'control', 'test')),
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL
) STRICT;
-- Labels that came with documents. Never updated: a replaced one stays, no longer current.
CREATE TABLE gold (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    label TEXT NOT NULL,
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX gold_current ON gold (document) WHERE current = 1;
CREATE TABLE ingests (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL
) STRICT;
-- Answers of annotators. Never updated: a changed one stays, no longer current. A null label is a skip.
CREATE TABLE annotations (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    annotator TEXT NOT NULL,
    label TEXT,
    time TEXT,
    ingest INTEGER NOT NULL REFERENCES ingests (number),
    line INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX annotations_current ON annotations (document, annotator) WHERE current = 1;
CREATE INDEX annotations_history ON annotations (document, annotator, number);
CREATE TABLE rounds (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    stage TEXT NOT NULL CHECK (stage IN ('trained', 'scored', 'selected', 'exported')),
    seed TEXT NOT NULL,
    settings TEXT NOT NULL,
    inputs TEXT NOT NULL,
    model TEXT,
    target TEXT,
    summary TEXT NOT NULL,
    manifest TEXT,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE picks (
    round INTEGER NOT NULL REFERENCES rounds (number) ON DELETE CASCADE,
    rank INTEGER NOT NULL CHECK (rank > 0),
    document INTEGER NOT NULL REFERENCES documents (number),
    share TEXT NOT NULL CHECK (share IN ('uncertainty', 'ratio', 'random', 'control')),
    reason TEXT NOT NULL,
    fallback INTEGER NOT NULL CHECK (fallback IN (0, 1)),
    score REAL,
    probabilities BLOB,
    PRIMARY KEY (round, rank),
    UNIQUE (round, document)
) STRICT;
CREATE INDEX picks_document ON picks (document);

INSERT INTO imports VALUES (1, 'first.jsonl', 'auto', '00', '2026-01-01T00:00:00Z');
-- The hashes are BLAKE3 of the texts.
INSERT INTO documents VALUES
    (1, 'm', 'one', x'd33fb48ab5adff269ae172b29a6913ff04f6f266207a7a8e976f2ecd571d4492', NULL, 'pool', 1, 1),
    (2, 'z', 'two', x'dc770fff53f50835f8cc957e01c0d5731d3c2ed544c375493a28c09be5e09763', '{"source":"x"}', 'pool', 1, 2),
    (3, 'a', 'three', x'dbec0e689fb63bd729147727129d854e9d590ab620a18bbbcb3317d268d6fd72', NULL, 'control', 1, 3),
    (4, 'é', 'four', x'37392008a949c4879f190a4ce54e354782bc88564a9534a882b3d42448f96168', '{"n":1.10}', 'test', 1, 4);
INSERT INTO gold VALUES (1, 3, 'a', 1, 3, 0), (2, 3, 'b', 1, 3, 1), (3, 4, 'a', 1, 4, 1);
INSERT INTO ingests VALUES (1, 'answers.jsonl', '11', '2026-01-02T00:00:00Z');
INSERT INTO annotations VALUES
    (1, 2, 'ana', 'a', NULL, 1, 1, 0),
    (2, 2, 'ana', 'b', NULL, 1, 2, 1),
    (3, 1, 'ben', NULL, NULL, 1, 3, 1),
    (4, 2, 'aa', 'a', '2026-01-02T00:00:00Z', 1, 4, 1);
INSERT INTO rounds VALUES
    (1, 'exported', '7', '{"labels":["a","b"]}', '22', 'abc', '[0.25,0.75]', '{}', '{"round":1}', '2026-01-01T12:00:00Z');
INSERT INTO picks VALUES
    (1, 1, 2, 'uncertainty', 'entropy', 0, 0.5, x'000000000000d03f000000000000e83f'),
    (1, 2, 1, 'random', 'random', 0, NULL, NULL);
PRAGMA application_id = 0x51727374;
PRAGMA user_version = 1;
