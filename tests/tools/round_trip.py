"""Proves that each annotation tool's own code takes Querist's batches, and that Querist takes what that code writes.

    python -m venv tools && tools/bin/pip install -r tests/tools/requirements.txt
    tools/bin/python tests/tools/round_trip.py --querist target/release/querist

For each tool: a workspace of 200 documents that are hard to carry (quotes, line breaks, emoji, right-to-left text, markup, formulas,
nested fields), a round without and one with `--suggest`, `querist export --format TOOL`, the file read by the tool's own code, most
items answered by two people in the tool's own objects, the export written by the tool's own code, `querist ingest`, and then every
answer, skip and annotator compared with what was answered. A line a tool; exit code 1 when something is not as it should be.

- label-studio-sdk 2.1.2: `LabelInterface` validates configuration, tasks, predictions and annotations; the regions are its own; its
  `Converter` writes JSON, JSON_MIN and CSV.
- argilla 2.8.0: `Dataset.records` reads (`from_json`) and writes (`to_json`, `to_list(flatten=True)`, `to_datasets`). There is no
  server: a list in memory stands for it, which takes and gives the package's own models.
- doccano 1.8.4 (requirements-doccano.txt, in an environment of its own: it needs an older NumPy): its importer, its database (SQLite,
  by its own migrations) and its export task for JSONL, JSON and CSV.
- Prodigy is left out: it is commercial and not on PyPI.

A tool that is not installed is skipped, which is said; `--tools a,b` names the ones that must be there.
"""

import argparse
import collections
import contextlib
import datetime
import importlib.metadata
import io
import json
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
import zipfile

LABELS = ['spam & "eggs"', "c# <ham>", "другое"]
HARD = [
    'He said "no", she said \'yes\'', "two\nlines\n\nand a third", "Windows\r\nline\r\n ends", "\ttab first", "emoji 👩‍👩‍👧 🏴‍☠️ 🎉",
    "مرحبا بالعالم \u202eright to left\u202c שלום", "<script>alert('x')</script>", "=HYPERLINK(\"x\",\"y\")", "+1 555", "-1 off",
    "@here", "'=1 quoted", "back\\slash \\n \\u0041", "line\u2028separator\u2029 and \u0085", "a, b; c | d", "{{name}} $text &amp; %s",
]
WORDS = ["win money prize offer", "code compile error build", "прочее разное вещи"]


def documents():
    """The pool, by id."""
    out = {}
    for n in range(200):
        text = f"{HARD[n % len(HARD)]} {n} {WORDS[n % 3]}"
        # Only some have `note` and `count`: not every record of a real file has every field.
        extra = {} if n % 5 else {"note": 'a "b", c\nd', "count": n}
        out[f"d/{n} é"] = {
            "id": f"d/{n} é", "text": text, "channel": ["mail", "=1"][n % 2], "nested": {"a": [1, {"b": None}], "ü": "x"}, **extra,
        }
    return out


class Workspace:
    """A workspace of Querist, and the commands of which a trip is made."""

    def __init__(self, querist, folder):
        self.querist, self.folder = querist, folder

    def run(self, *arguments):
        ran = subprocess.run(
            [self.querist, "-w", self.folder, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8"
        )
        if ran.returncode != 0:
            raise AssertionError(f"querist {' '.join(map(str, arguments))}: {ran.stderr.strip()}")
        return ran.stdout

    def make(self, suggest):
        self.run("init", "--labels", ",".join(LABELS))
        rows = list(documents().values())
        rows += [{"id": f"known-{n}", "text": f"{n} {WORDS[n % 3]}", "label": LABELS[n % 3]} for n in range(24)]
        source = self.folder / "documents.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        self.run("import", source)
        self.run("round", "--size", 200, "--near-duplicates", "off", f"--suggest={str(suggest).lower()}")

    def export(self, tool):
        self.run("export", "--format", tool, "--out", self.folder / "out")
        return self.folder / "out"

    def ingested(self, files, answers, skips, *arguments):
        """Ingests files in a copy of the workspace, and compares: `answers` are {id: (label, annotator)}, `skips` {annotator: n}."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Workspace(self.querist, pathlib.Path(folder) / "copy")
            shutil.copytree(self.folder, copy.folder)
            told = json.loads(copy.run("ingest", "--json", *files, *arguments))
            name = files[0].name
            same(told["new"] - told["skips"], len(answers), f"{name}: new answers")
            same(told["skips"], sum(skips.values()), f"{name}: skips")
            table = copy.folder / "labeled.jsonl"
            copy.run("export", "--labeled", table)
            rows = [json.loads(line) for line in table.read_text(encoding="utf-8").split("\n") if line]
            found = {row["id"]: (row["label"], *row["annotators"]) for row in rows if row["source"] == "annotators"}
            same(found, answers, f"{name}: labels and annotators")
            people = json.loads(copy.run("status", "--json"))["agreement"]["annotators"]
            same({who["annotator"]: who["skips"] for who in people if who["skips"]}, dict(skips), f"{name}: who skipped")
            again = json.loads(copy.run("ingest", "--json", *files, *arguments))
            same((again["new"], again["changed"]), (0, 0), f"{name}: the same file twice")


def same(found, wanted, what):
    if found == wanted:
        return
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)][:3]
        found, wanted = {key: found.get(key) for key in keys}, {key: wanted.get(key) for key in keys}
    raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def meta_of(document):
    return {name: value for name, value in document.items() if name not in ("id", "text")}


def plan(people):
    """What is answered: {id: (label or None for a skip, annotator)}. Every eleventh document is left open."""
    ids = enumerate(documents())
    return {id: (None if n % 9 == 4 else LABELS[n % 3], people[n % 2]) for n, id in ids if n % 11 != 7}


def split(planned):
    answers = {id: given for id, given in planned.items() if given[0] is not None}
    return answers, collections.Counter(who for label, who in planned.values() if label is None)


def label_studio(workspace, suggest, folder):
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface
    from label_studio_sdk.label_interface.objects import AnnotationValue, PredictionValue, TaskValue

    out = workspace.export("label-studio")
    config = (out / "label-studio.xml").read_text(encoding="utf-8")
    interface = LabelInterface(config)
    interface.validate()
    control = interface.get_control("label")
    same(list(control.labels), LABELS, "the configuration's choices")
    tasks, known = json.loads((out / "label-studio.json").read_text(encoding="utf-8")), documents()
    people = {3: "ana@example.org", 4: "dr.ben@example.org"}
    planned, exported = plan(list(people)), []
    for number, task in enumerate(tasks, 1):
        assert interface.validate_task(task), f"task {number} is not valid"
        value = TaskValue(**task)
        id = value.data["querist_id"]
        same((value.data["text"], value.data["meta"]), (known[id]["text"], meta_of(known[id])), id)
        same(len(value.predictions), int(suggest), f"{id}: predictions")
        for prediction in value.predictions:
            same(interface.validate_prediction(prediction.model_dump(), return_errors=True), [], f"{id}: prediction")
            assert PredictionValue(**prediction.model_dump()).score <= 1
        annotations = []
        if id in planned:
            label, who = planned[id]
            regions = [] if label is None else [control.label(label)]
            annotation = AnnotationValue(completed_by=who, result=regions, was_cancelled=label is None, lead_time=number / 7)
            annotations.append(annotation.model_dump())
            assert interface.validate_annotation(annotations[0]), f"{id}: annotation"
            # What the server adds.
            when = f"2026-05-01T12:{number // 60:02}:{number % 60:02}.123456Z"
            annotations[0].update(id=1000 + number, created_at=when, updated_at=when)
        exported.append({"id": number, **value.model_dump(), "annotations": annotations})
    same(len(tasks), 200, "tasks")

    def convert(format, tasks):
        source, target = folder / "tasks.json", folder / format
        source.write_text(json.dumps(tasks), encoding="utf-8")
        Converter(config, str(folder)).convert(str(source), str(target), format, is_dir=False)
        return [next(target.glob("result.*"))]

    answers, skips = split({id: (label, str(who)) for id, (label, who) in planned.items()})
    workspace.ingested(convert("JSON", exported), answers, skips)
    # The flat formats have no skips; and of a task without an annotation they have a row without an annotator.
    answered = [task for task in exported if task["annotations"]]
    workspace.ingested(convert("JSON_MIN", answered), answers, {})
    workspace.ingested(convert("CSV", answered), answers, {})
    for task in answered:
        who = task["annotations"][0]["completed_by"]
        task["annotations"][0]["completed_by"] = {"id": who, "email": people[who], "first_name": "", "last_name": ""}
    named = {id: (label, people[int(who)]) for id, (label, who) in answers.items()}
    workspace.ingested(convert("JSON", answered), named, {people[int(who)]: n for who, n in skips.items()})
    workspace.ingested(convert("JSON_MIN", answered), named, {})
    workspace.ingested(convert("CSV", answered), named, {})
    return len(tasks), len(answers), sum(skips.values())


def argilla(workspace, suggest, folder):
    os.environ["HF_HUB_OFFLINE"] = "1"
    import argilla as rg
    from argilla._api import RecordsAPI
    from argilla._models import RecordModel
    from types import SimpleNamespace

    class Server(RecordsAPI):
        """Stands for the server: keeps what a request would carry."""

        def __init__(self):
            self.stored = []

        def bulk_upsert(self, dataset_id, records):
            for record in records:
                carried = json.loads(json.dumps(record.model_dump(), default=str))
                self.stored.append(RecordModel(**{**carried, "id": uuid.uuid4()}))
            return self.stored[-len(records) :], 0

        def list(self, dataset_id, limit, offset, **_):
            return self.stored[offset : offset + limit]

    out, server, known = workspace.export("argilla"), Server(), documents()
    people = [uuid.uuid4(), uuid.uuid4()]
    api = SimpleNamespace(records=server, datasets=SimpleNamespace(exists=lambda _: True))
    client = SimpleNamespace(api=api, me=SimpleNamespace(id=people[0]))
    settings = rg.Settings(fields=[rg.TextField(name="text")], questions=[rg.LabelQuestion(name="label", labels=LABELS)])
    dataset = rg.Dataset(name="batch", settings=settings, client=client)
    dataset.records.from_json(out / "argilla.json")
    same(len(server.stored), 200, "records")
    planned, unanswered = plan(people), server.stored
    for record in dataset.records:
        same(record.fields["text"], known[record.id]["text"], record.id)
        flat = {name: json.dumps(value) if name == "nested" else value for name, value in meta_of(known[record.id]).items()}
        found = dict(record.metadata)
        found["nested"] = json.dumps(json.loads(found["nested"]))
        same(found, flat, f"{record.id}: metadata")
        same([one.value in LABELS and 0 < one.score <= 1 for one in record.suggestions], [True] * suggest, record.id)

    def answered(skips):
        """The records with the responses in them; a discarded one has kept what was chosen."""
        server.stored = []
        for model in unanswered:
            record = rg.Record.from_model(model, dataset=dataset)
            label, who = planned.get(record.id, (None, None))
            if label is not None:
                record.responses.add(rg.Response("label", label, user_id=who, status="submitted"))
            elif who is not None and skips:
                record.responses.add(rg.Response("label", LABELS[0], user_id=who, status="discarded"))
            elif who is None:
                record.responses.add(rg.Response("label", LABELS[0], user_id=people[0], status="draft")) if skips else None
            server.stored.append(record.api_model())

    answers, skips = split({id: (label, str(who)) for id, (label, who) in planned.items()})
    # Nested, the package does not write the status of a response.
    answered(skips=False)
    workspace.ingested([dataset.records.to_json(folder / "nested.json")], answers, {})
    (folder / "flat-open.json").write_text(json.dumps(dataset.records.to_list(flatten=True)), encoding="utf-8")
    workspace.ingested([folder / "flat-open.json"], answers, {})
    answered(skips=True)
    (folder / "flat.json").write_text(json.dumps(dataset.records.to_list(flatten=True)), encoding="utf-8")
    workspace.ingested([folder / "flat.json"], answers, skips)
    dataset.records.to_datasets().to_json(folder / "flat.jsonl")
    workspace.ingested([folder / "flat.jsonl"], answers, skips)
    return 200, len(answers), sum(skips.values())


def doccano_ready(folder):
    """Django with doccano's settings and a database that its own migrations make."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    if settings.configured:
        return
    sys.path.insert(0, str(importlib.metadata.distribution("doccano").locate_file("backend")))
    os.environ.update(DATABASE_URL="sqlite:///" + str(folder / "doccano.db"), MEDIA_ROOT=str(folder / "media"), DEBUG="False")
    os.environ["CELERY_BROKER_URL"] = "memory://"
    from config.settings import base

    own = {name: getattr(base, name) for name in dir(base) if name.isupper()}
    settings.configure(**{**own, "DJANGO_DRF_FILEPOND_UPLOAD_TMP": str(folder / "uploads"), "LOGGING_CONFIG": None})
    django.setup()
    call_command("migrate", verbosity=0)


def doccano(workspace, suggest, folder):
    doccano_ready(pathlib.Path(tempfile.mkdtemp(dir=folder.parent)))
    from data_export.celery_tasks import export_dataset
    from data_import.datasets import load_dataset
    from data_import.pipeline.catalog import create_file_format
    from data_import.pipeline.readers import FileName
    from django.contrib.auth.models import User
    from examples.models import Comment, Example, ExampleState
    from label_types.models import CategoryType
    from labels.models import Category
    from projects.models import Member, ProjectType, TextClassificationProject
    from roles.models import Role

    names = ["ana", "dr.ben@example.org"]
    people = {name: User.objects.get_or_create(username=name)[0] for name in names}
    project = TextClassificationProject.objects.create(
        name="batch", project_type=ProjectType.DOCUMENT_CLASSIFICATION, created_by=people["ana"], single_class_classification=True
    )
    for user in people.values():
        Member.objects.create(project=project, user=user, role=Role.objects.get_or_create(name="annotator")[0])
    source = workspace.export("doccano") / "doccano.jsonl"
    file = FileName(full_path=str(source), generated_name=source.name, upload_name=source.name)
    arguments = {"encoding": "utf_8", "column_data": "text", "column_label": "label"}
    dataset = load_dataset(ProjectType.DOCUMENT_CLASSIFICATION, create_file_format("JSONL"), [file], project, **arguments)
    dataset.save(people["ana"], batch_size=1000)
    same([str(error) for error in dataset.errors], [], "import errors")
    examples, known = list(Example.objects.filter(project=project)), documents()
    same(len(examples), 200, "examples")
    same(Category.objects.filter(example__project=project).count(), 0, "labels before anybody has answered")
    types = {name: CategoryType.objects.create(project=project, text=name) for name in LABELS}
    planned = plan(names)
    for example in examples:
        id = example.meta["querist_id"]
        same(example.text, known[id]["text"], id)
        same({name: example.meta[name] for name in meta_of(known[id])}, meta_of(known[id]), f"{id}: columns")
        label, who = planned.get(id, (None, None))
        # doccano has no skips: what is skipped is confirmed without a label.
        if label is not None:
            Category.objects.create(example=example, user=people[who], label=types[label])
        if who is not None:
            ExampleState.objects.create(example=example, confirmed_by=people[who])
            Comment.objects.create(example=example, user=people[who], text="a, b\n#c") if label == LABELS[0] else None
    answers, _ = split(planned)
    for format in ["JSONL", "JSON", "CSV"]:
        for confirmed in [False, True]:
            archive = pathlib.Path(export_dataset(project.id, format, confirmed_only=confirmed))
            same(len(zipfile.ZipFile(archive).namelist()), 2, "a file for each person")
            workspace.ingested([archive], answers, {})
    project.collaborative_annotation = True
    project.save()
    for format in ["JSONL", "JSON", "CSV"]:
        archive = pathlib.Path(export_dataset(project.id, format))
        together = {id: (label, "team") for id, (label, _) in answers.items()}
        workspace.ingested([archive], together, {}, "--annotator", "team")
    return len(examples), len(answers), 0


TOOLS = {"label-studio-sdk": label_studio, "argilla": argilla, "doccano": doccano}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--querist", required=True, help="the program, for example target/release/querist")
    parser.add_argument("--tools", help="only these, and an error when one is not installed: " + ",".join(TOOLS))
    asked = parser.parse_args()
    querist = str(pathlib.Path(asked.querist).resolve())
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    failed = False
    for tool in asked.tools.split(",") if asked.tools else TOOLS:
        try:
            version = importlib.metadata.version(tool)
        except importlib.metadata.PackageNotFoundError:
            print(f"{tool}: skipped, the package is not installed")
            failed |= asked.tools is not None
            continue
        with tempfile.TemporaryDirectory() as root:
            for suggest in [False, True]:
                folder = pathlib.Path(root) / f"suggest-{suggest}"
                (folder / "exports").mkdir(parents=True)
                workspace = Workspace(querist, folder / "workspace")
                workspace.folder.mkdir()
                noise, said = io.StringIO(), "with" if suggest else "without"
                try:
                    with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
                        workspace.make(suggest)
                        items, answers, skips = TOOLS[tool](workspace, suggest, folder / "exports")
                    print(f"{tool} {version}, {said} suggestions: {items} tasks, {answers} answers and {skips} skips back")
                except Exception as error:  # noqa: BLE001
                    print(f"{tool} {version}, {said} suggestions: FAILED: {type(error).__name__}: {error}")
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
