#!/usr/bin/env python3
"""Compares the two KPI files of a lake with KPIs computed from the dumps that its runs were made from.

usage: kpis.py REPORTS RUN_ID=SCHEMA=DUMPS...

REPORTS holds history_kpis_long_latest.csv and history_kpis_wide_latest.csv; DUMPS is the folder of a run's dumps.
Prints each difference; the status is 1 if there is one.
"""
import csv
import glob
import os
import sys

import oracle


def rows_of(dumps):
    """{table name: rows} of all sixteen datasets."""
    rows = {}
    for entity in oracle.READERS:
        rows |= oracle.read(glob.glob(os.path.join(dumps, f"discogs_????????_{entity}.xml.gz"))[0], entity)[0]
    rows |= oracle.derive(rows)
    return rows | {"releases_ref_v6": rows["releases_v6"], "labels_ref_v10": rows["labels_v10"]}


def kpis(dumps):
    """{KPI: value} as the description of the KPIs says; None where a denominator is 0."""
    rows = rows_of(dumps)

    def distinct(table, column):
        return len({row[column] for row in rows[table]} - {None})

    def basis_points(part, whole):
        return part * 10000 // whole if whole else None

    values = {f"rows_{table}": len(rows[table]) for table in (
        "releases_ref_v6", "artists_v1_typed", "labels_ref_v10", "masters_v1_typed", "release_artists_v1", "release_label_xref_v1")}
    for name, table in (("releases", "releases_ref_v6"), ("artists", "artists_v1_typed"),
                        ("labels", "labels_ref_v10"), ("masters", "masters_v1_typed")):
        values[f"n_{name}_distinct"] = distinct(table, 0)
    for name, table, norm in (("artist", "release_artists_v1", None), ("label", "release_label_xref_v1", 2),
                              ("style", "release_style_xref_v1", 2), ("genre", "release_genre_xref_v1", 2)):
        links, releases = len(rows[table]), distinct(table, 0)
        values[f"n_release_{name}_links"] = links
        values[f"n_releases_with_{name}" + ("_link" if name in ("artist", "label") else "")] = releases
        if norm:
            values[f"n_{name}_norm_distinct"] = distinct(table, norm)
        values[f"avg_{name}s_per_release_bp"] = basis_points(links, values["n_releases_distinct"])
        values[f"pct_releases_with_{name}" + ("_link" if name in ("artist", "label") else "") + "_bp"] = basis_points(
            releases, values["n_releases_distinct"])
    counts = sorted((row[2] for row in rows["label_release_counts_v1"]), reverse=True)
    values["n_labels_in_counts_table"] = len(counts)
    values["label_counts_total_releases"] = sum(counts)
    values["top_label_releases"] = counts[0]
    values["top10_labels_releases"] = sum(counts[:10])
    values["top_label_share_bp"] = basis_points(counts[0], sum(counts))
    values["top10_labels_share_bp"] = basis_points(sum(counts[:10]), sum(counts))
    return values


def main():
    reports, runs = sys.argv[1], [argument.split("=") for argument in sys.argv[2:]]
    wanted = {(run, schema): kpis(dumps) for run, schema, dumps in runs}
    problems = []
    with open(os.path.join(reports, "history_kpis_wide_latest.csv"), encoding="utf-8", newline="") as file:
        wide = list(csv.reader(file))
    names = sorted(next(iter(wanted.values())))
    # Columns of later KPIs come behind; they are for history.py.
    if wide[0][:3 + len(names)] != ["run_id", "schema_name", "event_ts_utc", *names]:
        problems.append(f"wide: columns are {wide[0]}")
    if [tuple(row[:2]) for row in wide[1:]] != sorted(wanted):
        problems.append(f"wide: rows are {[row[:2] for row in wide[1:]]}")
    for row in wide[1:]:
        values = wanted.get(tuple(row[:2]), {})
        for name, found in zip(names, row[3:]):
            expected = values.get(name)
            if found != ("" if expected is None else str(expected)):
                problems.append(f"wide: {row[0]} {name} is {found!r}, {expected} expected")

    with open(os.path.join(reports, "history_kpis_long_latest.csv"), encoding="utf-8", newline="") as file:
        long = list(csv.reader(file))
    if long[0] != ["event_ts_utc", "run_id", "schema_name", "kpi_name", "kpi_value", "status", "details"]:
        problems.append(f"long: columns are {long[0]}")
    found = [(row[1], row[2], row[3], row[4]) for row in long[1:] if row[5] == "ok" and row[3] in names]
    expected = sorted((run, schema, name, str(value)) for (run, schema), values in wanted.items()
                      for name, value in values.items() if value is not None)
    if found != expected:
        problems.append(f"long: {len(found)} rows, {len(expected)} expected; differing: "
                        f"{sorted(set(found) ^ set(expected))[:5]}")
    print("\n".join(problems))
    sys.exit(bool(problems))


main()
