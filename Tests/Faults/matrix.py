#!/usr/bin/env python3
"""Disturbs every task at its calls to the file system, one after the other, and looks at what is left.

    matrix.py --bin DIR [--sample] [--task LABEL]… [--fault NAME]… [--point N]

A pipeline of two months is run once, and the lake is kept before each step. For each fault and each call of a step:
the lake is put back, the step runs with that call disturbed (shim.c), and

1. it ends with the exit code that README promises for the cause, and a last line that says where and why;
2. no dataset that is in place is torn, `active` is where it was or where it was to go, no file of events is half there;
3. the same step, run again without a fault, succeeds, and leaves the lake as one that was never disturbed: byte for
   byte but for times; with no temporary file, lock, staging folder or second report.

What was found is printed when it is found for the first time, and all of it with a table at the end.

Faults: KILL (of the task and its children), ENOSPC, EIO, EACCES, EMFILE, EINTR, SHORT (writes and reads that do a part),
EIO-read; EACCES and EIO when something asks what is at a path. Of more than 150 calls a sample is tried for KILL, the first 20 and
the last 40 always; for the others of more than 25. --sample tries a few of each.
"""

import argparse
import collections
import ctypes
import errno
import hashlib
import json
import mmap
import multiprocessing
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pyarrow.parquet

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPEN, MAKE, WRITE, NAME, REMOVE, SYNC, CUT, MODE, READ, LOCK, LOOK = (1 << bit for bit in range(11))
NOTHING, KILL, FAIL, SHORTEN, TERMINATE = range(5)
CHANGES = MAKE | WRITE | NAME | REMOVE | SYNC | CUT | MODE | LOCK


class Plan(ctypes.Structure):
    """What shim.c reads: see there."""

    _fields_ = [
        ("count", ctypes.c_int64),
        ("at", ctypes.c_int64),
        ("kinds", ctypes.c_int32),
        ("action", ctypes.c_int32),
        ("error", ctypes.c_int32),
        ("sticky", ctypes.c_int32),
        ("task", ctypes.c_int32),
        ("done", ctypes.c_int32),
        ("root", ctypes.c_char * 512),
        ("where", ctypes.c_char * 1024),
    ]


# fault: the kinds of calls that it is tried at, what happens, the error, and the exit codes that are right.
FAULTS = {
    "KILL": (CHANGES, KILL, 0, None),
    "ENOSPC": (MAKE | WRITE | NAME | SYNC | CUT, FAIL, errno.ENOSPC, {0, 73, 74}),
    "EIO": (MAKE | WRITE | NAME | REMOVE | SYNC | CUT, FAIL, errno.EIO, {0, 73, 74}),
    "EACCES": (OPEN | MAKE | NAME | REMOVE, FAIL, errno.EACCES, {0, 77}),
    "EMFILE": (OPEN | MAKE, FAIL, errno.EMFILE, {0, 73, 74, 78}),
    # DuckDB takes it for an error of its input; what it was doing within a transaction cannot be done again.
    "EINTR": (OPEN | MAKE | WRITE | READ | SYNC | CUT | LOCK, FAIL, errno.EINTR, {0, 74}),
    "SHORT": (WRITE | READ, SHORTEN, 0, {0}),
    "EIO-read": (READ, FAIL, errno.EIO, {0, 74}),
    "EACCES-look": (LOOK, FAIL, errno.EACCES, {0, 77}),
    "EIO-look": (LOOK, FAIL, errno.EIO, {0, 74}),
    "TERM": (CHANGES, TERMINATE, 0, {0, 143}),
}

MONTHS = ("2026-07", "2026-08")
SESSIONS = ("2026-08-02T03:04:05Z", "2026-09-02T03:04:05Z")
ENTITIES = ("artists", "labels", "masters", "releases")


class Step:
    def __init__(self, label, task, *arguments, month=1, disturbed=True):
        self.label, self.task, self.arguments = label, task, list(arguments)
        self.month, self.disturbed = month, disturbed


def steps(bin_folder):
    """The workflow of main for two months, each followed by that of the history; the second month's is disturbed, and
    of the first what makes the catalog and the history for the first time."""
    found = []
    for month in (0, 1):
        second = month == 1

        def add(task, *arguments, label=None, disturbed=second, month=month):
            if (bin_folder / task).exists():
                found.append(Step(label or task, task, *arguments, month=month, disturbed=disturbed))

        add("preflight", "--dump-month", MONTHS[month], "--session-time", SESSIONS[month], "--run-mode", "prod")
        for entity in ENTITIES:
            add("ingest-entity", "--entity", entity, label=f"ingest-entity {entity}")
        add("build-xref")
        add("sanity")
        first = "" if second else " (the first)"
        add("promote", "--run-mode", "prod", "--allow-promote", "true", label="promote" + first, disturbed=True)
        add("register-run-schema", "--active", label="register-run-schema --active" + first, disturbed=True)
        add("sanity-report")
        add("run-report")
        add("register-run-schema", "--all", label="register-run-schema --all")
        add("reconcile", "--include-active", label="reconcile" + first, disturbed=True)
        add("compute-kpis", "--include-active", label="compute-kpis" + first, disturbed=True)
        add("compare-runs", "--include-active")
        add("export-csv", "--include-active")
        add("history-report", "--include-active")
    run = run_id(1)
    found.append(Step("promote --rollback", "promote", "--rollback", "--run-id", run))
    return found


def run_id(month):
    return MONTHS[month] + "__" + re.sub(r"[-:Z]", "", SESSIONS[month]).replace("T", "_")


# ------------------------------------------------------------------------------------------------ one place to work in


class Bench:
    """A scratch folder with a lake, the shim, and the lake as it was before each step."""

    def __init__(self, scratch, bin_folder, duckdb):
        self.scratch = pathlib.Path(scratch)
        self.bin, self.duckdb = bin_folder, duckdb
        self.lake = self.scratch / "lake"
        self.raw = self.scratch / "raw"
        self.kept = self.scratch / "kept"
        shutil.rmtree(self.scratch, ignore_errors=True)
        for folder in (self.lake, self.raw, self.kept, self.scratch / "tmp"):
            folder.mkdir(parents=True)
        for month in MONTHS:
            shutil.copytree(ROOT / "fixtures/dumps" / month, self.raw / month, ignore=shutil.ignore_patterns(".*"))
        self.shim = self.scratch / "shim.so"
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run(
            [compiler, "-O1", "-shared", "-fPIC", "-o", self.shim, ROOT / "Tests/Faults/shim.c", "-ldl"], check=True
        )
        self.plan_file = self.scratch / "plan"
        self.plan_file.write_bytes(bytes(ctypes.sizeof(Plan)))
        with open(self.plan_file, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.plan = Plan.from_buffer(self.memory)
        self.steps = steps(bin_folder)
        self.known = {}
        self.expected = []
        for number, step in enumerate(self.steps):
            self.keep(number)
            self.arm(NOTHING)
            outcome = self.execute(step)
            if outcome.returncode != 0:
                sys.exit(f"{step.label} fails undisturbed ({outcome.returncode}):\n{outcome.stderr}")
            self.expected.append(self.describe() if step.disturbed else None)

    def keep(self, number):
        subprocess.run(["cp", "-a", self.lake, self.kept / f"{number}"], check=True)

    def put_back(self, number):
        shutil.rmtree(self.lake, ignore_errors=True)
        subprocess.run(["cp", "-a", self.kept / f"{number}", self.lake], check=True)
        for note in self.raw.glob("*/.*"):
            note.unlink()

    def arm(self, action, kinds=CHANGES | OPEN | READ, at=0, error=0):
        plan = self.plan
        plan.count, plan.at, plan.kinds, plan.action, plan.error = 0, at, kinds, action, error
        plan.sticky, plan.task, plan.done = 0, 0, 0
        plan.root, plan.where = str(self.lake).encode() + b"/", b""

    def execute(self, step, timeout=60):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.scratch),
            "TMPDIR": str(self.scratch / "tmp"),
            "LANG": "C.UTF-8",
            "DISCOGS_DATA_LAKE": str(self.lake),
            "raw_root": str(self.raw),
            "DUCKDB": self.duckdb,
            "LD_PRELOAD": str(self.shim),
        }
        if step.task != "preflight" and "--run-id" not in step.arguments:
            if step.task not in ("register-run-schema", "reconcile", "compute-kpis", "compare-runs", "export-csv",
                                 "history-report"):
                environment["run_id"] = run_id(step.month)
        process = subprocess.Popen(
            [self.bin / step.task, *step.arguments], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, errors="replace",
        )
        try:
            _, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            _, errors = process.communicate()
            errors += "\nit hung"
        return subprocess.CompletedProcess(step.label, process.returncode, "", errors)

    def count(self, number, kinds):
        self.put_back(number)
        self.arm(NOTHING, kinds)
        self.execute(self.steps[number])
        return self.plan.count

    # ---------------------------------------------------------------------------------------------- what is in a lake

    def describe(self):
        """Everything in the lake that must not depend on a fault: relative name without times -> what it holds."""
        found = collections.Counter()
        for folder, folders, names in os.walk(self.lake):
            folder = pathlib.Path(folder)
            for name in folders + names:
                path = folder / name
                relative = path.relative_to(self.lake).as_posix()
                plain = without_times(relative)
                if path.is_symlink():
                    found[f"{plain} -> {os.readlink(path)}"] += 1
                elif path.is_file() and EVENTS.match(relative):
                    for row in self.once(events, path):
                        key = f"{folder.relative_to(self.lake)}: {row}"
                        # What is recorded more than once, because an execution was cut off, is read once: a run's
                        # state, and the records of a comparison whose counts are missing.
                        once = folder.name in ("run_registry_events", "entity_change_events")
                        found[key] = 1 if once else found[key] + 1
                elif path.is_file():
                    found[f"{plain}: {self.content(path, relative)}"] += 1
        return found

    def once(self, read, path):
        """What `read` makes of the file; of the same bytes it makes the same."""
        key = (read.__name__, digest(path.read_bytes()))
        if key not in self.known:
            self.known[key] = read(path)
        return self.known[key]

    def content(self, path, relative):
        if path.name == "catalog.duckdb":
            # What is not in the file yet may lie beside it.
            is_whole = not path.with_name(path.name + ".wal").exists()
            return self.once(self.catalog, path) if is_whole else self.catalog(path)
        if path.suffix == ".json" and relative.startswith("_runs/"):
            try:
                return digest(json.dumps(timeless(json.loads(path.read_text())), sort_keys=True).encode())
            except ValueError:
                return "broken JSON"
        if path.suffix in (".html", ".csv"):
            return "" if path.suffix == ".html" else digest(without_times(path.read_text(errors="replace")).encode())
        return digest(path.read_bytes())

    def catalog(self, path):
        query = (
            "SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL;"
            "SELECT schema_name, table_name, sql FROM duckdb_tables() ORDER BY ALL;"
            "SELECT schema_name FROM duckdb_schemas() WHERE NOT internal ORDER BY ALL;"
        )
        outcome = subprocess.run(
            [self.duckdb, "-readonly", "-csv", "-batch", path, "-c", query], capture_output=True, text=True)
        return digest(without_times(outcome.stdout).encode()) if outcome.returncode == 0 else outcome.stderr.strip()

    def torn(self, before):
        """What must not be there after a fault, at any moment."""
        findings = []
        active = self.lake / "active"
        if os.path.islink(self.kept / before / "active") and not (active.is_symlink() and active.is_dir()):
            findings.append("active is missing")
        for path in self.lake.rglob("*.parquet"):
            if any(part.startswith(".") for part in path.relative_to(self.lake).parts):
                continue
            try:
                pyarrow.parquet.read_metadata(path)
            except Exception as error:  # noqa: BLE001  whatever a reader says, the file is torn
                findings.append(f"torn: {path.relative_to(self.lake)}: {error}")
        return findings

    def litter(self):
        found = []
        for folder, folders, names in os.walk(self.lake):
            for name in folders + names:
                path = pathlib.Path(folder, name).relative_to(self.lake).as_posix()
                if name.startswith(".") or name.endswith((".tmp", ".wal", ".lock", ".part")):
                    found.append(path)
        found += [path.name for path in (self.scratch / "tmp").iterdir()]
        found += [path.as_posix() for path in self.raw.glob("*/.*.tmp")]
        return found


def digest(content):
    return hashlib.sha256(content).hexdigest()[:16]


def without_times(text):
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME", text)
    text = re.sub(r"\d{8}T\d{6}\.\d+Z-[0-9a-f]{16}", "EVENTS", text)
    # A run's name stays, whose time is the session's.
    return re.sub(r"(?<!\d__)\b20\d{6}_\d{6}(_\d+)?|(?<=[a-z]_)20\d{6}_\d{6}(_\d+)?|(?<=[-.])20\d{6}T\d{6,}Z?", "TIME", text)


TIMES = re.compile(r"^free_bytes$|(_at|seconds|memory|peak|processor|cpu|elapsed|duration|modified_ns|file_number|milliseconds|_bytes_peak)$|^peak_memory_bytes$|^(peak|processor|cpu|wall|user|system)_")


def timeless(value, key=""):
    if isinstance(value, dict):
        kept = {name: timeless(one, name) for name, one in value.items() if not TIMES.search(name)}
        if str(kept.get("path", "")).startswith("_state/"):
            kept.pop("sha256", None)
            kept.pop("bytes", None)
        return kept
    if isinstance(value, list):
        return [timeless(one) for one in value]
    return without_times(value) if isinstance(value, str) else value


EVENTS = re.compile(r"_meta/discogs_history/.*\.parquet$")


def events(path):
    """The rows of a file of events, without their times and those that say that something failed: it did."""
    try:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    except Exception as error:  # noqa: BLE001
        return [f"torn: {error}"]
    kept = [row for row in rows if not str(row.get("status", "")).startswith("failed_query")
            and row.get("status") != "failed"]
    return [
        json.dumps({name: one for name, one in row.items() if name != "event_ts_utc"}, default=str, sort_keys=True)
        for row in kept
    ]


# ------------------------------------------------------------------------------------------------------- the points


def sample(count, most, first=20, last=40):
    if count <= most:
        return list(range(1, count + 1))
    first, last = min(first, most // 3), min(last, most // 2)
    middle = range(first + 1, count - last + 1)
    chosen = random.Random(1).sample(middle, most - first - last)
    return sorted([*range(1, first + 1), *chosen, *range(count - last + 1, count + 1)])


def try_point(bench, number, fault, point):
    step = bench.steps[number]
    kinds, action, error, codes = FAULTS[fault]
    bench.put_back(number)
    bench.arm(action, kinds, point, error)
    outcome = bench.execute(step)
    where, done = bench.plan.where.decode(errors="replace"), bench.plan.done
    findings = []
    if not done:
        return None  # this time the step made fewer calls
    code = outcome.returncode
    last = outcome.stderr.strip().rsplit("\n", 1)[-1] if outcome.stderr.strip() else ""
    if codes is None:
        if code != -signal.SIGKILL:
            findings.append(f"killed, and yet it ended with {code}")
    else:
        if code == 143 or code == -signal.SIGTERM:
            code = 143
        if code not in codes:
            findings.append(f"exit code {code}: {last}")
        elif code not in (0, 143):
            reason = os.strerror(error) if error else ""
            if str(bench.scratch) not in last or (reason.lower() not in last.lower()):
                findings.append(f"the last line does not say where and why: {last}")
    findings += bench.torn(str(number))
    bench.arm(NOTHING)
    again = bench.execute(step)
    if again.returncode != 0:
        findings.append(f"again without a fault it ends with {again.returncode}: {again.stderr.strip()[-400:]}")
    else:
        now, expected = bench.describe(), bench.expected[number]
        for key in sorted((now - expected) + (expected - now)):
            findings.append(("more" if now[key] > expected[key] else "lacks") + ": " + key[:200])
        findings += [f"left over: {path}" for path in bench.litter()]
    return where, findings


def work(scratch, bin_folder, duckdb, points, results):
    bench = Bench(scratch, bin_folder, duckdb)
    while True:
        try:
            number, fault, point = points.get(timeout=1)
        except queue.Empty:
            break
        results.put((number, fault, point, try_point(bench, number, fault, point)))
    shutil.rmtree(scratch, ignore_errors=True)
    results.put(None)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / ".build/release")
    parser.add_argument("--duckdb", default=str((ROOT / ".tools/bin/duckdb").resolve()))
    parser.add_argument("--scratch", type=pathlib.Path)
    parser.add_argument("--sample", action="store_true", help="a few points of each fault and step")
    parser.add_argument("--most", type=int, help="points for each fault and step (150 for KILL, 25 for others)")
    parser.add_argument("--task", action="append", help="only steps whose label begins so")
    parser.add_argument("--fault", action="append", choices=list(FAULTS))
    parser.add_argument("--point", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.bin = options.bin.resolve()
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    scratch = options.scratch or pathlib.Path(tempfile.mkdtemp(prefix="lakehouse-faults-", dir=parent))
    started = time.time()
    bench = Bench(scratch / "0", options.bin, options.duckdb)
    chosen = []
    for number, step in enumerate(bench.steps):
        if not step.disturbed or options.task and not any(step.label.startswith(one) for one in options.task):
            continue
        for fault, (kinds, *_) in FAULTS.items():
            if options.fault and fault not in options.fault:
                continue
            count = bench.count(number, kinds)
            most = options.most or (150 if fault == "KILL" else 25)
            if options.sample:
                most = 5 if fault == "KILL" else 1
            picked = [options.point] if options.point else sample(count, most)
            if options.sample and count > most and not options.point:
                # Spread over the whole, another place for each step.
                generator = random.Random(f"{step.label} {fault}")
                picked = sorted(generator.sample(range(1, count + 1), most))
            chosen += [(number, fault, point) for point in picked]
    points, results = multiprocessing.Queue(), multiprocessing.Queue()
    random.Random(2).shuffle(chosen)
    for point in chosen:
        points.put(point)
    jobs = max(1, min(options.jobs, len(chosen)))
    workers = [
        multiprocessing.Process(
            target=work, args=(scratch / f"{job + 1}", options.bin, options.duckdb, points, results))
        for job in range(jobs)
    ]
    for worker in workers:
        worker.start()
    tried, survived, findings = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    running = jobs
    while running:
        try:
            result = results.get(timeout=5)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers):
                sys.exit("a worker died")
            continue
        if result is None:
            running -= 1
            continue
        number, fault, point, outcome = result
        if outcome is None:
            continue
        label = bench.steps[number].label
        tried[label] += 1
        where, found = outcome
        if not found:
            survived[label] += 1
        for finding in found:
            if (label, fault, finding) not in findings:
                print(f"{label}, {fault} at call {point} ({where}): {finding}", flush=True)
            findings[(label, fault, finding)].append((point, where))
    shutil.rmtree(scratch, ignore_errors=True)
    print(f"{'step':40} {'points':>7} {'survived':>9}")
    for step in bench.steps:
        if tried[step.label]:
            print(f"{step.label:40} {tried[step.label]:7} {survived[step.label]:9}")
    total, good = sum(tried.values()), sum(survived.values())
    print(f"{'all':40} {total:7} {good:9}   in {time.time() - started:.0f} s")
    for (label, fault, finding), places in sorted(findings.items(), key=lambda item: -len(item[1])):
        point, where = sorted(places)[0]
        print(f"\n{label}, {fault} at call {point} ({where}), {len(places)} times\n    {finding}")
    if not total or total != good:
        sys.exit(1)


if __name__ == "__main__":
    main()
