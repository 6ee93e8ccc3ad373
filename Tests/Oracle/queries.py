#!/usr/bin/env python3
"""Compares what the cookbook's queries answered with what plain Python finds in the dumps.

usage: queries.py DUMPS PREVIOUS_DUMPS ANSWERS...

DUMPS and PREVIOUS_DUMPS are the folders of the active run's dumps and of those of the run before. Each ANSWERS is a folder
with the answer to queries/NAME.sql as NAME.csv, or such a file. What a query asks for is taken from the query itself. Prints
each difference; the status is 1 if there is one.
"""
import collections
import csv
import glob
import os
import re
import sys

import columns
import history
import oracle

QUERIES = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "queries"))
ANSWERS = {}


class Dumps:
    """The datasets of a month as dictionaries, read from its dumps."""

    def __init__(self, folder):
        tuples = {}
        for entity in oracle.READERS:
            [dump] = glob.glob(os.path.join(folder, f"discogs_????????_{entity}.xml.gz"))
            tuples |= oracle.read(dump, entity)[0]
        self.tables = {name: [dict(zip([column for column, _ in columns.columns(name)], row)) for row in rows]
                       for name, rows in (tuples | oracle.derive(tuples)).items()}
        self.release = {row["release_id"]: row for row in self.tables["releases_v6"]}
        self.details = {row["release_id"]: row for row in self.tables["release_details_v1_typed"]}

    def rows(self, dataset):
        return self.tables[dataset]

    def year(self, release):
        return self.details[release]["released_year"]


def answer(function):
    """A function that answers the query of its name."""
    ANSWERS[function.__name__.replace("_", "-")] = function
    return function


def wanted(query):
    """What the query asks for: the first literal with a letter or digit of each line that is marked so, each once."""
    with open(os.path.join(QUERIES, f"{query}.sql"), encoding="utf-8") as file:
        marked = re.findall("^(.*) -- wanted$", file.read(), re.MULTILINE)
    literals = [[text or int(number) for text, number in re.findall(r"'([^']*)'|\b(\d+)\b", line) if re.search(r"\w", text + number)] for line in marked]
    return list(dict.fromkeys(first.removeprefix(", ") if isinstance(first, str) else first for first, *_ in literals))


def place(*values):
    """A key to sort by: NULL last, text by its bytes."""
    return [(value is None, value.encode() if isinstance(value, str) else value or 0) for value in values]


def by(*positions):
    """The key of rows that are sorted by these of their values."""
    return lambda row: place(*[row[position] for position in positions])


def called(link):
    return link["anv"] or link["artist_name"]


def groups(rows, key):
    found = collections.defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def smallest(values):
    return min((value for value in values if value is not None), default=None, key=lambda value: place(value))


def largest(values):
    return max((value for value in values if value is not None), default=None)


# --- the answers


@answer
def artist_by_name(dumps, name):
    ids = {row["artist_id"] for row in dumps.rows("artist_name_map_v1") if row["norm_name"] == name}
    found = [(row["artist_id"], row["name"], row["realname"], row["aliases"]) for row in dumps.rows("artists_v1_typed") if row["artist_id"] in ids]
    return sorted(found, key=by(0))


@answer
def discography(dumps, artist):
    person = {artist}
    for row in dumps.rows("artist_aliases_v1_typed"):
        if artist in (row["artist_id"], row["alias_id"]):
            person |= {row["artist_id"], row["alias_id"]}
    person -= {None}
    parts = set()
    for dataset, role in [("release_artist_links_v1_typed", lambda row: "Artist"), ("release_credit_links_v1_typed", lambda row: row["role"]),
                          ("release_track_artist_links_v1_typed", lambda row: "Artist of a track"),
                          ("release_track_credit_links_v1_typed", lambda row: row["role"] and row["role"] + " on a track")]:
        for row in dumps.rows(dataset):
            if row["artist_id"] in person:
                release = dumps.release[row["release_id"]]
                parts.add((release["released"], row["release_id"], release["title"], called(row), role(row)))
    return sorted(parts, key=by(0, 1, 4, 3))


@answer
def versions_of_a_master(dumps, master):
    found = [(row["country"], row["released"], row["release_id"], row["title"], row["formats"], row["label_catnos"])
             for row in dumps.rows("releases_v6") if row["master_id"] == master]
    return sorted(found, key=by(0, 1, 2))


@answer
def catalogue_of_a_label(dumps, label):
    series = collections.defaultdict(list)
    for row in dumps.rows("release_label_xref_v1"):
        if row["label_norm"] == label:
            catno = row["label_catno"]
            digits = re.search("[0-9]{0,18}$", catno)[0] if catno else ""
            series[catno[:len(catno) - len(digits)] if catno is not None else None].append((int(digits) if digits else None, catno, row["release_id"]))
    answers = []
    for _, items in sorted(series.items(), key=lambda item: place(item[0])):
        last = None
        for number, catno, release in sorted(items, key=by(0, 1, 2)):
            gap = number - last - 1 if number is not None and last is not None and number > last + 1 else None
            answers.append((catno, gap, release, dumps.release[release]["title"], dumps.release[release]["released"]))
            last = number
    return answers


@answer
def release_by_barcode(dumps, barcode):
    def number(digits):
        return int(digits) if len(digits) in (8, 12, 13, 14) and oracle.check_digit_is_right(digits.rjust(14, "0")) else None

    found = []
    for row in dumps.rows("release_barcode_xref_v1"):
        if row["barcode_norm"] == barcode or number(barcode) is not None and number(row["barcode_norm"]) == number(barcode):
            release = dumps.release[row["release_id"]]
            found.append((row["barcode_norm"], row["is_valid"], row["release_id"], release["title"], release["artists"], release["country"]))
    return sorted(found, key=by(2, 0))


@answer
def release_by_catalogue_number(dumps, catno):
    def plain(text):
        return re.sub(r"[ \-./]", "", oracle.lower(text))

    found = []
    for row in dumps.rows("release_label_xref_v1"):
        if row["label_catno"] is not None and plain(row["label_catno"]) == plain(catno):
            release = dumps.release[row["release_id"]]
            found.append((row["label_name"], row["label_catno"], row["release_id"], release["title"], release["artists"], release["country"]))
    return sorted(found, key=by(0, 2, 1))


@answer
def release_by_matrix(dumps, text):
    return [(row["release_id"], dumps.release[row["release_id"]]["title"], row["description"], row["value"])
            for row in sorted(dumps.rows("release_identifiers_v1_typed"), key=lambda row: (row["release_id"], row["position"]))
            if row["type"] == "Matrix / Runout" and oracle.lower(text) in oracle.lower(row["value"] or "")]


@answer
def who_played_what(dumps, release):
    def of_release(dataset):
        return [row for row in dumps.rows(dataset) if row["release_id"] == release]

    lines = [(row["tracks"], None, called(row), row["role"]) for row in of_release("release_credit_links_v1_typed")]
    credits = groups(of_release("release_track_credit_links_v1_typed"), lambda row: row["track_position"])
    for track in sorted(of_release("release_tracks_v1_typed"), key=lambda row: row["position"]):
        own = [(called(row), row["role"]) for row in credits[track["position"]]] or [(None, None)]
        lines += [(track["number"], track["title"], name, role) for name, role in own]
    return lines


@answer
def lacquer_cut(dumps, master):
    versions = {row["release_id"] for row in dumps.rows("releases_v6") if row["master_id"] == master}
    said = {(row["release_id"], row["role"], called(row)) for row in dumps.rows("release_credit_links_v1_typed")
            if any(role.startswith("Lacquer Cut By") for role in (row["role"] or "").split(", "))}
    said |= {(row["release_id"], row["entity_type_name"], row["company_name"]) for row in dumps.rows("release_company_links_v1_typed")
             if row["entity_type_name"] == "Lacquer Cut At"}
    found = [(release, dumps.release[release]["title"], dumps.release[release]["country"], what, who) for release, what, who in said if release in versions]
    found.sort(key=by(0, 4))
    # The engineers before the places: By comes after At.
    return sorted(found, key=lambda row: (row[0], [-byte for byte in row[3].encode()]))


@answer
def first_of_each_style(dumps):
    found = []
    for style, rows in groups(dumps.rows("release_style_xref_v1"), lambda row: row["style"]).items():
        dates = [place(date["released_year"], date["released_month"], date["released_day"], row["release_id"])
                 for row in rows if (date := dumps.details[row["release_id"]])["released_year"] is not None]
        if dates:
            release = min(dates)[3][1]
            found.append((style, dumps.year(release), release, dumps.release[release]["title"], dumps.release[release]["artists"]))
    return sorted(found, key=by(1, 0))


@answer
def genres_by_decade(dumps):
    found = []
    for genre, rows in groups(dumps.rows("release_genre_xref_v1"), lambda row: row["genre"]).items():
        years = [dumps.year(row["release_id"]) for row in rows]
        known = [min(max(year // 10, 194), 202) for year in years if year is not None]
        found.append((genre, *[known.count(decade) for decade in range(194, 203)], years.count(None)))
    return sorted((row for row in found if row[0] is not None), key=by(0))


@answer
def members_of_a_band(dumps, band):
    rows = dumps.rows("artist_memberships_v1_typed")
    found = []
    for member in sorted({row["member_id"] for row in rows if row["group_id"] == band}):
        name = smallest(row["member_name"] for row in rows if (row["group_id"], row["member_id"]) == (band, member))
        others = groups([row for row in rows if row["member_id"] == member and row["group_id"] != band], lambda row: row["group_id"])
        found += [(member, name, other, smallest(row["group_name"] for row in others[other])) for other in sorted(others)]
        found += [] if others else [(member, name, None, None)]
    return found


@answer
def most_reissued(dumps):
    versions = groups([row for row in dumps.rows("releases_v6") if row["master_id"]], lambda row: row["master_id"])
    masters = {row["master_id"]: row for row in dumps.rows("masters_v1_typed")}
    found = []
    for master, rows in sorted(versions.items(), key=lambda item: (-len(item[1]), item[0]))[:10]:
        years = [dumps.year(row["release_id"]) for row in rows]
        record = masters.get(master, {})
        found.append((master, record.get("title"), record.get("master_artists"), len(rows), len({row["country"] for row in rows} - {None}), smallest(years),
                      largest(years)))
    return found


@answer
def pairs_of_credits(dumps, one, other):
    pairs = collections.defaultdict(set)
    names = collections.defaultdict(lambda: collections.defaultdict(set))
    for release, rows in groups(dumps.rows("release_credit_links_v1_typed"), lambda row: row["release_id"]).items():
        def having(wanted):
            return [row for row in rows if row["artist_id"] is not None and any(role.startswith(wanted) for role in (row["role"] or "").split(", "))]

        for first in having(one):
            for second in having(other):
                if first["artist_id"] != second["artist_id"]:
                    pair = first["artist_id"], second["artist_id"]
                    pairs[pair].add(release)
                    names[pair][0].add(first["artist_name"])
                    names[pair][1].add(second["artist_name"])
    best = sorted(pairs, key=lambda pair: (-len(pairs[pair]), pair))[:10]
    return [(pair[0], smallest(names[pair][0]), pair[1], smallest(names[pair][1]), len(pairs[pair])) for pair in best]


@answer
def labels_under_a_label(dumps, top):
    names = {row["label_id"]: row["name"] for row in dumps.rows("labels_v10")}
    children = groups(dumps.rows("labels_v10"), lambda row: row["parent_label_id"])
    found = []

    def descend(label, above):
        found.append((len(above), label, names[label], "/" + "".join(f"{step}/" for step in (*above, label))))
        for child in children[label]:
            if child["label_id"] not in (*above, label):
                descend(child["label_id"], (*above, label))

    if top in names:
        descend(top, ())
    return sorted(found, key=by(3))


@answer
def pressed_for_a_label(dumps, label, role):
    releases = {row["release_id"] for row in dumps.rows("release_label_xref_v1") if row["label_norm"] == label}
    plants = groups([row for row in dumps.rows("release_company_links_v1_typed") if row["entity_type_name"] == role and row["release_id"] in releases],
                    lambda row: row["company_id"])
    found = []
    for plant, rows in plants.items():
        pressed = {row["release_id"] for row in rows}
        dates = [dumps.release[release]["released"] for release in pressed]
        found.append((plant, smallest(row["company_name"] for row in rows), len(pressed), smallest(dates), largest(dates)))
    return sorted(found, key=lambda row: (-row[2], place(row[0])))


@answer
def dangling_ids(dumps):
    artists = {row["artist_id"] for row in dumps.rows("artists_v1_typed")}
    labels = {row["label_id"] for row in dumps.rows("labels_v10")}
    masters = {row["master_id"] for row in dumps.rows("masters_v1_typed")}
    found = collections.defaultdict(set)
    for kind, dataset, column, there in [("artist", "release_artist_links_v1_typed", "artist_id", artists), ("label", "release_label_links_v1_typed", "label_id", labels),
                                         ("company", "release_company_links_v1_typed", "company_id", labels), ("master", "releases_v6", "master_id", masters)]:
        for row in dumps.rows(dataset):
            if row[column] is not None and row[column] not in there:
                found[kind, row[column]].add(row["release_id"])
    return sorted([(*key, len(releases), min(releases)) for key, releases in found.items()], key=lambda row: (-row[2], row[0], row[1]))[:50]


def new_for_an_artist(dumps, before, artist):
    releases = {row["release_id"] for dataset in ("release_artists_v1", "release_credit_links_v1_typed") for row in dumps.rows(dataset) if row["artist_id"] == artist}
    _, changes, _ = history.compare(before, dumps, "release")
    found = [(*change, release, dumps.release[release]["title"], dumps.release[release]["artists"])
             for release, change in changes.items() if release in releases and change[0] != "removed"]
    return sorted(found, key=by(0, 2))


@answer
def longest_tracks(dumps):
    tracks = [row for row in dumps.rows("release_tracks_v1_typed") if row["kind"] == "track" and row["duration_seconds"] is not None]
    tracks.sort(key=lambda row: (-row["duration_seconds"], row["release_id"], row["position"]))
    return [(row["duration"], row["number"], row["title"], row["release_id"], dumps.release[row["release_id"]]["title"],
             dumps.release[row["release_id"]]["artists"]) for row in tracks[:10]]


@answer
def quality_queue(dumps, label):
    order = ["Entirely Incorrect", "Needs Major Changes", "Needs Minor Changes", "Needs Vote"]
    releases = {row["release_id"] for row in dumps.rows("release_label_xref_v1") if row["label_norm"] == label}
    found = [(row["data_quality"], row["release_id"], row["title"], row["label_catnos"], row["released"])
             for row in map(dumps.release.get, releases) if row["data_quality"] not in ("Correct", "Complete and Correct")]
    return sorted(found, key=lambda row: (order.index(row[0]) if row[0] in order else len(order), row[1]))


# --- comparing

# As Python's clients write them.
BOOLEANS = {"True": "true", "False": "false"}


def text(value):
    """A value as it stands in a CSV file."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def main():
    dumps, before, *folders = sys.argv[1:]
    dumps, before = Dumps(dumps), Dumps(before)
    ANSWERS["new-for-an-artist"] = lambda dumps, artist: new_for_an_artist(dumps, before, artist)
    queries = {os.path.basename(path)[:-len(".sql")] for path in glob.glob(os.path.join(QUERIES, "*.sql"))}
    problems = [f"{name}: only one of query and expectation is there" for name in queries ^ ANSWERS.keys()]
    if len(queries) < 20 or not folders:
        problems.append(f"{len(queries)} queries, {len(folders)} folders of answers")
    for folder in folders:
        files = [folder] if folder.endswith(".csv") else [os.path.join(folder, f"{name}.csv") for name in sorted(queries)]
        for path in files:
            name = os.path.basename(path)[:-len(".csv")]
            expected = [[text(value) for value in row] for row in ANSWERS[name](dumps, *wanted(name))]
            with open(path, encoding="utf-8", newline="") as file:
                names, *found = csv.reader(file)
            if not expected:
                problems.append(f"{name}: nothing is expected")
            for number in range(max(len(expected), len(found))):
                have = [BOOLEANS.get(value, value) for value in found[number]] if number < len(found) else "no such row"
                want = expected[number] if number < len(expected) else "no such row"
                if have != want:
                    problems.append(f"{path}, row {number + 1}: {have}, expected {want}")
                    break
            if found and len(set(names)) != len(found[0]):
                problems.append(f"{path}: columns are {names}")
    for problem in problems:
        print(problem)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
