#!/usr/bin/env python3
"""Answers versions-of-a-master.sql with polars, from the files themselves, and prints the rows as CSV.

usage: with-polars.py MASTER_ID

Needs DISCOGS_DATA_LAKE, and the package polars. Of the files the columns and the row groups are read that the answer needs.
"""
import os
import sys

import polars

if len(sys.argv) != 2:
    sys.exit(__doc__)
# active is a link to the run: followed here, every file is of one run, also if active is switched in between.
run = os.path.realpath(os.path.join(os.environ["DISCOGS_DATA_LAKE"], "active"))
answer = (
    polars.scan_parquet(os.path.join(run, "releases_v6"))
    .filter(polars.col("master_id") == int(sys.argv[1]))
    .sort("country", "released", "release_id", nulls_last=True)
    .select("country", "released", "release_id", "title", "formats", "label_catnos")
    .collect()
)
sys.stdout.write(answer.write_csv())
