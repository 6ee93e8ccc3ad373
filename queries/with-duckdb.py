#!/usr/bin/env python3
"""Runs a query of this folder on the lake with DuckDB's Python package, and prints the rows as CSV.

usage: with-duckdb.py QUERY.sql

Needs DISCOGS_DATA_LAKE, and the package duckdb.
"""
import csv
import os
import sys

import duckdb


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        query = file.read()
    catalog = os.path.join(os.environ["DISCOGS_DATA_LAKE"], "_meta", "catalog.duckdb")
    with duckdb.connect() as connection:
        # As hive the catalog's tables have the names that they have in Trino.
        connection.execute("ATTACH '{}' AS hive (READ_ONLY)".format(catalog.replace("'", "''")))
        answer = connection.execute(query)
        writer = csv.writer(sys.stdout)
        writer.writerow(column[0] for column in answer.description)
        writer.writerows(answer.fetchall())


main()
