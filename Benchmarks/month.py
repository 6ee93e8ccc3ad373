#!/usr/bin/env python3
"""Runs the whole workflow on a month of a real one's size, measures each task, and writes the table into README.md.

usage: month.py [--share S] [--months N] [--datasets core|all|both] [--memory-limit 2G] [--work DIR] [--dumps-only] [--drop-dumps]

Called by `make bench-month` (options by BENCH_OPTIONS). month.c, compiled here, writes the dumps, which are kept in the
work folder; share 1 takes about 17 GB a month there, and the lake about as much as the table says. XML is never on the
disk, only packed. The page cache is dropped before each task where that is allowed. With --months 2 a second month, of
which 1 % is edited, is run after the first, and it is what the table shows. With --drop-dumps a month's dumps are removed
when it is done, before the next month's are written: two whole months with both choices of datasets take 55 GB.
"""
import argparse
import datetime
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import charts
import run

ENTITIES = ["artists", "labels", "masters", "releases"]
SEED = 1
MONTHS = ["2026-08", "2026-09", "2026-10"]
MAIN = [["preflight"], *[["ingest-entity", "--entity", entity] for entity in ENTITIES], ["build-xref"], ["sanity"], ["promote"],
        ["register-run-schema", "--active"], ["sanity-report"], ["run-report"]]
HISTORY = [["register-run-schema", "--all", "--allow-partial"], ["reconcile", "--action", "reconcile_register"],
           ["reconcile", "--action", "update_run_registry"], ["compute-kpis"], ["compare-runs"], ["export-csv"], ["history-report"]]


# --- dumps


def generator(work):
    """The path of the compiled month.c."""
    path, source = f"{work}/month", f"{run.HERE}/month.c"
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        subprocess.run(["gcc", "-O2", "-o", path + ".part", source], check=True)
        os.rename(path + ".part", path)
    return path


def dump(raw, month, entity):
    return f"{raw}/{month}/discogs_{month.replace('-', '')}01_{entity}.xml.gz"


def make_dumps(work, raw, share, month):
    """Writes those of a month's dumps that are not there yet; each appears under its name when it is whole.

    Returns {name: bytes of XML}, which are kept beside the months."""
    os.makedirs(f"{raw}/{month}", exist_ok=True)
    kept = f"{raw}/plain-bytes.json"
    lengths = json.load(open(kept)) if os.path.exists(kept) else {}
    for entity in ENTITIES:
        path = dump(raw, month, entity)
        if os.path.exists(path):
            continue
        start = time.perf_counter()
        packer = ["igzip", "-3", "-c"] if shutil.which("igzip") else ["gzip", "-1", "-c"]
        with open(path + ".part", "wb") as file:
            writing = subprocess.Popen([generator(work), entity, str(share), str(SEED), str(MONTHS.index(month))], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            packing = subprocess.Popen(packer, stdin=writing.stdout, stdout=file)
            writing.stdout.close()
            said = writing.stderr.read()
            if writing.wait() or packing.wait():
                sys.exit(f"could not write {path}: {said.decode()}")
        plain = int(said)
        os.rename(path + ".part", path)
        seconds = time.perf_counter() - start
        run.note(f"{path}: {plain / 1e9:.2f} GB of XML, {os.path.getsize(path) / 1e9:.2f} GB packed, {plain / 1e6 / seconds:.0f} MB/s")
        lengths[os.path.basename(path)] = plain
        with open(kept, "w") as file:
            json.dump(lengths, file)
    return lengths


# --- memory of a group of processes


class Group:
    """A control group of its own for each task, where the system lets us make one; version 2 or 1."""

    def __init__(self, limit):
        self.limit, self.path, self.kind = limit, None, "no control group"
        for root, kind, peak, most in (("/sys/fs/cgroup", 2, "memory.peak", "memory.max"),
                                       ("/sys/fs/cgroup/memory", 1, "memory.max_usage_in_bytes", "memory.limit_in_bytes")):
            path = f"{root}/discogs-bench-{os.getpid()}"
            try:
                os.mkdir(path)
                if not os.path.exists(f"{path}/{peak}"):
                    os.rmdir(path)
                    continue
                if limit:
                    self.write(f"{path}/{most}", str(limit))
            except OSError:
                continue
            self.path, self.peak, self.kind = path, peak, f"a memory control group, version {kind}"
            break

    def write(self, path, text):
        with open(path, "w") as file:
            file.write(text)

    def wrap(self, command):
        """The command as it is started within the limit, and how the limit is kept."""
        if self.path:
            return ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', self.path, *command], self.kind
        if not self.limit:
            return command, self.kind
        if shutil.which("systemd-run") and os.path.isdir("/run/systemd/system"):
            return ["systemd-run", "--quiet", "--scope", "-p", f"MemoryMax={self.limit}", "-p", "MemorySwapMax=0", *command], "systemd-run --scope"
        return ["prlimit", f"--data={self.limit}", *command], "prlimit --data, of each process by itself"

    def begin(self):
        """Forgets the peak of what ran before."""
        if self.path:
            try:
                self.write(f"{self.path}/{self.peak}", "0")
            except OSError:  # older kernels: the peak only ever rises
                pass

    def peak_bytes(self):
        """The most that the group had, pages of files among it."""
        if not self.path:
            return None
        with open(f"{self.path}/{self.peak}") as file:
            return int(file.read())

    def remove(self):
        if self.path:
            os.rmdir(self.path)


class Memory(threading.Thread):
    """Looks at a process and all that it started every few milliseconds: the largest sum of their high-water marks."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.peak, self.stopped = process, 0, threading.Event()

    def tree(self):
        found, left = [], [self.process]
        while left:
            process = left.pop()
            found.append(process)
            try:
                for thread in os.listdir(f"/proc/{process}/task"):
                    with open(f"/proc/{process}/task/{thread}/children") as file:
                        left += map(int, file.read().split())
            except OSError:
                pass
        return found

    def run(self):
        while not self.stopped.wait(0.02):
            total = 0
            for process in self.tree():
                try:
                    with open(f"/proc/{process}/status") as file:
                        total += next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:")), 0)
                except OSError:
                    pass
            self.peak = max(self.peak, total)

    def stop(self):
        self.stopped.set()
        self.join()
        return self.peak


# --- measuring


class Disk(threading.Thread):
    """Looks twice a second at what a folder takes on the disk: the most that it did."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.stopped = folder, threading.Event()
        self.peak = taken(folder)

    def run(self):
        while not self.stopped.wait(0.5):
            self.peak = max(self.peak, taken(self.folder))

    def stop(self):
        self.stopped.set()
        self.join()
        return max(self.peak, taken(self.folder))


class Month:
    """A lake of one choice of datasets, and what its tasks took."""

    def __init__(self, arguments, group, datasets):
        self.work, self.raw, self.datasets = arguments.work, arguments.raw, datasets
        self.lake = f"{self.work}/lake-{datasets}"
        self.rows, self.needs, self.run_id, self.gzip, self.gzip_releases = {}, {}, None, None, None
        self.group = group
        self.cache_is_dropped = True
        self.limited_by = None

    def drop_cache(self):
        try:
            os.sync()
            with open("/proc/sys/vm/drop_caches", "w") as file:
                file.write("3")
        except OSError:
            self.cache_is_dropped = False

    def measure(self, command, environment=None):
        """(a row of the table, standard output, standard error); `status` is the exit code.

        time(1) starts it: what the kernel counts for a child of this program begins with this program's own memory."""
        self.drop_cache()
        self.group.begin()
        wrapped, self.limited_by = self.group.wrap(command)
        answers = f"{self.work}/out" if command[0].startswith(run.BIN) else os.devnull
        timed = ["/usr/bin/time", "-f", "%M", "-o", f"{self.work}/usage", *wrapped]
        with open(f"{self.work}/log", "ab") as log, open(answers, "w+b") as out, open(f"{self.work}/err", "w+b") as err:
            start = time.perf_counter()
            process = subprocess.Popen(timed, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **(environment or {})}, cwd=run.ROOT)
            memory = Memory(process.pid)
            memory.start()
            try:
                _, status, usage = os.wait4(process.pid, 0)  # all that it started and waited for is in this
            except KeyboardInterrupt:
                process.send_signal(signal.SIGINT)
                raise
            seconds = time.perf_counter() - start
            peak = memory.stop()
            err.seek(0)
            said = err.read()
            log.write(b"$ " + " ".join(command).encode() + b"\n" + said)
            out.seek(0)
            answer = out.read().decode(errors="replace").strip() if answers != os.devnull else ""
        with open(f"{self.work}/usage") as file:
            largest = int(file.read().split()[-1]) * 1024
        row = {"seconds": seconds, "processor": usage.ru_utime + usage.ru_stime, "peak": max(peak, largest), "with_cache": self.group.peak_bytes(),
               "read": usage.ru_inblock * 512, "written": usage.ru_oublock * 512, "status": os.waitstatus_to_exitcode(status)}
        run.note(f"{' '.join(map(os.path.basename, command))[:70]}: {seconds:.1f} s, processor {row['processor']:.1f} s, {row['peak'] / 1e6:.0f} MB, "
                 f"{row['read'] / 1e6:.0f} MB read, {row['written'] / 1e6:.0f} MB written" + (f", exit code {row['status']}" if row["status"] else ""))
        return row, answer, said.decode(errors="replace")

    def workflow(self, month, session):
        """Runs every task, up to the first that fails."""
        environment = {"DISCOGS_DATA_LAKE": self.lake, "raw_root": self.raw, "dump_month": month, "session_time": session, "datasets": self.datasets,
                       "run_mode": "prod", "allow_promote": "true", "include_active": "true"}
        self.rows, self.needs = {}, {}
        before = taken(self.lake)
        for command in MAIN + HISTORY:
            name = " ".join(command)
            if not os.path.exists(f"{run.BIN}/{command[0]}"):
                run.note(f"{name}: there is no such task yet")
                continue
            history = command in HISTORY
            disk = Disk(self.lake)
            disk.start()
            row, answer, said = self.measure([f"{run.BIN}/{command[0]}", *command[1:], "--quiet"], environment | ({"run_id": ""} if history else {}))
            self.rows[name] = row | {"flow": "history" if history else "main", "disk": disk.stop() - before}
            if row["status"]:
                run.note(said.strip().splitlines()[-1] if said.strip() else "")
                break
            if command[0] == "preflight":
                self.run_id = environment["run_id"] = answer
                environment.pop("session_time")
                with open(f"{self.lake}/_runs/{answer}/_state/preflight.json") as file:
                    counters = json.load(file)["counters"]
                self.needs = {"disk": counters["needed_bytes"], "memory": counters["needed_memory_bytes"]}

    @property
    def has_failed(self):
        return any(row["status"] for row in self.rows.values())


def size(folder):
    return sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names)


def taken(folder):
    """The bytes that a folder's files take on the disk; they may come and go meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
            except OSError:
                pass
    return total


def bytes_of(text):
    """2G, 512M or a number."""
    return int(float(text.rstrip("GMK")) * {"G": 2**30, "M": 2**20, "K": 2**10}.get(text[-1], 1)) if text else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of a real month")
    parser.add_argument("--months", type=int, default=1, choices=range(1, len(MONTHS) + 1))
    parser.add_argument("--datasets", choices=("core", "all", "both"), default="all")
    parser.add_argument("--memory-limit", help="2G: of each task with its engine, files' pages in memory among it")
    parser.add_argument("--work", default=f"{run.ROOT}/.build/bench-month")
    parser.add_argument("--raw", help="the folder of the months' dumps; default WORK/dumps-SHARE")
    parser.add_argument("--dumps-only", action="store_true")
    parser.add_argument("--drop-dumps", action="store_true", help="remove a month's dumps when it is done")
    arguments = parser.parse_args()
    arguments.work = os.path.abspath(arguments.work)
    arguments.raw = os.path.abspath(arguments.raw or f"{arguments.work}/dumps-{arguments.share:g}")
    arguments.limit = bytes_of(arguments.memory_limit)
    os.makedirs(arguments.work, exist_ok=True)
    months = MONTHS[:arguments.months]
    if arguments.dumps_only:
        for month in months:
            make_dumps(arguments.work, arguments.raw, arguments.share, month)
        return
    group = Group(arguments.limit)
    benches = [Month(arguments, group, choice) for choice in (("core", "all") if arguments.datasets == "both" else (arguments.datasets,))]
    for bench in benches:
        shutil.rmtree(bench.lake, ignore_errors=True)
        os.makedirs(bench.lake)
    try:
        for number, month in enumerate(months):
            lengths = make_dumps(arguments.work, arguments.raw, arguments.share, month)
            paths = [dump(arguments.raw, month, entity) for entity in ENTITIES]
            packed, plain = sum(map(os.path.getsize, paths)), sum(lengths[os.path.basename(path)] for path in paths)
            unpacking = [None, None]
            if month == months[-1]:
                unpacking = unpack(benches[0], paths)
            for bench in benches:
                if bench.has_failed:
                    continue
                bench.gzip, bench.gzip_releases = unpacking
                for note in glob.glob(f"{arguments.raw}/*/.*.sha256.json"):  # the tasks see these dumps for the first time
                    os.remove(note)
                bench.workflow(month, f"{month}-02T00:00:{number:02d}Z")
                if month == months[-1] and not bench.has_failed:
                    keep(bench, arguments, month, packed, plain)
            if arguments.drop_dumps:
                shutil.rmtree(f"{arguments.raw}/{month}")
    finally:
        group.remove()
    failed = [f"{name} ({bench.datasets})" for bench in benches for name, row in bench.rows.items() if row["status"]]
    if failed:
        sys.exit(f"{failed[0]} failed: see {arguments.work}/log")


def unpack(bench, paths):
    """What gzip takes for all of the dumps, one after the other, and for the last, the releases."""
    each = [bench.measure(["gzip", "-dc", path])[0] for path in paths]
    added = ("seconds", "processor", "read", "written", "status")
    return [each[-1] | {key: sum(row[key] for row in each) for key in added}, each[-1]]


def keep(bench, arguments, month, packed, plain):
    """Writes the tables anew: one for each choice of datasets and limit; of the shares that were tried the largest."""
    results = {"share": arguments.share, "month": month, "months": arguments.months, "datasets": bench.datasets, "tasks": bench.rows,
               "gzip": bench.gzip, "gzip_releases": bench.gzip_releases, "packed": packed, "plain": plain, "cache_is_dropped": bench.cache_is_dropped,
               "limit": arguments.memory_limit, "limited_by": bench.limited_by, "needs": bench.needs, "run_bytes": size(f"{bench.lake}/_runs/{bench.run_id}"),
               "date": datetime.date.today().isoformat(), "machine": run.versions()["machine"], "program": run.versions()["this project"]}
    kept = f"{arguments.work}/results.json"
    known = json.load(open(kept)) if os.path.exists(kept) else {}
    known[f"share {arguments.share:g}, {bench.datasets}, {arguments.memory_limit or 'no limit'}"] = results
    largest = max(table["share"] for table in known.values())
    with open(kept, "w") as file:
        json.dump(known, file, indent=1)
    charts.write_month([table for _, table in sorted(known.items()) if table["share"] == largest], run.HERE)


if __name__ == "__main__":
    main()
