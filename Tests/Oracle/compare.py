#!/usr/bin/env python3
"""Compares every dataset of a run with what the oracle derives from the run's dumps.

usage: compare.py RUN DUMPS [dumps|derived|all] [core|all]

RUN is a run's folder, DUMPS a folder of four dumps; which datasets the run has its preflight says, or the last argument.
Prints each difference; the status is 1 if there is one. Of a dump that must be refused there may be no dataset.
"""
import glob
import itertools
import json
import os
import sys

import pyarrow
import pyarrow.parquet

import columns
import oracle

TYPES = {"BIGINT": (pyarrow.int64(),), "BOOLEAN": (pyarrow.bool_(),), "VARCHAR": (pyarrow.string(), pyarrow.large_string())}
SHOWN = 5

differences = 0


def differ(message):
    global differences
    differences += 1
    print(message)


def kind_of(run):
    """`core` or `all`: what the run's preflight chose; a run older than the choice is `core`."""
    for name in ("_state/preflight.json", "_manifest.json"):
        try:
            with open(os.path.join(run, name), encoding="utf-8") as file:
                chosen = json.load(file).get("datasets")
        except FileNotFoundError:
            continue
        if chosen in ("core", "all"):
            return chosen
    return "core"


def actual(run, dataset):
    """The rows of a dataset's files, in order."""
    rows, folder = [], os.path.join(run, dataset)
    files = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    if not files:
        differ(f"{dataset}: no files")
    for name in files:
        if not name.endswith(f"-{os.path.basename(run.rstrip('/'))}.parquet"):
            differ(f"{dataset}: a file is called {name}")
        table = pyarrow.parquet.ParquetFile(os.path.join(folder, name), page_checksum_verification=True).read()
        wanted = columns.columns(dataset)
        if table.column_names != [column for column, _ in wanted]:
            differ(f"{dataset}: columns are {table.column_names}")
            return None
        for column, (_, kind) in zip(table.schema, wanted):
            if column.type not in TYPES[kind] or not column.nullable:
                differ(f"{dataset}.{column.name}: is {column.type}, nullable {column.nullable}")
        rows += zip(*[column.to_pylist() for column in table.columns])
    return rows


def show(row, other, names):
    """A row, shortened, and the columns in which it differs from another."""
    differing = [f"{name}: {value!r}, not {there!r}"[:600] for name, value, there in zip(names, row, other) if value != there]
    return f"{row!r:.300}\n    " + "; ".join(differing)


def by_track(rows):
    """Rows of tracks' artists and credits in the order of the tracks: a record may name a suite's parts before its artists."""
    return [row for _, record in itertools.groupby(rows, key=lambda row: row[0]) for row in sorted(record, key=lambda row: row[1:3])]


def compare_lists(dataset, wanted, found):
    if "track_position" in (name for name, _ in columns.columns(dataset)):
        wanted, found = by_track(wanted), by_track(found)
    if wanted == found:
        return
    differ(f"{dataset}: {len(found)} rows, {len(wanted)} expected")
    names = [name for name, _ in columns.columns(dataset)]
    shown = 0
    for index, (want, have) in enumerate(zip(wanted, found)):
        if want != have:
            print(f"  row {index}, expected: {show(want, have, names)}")
            shown += 1
            if shown == SHOWN or want[0] != have[0]:
                return
    for title, row in (("missing", wanted[len(found):]), ("unexpected", found[len(wanted):])):
        if row and not shown:
            print(f"  {title}: {row[0]!r:.300}")


def compare_sets(dataset, wanted, found):
    if len(found) != len(set(found)):
        differ(f"{dataset}: {len(found) - len(set(found))} rows are there more than once")
    for title, rows in (("missing", wanted - set(found)), ("unexpected", set(found) - wanted)):
        if rows:
            differ(f"{dataset}: {len(rows)} {title}")
        for row in sorted(rows, key=repr)[:SHOWN]:
            print(f"  {row!r:.400}")


def main():
    run, dumps = sys.argv[1:3]
    what = sys.argv[3] if len(sys.argv) > 3 else "all"
    kind = sys.argv[4] if len(sys.argv) > 4 else kind_of(run)
    rows, there = {}, {name for name in os.listdir(run) if name[0] not in "._"}
    for entity in oracle.READERS:
        [dump] = glob.glob(os.path.join(dumps, f"discogs_????????_{entity}.xml.gz"))
        try:
            found, rejected = oracle.read(dump, entity)
        except oracle.Refused as refusal:
            made = sorted(dataset for dataset in there if columns.entity(dataset) == entity)
            print(f"{refusal}: to be refused" + (f", but there are {', '.join(made)}" if made else ", and it was"))
            sys.exit(bool(made))
        rows |= found
        rejects = os.path.join(run, "_rejects", f"{entity}.jsonl")
        lines = sum(1 for _ in open(rejects, "rb")) if os.path.exists(rejects) else 0
        if lines != rejected:
            differ(f"{rejects}: {lines} records rejected, {rejected} expected")
    derived = oracle.derive(rows)
    for dataset in there - set(columns.datasets(kind)):
        differ(f"{dataset}: is no dataset of a run with {kind}")
    for dataset in columns.datasets(kind):
        is_derived = dataset in derived
        if what == ("dumps" if is_derived else "derived"):
            continue
        found = actual(run, dataset)
        if found is not None:
            (compare_sets if is_derived else compare_lists)(dataset, derived[dataset] if is_derived else rows[dataset], found)
    if differences:
        sys.exit(1)
    print(f"{run}: as expected, {kind}")


main()
