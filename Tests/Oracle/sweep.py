#!/usr/bin/env python3
"""Makes runs of dumps of random records (held_out.py), one for each seed, and compares them with the oracle.

usage: sweep.py FROM TO [RECORDS] [core|all]

Runs the executables of DISCOGS_BIN_DIR, by default this checkout's release build. Prints what differs; the status is 1
if anything does.
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("DISCOGS_BIN_DIR", os.path.join(HERE, "..", "..", ".build", "release"))


def sweep(seed, records, datasets):
    with tempfile.TemporaryDirectory() as folder:
        raw, lake = f"{folder}/raw", f"{folder}/lake"
        os.mkdir(lake)
        subprocess.run([sys.executable, f"{HERE}/held_out.py", f"{raw}/2026-08", str(seed), records], check=True)
        environment = os.environ | {"DISCOGS_DATA_LAKE": lake, "raw_root": raw, "datasets": datasets, "dump_month": "2026-08", "session_time": "2026-09-02T03:04:05Z"}

        def task(*command):
            done = subprocess.run([f"{BIN}/{command[0]}", *command[1:], "--quiet"], env=environment, capture_output=True, text=True)
            if done.returncode:
                print(f"seed {seed}: {' '.join(command)} ends with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
            return done

        run = task("preflight").stdout.strip()
        environment = {**environment, "run_id": run}
        environment.pop("session_time")
        steps = [("ingest-entity", "--entity", entity) for entity in ("artists", "labels", "masters", "releases")] + [("build-xref",)]
        if any([task(*step).returncode for step in steps]):
            return False
        compared = subprocess.run([sys.executable, f"{HERE}/compare.py", f"{lake}/_runs/{run}", f"{raw}/2026-08"], capture_output=True, text=True)
        if compared.returncode:
            print(f"seed {seed}:\n{compared.stdout}{compared.stderr}", flush=True)
        return compared.returncode == 0


def main():
    first, last = int(sys.argv[1]), int(sys.argv[2])
    records = sys.argv[3] if len(sys.argv) > 3 else "60"
    datasets = sys.argv[4] if len(sys.argv) > 4 else "all"
    good = sum(sweep(seed, records, datasets) for seed in range(first, last + 1))
    print(f"{good} of {last - first + 1} as expected")
    sys.exit(good != last - first + 1)


main()
