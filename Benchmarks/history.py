"""What the history costs: two grown runs compared, and the tasks of the history on lakes of up to 200 runs.

The runs of a lake are copies of two that the tasks themselves made, of neighbouring months: under other ids and dates, in
turns, so that each differs from the one before as one month does from the next. Every dataset, state, manifest and report is
there.
"""
import gzip
import json
import os
import re
import shutil

import grow

# Of 20 records a month edits one; of 50 it takes one away and brings another.
EDITED, GONE = 20, 50
DATASETS = "all"


def next_month(dump, out):
    """Writes a dump that comes a month after another: records edited, gone and new, all others the same."""
    with gzip.open(dump) as file:
        text = grow.restored(file.read())
    root = re.match(rb"\s*(?:<\?xml[^>]*\?>)?\s*<(\w+)>", text)[1]
    start = re.compile(rb"^(?=<" + root[:-1] + rb"[ >])", re.MULTILINE)
    head, *records = start.split(text)
    records[-1] = records[-1][:records[-1].rindex(b"</" + root)]
    kept = []
    for number, record in enumerate(records):
        if number % GONE == 1:
            # Its place is taken by one that was not there.
            record = re.sub(rb'(?<=<id>)\d+|(?<=^<master id=")\d+|(?<=^<release id=")\d+', lambda found: b"9%08d" % int(found[0]), record, count=1)
        elif number % EDITED == 2:
            record = re.sub(rb"(?<=<title>)[^<]+|(?<=<name>)[^<]+", rb"\g<0> again", record, count=1)
        kept.append(record)
    with gzip.open(out, "wb", compresslevel=6) as file:
        file.write(head + b"".join(kept) + b"</" + root + b">\n")


class History:
    """Measures by a `run.Bench`."""

    def __init__(self, bench, entities, note):
        self.bench, self.entities, self.note = bench, entities, note

    def task(self, *command, run="", **options):
        return self.bench.measure([f"{self.bench.bin}/{command[0]}", *command[1:], *(["--quiet"] if command[0] != "lake-status" else [])],
                                  {"run_id": run, "include_active": "true", **options})

    def make(self, month, dumps):
        """Makes a run by the tasks and returns its id and what its ingest took: (seconds, processor seconds, peak bytes)."""
        run = f"{month}__{month.replace('-', '')}02_000000"
        environment = {"dump_month": month, "raw_root": dumps, "session_time": f"{month}-02T00:00:00Z", "datasets": DATASETS}
        self.task("preflight", **environment)
        took = [self.task("ingest-entity", "--entity", entity, run=run, **environment) for entity in self.entities]
        self.task("build-xref", run=run, **environment)
        self.task("sanity", run=run, **environment)
        return run, (sum(t[0] for t in took), sum(t[1] for t in took), max(t[2] for t in took))

    # --- two grown runs

    def changes(self, sizes):
        """{size: {"ingest": …, "compare": …, "records": …}} for two runs of grown dumps of neighbouring months."""
        results = {}
        for size in sizes:
            self.bench.grow(size)
            later = f"{self.bench.work}/grown-{size}x/2026-09"
            for entity in self.entities:
                dump = f"{later}/discogs_20260901_{entity}.xml.gz"
                if not os.path.exists(dump):
                    os.makedirs(later, exist_ok=True)
                    self.note(f"growing {dump}")
                    small = f"{self.bench.work}/later_{entity}.xml.gz"
                    next_month(self.bench.small(entity), small)
                    grow.grow(small, self.bench.copies[entity] * size, dump + ".part")
                    os.rename(dump + ".part", dump)
            self.bench.clear()
            ingest = [self.make(month, self.bench.raw(size))[1] for month in ("2026-08", "2026-09")]
            self.task("register-run-schema", "--all")
            self.task("reconcile")
            compare = self.task("compare-runs")
            results[size] = {"ingest": (sum(t[0] for t in ingest), sum(t[1] for t in ingest), max(t[2] for t in ingest)),
                             "compare": compare, "changes": self.counts()}
            self.note(f"two runs at {size}×: ingest {results[size]['ingest']}, compare-runs {compare}, {results[size]['changes']}")
        return results

    def counts(self):
        """How many records were compared, and how many of them differ, by the newest CSV."""
        self.task("export-csv")
        with open(f"{self.bench.lake}/_meta/discogs_history/reports/history_changes_latest.csv") as file:
            rows = [line.strip().split(",") for line in file][1:]
        numbers = [[int(cell) for cell in row[3:7]] for row in rows]
        return {"compared": sum(map(sum, numbers)), "different": sum(sum(row[:3]) for row in numbers)}

    # --- lakes of many runs

    def patterns(self):
        """A folder with two runs of the sample's size, made once."""
        kept = f"{self.bench.work}/patterns"
        shutil.rmtree(kept, ignore_errors=True)
        self.bench.clear()
        for month, date in (("2026-08", "20260801"), ("2026-09", "20260901")):
            os.makedirs(f"{kept}/dumps/{month}")
            for entity in self.entities:
                dump = f"{kept}/dumps/{month}/discogs_{date}_{entity}.xml.gz"
                if month == "2026-08":
                    shutil.copy(self.bench.small(entity), dump)
                else:
                    next_month(self.bench.small(entity), dump)
            self.make(month, f"{kept}/dumps")
        shutil.move(f"{self.bench.lake}/_runs", f"{kept}/runs")
        return kept

    def lake(self, count):
        """Makes the lake anew with so many runs, one a month; the newest is active."""
        kept = self.patterns_kept = getattr(self, "patterns_kept", None) or self.patterns()
        self.bench.clear()
        patterns = sorted(os.listdir(f"{kept}/runs"))
        for number in range(count):
            self.copy(f"{kept}/runs/{patterns[number % 2]}", patterns[number % 2], f"{2008 + number // 12}-{number % 12 + 1:02d}")
        newest = sorted(os.listdir(f"{self.bench.lake}/_runs"))[-1]
        os.symlink(f"_runs/{newest}", f"{self.bench.lake}/active")

    def copy(self, folder, old, month):
        new = f"{month}__{month.replace('-', '')}02_000000"
        target = f"{self.bench.lake}/_runs/{new}"
        shutil.copytree(folder, target)
        for place, _, names in os.walk(target):
            for name in names:
                path = f"{place}/{name}"
                if name.endswith(".json"):
                    with open(path) as file:
                        text = file.read()
                    for one, other in ((old, new), (old[:7], month), (old[:7].replace("-", "") + "01", month.replace("-", "") + "01")):
                        text = text.replace(one, other)
                    json.loads(text)
                    with open(path, "w") as file:
                        file.write(text)
                elif old in name:
                    os.rename(path, f"{place}/{name.replace(old, new)}")

    STEPS = (("register-run-schema", "--all"), ("reconcile",), ("compute-kpis",), ("compare-runs",), ("export-csv",), ("history-report",),
             ("lake-status",))

    def pass_of(self):
        """{step: (seconds, processor seconds, peak bytes)} of all steps, once."""
        return {" ".join(step): self.task(*step) for step in self.STEPS}

    def lakes(self, counts):
        """{count: {"new": pass, "known": pass}}; every step of the history, for runs that are new and again for the same."""
        results = {}
        for count in counts:
            self.lake(count)
            results[count] = {"new": self.pass_of(), "known": self.pass_of()}
            for name, measured in results[count].items():
                total = [sum(step[index] for step in measured.values()) for index in (0, 1)]
                self.note(f"{count} runs, {name}: {total[0]:.2f} s, {total[1]:.2f} s of processors; "
                          + ", ".join(f"{step} {took[0]:.2f} ({took[1]:.2f})" for step, took in measured.items()))
        return results
