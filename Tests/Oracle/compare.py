#!/usr/bin/env python3
"""Compares every dataset of a run with what the oracle derives from the run's dumps.

usage: compare.py RUN DUMPS [dumps|derived|all]

RUN is a run's folder, DUMPS a folder of four dumps. Prints each difference; the status is 1 if there is one.
"""
import glob
import os
import sys

import pyarrow
import pyarrow.parquet

import oracle

BIGINT, VARCHAR, BOTH = pyarrow.int64(), pyarrow.string(), (pyarrow.string(), pyarrow.large_string())
IDS = {"position", "year", "n_total_releases", "main_release_id"}
COLUMNS = {
    "artists_v1_typed": "artist_id name realname profile data_quality urls namevariations aliases",
    "artist_aliases_v1_typed": "artist_id alias_id alias_name",
    "artist_memberships_v1_typed": "group_id group_name member_id member_name",
    "masters_v1_typed": "master_id main_release_id title year master_artists master_artist_ids genres styles data_quality",
    "releases_v6": "release_id master_id title artists labels label_catnos country formats genres styles credits_flat status "
                   "released data_quality format_qtys format_texts format_descriptions identifiers_flat",
    "labels_v10": "label_id name profile contact_info data_quality parent_label_id parent_label_name urls_csv sublabel_ids_csv "
                  "sublabel_names_csv",
    "release_artist_links_v1_typed": "release_id position artist_id artist_name anv join_phrase",
    "release_label_links_v1_typed": "release_id position label_id label_name catno",
    "release_genre_links_v1_typed": "release_id position genre",
    "release_style_links_v1_typed": "release_id position style",
    "artist_name_map_v1": "norm_name artist_id",
    "release_artists_v1": "release_id artist_norm artist_id artist_name",
    "release_label_xref_v1": "release_id label_name label_norm label_catno label_id",
    "label_release_counts_v1": "label_norm label_name_sample n_total_releases",
    "release_genre_xref_v1": "release_id genre genre_norm",
    "release_style_xref_v1": "release_id style style_norm",
}

differences = 0


def differ(message):
    global differences
    differences += 1
    print(message)


def is_bigint(column):
    return column.endswith("_id") or column in IDS


def actual(run, dataset):
    """The rows of a dataset's files, in order."""
    rows, folder = [], os.path.join(run, dataset)
    files = sorted(os.listdir(folder))
    if not files:
        differ(f"{dataset}: no files")
    for name in files:
        if not name.endswith(f"-{os.path.basename(run.rstrip('/'))}.parquet"):
            differ(f"{dataset}: a file is called {name}")
        table = pyarrow.parquet.ParquetFile(os.path.join(folder, name), page_checksum_verification=True).read()
        if table.column_names != COLUMNS[dataset].split():
            differ(f"{dataset}: columns are {table.column_names}")
        for column in table.schema:
            if not (column.type == BIGINT if is_bigint(column.name) else column.type in BOTH) or not column.nullable:
                differ(f"{dataset}.{column.name}: is {column.type}, nullable {column.nullable}")
        rows += zip(*[column.to_pylist() for column in table.columns])
    return rows


def show(row):
    return repr(row)[:400]


def compare_lists(dataset, wanted, found):
    if wanted == found:
        return
    differ(f"{dataset}: {len(found)} rows, {len(wanted)} expected")
    shown = 0
    for index, (want, have) in enumerate(zip(wanted, found)):
        if want != have:
            differ(f"{dataset} row {index}:\n  expected {show(want)}\n  found    {show(have)}")
            shown += 1
            if shown == 5:
                return


def compare_sets(dataset, wanted, found):
    if len(found) != len(set(found)):
        differ(f"{dataset}: {len(found) - len(set(found))} rows are there more than once")
    for title, rows in (("missing", wanted - set(found)), ("unexpected", set(found) - wanted)):
        for row in sorted(rows, key=repr)[:5]:
            differ(f"{dataset}: {title} {show(row)}")


def main():
    run, dumps = sys.argv[1:3]
    what = sys.argv[3] if len(sys.argv) > 3 else "all"
    rows = {}
    for entity in oracle.READERS:
        [dump] = glob.glob(os.path.join(dumps, f"discogs_????????_{entity}.xml.gz"))
        found, rejected = oracle.read(dump, entity)
        rows |= found
        rejects = os.path.join(run, "_rejects", f"{entity}.jsonl")
        lines = sum(1 for _ in open(rejects, "rb")) if os.path.exists(rejects) else 0
        if lines != rejected:
            differ(f"{rejects}: {lines} records rejected, {rejected} expected")
    for dataset, wanted in rows.items() if what != "derived" else ():
        compare_lists(dataset, wanted, actual(run, dataset))
    for dataset, wanted in oracle.derive(rows).items() if what != "dumps" else ():
        compare_sets(dataset, wanted, actual(run, dataset))
    if differences:
        sys.exit(1)
    print(f"{run}: as expected")


main()
