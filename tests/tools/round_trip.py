"""Proves that each annotation tool's own code takes Querist's batches, and that Querist takes what that code writes.

    python -m venv tools && tools/bin/pip install -r tests/tools/requirements.txt
    tools/bin/python tests/tools/round_trip.py --querist target/release/querist

For each tool, without and with `--suggest`: 200 documents that are hard to carry, a round, `querist export --format TOOL`, the file
read by the tool's own code, most items answered by two people in the tool's own objects, the export written by the tool's own code,
`querist ingest`, and every answer, skip and annotator compared. A line each; exit code 1 when something is not as it should be. A tool
that is not installed is skipped, which is said; `--tools a,b` names the ones that must be there.

- label-studio-sdk 2.1.2: `LabelInterface` validates configuration, tasks, predictions and annotations; the regions are its own; its
  `Converter` writes JSON, JSON_MIN and CSV.
- argilla 2.8.0: `Dataset.records` reads (`from_json`) and writes (`to_json`, `to_list(flatten=True)`, `to_datasets`). A function that
  answers the package's requests stands for the server.
- doccano 1.8.4 (requirements-doccano.txt, in an environment of its own: it needs an older NumPy): its importer, its database (SQLite,
  by its own migrations) and its export task for JSONL, JSON and CSV.
- Prodigy is left out: it is commercial and not on PyPI.
"""

import argparse
import collections
import contextlib
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

LABELS = ['spam & "eggs"', "c# <ham>", "другое"]
HARD = [
    'He said "no", she said \'yes\'', "two\nlines\n\nand a third", "Windows\r\nline\r\n ends", "\ttab first", "emoji 👩‍👩‍👧 🏴‍☠️ 🎉",
    "مرحبا بالعالم \u202eright to left\u202c שלום", "<script>alert('x')</script>", "=HYPERLINK(\"x\",\"y\")", "+1 555", "-1 off",
    "@here", "'=1 quoted", "back\\slash \\n \\u0041", "line\u2028separator\u2029 and \u0085", "a, b; c | d", "{{name}} $text &amp; %s",
]
WORDS = ["win money prize offer", "code compile error build", "прочее разное вещи"]


KNOWN = {}  # The pool, by id: text and other fields.
for n in range(200):
    # Not every record has every field.
    some = {"note": 'a "b", c\nd', "count": n, "ratio": 0.5, "sure": True} if n % 5 == 0 else {}
    # Fields that are called like the tools' own; `id` is even that of another document.
    clash = {"id": f"d/{n ^ 1} é", "text": "another", "filename": n, "data": "d", "status": "open", "annotator": "nobody"}
    KNOWN[f"d/{n} é"] = (f"{HARD[n % len(HARD)]} {n} {WORDS[n % 3]}", {"mail": "=1", "nested": {"a": [1, {"b": None}]}, **some, **clash})


class Workspace:
    """A workspace of Querist, and the commands of which a trip is made."""

    def __init__(self, querist, folder):
        self.querist, self.folder = querist, folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments):
        ran = subprocess.run([self.querist, "-w", self.folder, *arguments], capture_output=True, encoding="utf-8")
        if ran.returncode != 0:
            raise AssertionError(f"querist {' '.join(map(str, arguments))}: {ran.stderr.strip()}")
        return ran.stdout

    def make(self, suggest):
        self.run("init", "--labels", ",".join(LABELS))
        rows = [{"key": id, "body": text, **other} for id, (text, other) in KNOWN.items()]
        rows += [{"key": f"known-{n}", "body": f"{n} {WORDS[n % 3]}", "label": LABELS[n % 3]} for n in range(24)]
        source = self.folder / "documents.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        self.run("import", source, "--id", "key", "--text", "body")
        self.run("round", "--size", "200", "--near-duplicates", "off", f"--suggest={str(suggest).lower()}")

    def export(self, tool):
        self.run("export", "--format", tool, "--out", self.folder / "out")
        return self.folder / "out"

    def ingested(self, file, answers, skips, *arguments):
        """Ingests a file in a copy of the workspace, and compares: `answers` are {id: (label, annotator)}, `skips` {annotator: n}."""
        with tempfile.TemporaryDirectory() as folder:
            copy, table, where = Workspace(self.querist, pathlib.Path(folder)), pathlib.Path(folder) / "labeled.jsonl", file.name
            shutil.copytree(self.folder, copy.folder, dirs_exist_ok=True)
            told = json.loads(copy.run("ingest", "--json", file, *arguments))
            copy.run("export", "--labeled", table)
            rows = map(json.loads, table.read_text(encoding="utf-8").strip().split("\n"))
            found = {row["id"]: (row["label"], *row["annotators"]) for row in rows if row["source"] == "annotators"}
            same(found, answers, f"{where}: labels and annotators")
            people = json.loads(copy.run("status", "--json"))["agreement"]["annotators"]
            same({who["annotator"]: who["skips"] for who in people if who["skips"]}, skips, f"{where}: skips")
            same(told["new"], len(answers) + sum(skips.values()), f"{where}: new answers")


def same(found, wanted, what):
    if isinstance(wanted, dict):
        keys = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)][:3]
        found, wanted = {key: found.get(key) for key in keys}, {key: wanted.get(key) for key in keys}
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def columns(found, wanted):
    """The values of the fields of `wanted` in a flat table, where one that clashes has `meta_` in front."""
    return {name: found.get(f"meta_{name}", found.get(name)) for name in wanted}


def plan(people):
    """What is done: {id: (label or None, annotator)}, of it the answers, and the skips of each. Every eleventh document is left open."""
    planned = {id: (None if n % 9 == 4 else LABELS[n % 3], people[n % 2]) for n, id in enumerate(KNOWN) if n % 11 != 7}
    answers = {id: given for id, given in planned.items() if given[0] is not None}
    return planned, answers, collections.Counter(who for label, who in planned.values() if label is None)


def label_studio(workspace, suggest, folder):
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface
    from label_studio_sdk.label_interface.objects import AnnotationValue, TaskValue
    out = workspace.export("label-studio")
    config = (out / "label-studio.xml").read_text(encoding="utf-8")
    interface = LabelInterface(config)
    interface.validate()
    control = interface.get_control("label")
    same(list(control.labels), LABELS, "the configuration's choices")
    tasks = json.loads((out / "label-studio.json").read_text(encoding="utf-8"))
    same(len(tasks), 200, "tasks")
    people = {"3": "ana@example.org", "4": "dr.ben@example.org"}
    (planned, answers, skips), exported = plan(list(people)), []
    for number, task in enumerate(tasks, 1):
        value, id, annotations = TaskValue(**task), task["data"]["querist_id"], []
        # With predictions in the task, the package calls its own validation of them without an argument.
        assert interface.validate_task({"data": value.data}), f"{id}: task"
        same((value.data["text"], value.data["meta"]), KNOWN[id], id)
        found = [interface.validate_prediction(prediction.model_dump(), return_errors=True) for prediction in value.predictions]
        same(found, [[]] * suggest, f"{id}: predictions, and what is wrong with them")
        if id in planned:
            label, who = planned[id]
            regions = [] if label is None else [control.label(label)]
            given = AnnotationValue(completed_by=int(who), result=regions, was_cancelled=label is None, lead_time=2 / 7).model_dump()
            assert interface.validate_annotation(given), f"{id}: annotation"
            annotations.append({**given, "id": 1000 + number, **dict.fromkeys(["created_at", "updated_at"], "2026-05-01T12:00:00.5Z")})
        exported.append({"id": number, **value.model_dump(), "annotations": annotations})  # ids and times are the server's

    def trips(answers, skips):
        source = folder / "tasks.json"
        source.write_text(json.dumps(exported), encoding="utf-8")
        for format in ["JSON", "CSV", "JSON_MIN"]:
            Converter(config, str(folder)).convert(str(source), str(folder / format), format, is_dir=False)
            # The flat formats have no skips.
            workspace.ingested(next((folder / format).glob("result.*")), answers, skips if format == "JSON" else {})

    trips(answers, skips)
    for annotation in (annotation for task in exported for annotation in task["annotations"]):
        annotation["completed_by"] = {"id": annotation["completed_by"], "email": people[str(annotation["completed_by"])]}
    trips(*plan(list(people.values()))[1:])  # some exports have the person instead of a number
    return len(tasks), len(answers), sum(skips.values())


def argilla(workspace, suggest, folder):
    os.environ["HF_HUB_OFFLINE"] = "1"
    import argilla as rg
    import httpx
    people, stored = [str(uuid.uuid4()), str(uuid.uuid4())], {}

    def server(request):
        """Keeps the records that requests carry, and gives them back."""
        path, asked = request.url.path, request.url.params
        if path == "/api/v1/me":
            return httpx.Response(200, json={"id": people[0], "username": "ana", "first_name": "", "role": "owner"})
        if path.endswith("/records/bulk"):
            items = json.loads(request.content)["items"]
            for item in items:
                stored[item["external_id"]] = {**item, "id": item["id"] or str(uuid.uuid4())}
            return httpx.Response(200, json={"items": [stored[item["external_id"]] for item in items], "updated_item_ids": []})
        start = int(asked.get("offset", 0))
        return httpx.Response(200, json={"items": list(stored.values())[start : start + int(asked.get("limit", 0))]})
    out = workspace.export("argilla")
    client = rg.Argilla(api_url="http://localhost", api_key="none", mounts={"all://": httpx.MockTransport(server)})
    settings = rg.Settings(fields=[rg.TextField(name="text")], questions=[rg.LabelQuestion(name="label", labels=LABELS)])
    dataset = rg.Dataset(name="batch", settings=settings, client=client)
    dataset.settings.questions["label"]._model.id = uuid.uuid4()  # the server gives it
    dataset.records.from_json(out / "argilla.json")
    same(len(stored), 200, "records")
    (planned, answers, skips), records = plan(people), list(dataset.records)
    for record in records:
        found = columns(record.metadata, KNOWN[record.id][1])
        same((record.fields["text"], {**found, "nested": json.loads(found["nested"])}), KNOWN[record.id], record.id)
        same([one.value in LABELS and 0 < one.score <= 1 for one in record.suggestions], [True] * suggest, record.id)

    for record in (record for record in records if record.id in answers):
        record.responses.add(rg.Response("label", answers[record.id][0], answers[record.id][1], "submitted"))
    dataset.records.log(records)
    # Nested, the package does not write the status of a response, and so no skip can be told.
    workspace.ingested(dataset.records.to_json(folder / "nested.json"), answers, {})
    (folder / "open.json").write_text(json.dumps(dataset.records.to_list(flatten=True)), encoding="utf-8")
    workspace.ingested(folder / "open.json", answers, {})
    for record in (record for record in records if record.id not in answers):
        who, status = (planned[record.id][1], "discarded") if record.id in planned else (people[0], "draft")
        record.responses.add(rg.Response("label", LABELS[0], who, status))
    dataset.records.log(records)
    (folder / "flat.json").write_text(json.dumps(dataset.records.to_list(flatten=True)), encoding="utf-8")
    workspace.ingested(folder / "flat.json", answers, skips)
    dataset.records.to_datasets().to_json(folder / "flat.jsonl")
    workspace.ingested(folder / "flat.jsonl", answers, skips)
    return len(stored), len(answers), sum(skips.values())


def doccano(workspace, suggest, folder):
    import django
    from django.conf import settings
    from django.core.management import call_command

    if not settings.configured:
        data = pathlib.Path(tempfile.mkdtemp(dir=folder.parent.parent))
        sys.path.insert(0, str(importlib.metadata.distribution("doccano").locate_file("backend")))
        os.environ.update(DATABASE_URL=f"sqlite:///{data}/doccano.db", MEDIA_ROOT=str(data / "media"), CELERY_BROKER_URL="memory://")
        from config.settings import base

        own = {name: getattr(base, name) for name in dir(base) if name.isupper()}
        settings.configure(**{**own, "DJANGO_DRF_FILEPOND_UPLOAD_TMP": str(data / "uploads"), "LOGGING_CONFIG": None, "DEBUG": False})
        django.setup()
        call_command("migrate", verbosity=0)

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

    people = {name: User.objects.get_or_create(username=name)[0] for name in ["ana", "dr.ben@example.org"]}
    kind = ProjectType.DOCUMENT_CLASSIFICATION
    project = TextClassificationProject.objects.create(project_type=kind, single_class_classification=True)
    for user in people.values():
        Member.objects.create(project=project, user=user, role=Role.objects.get_or_create(name="annotator")[0])
    file = FileName(str(workspace.export("doccano") / "doccano.jsonl"), "doccano.jsonl", "doccano.jsonl")
    dataset = load_dataset(kind, create_file_format("JSONL"), [file], project, encoding="utf_8", column_data="text", column_label="label")
    dataset.save(people["ana"], batch_size=1000)
    same([str(error) for error in dataset.errors], [], "import errors")
    examples = list(Example.objects.filter(project=project))
    same((len(examples), Category.objects.filter(example__project=project).count()), (200, 0), "examples, and labels before any answer")
    types = {name: CategoryType.objects.create(project=project, text=name) for name in LABELS}
    planned, answers, _ = plan(list(people))
    for example in examples:
        id = example.meta["querist_id"]
        same((example.text, columns(example.meta.get("meta", example.meta), KNOWN[id][1])), KNOWN[id], id)
        label, who = planned.get(id, (None, None))
        # doccano has no skips: what is skipped is confirmed without a label.
        if who is not None:
            ExampleState.objects.create(example=example, confirmed_by=people[who])
        if label is not None:
            Category.objects.create(example=example, user=people[who], label=types[label])
            Comment.objects.create(example=example, user=people[who], text="a, b\n#c")
    for format in ["JSONL", "JSON", "CSV"]:
        for confirmed in [False, True]:
            workspace.ingested(pathlib.Path(export_dataset(project.id, format, confirmed_only=confirmed)), answers, {})
    TextClassificationProject.objects.filter(id=project.id).update(collaborative_annotation=True)  # one file for all
    together = {id: (label, "team") for id, (label, _) in answers.items()}
    for format in ["JSONL", "JSON", "CSV"]:
        workspace.ingested(pathlib.Path(export_dataset(project.id, format)), together, {}, "--annotator", "team")
    return len(examples), len(answers), 0


def main():
    tools = {"label-studio-sdk": label_studio, "argilla": argilla, "doccano": doccano}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--querist", required=True, help="the program, for example target/release/querist")
    parser.add_argument("--tools", help="only these, which must be installed: " + ",".join(tools))
    asked, failed = parser.parse_args(), False
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as root:
        for tool in asked.tools.split(",") if asked.tools else tools:
            try:
                name = f"{tool} {importlib.metadata.version(tool)}"
            except importlib.metadata.PackageNotFoundError:
                print(f"{tool}: skipped, the package is not installed")
                failed |= asked.tools is not None
                continue
            for suggest in [False, True]:
                said = "with suggestions" if suggest else "without suggestions"
                try:
                    workspace = Workspace(pathlib.Path(asked.querist).resolve(), pathlib.Path(root) / tool / said / "workspace")
                    exports = pathlib.Path(tempfile.mkdtemp(dir=workspace.folder.parent))
                    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                        workspace.make(suggest)
                        done = "{} tasks, {} answers and {} skips back".format(*tools[tool](workspace, suggest, exports))
                except Exception as error:
                    failed, done = True, f"FAILED: {type(error).__name__}: {str(error)[:600]}"
                print(f"{name}, {said}: {done}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
