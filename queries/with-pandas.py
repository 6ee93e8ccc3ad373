#!/usr/bin/env python3
"""Answers versions-of-a-master.sql with pandas, from the files themselves, and prints the rows as CSV.

usage: with-pandas.py MASTER_ID

Needs DISCOGS_DATA_LAKE, and the packages pandas and pyarrow. Of the files the columns and the row groups are read that the
answer needs.
"""
import os
import sys

import pandas

if len(sys.argv) != 2:
    sys.exit(__doc__)
# active is a link to the run: followed here, every file is of one run, also if active is switched in between.
run = os.path.realpath(os.path.join(os.environ["DISCOGS_DATA_LAKE"], "active"))
answer = pandas.read_parquet(
    os.path.join(run, "releases_v6"),
    columns=["country", "released", "release_id", "title", "formats", "label_catnos"],
    filters=[("master_id", "==", int(sys.argv[1]))],
    dtype_backend="pyarrow",
)
answer.sort_values(["country", "released", "release_id"], na_position="last").to_csv(sys.stdout, index=False)
