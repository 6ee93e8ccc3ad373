#!/bin/sh
# Runs a query of this folder on the lake with DuckDB's shell: with-duckdb.sh QUERY.sql [options of the shell, such as -csv]
#
# Needs DISCOGS_DATA_LAKE, and the shell: the one that DUCKDB names, that the set-up or the installation brought, or on PATH.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
query=${1:?usage: with-duckdb.sh QUERY.sql [options of the DuckDB shell]}
shift
catalog=${DISCOGS_DATA_LAKE:?is not set: it names the folder of the lake}/_meta/catalog.duckdb
if ! [ -f "$catalog" ]; then
  echo "with-duckdb.sh: there is no $catalog; register-run-schema --active makes it" >&2
  exit 66
fi
for duckdb in "${DUCKDB:-}" "$here/../.tools/bin/duckdb" "$here/../../../libexec/duckdb" "$(command -v duckdb || true)"; do
  if [ -n "$duckdb" ] && [ -x "$duckdb" ]; then
    # As hive the catalog's tables have the names that they have in Trino.
    quoted=$(printf '%s' "$catalog" | sed "s/'/''/g")
    exec "$duckdb" -bail -cmd "ATTACH '$quoted' AS hive (READ_ONLY)" "$@" <"$query"
  fi
done
echo "with-duckdb.sh: there is no DuckDB shell; set DUCKDB, or have it on PATH" >&2
exit 69
