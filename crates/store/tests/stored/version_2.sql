-- The schema as version 2 made it out of one of version 1, to the letter, and the rows of `version_1.sql`.
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
CREATE TABLE "documents" (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('pool', 'control', 'test')),
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL,
    text TEXT NOT NULL,
    meta TEXT
) STRICT;
CREATE TABLE gold (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    label TEXT NOT NULL,
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE TABLE ids (
    id TEXT PRIMARY KEY,
    document INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE imports (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE ingests (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
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
, basis INTEGER) STRICT;
CREATE TABLE sheets (
    number INTEGER PRIMARY KEY,
    kinds BLOB NOT NULL,
    text_hashes BLOB NOT NULL,
    meta_hashes BLOB NOT NULL,
    ids TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX gold_current ON gold (document) WHERE current = 1;
CREATE UNIQUE INDEX annotations_current ON annotations (document, annotator) WHERE current = 1;
CREATE INDEX annotations_history ON annotations (document, annotator, number);
CREATE INDEX picks_document ON picks (document);

INSERT INTO "annotations" VALUES(1,2,'ana','a',NULL,1,1,0);
INSERT INTO "annotations" VALUES(2,2,'ana','b',NULL,1,2,1);
INSERT INTO "annotations" VALUES(3,1,'ben',NULL,NULL,1,3,1);
INSERT INTO "annotations" VALUES(4,2,'aa','a','2026-01-02T00:00:00Z',1,4,1);
INSERT INTO "documents" VALUES(1,'m','pool',1,1,'one',NULL);
INSERT INTO "documents" VALUES(2,'z','pool',1,2,'two','{"source":"x"}');
INSERT INTO "documents" VALUES(3,'a','control',1,3,'three',NULL);
INSERT INTO "documents" VALUES(4,'é','test',1,4,'four','{"n":1.10}');
INSERT INTO "gold" VALUES(1,3,'a',1,3,0);
INSERT INTO "gold" VALUES(2,3,'b',1,3,1);
INSERT INTO "gold" VALUES(3,4,'a',1,4,1);
INSERT INTO "ids" VALUES('a',3);
INSERT INTO "ids" VALUES('m',1);
INSERT INTO "ids" VALUES('z',2);
INSERT INTO "ids" VALUES('é',4);
INSERT INTO "imports" VALUES(1,'first.jsonl','auto','00','2026-01-01T00:00:00Z');
INSERT INTO "ingests" VALUES(1,'answers.jsonl','11','2026-01-02T00:00:00Z');
INSERT INTO "picks" VALUES(1,1,2,'uncertainty','entropy',0,0.5,X'000000000000D03F000000000000E83F');
INSERT INTO "picks" VALUES(1,2,1,'random','random',0,NULL,NULL);
INSERT INTO "rounds" VALUES(1,'exported','7','{"labels":["a","b"]}','22','abc','[0.25,0.75]','{}','{"round":1}','2026-01-01T12:00:00Z',NULL);
INSERT INTO "sheets" VALUES(0,X'00040106',X'D33FB48AB5ADFF269AE172B29A6913FF04F6F266207A7A8E976F2ECD571D4492DC770FFF53F50835F8CC957E01C0D5731D3C2ED544C375493A28C09BE5E09763DBEC0E689FB63BD729147727129D854E9D590AB620A18BBBCB3317D268D6FD7237392008A949C4879F190A4CE54E354782BC88564A9534A882B3D42448F96168',X'A45F42F30B4ED96A61D09AABBBF3A749BBED870E2F4F59F68D8D7C310D814B8663C9EA7C01A8B7C2A1AEBACAC4B00D3E88B5FB94B6AD1C141811ACFFAAAAC6A8','m
z
a
é
');
PRAGMA application_id = 0x51727374;
PRAGMA user_version = 2;
