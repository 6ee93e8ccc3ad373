#!/usr/bin/env python3
"""Compares what a lake's history says of its runs with what plain Python finds in the runs' Parquet files.

usage: history.py LAKE [--reports DIR] [--without RUN_ID]...

The CSV files in DIR (by default the lake's) must hold every KPI of version 2, each KPI's numbers by dimension, its growth, and
what changed from run to run; the lake's event files the changed records one by one. Runs are those of the lake but for
those left out. Prints each difference; the status is 1 if there is one.
"""
import argparse
import collections
import csv
import glob
import json
import os
import re
import sys

import pyarrow.parquet

import columns

VERSION_1_ROWS = {"releases_ref_v6", "artists_v1_typed", "labels_ref_v10", "masters_v1_typed", "release_artists_v1", "release_label_xref_v1"}
TABLES = {"releases_v6": "releases_ref_v6", "labels_v10": "labels_ref_v10"}
MAIN = {"artist": "artists_v1_typed", "label": "labels_v10", "master": "masters_v1_typed", "release": "releases_v6"}
JOINED_IDS = {"master_artist_ids", "sublabel_ids_csv"}

problems = []


class Run:
    def __init__(self, lake, run_id):
        self.id, self.folder, self.read = run_id, os.path.join(lake, "_runs", run_id), {}
        date = None
        manifest = os.path.join(self.folder, "_manifest.json")
        if os.path.exists(manifest):
            date = json.load(open(manifest, encoding="utf-8")).get("dump_date")
        if not date:
            states = [json.load(open(path, encoding="utf-8")) for path in glob.glob(os.path.join(self.folder, "_state", "*.json"))]
            names = [os.path.basename(file["path"]) for state in states for file in state.get("inputs", [])]
            dates = [match[1] for name in names if (match := re.match(r"discogs_(\d{8})_\w+\.xml\.gz$", name))]
            date = max((f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in dates), default=None)
        self.date = date or run_id[:7] + "-01"

    def files(self, dataset):
        for folder in (self.folder, os.path.join(self.folder, "warehouse_discogs")):
            paths = [path for path in sorted(glob.glob(os.path.join(folder, dataset, "*")))
                     if os.path.isfile(path) and not os.path.basename(path).startswith(("_", "."))]
            if paths:
                return paths
        return []

    def rows(self, dataset):
        """The rows as dictionaries with every column of the contract, or None if the run lacks the dataset."""
        if dataset not in self.read:
            names, paths, rows = [name for name, _ in columns.columns(dataset)], self.files(dataset), []
            for path in paths:
                table = pyarrow.parquet.ParquetFile(path).read()
                found = {name: table.column(name).to_pylist() for name in names if name in table.column_names}
                rows += [{name: found[name][row] if name in found else None for name in names} for row in range(table.num_rows)]
            self.read[dataset] = rows if paths else None
        return self.read[dataset]


# KPIs

def year_of(date):
    match = re.fullmatch(r"([0-9]{4})(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?", date or "")
    return int(match[1]) or None if match else None


def decade_of(year):
    return f"{year // 10 * 10}s" if year else None


def scalars(run):
    """{KPI of version 2: value}; those whose dataset is missing or whose denominator is 0 are left out."""
    values = {}

    def share(name, part, whole):
        if whole:
            values[name] = part * 10000 // whole

    for dataset in columns.ALL:
        table = TABLES.get(dataset, dataset)
        if table not in VERSION_1_ROWS and run.rows(dataset) is not None:
            values[f"rows_{table}"] = len(run.rows(dataset))
    releases = run.rows("releases_v6")
    total = len({row["release_id"] for row in releases} - {None})
    values["n_countries_distinct"] = len({row["country"] for row in releases} - {None})

    def releases_with(test):
        return len({row["release_id"] for row in releases if test(row)} - {None, 0})

    share("pct_releases_with_master_bp", releases_with(lambda row: row["master_id"]), total)
    share("pct_releases_with_year_bp", releases_with(lambda row: year_of(row["released"])), total)
    share("pct_releases_with_country_bp", releases_with(lambda row: row["country"] is not None), total)
    tracks, credits = run.rows("release_tracks_v1_typed"), [run.rows(f"release_{kind}_links_v1_typed") for kind in ("credit", "track_credit")]
    if tracks is not None:
        values["n_tracks"] = sum(row["kind"] == "track" for row in tracks)
    if None not in credits:
        values["n_credits"] = sum(map(len, credits))
    barcodes = run.rows("release_barcode_xref_v1")
    if barcodes is not None:
        share("pct_releases_with_barcode_bp", len({row["release_id"] for row in barcodes} - {None, 0}), total)
    links = run.rows("release_label_xref_v1")
    if links is not None:
        share("pct_label_links_with_catno_bp",
              sum(row["label_catno"] is not None and row["label_catno"].lower() != "none" for row in links), len(links))
    if run.rows("label_release_counts_v1") is not None:
        counts = sorted((row["n_total_releases"] for row in run.rows("label_release_counts_v1") if row["n_total_releases"] is not None), reverse=True)
        share("top100_labels_share_bp", sum(counts[:100]), sum(counts))
        share("label_concentration_hhi_bp", sum(count * count for count in counts), sum(counts) ** 2)
    return values


def dimensions(run):
    """{(KPI, value): number} as a counter of triples."""
    found = collections.Counter()

    def count(kpi, dataset, key, value_of):
        ids = collections.defaultdict(set)
        for row in run.rows(dataset) or ():
            if row[key] and value_of(row) is not None:
                ids[value_of(row)].add(row[key])
        for value, those in ids.items():
            found[kpi, value, len(those)] += 1

    count("releases_by_genre", "release_genre_xref_v1", "release_id", lambda row: row["genre"])
    count("releases_by_style", "release_style_xref_v1", "release_id", lambda row: row["style"])
    count("releases_by_country", "releases_v6", "release_id", lambda row: row["country"])
    count("releases_by_data_quality", "releases_v6", "release_id", lambda row: row["data_quality"])
    count("releases_by_decade", "releases_v6", "release_id", lambda row: decade_of(year_of(row["released"])))
    count("masters_by_decade", "masters_v1_typed", "master_id", lambda row: decade_of(row["year"]))
    if "release_formats_v1_typed" in columns.ALL:
        count("releases_by_format", "release_formats_v1_typed", "release_id", lambda row: row["name"])
        count("releases_by_company_role", "release_company_links_v1_typed", "release_id", lambda row: row["entity_type_name"])

    def text_order(text):
        return (text is not None, (text or "").encode())

    labels = [row for row in run.rows("label_release_counts_v1") or () if row["label_name_sample"] is not None and row["n_total_releases"] is not None]
    labels.sort(key=lambda row: (-row["n_total_releases"], text_order(row["label_name_sample"]), text_order(row["label_norm"])))
    for row in labels[:100]:
        found["top_labels_by_releases", row["label_name_sample"], row["n_total_releases"]] += 1

    if run.rows("release_artists_v1") is not None and run.rows("artists_v1_typed") is not None:
        own = collections.defaultdict(list)
        for row in run.rows("artists_v1_typed"):
            if row["name"] is not None:
                own[row["artist_id"]].append(row["name"].encode())
        releases, linked = collections.defaultdict(set), collections.defaultdict(list)
        for row in run.rows("release_artists_v1"):
            if row["artist_id"]:
                if row["release_id"]:
                    releases[row["artist_id"]].add(row["release_id"])
                if row["artist_name"] is not None:
                    linked[row["artist_id"]].append(row["artist_name"].encode())
        artists = []
        for artist, those in releases.items():
            name = min(own.get(artist) or linked.get(artist) or [None])
            artists.append((-len(those), (name is not None, name or b""), artist, name))
        for number, _, _, name in sorted(artists)[:100]:
            if name is not None:
                found["top_artists_by_releases", name.decode(), -number] += 1
    return found


# Changes

def parts_of(entity):
    """The datasets beside the main one, in the order of the contract."""
    return [name for name in columns.ALL if name.startswith(entity) and name.endswith("_v1_typed")
            and name not in (*MAIN.values(), "artist_memberships_v1_typed")]


def normal(name, own_id, value):
    """A value as two runs are compared in it."""
    if name != own_id and (name.endswith("_id") or name == "year"):
        return value or None
    if name in JOINED_IDS and value is not None:
        ids = [part for part in value.replace(", ", ",").split(",") if part.strip("0")]
        return ",".join(ids) or None
    return value


def compare(older, newer, entity):
    """(counts, {id: (change, changed columns)}, what is not compared)"""
    own_id = columns.columns(MAIN[entity])[0][0]
    left_out, tables, names = [], {}, {}
    for dataset in (MAIN[entity], *parts_of(entity)):
        both = []
        for run in (older, newer):
            rows = [{name: normal(name, own_id, value) for name, value in row.items()} for row in run.rows(dataset) or ()]
            both.append(rows)
        if not all(both):
            left_out.append(dataset)
            if dataset != MAIN[entity]:
                continue
        there = [{name for row in rows for name, value in row.items() if value is not None} for rows in both]
        kept = [name for name, _ in columns.columns(dataset) if name != own_id and name in there[0] and name in there[1]]
        missing = [name for name, _ in columns.columns(dataset) if name != own_id and name not in kept]
        if all(both):
            left_out += missing if dataset == MAIN[entity] else [f"{dataset}.{name}" for name in missing]
        tables[dataset], names[dataset] = both, kept

    def by_id(rows, value):
        grouped = collections.defaultdict(list)
        for row in rows:
            if row[own_id] is not None:
                grouped[row[own_id]].append(value(row))
        return grouped

    main = [by_id(rows, lambda row: row) for rows in tables[MAIN[entity]]]
    others = {dataset: [by_id(rows, lambda row: repr([row[name] for name in names[dataset]])) for rows in both]
              for dataset, both in tables.items() if dataset != MAIN[entity] and names[dataset]}
    changes, same = {}, 0
    for record in main[0].keys() | main[1].keys():
        if record not in main[0]:
            changes[record] = ("added", None)
        elif record not in main[1]:
            changes[record] = ("removed", None)
        else:
            differing = [name for name in names[MAIN[entity]]
                         if {row[name] for row in main[0][record]} != {row[name] for row in main[1][record]}]
            differing += [dataset for dataset, both in others.items() if sorted(both[0].get(record, [])) != sorted(both[1].get(record, []))]
            if differing:
                changes[record] = ("changed", ", ".join(differing))
            else:
                same += 1
    counted = collections.Counter(change for change, _ in changes.values())
    return (counted["added"], counted["removed"], counted["changed"], same), changes, left_out


# The history

def previous(runs):
    """{run id: run}: the newest of an earlier date, of several the one with the largest id."""
    found = {}
    for run in runs:
        earlier = [other for other in runs if other.date < run.date]
        if earlier:
            found[run.id] = max(earlier, key=lambda other: (other.date, other.id))
    return found


def read(reports, name):
    with open(os.path.join(reports, name), encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def guarded(text):
    return "'" + text if text and text[0] in "=+-@\t\r" else text


def check(what, found, expected):
    if found == expected:
        return
    problems.append(f"{what}: {len(found)} rows, {len(expected)} expected")
    for title, rows in (("missing", [row for row in expected if row not in found]), ("unexpected", [row for row in found if row not in expected])):
        problems.extend(f"{what}: {title} {str(row)[:300]}" for row in rows[:5])
    if sorted(map(str, found)) == sorted(map(str, expected)):
        problems.append(f"{what}: in another order")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lake")
    parser.add_argument("--reports")
    parser.add_argument("--without", action="append", default=[])
    arguments = parser.parse_args()
    reports = arguments.reports or os.path.join(arguments.lake, "_meta/discogs_history/reports")
    everything = [Run(arguments.lake, name) for name in sorted(os.listdir(os.path.join(arguments.lake, "_runs")))]
    runs = [run for run in everything if all(run.rows(dataset) is not None for dataset in MAIN.values())]
    before, shown = previous(runs), [run for run in runs if run.id not in arguments.without]

    expected, dims = {}, []
    for run in shown:
        expected |= {(run.id, name): value for name, value in scalars(run).items()}
        rows = [(run.id, kpi, value, number) for (kpi, value, number), times in dimensions(run).items() for _ in range(times)]
        dims += sorted(rows, key=lambda row: (row[1], -row[3], row[2].encode()))
    long = read(reports, "history_kpis_long_latest.csv")[1:]
    found = {(row[1], row[3]): int(row[4]) for row in long if row[5] == "ok"}
    version_2 = {name for _, name in expected} | {"n_tracks", "n_credits", "pct_releases_with_barcode_bp"} | {f"rows_{TABLES.get(dataset, dataset)}" for dataset in columns.ALL} - {f"rows_{t}" for t in VERSION_1_ROWS}
    check("long", sorted(item for item in found.items() if item[0][1] in version_2), sorted(expected.items()))
    wide = read(reports, "history_kpis_wide_latest.csv")
    for row in wide[1:]:
        for name, value in list(zip(wide[0], row))[3:]:
            if value != str(found.get((row[0], name), "")):
                problems.append(f"wide: {row[0]} {name} is {value!r}")
    later = [name for name in wide[0][3:] if name in version_2]
    if wide[0][-len(later):] != sorted(later) or wide[0][3:-len(later)] != sorted(wide[0][3:-len(later)]):
        problems.append(f"wide: columns are {wide[0]}")

    dim = read(reports, "history_kpis_dim_latest.csv")
    check("dim", dim, [["run_id", "kpi_name", "dim_value", "kpi_value"]] + [[run, kpi, guarded(value), str(number)] for run, kpi, value, number in dims])

    growth = []
    for (run, kpi), value in sorted(found.items()):
        older = before.get(run)
        then = found_in_events(arguments.lake, older.id, kpi) if older else None
        delta = None if then is None else value - then
        growth.append([run, older.id if older else "", kpi, str(value), "" if then is None else str(then), "" if delta is None else str(delta),
                       "" if not then else str(delta * 10000 // then)])
    check("growth", read(reports, "history_growth_latest.csv"),
          [["run_id", "previous_run_id", "kpi_name", "kpi_value", "previous_value", "delta", "delta_bp"]] + growth)

    changes = read(reports, "history_changes_latest.csv")
    lines, records = [], {}
    for run in shown:
        for entity in MAIN if run.id in before else ():
            counts, differing, left_out = compare(before[run.id], run, entity)
            details = f"not compared: {', '.join(left_out)}" if left_out else ""
            lines.append([run.id, before[run.id].id, entity, *map(str, counts), details])
            records |= {(run.id, before[run.id].id, entity, record): change for record, change in differing.items()}
    # Versions differ in which datasets they know; one that no run has says nothing.
    nowhere = {dataset for dataset in columns.ALL if all(run.rows(dataset) is None for run in everything)}

    def without_nowhere(line):
        names = [name for name in line[-1].removeprefix("not compared: ").split(", ") if name and name not in nowhere]
        return [*line[:-1], "not compared: " + ", ".join(names) if names else ""]

    lines, changes = [without_nowhere(line) for line in lines], changes[:1] + [without_nowhere(line) for line in changes[1:]]
    check("changes", changes, [["run_id", "previous_run_id", "entity", "n_added", "n_removed", "n_changed", "n_same", "details"]] + lines)
    check("records", sorted(newest_records(arguments.lake, {tuple(line[:2]) for line in lines}).items()), sorted(records.items()))
    print("\n".join(problems) if problems else f"{len(shown)} runs, {len(found)} KPIs, {len(dims)} by dimension, {len(records)} records: as expected")
    sys.exit(bool(problems))


def events(lake, table):
    rows = []
    for path in sorted(glob.glob(os.path.join(lake, "_meta/discogs_history", table, "*.parquet"))):
        rows += pyarrow.parquet.ParquetFile(path).read().to_pylist()
    return rows


def found_in_events(lake, run, kpi, known={}):
    """The newest value of a KPI, whether or not the run is exported."""
    if lake not in known:
        known[lake] = {}
        for row in sorted(events(lake, "kpi/kpi_snapshot_events"), key=lambda row: row["event_ts_utc"]):
            if row["status"] == "ok":
                known[lake][row["run_id"], row["kpi_name"]] = row["kpi_value"]
    return known[lake].get((run, kpi))


def newest_records(lake, pairs):
    newest = {}
    for row in events(lake, "changes/run_change_events"):
        if row["status"] == "ok":
            key = row["run_id"], row["previous_run_id"], row["entity"]
            newest[key] = max(newest.get(key, row["event_ts_utc"]), row["event_ts_utc"])
    return {(row["run_id"], row["previous_run_id"], row["entity"], row["entity_id"]): (row["change"], row["changed_columns"])
            for row in events(lake, "changes/entity_change_events")
            if (row["run_id"], row["previous_run_id"]) in pairs
            and newest.get((row["run_id"], row["previous_run_id"], row["entity"])) == row["event_ts_utc"]}


if __name__ == "__main__":
    main()
