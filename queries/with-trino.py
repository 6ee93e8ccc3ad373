#!/usr/bin/env python3
"""Runs a query of this folder on Trino with its Python client, and prints the rows as CSV.

usage: with-trino.py QUERY.sql

Needs a Trino that shows the lake in its catalog hive, and the package trino. trino_url says where it is
(http://localhost:8080), trino_user who asks; TRINO_PASSWORD or TRINO_ACCESS_TOKEN go over HTTPS only.
"""
import csv
import getpass
import os
import sys

import trino


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        query = file.read()
    url = os.environ.get("trino_url") or "http://localhost:8080"
    user = os.environ.get("trino_user") or getpass.getuser()
    authentication = None
    if os.environ.get("TRINO_PASSWORD"):
        authentication = trino.auth.BasicAuthentication(user, os.environ["TRINO_PASSWORD"])
    elif os.environ.get("TRINO_ACCESS_TOKEN"):
        authentication = trino.auth.JWTAuthentication(os.environ["TRINO_ACCESS_TOKEN"])
    with trino.dbapi.connect(host=url, user=user, auth=authentication, source="queries") as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        writer = csv.writer(sys.stdout)
        rows = cursor.fetchall()
        writer.writerow(column[0] for column in cursor.description)
        writer.writerows(rows)


main()
