#!/usr/bin/env python3
"""Measures the pipeline and its peers on the same dumps in the same run, and writes README.md beside this file.

usage: run.py [--rounds N] [--sizes 1,4,16] [--work DIR] [--only LIST]

Called by `make bench` (options by BENCH_OPTIONS). Every command of a round runs once before any runs again, so that
a machine that slows down slows all of them. Times are whole processes by the wall clock, medians of the rounds;
memory is the largest resident set of a process that the kernel saw. Dumps are grown once and kept in the work folder.
"""
import argparse
import datetime
import glob
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

import charts
import grow
import history
import profile_ingest
import queries

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BIN = os.path.join(ROOT, ".build", "release")
ENTITIES = ["releases", "artists", "labels", "masters"]
# How often the sample is repeated at size 1; the sample has 1,000 of each.
COPIES = {"releases": 120, "artists": 400, "labels": 400, "masters": 60}
MONTH, DATE, RUN = "2026-08", "20260801", "2026-08__20260801_000000"


def sample():
    """The folder of the dumps that are grown: a real dump's beginning where there is one, else the fixtures."""
    for folder in (os.environ.get("DISCOGS_SAMPLE"), f"{ROOT}/../shared/data"):
        if folder and glob.glob(f"{folder}/discogs_*_releases.xml.gz"):
            return folder
    return f"{ROOT}/fixtures/dumps/2026-07"


def note(message):
    print(message, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, work, rounds):
        self.work, self.rounds, self.bin, self.copies = work, rounds, BIN, COPIES
        self.lake = f"{work}/lake"
        self.environment = {**os.environ, "DISCOGS_DATA_LAKE": self.lake, "run_id": RUN, "dump_month": MONTH}

    # --- dumps

    def raw(self, size):
        return f"{self.work}/grown-{size}x"

    def dump(self, entity, size=1):
        return f"{self.raw(size)}/{MONTH}/discogs_{DATE}_{entity}.xml.gz"

    def small(self, entity):
        """The dump that is grown."""
        [path] = glob.glob(f"{sample()}/discogs_*_{entity}.xml.gz")
        return path

    def grow(self, size, entities=ENTITIES):
        for entity in entities:
            path = self.dump(entity, size)
            if not os.path.exists(path):
                note(f"growing {path}")
                os.makedirs(os.path.dirname(path), exist_ok=True)
                grow.grow(self.small(entity), COPIES[entity] * size, path + ".part")
                os.rename(path + ".part", path)

    # --- measuring

    def measure(self, command, environment=None):
        """(seconds, processor seconds, peak bytes) of one run; the command must succeed.

        time(1) starts it: what the kernel counts for a child of this program begins with this program's own memory.
        """
        with open(f"{self.work}/log", "ab") as log:
            start = time.perf_counter()
            status = subprocess.run(["/usr/bin/time", "-f", "%U %S %M", "-o", f"{self.work}/usage", *command],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                                    env={**self.environment, **(environment or {})}, cwd=ROOT).returncode
            seconds = time.perf_counter() - start
        if status != 0:
            sys.exit(f"{' '.join(command)} failed: see {self.work}/log")
        with open(f"{self.work}/usage") as file:
            user, system, kilobytes = file.read().split()
        return seconds, float(user) + float(system), int(kilobytes) * 1024

    def rounds_of(self, commands, rounds=None):
        """{name: [measurements]}; commands are (name, preparation or None, command, environment)."""
        results = {}
        for turn in range(rounds or self.rounds):
            for name, prepare, command, environment in commands:
                if prepare:
                    prepare()
                measured = self.measure(command, environment)
                results.setdefault(name, []).append(measured)
                note(f"{turn + 1}: {name}: {measured[0]:.2f} s, {measured[2] / 1e6:.0f} MB")
        return results

    def clear(self):
        shutil.rmtree(self.lake, ignore_errors=True)
        os.makedirs(self.lake)

    def ingest(self, entity, size=1):
        return [f"{BIN}/ingest-entity", "--quiet", "--entity", entity, "--raw-root", self.raw(size)]

    # --- what is measured

    def speed(self):
        self.grow(1)
        plain = f"{self.work}/releases.xml"
        commands = []
        for entity in ENTITIES:
            commands.append((f"gzip -dc, {entity}", None, ["gzip", "-dc", self.dump(entity)], None))
        if shutil.which("igzip"):
            commands.append(("igzip -dc, releases", None, ["igzip", "-dc", self.dump("releases")], None))
        if shutil.which("xmllint"):
            if not os.path.exists(plain):
                with open(plain, "wb") as file:
                    subprocess.run(["gzip", "-dc", self.dump("releases")], stdout=file, check=True)
            commands.append(("xmllint --stream, releases", None, ["xmllint", "--stream", "--noout", plain], None))
        discogskit = f"{ROOT}/.tools/peers/bin/discogskit"
        if os.path.exists(discogskit):
            out = f"{self.work}/discogskit"
            for entity in ("releases", "artists"):
                commands.append((
                    f"discogskit convert, {entity}", lambda: shutil.rmtree(out, ignore_errors=True),
                    [discogskit, "convert", "--parse-workers", "2", "--output", out, self.dump(entity)], None))
        for number, entity in enumerate(ENTITIES):
            commands.append((f"ingest-entity, {entity}", self.clear if number == 0 else None, self.ingest(entity), None))
        commands.append(("build-xref", None, [f"{BIN}/build-xref", "--quiet"], None))
        return self.rounds_of(commands)

    def memory(self, sizes):
        """{entity: {size: (seconds, processor seconds, peak bytes)}}, one run each, and gzip's time for releases."""
        results = {}
        for size in sizes:
            self.grow(size)
            for entity in ENTITIES:
                self.clear()
                measured = self.rounds_of([(f"ingest-entity, {entity}, {size}×", None, self.ingest(entity, size), None)], 1)
                results.setdefault(entity, {})[size] = next(iter(measured.values()))[0]
        return results

    def lake_of_size_one(self):
        if not os.path.exists(f"{self.lake}/_runs/{RUN}/_state/build-xref.json") or self.lake_holds_other_size():
            self.grow(1)
            self.clear()
            for entity in ENTITIES:
                self.measure(self.ingest(entity))
            self.measure([f"{BIN}/build-xref", "--quiet"])

    def lake_holds_other_size(self):
        with open(f"{self.lake}/_runs/{RUN}/_state/ingest-releases.json") as file:
            return json.load(file)["inputs"][0]["bytes"] != os.path.getsize(self.dump("releases"))

    def download(self):
        """Fetching a larger releases dump from a server on loopback, by curl and by download, hashing included."""
        self.grow(4)
        site = f"{self.work}/site/data/2026"
        shutil.rmtree(f"{self.work}/site", ignore_errors=True)
        os.makedirs(site)
        with open(f"{site}/discogs_{DATE}_CHECKSUM.txt", "w") as sums:
            for entity in ENTITIES:
                os.link(self.dump(entity, 4), f"{site}/{os.path.basename(self.dump(entity, 4))}")
                digest = hashlib.file_digest(open(self.dump(entity, 4), "rb"), "sha256").hexdigest()
                sums.write(f"{digest} {os.path.basename(self.dump(entity, 4))}\n")
        server = subprocess.Popen([sys.executable, f"{ROOT}/Tests/Servers/dump_server.py", f"{self.work}/site"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        base = f"http://127.0.0.1:{server.stdout.readline().split()[0]}"
        fetched = f"{self.work}/fetched"
        clear = lambda: shutil.rmtree(fetched, ignore_errors=True) or os.makedirs(fetched)
        name = os.path.basename(self.dump("releases", 4))
        try:
            return self.rounds_of([
                ("curl -o", clear, ["curl", "-s", "-f", "-o", f"{fetched}/{name}", f"{base}/?download=data%2F2026%2F{name}"], None),
                ("download", clear, [f"{BIN}/download", "--quiet", "--entities", "releases", "--raw-root", fetched,
                                     "--base-url", base], {"run_id": ""}),
            ])
        finally:
            server.stdin.close()
            server.wait()


def summary(measured):
    return {name: {"seconds": statistics.median(run[0] for run in runs),
                   "processor": statistics.median(run[1] for run in runs),
                   "peak": max(run[2] for run in runs), "rounds": len(runs)} for name, runs in measured.items()}


def versions():
    def first_line(*command):
        try:
            return (subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines() or ["?"])[0]
        except OSError:
            return "absent"

    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} cores, {model}, {memory:.0f} GiB of memory, Linux {platform.release()}",
        "this project": first_line(f"{BIN}/ingest-entity", "--version"),
        "Swift": first_line("swift", "--version"),
        "gzip": first_line("gzip", "--version"),
        "igzip": first_line("igzip", "--version"),
        "discogskit": first_line(f"{ROOT}/.tools/peers/bin/discogskit", "--version"),
        "DuckDB": first_line(f"{ROOT}/.tools/bin/duckdb", "--version"),
        "pyarrow": first_line(f"{ROOT}/.tools/python/bin/python3", "-c", "import pyarrow; print(pyarrow.__version__)"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="1,4,16", help="multiples of the dump that memory is measured at")
    parser.add_argument("--work", default=f"{ROOT}/.build/bench")
    parser.add_argument("--only", default="speed,memory,files,history,changes,download,profile,lookups")
    parser.add_argument("--runs", default="1,2,4,8,16,24,200", help="numbers of runs that the history is measured with")
    parser.add_argument("--bin", default=BIN, help="the folder of the programs, where that is not this checkout's")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    kept = f"{arguments.work}/results.json"
    results = json.load(open(kept)) if os.path.exists(kept) else {}
    bench = Bench(arguments.work, arguments.rounds)
    bench.bin = os.path.abspath(arguments.bin)
    wanted = arguments.only.split(",")
    if "speed" in wanted:
        results["speed"] = summary(bench.speed())
    if "download" in wanted:
        results["download"] = summary(bench.download())
    if "files" in wanted:
        bench.lake_of_size_one()
        results["files"] = queries.compare(f"{bench.lake}/_runs/{RUN}", f"{bench.work}/files",
                                           f"{ROOT}/.tools/bin/duckdb", arguments.rounds, note)
    if "profile" in wanted and shutil.which("perf"):
        bench.grow(1)
        bench.clear()
        results["profile"] = profile_ingest.shares(bench.ingest("releases"), bench.environment, bench.work)
    if "memory" in wanted:
        results["memory"] = {entity: {str(size): run for size, run in sizes.items()}
                             for entity, sizes in bench.memory([int(s) for s in arguments.sizes.split(",")]).items()}
    if "history" in wanted:
        lakes = history.History(bench, ENTITIES, note).lakes([int(s) for s in arguments.runs.split(",")])
        results["history"] = {str(count): passes for count, passes in lakes.items()}
    if "changes" in wanted:
        pairs = history.History(bench, ENTITIES, note).changes([int(s) for s in arguments.sizes.split(",")])
        results["changes"] = {str(size): pair for size, pair in pairs.items()}
    results["versions"] = versions()
    results["date"] = datetime.date.today().isoformat()
    results["sample"] = os.path.basename(glob.glob(f"{sample()}/discogs_*_releases.xml.gz")[0])
    with open(kept, "w") as file:
        json.dump(results, file, indent=1)
    charts.write(results, HERE)
    if "lookups" in wanted:
        import lookups  # which imports this file

        lookups.write(f"{ROOT}/.build/bench-lookups", lookups.RELEASES, arguments.rounds, lookups.trino_home())
    with open(f"{HERE}/README.md") as file:
        print(file.read())


if __name__ == "__main__":
    main()
