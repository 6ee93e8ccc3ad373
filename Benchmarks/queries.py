"""Our Parquet files against the same rows written by pyarrow and by DuckDB, each with its defaults: bytes on disk, and
the time of ten typical queries in DuckDB."""
import os
import re
import statistics
import subprocess

import pyarrow.parquet

FIRST_SIX = ["artists_v1_typed", "artist_aliases_v1_typed", "artist_memberships_v1_typed", "masters_v1_typed",
             "releases_v6", "labels_v10"]
LINKS = ["release_artist_links_v1_typed", "release_label_links_v1_typed", "release_genre_links_v1_typed",
         "release_style_links_v1_typed"]
WRITERS = ["ours", "pyarrow", "DuckDB"]

QUERIES = [
    ("one release by its id", "SELECT * FROM releases_v6 WHERE release_id = 50000123"),
    ("an artist by name", "SELECT artist_id, profile FROM artists_v1_typed WHERE name = 'Josh Wink'"),
    ("releases by country", "SELECT country, count(*) FROM releases_v6 GROUP BY country ORDER BY 2 DESC, 1 LIMIT 10"),
    ("releases by year", "SELECT substr(released, 1, 4), count(*) FROM releases_v6 GROUP BY 1 ORDER BY 2 DESC, 1"),
    ("the largest labels", "SELECT label_name, count(DISTINCT release_id) FROM release_label_links_v1_typed GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"),
    ("titles that hold a word", "SELECT count(*) FROM releases_v6 WHERE title ILIKE '%remix%'"),
    ("masters by decade", "SELECT year // 10 * 10, count(*) FROM masters_v1_typed GROUP BY 1 ORDER BY 1"),
    ("genres by country, a join", "SELECT g.genre, r.country, count(*) FROM release_genre_links_v1_typed g JOIN releases_v6 r USING (release_id) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 10"),
    ("a band's members", "SELECT member_name FROM artist_memberships_v1_typed WHERE group_id = 2 ORDER BY 1"),
    ("aliases of artists on releases, two joins", "SELECT count(*) FROM release_artist_links_v1_typed l JOIN artists_v1_typed a USING (artist_id) JOIN artist_aliases_v1_typed x USING (artist_id)"),
]


def compare(run, work, duckdb, rounds, note):
    """{"bytes": {writer: bytes of the first six datasets}, "queries": {query: {writer: median seconds}}}."""
    folders = {"ours": run, "pyarrow": f"{work}/pyarrow", "DuckDB": f"{work}/duckdb"}
    for dataset in FIRST_SIX + LINKS:
        for writer in ("pyarrow", "DuckDB"):
            os.makedirs(f"{folders[writer]}/{dataset}", exist_ok=True)
        table = pyarrow.parquet.read_table(f"{run}/{dataset}")
        pyarrow.parquet.write_table(table, f"{folders['pyarrow']}/{dataset}/part.parquet")
        subprocess.run([duckdb, "-c", f"COPY (FROM '{run}/{dataset}/*.parquet') TO '{folders['DuckDB']}/{dataset}/part.parquet'"],
                       check=True, stdout=subprocess.DEVNULL)
    sizes = {writer: sum(os.path.getsize(f"{folder}/{dataset}/{name}") for dataset in FIRST_SIX
                         for name in os.listdir(f"{folder}/{dataset}")) for writer, folder in folders.items()}
    note(f"bytes: {sizes}")
    times = {}
    for _ in range(rounds):
        for writer in WRITERS:
            for (name, _), seconds in zip(QUERIES, ask(duckdb, folders[writer])):
                times.setdefault(name, {}).setdefault(writer, []).append(seconds)
    medians = {name: {writer: statistics.median(all_of) for writer, all_of in by.items()} for name, by in times.items()}
    for name, by in medians.items():
        note(f"{name}: {by}")
    return {"bytes": sizes, "queries": medians}


def ask(duckdb, folder):
    """Seconds of each query in one DuckDB process: the best of five, the first of which also warms the files up."""
    script = ["SET threads = 2;"]
    for dataset in FIRST_SIX + LINKS:
        script.append(f"CREATE VIEW {dataset} AS FROM read_parquet('{folder}/{dataset}/*.parquet');")
    script.append(".timer on")
    for _, sql in QUERIES:
        script += [sql + ";"] * 5
    answer = subprocess.run([duckdb, "-csv"], input="\n".join(script), capture_output=True, text=True, check=True).stdout
    seconds = [float(found) for found in re.findall(r"Run Time \(s\): real ([0-9.]+)", answer)]
    if len(seconds) != 5 * len(QUERIES):
        raise ValueError(f"{len(seconds)} times of {5 * len(QUERIES)} queries")
    return [min(seconds[n:n + 5]) for n in range(0, len(seconds), 5)]
