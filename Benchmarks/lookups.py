#!/usr/bin/env python3
"""Measures look-ups of one key in a run of many releases, and writes the table of look-ups into README.md.

usage: lookups.py [--releases N] [--rounds N] [--work DIR] [--without-trino]

month.c writes dumps with so many releases, and as many artists, labels and masters as a real month has beside them; one run is
made of them, and kept in the work folder. Each look-up asks for keys with 1, 3, 10, 30 and 100 rows or a little fewer.
DuckDB's times are those of the query alone, in a process that has asked it before. Beside them stand the same queries on the
same rows as pyarrow writes them, in the order of the dump. Trino tells how many rows it read.
"""
import argparse
import datetime
import glob
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import duckdb
import pyarrow.parquet

import charts
import month
import run

RELEASES = 4_000_000
SIZES = [1, 3, 10, 30, 100]
# What is looked up, its dataset and key, whether the rows lie in the order of the key in the dump, and the query.
LOOKUPS = [
    ("release by id", "releases_v6", "release_id", True, "SELECT * FROM {releases_v6} WHERE release_id = {key}"),
    ("artist by exact name", "artists_v1_typed", "name", False, "SELECT * FROM {artists_v1_typed} WHERE name = {key}"),
    ("artist by normalized name", "artist_name_map_v1", "norm_name", False,
     "SELECT * FROM {artist_name_map_v1} WHERE norm_name = {key}"),
    ("discography by artist id", "release_artists_v1", "artist_id", False,
     "SELECT * FROM {release_artists_v1} WHERE artist_id = {key}"),
    ("label catalogue by name", "release_label_xref_v1", "label_norm", False,
     "SELECT * FROM {release_label_xref_v1} WHERE label_norm = {key}"),
    ("versions of a master", "releases_v6", "master_id", False,
     "SELECT release_id, title, country, released FROM {releases_v6} WHERE master_id = {key}"),
    ("release by barcode", "release_barcode_xref_v1", "gtin14", False,
     "SELECT * FROM {release_barcode_xref_v1} WHERE gtin14 = {key} AND barcode_norm IN "
     "({key}, substr({key}, 2), substr({key}, 3), substr({key}, 7))"),
    ("tracks of a release", "release_tracks_v1_typed", "release_id", True,
     "SELECT * FROM {release_tracks_v1_typed} WHERE release_id = {key}"),
    ("credits of an artist", "release_credit_links_v1_typed", "artist_id", False,
     "SELECT * FROM {release_credit_links_v1_typed} WHERE artist_id = {key}"),
    ("companies of a release", "release_company_links_v1_typed", "release_id", True,
     "SELECT * FROM {release_company_links_v1_typed} WHERE release_id = {key}"),
]
DATASETS = sorted({dataset for _, dataset, *_ in LOOKUPS})
# Where the rows of a derived dataset come from says in which order a writer that sorts nothing leaves them.
DUMP_ORDER = {"artist_name_map_v1": "artist_id", "release_artists_v1": "release_id", "release_label_xref_v1": "release_id",
              "release_barcode_xref_v1": "release_id"}
TABLES = {"releases_v6": "releases_ref_v6"}


# --- the run


def make_run(work, releases):
    """The folder of the run, made unless it is there."""
    share = releases / 19341287
    raw, lake, session = f"{work}/dumps-{releases}", f"{work}/lake-{releases}", "2026-08-02T00:00:00Z"
    folder = f"{lake}/_runs/2026-08__20260802_000000"
    if not os.path.exists(f"{lake}/made"):
        month.make_dumps(work, raw, share, month.MONTHS[0])
        shutil.rmtree(lake, ignore_errors=True)
        os.makedirs(lake)
        environment = {**os.environ, "DISCOGS_DATA_LAKE": lake, "raw_root": raw, "dump_month": month.MONTHS[0], "session_time": session, "run_id": ""}
        environment["run_id"] = subprocess.run([f"{run.BIN}/preflight", "--quiet"], env=environment, check=True, stdout=subprocess.PIPE,
                                               text=True).stdout.strip()
        for command in [*[["ingest-entity", "--entity", entity] for entity in month.ENTITIES], ["build-xref"],
                        ["register-run-schema", "--all", "--allow-partial"]]:
            start = time.perf_counter()
            subprocess.run([f"{run.BIN}/{command[0]}", *command[1:], "--quiet"], env=environment, check=True)
            run.note(f"{' '.join(command)}: {time.perf_counter() - start:.1f} s")
        open(f"{lake}/made", "w").close()
    return lake, folder


def write_with_pyarrow(folder, work):
    """The datasets as pyarrow writes them by default, in the order of the dump; made unless they are there."""
    os.makedirs(work, exist_ok=True)
    for dataset in DATASETS:
        path = f"{work}/{dataset}/part.parquet"
        if os.path.exists(path):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        files = sorted(glob.glob(f"{folder}/{dataset}/*.parquet"))
        if dataset in DUMP_ORDER:
            table = pyarrow.parquet.read_table(files).sort_by(DUMP_ORDER[dataset])
            pyarrow.parquet.write_table(table, path + ".part")
        else:
            schema = pyarrow.parquet.read_schema(files[0]).remove_metadata()
            with pyarrow.parquet.ParquetWriter(path + ".part", schema) as writer:
                waiting, rows = [], 0
                for batch in (batch for file in files for batch in pyarrow.parquet.ParquetFile(file).iter_batches(1 << 20)):
                    waiting.append(batch)
                    rows += batch.num_rows
                    if rows >= 1 << 20:  # a row group of pyarrow's own size
                        table = pyarrow.Table.from_batches(waiting).cast(schema)
                        writer.write_table(table.slice(0, 1 << 20))
                        waiting, rows = table.slice(1 << 20).to_batches(), max(0, rows - (1 << 20))
                if waiting:
                    writer.write_table(pyarrow.Table.from_batches(waiting).cast(schema))
        os.rename(path + ".part", path)


# --- DuckDB


def literal(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def keys_of(connection, schema):
    """{look-up: [(rows, key)]}: for each size the key with the most rows up to it, of several the one with the smallest hash."""
    found = {}
    for name, dataset, key, _, _ in LOOKUPS:
        counts = f"SELECT {key} AS key, count(*) AS n FROM {table(schema, dataset)} WHERE {key} IS NOT NULL GROUP BY 1 HAVING n <= {SIZES[-1]}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE counted AS {counts}")
        keys = [connection.execute(f"SELECT n, key FROM counted WHERE n <= {size} ORDER BY n DESC, hash(key) LIMIT 1").fetchone() for size in SIZES]
        found[name] = sorted(set(keys))
    return found


def table(schema, dataset):
    return f"{schema}.{TABLES.get(dataset, dataset)}"


def query(text, schema, key):
    return text.format(key=literal(key), **{dataset: table(schema, dataset) for dataset in DATASETS})


def in_duckdb(connection, keys, schemas, rounds):
    """{look-up: {schema: {key: (median seconds, median processor seconds)}}}; one schema after the other in each round, after one
    that does not count."""
    times = {}
    for name, _, _, _, text in LOOKUPS:
        for turn in range(rounds + 1):
            for schema in schemas:
                for rows, key in keys[name]:
                    sql = query(text, schema, key)
                    start, processor = time.perf_counter(), time.process_time()
                    found = connection.execute(sql).fetchall()
                    spent = time.perf_counter() - start, time.process_time() - processor
                    if len(found) != rows:
                        sys.exit(f"{sql} gives {len(found)} rows, not {rows}")
                    if turn:
                        times.setdefault(name, {}).setdefault(schema, {}).setdefault(key, []).append(spent)
    return {name: {schema: {key: tuple(map(statistics.median, zip(*all_of))) for key, all_of in of.items()} for schema, of in by.items()} for name, by in times.items()}


# --- Trino


class Trino:
    """A server with the configuration of docker/trino, on a free port, that shows the lake."""

    def __init__(self, home, work, lake):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        shutil.rmtree(work, ignore_errors=True)
        for folder in ("catalog", "metastore"):
            os.makedirs(f"{work}/{folder}")
        shutil.copytree(f"{run.ROOT}/docker/trino/etc", f"{work}/etc")
        shutil.copy(f"{run.ROOT}/docker/trino/catalogs/file-metastore.properties", f"{work}/catalog/hive.properties")
        java = os.environ.get("TRINO_JAVA_HOME") or f"{run.ROOT}/.tools/java"
        environment = {**os.environ, "JAVA_HOME": java, "PATH": f"{java}/bin:{os.environ['PATH']}", "TRINO_PORT": str(self.port),
                       "TRINO_BIND_ADDRESS": "127.0.0.1", "TRINO_CATALOG_DIR": f"{work}/catalog", "TRINO_METASTORE_DIR": f"{work}/metastore"}
        with open(f"{work}/log", "wb") as log:
            self.process = subprocess.Popen([f"{home}/bin/launcher", "run", "--etc-dir", f"{work}/etc", "--data-dir", f"{work}/data"], env=environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        subprocess.run([f"{run.BIN}/register-run-schema", "--all", "--allow-partial", "--quiet"], check=True,
                       env={**os.environ, "DISCOGS_DATA_LAKE": lake, "run_id": "", "sql_engine": "trino", "trino_url": self.url, "trino_wait": "300"})

    def ask(self, sql):
        """(rows of the answer, rows read, seconds) of a query."""
        start = time.perf_counter()
        answer = self.get(urllib.request.Request(f"{self.url}/v1/statement", sql.encode(), {"X-Trino-User": "bench"}))
        rows = len(answer.get("data") or [])
        while "nextUri" in answer:
            answer = self.get(urllib.request.Request(answer["nextUri"], headers={"X-Trino-User": "bench"}))
            rows += len(answer.get("data") or [])
        if "error" in answer:
            sys.exit(f"{sql}: {answer['error']['message']}")
        seconds = time.perf_counter() - start
        known = self.get(urllib.request.Request(f"{self.url}/v1/query/{answer['id']}", headers={"X-Trino-User": "bench"}))
        return rows, known["queryStats"]["physicalInputPositions"], seconds

    def get(self, request):
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def in_trino(trino, keys, schema, rounds):
    """{look-up: {"rows": {key: rows read}, "seconds": {key: median}}}"""
    found = {}
    for name, _, _, _, text in LOOKUPS:
        of = found.setdefault(name, {"rows": {}, "seconds": {}})
        for rows, key in keys[name]:
            answers = [trino.ask(query(text, schema, key)) for _ in range(rounds + 1)][1:]
            if any(answer[0] != rows for answer in answers):
                sys.exit(f"Trino answers {name} of {key} with {answers[0][0]} rows, not {rows}")
            of["rows"][key] = max(answer[1] for answer in answers)
            of["seconds"][key] = statistics.median(answer[2] for answer in answers)
    return found


# --- all of it


def measure(work, releases, rounds, trino_home):
    """What README.md shows."""
    lake, folder = make_run(work, releases)
    write_with_pyarrow(folder, f"{work}/pyarrow-{releases}")
    run.note("DuckDB")
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute("ATTACH '{}' AS hive (READ_ONLY)".format(f"{lake}/_meta/catalog.duckdb".replace("'", "''")))
        ours, plain = f"hive.discogs_r_{os.path.basename(folder).replace('-', '_')}", "plain"
        connection.execute(f"CREATE SCHEMA {plain}")
        for dataset in DATASETS:
            path = f"{work}/pyarrow-{releases}/{dataset}/*.parquet".replace("'", "''")
            connection.execute(f"CREATE VIEW {table(plain, dataset)} AS FROM read_parquet('{path}')")
        keys = keys_of(connection, ours)
        times = in_duckdb(connection, keys, [ours, plain], rounds)
    read = {}
    if trino_home:
        run.note("Trino")
        trino = Trino(trino_home, f"{work}/trino", lake)
        try:
            read = in_trino(trino, keys, ours, rounds)
        finally:
            trino.stop()
    found = []
    for name, dataset, _, in_order, _ in LOOKUPS:
        of = {"name": name, "dataset": dataset, "in_order": in_order, "answers": [rows for rows, _ in keys[name]]}
        for writer, schema in (("ours", ours), ("pyarrow", plain)):
            of[writer], of[f"{writer}_processor"] = map(list, zip(*times[name][schema].values()))
        if name in read:
            of["rows_read"], of["trino"] = list(read[name]["rows"].values()), list(read[name]["seconds"].values())
        found.append(of)
        run.note(f"{name}: " + ", ".join(f"{key} {value}" for key, value in of.items() if key not in ("name", "dataset")))
    return {"releases": releases, "rounds": rounds, "lookups": found, "date": datetime.date.today().isoformat(), "machine": run.versions()["machine"],
            "program": run.versions()["this project"], "DuckDB": duckdb.__version__, "pyarrow": pyarrow.__version__,
            "run_bytes": month.size(folder), "pyarrow_bytes": month.size(f"{work}/pyarrow-{releases}"),
            "same_bytes": sum(month.size(f"{folder}/{dataset}") for dataset in DATASETS)}


def write(work, releases, rounds, trino_home):
    """Measures, and writes the table."""
    os.makedirs(work, exist_ok=True)
    results = measure(work, releases, rounds, trino_home)
    with open(f"{work}/results-{releases}.json", "w") as file:
        json.dump(results, file, indent=1)
    charts.write_lookups(results, run.HERE)


def trino_home():
    for home in (os.environ.get("TRINO_HOME"), f"{run.ROOT}/../shared/tools/trino"):
        if home and os.access(f"{home}/bin/launcher", os.X_OK):
            return home
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=RELEASES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", default=f"{run.ROOT}/.build/bench-lookups")
    parser.add_argument("--without-trino", action="store_true")
    arguments = parser.parse_args()
    write(os.path.abspath(arguments.work), arguments.releases, arguments.rounds, None if arguments.without_trino else trino_home())


if __name__ == "__main__":
    main()
