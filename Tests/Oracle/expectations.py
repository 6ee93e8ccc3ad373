#!/usr/bin/env python3
"""Checks the oracle itself: rows that were worked out by hand from the description of the datasets.

usage: expectations.py

Prints each that the oracle does not agree with; the status is 1 if there is one.
"""
import gzip
import os
import sys
import tempfile

import oracle

R, A, L, M = "releases", "artists", "labels", "masters"


def release(inside, number=1):
    return f'<release id="{number}">{inside}</release>'


def artist(inside, number=1):
    return f"<artist><id>{number}</id>{inside}</artist>"


def label(inside):
    return f"<label><id>1</id>{inside}</label>"


def credit(name="", identifier="", **more):
    """An artist in a list."""
    return "<artist>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in [("id", identifier), ("name", name), *more.items()] if text) + "</artist>"


def durations(*texts):
    return release("<tracklist>" + "".join(f"<track><duration>{text}</duration></track>" for text in texts) + "</tracklist>")


def tracks(*inside):
    return release("<tracklist>" + "".join(f"<track>{track}</track>" for track in inside) + "</tracklist>")


def inside(*parts):
    return "<sub_tracks>" + "".join(f"<track>{part}</track>" for part in parts) + "</sub_tracks>"


def column(number):
    return lambda rows: [row[number] for row in rows]


def whole(rows):
    return rows


NUMBER, TITLE, DURATION = "<position>1</position>", "<title>T</title>", "<duration>1:00</duration>"
# (entity, records, dataset, what of its rows, those)
EXPECTED = [
    # ids of others, and numbers
    (A, artist('<aliases><name id="0">a</name><name id="000">b</name><name id="07">c</name><name id="+7">d</name><name>e</name><name id="7"/></aliases>'),
     "artist_aliases_v1_typed", whole, [(1, None, "a"), (1, None, "b"), (1, 7, "c"), (1, None, "d"), (1, None, "e")]),
    (A, artist('<aliases><name id="9223372036854775807">a</name><name id="9223372036854775808">b</name><name id="٣">c</name></aliases>'),
     "artist_aliases_v1_typed", column(1), [2**63 - 1, None, None]),
    (A, artist('<name>N</name><members><name id="0">x</name><id>5</id><name>y</name><id>6</id></members><groups><name id="7">g</name><name id="00">h</name></groups>'),
     "artist_memberships_v1_typed", whole, [(1, "N", 5, "y"), (1, "N", 6, None), (7, "g", 1, "N")]),
    (A, "<artist><id>0</id><name>Own id</name></artist>", "artists_v1_typed", column(0), [0]),
    (L, label('<parentLabel id="0">P</parentLabel><sublabels><label id="0">a</label><label id="00"/><label/><label id="3"> </label><label id="4">b</label></sublabels>'),
     "labels_v10", whole, [(1, None, None, None, None, None, "P", None, "3, 4", "a, b")]),
    (L, label('<sublabels><label id="0">a</label><label id="00"/><label id="3"/></sublabels>'), "label_sublabel_links_v1_typed", whole,
     [(1, 1, None, "a"), (1, 2, 3, None)]),
    (L, label('<parentLabel id="1"/><parentLabel id="2">P</parentLabel>'), "labels_v10", lambda rows: [rows[0][5:7]], [(1, "P")]),
    (M, '<master id="1"><artists>' + credit("a", "0") + credit("b", "00") + credit("c", "8") + credit("", "x") + "</artists><year>0</year><main_release>0</main_release></master>",
     "masters_v1_typed", whole, [(1, None, None, None, "a, b, c", "8,x", None, None, None)]),
    (R, release("<artists>" + credit("a", "0") + credit("", "0") + credit("b", "5") + "</artists>"), "release_artist_links_v1_typed", whole,
     [(1, 1, None, "a", None, None), (1, 2, 5, "b", None, None)]),
    (R, release('<labels><label id="0" name=" " catno="&#xA0;"/><label id="0" catno="c"/></labels>'), "release_label_links_v1_typed", whole, [(1, 1, None, None, "c")]),
    (R, release("<master_id/><master_id>0</master_id><master_id>5</master_id>"), "releases_v6", column(1), [None]),
    # one value of several, text of its own
    (R, release("<title> </title><title>a<x>b</x>c</title><title>d</title>"), "releases_v6", column(2), ["ac"]),
    (R, release("<extraartists>" + credit("a", role="r") + credit("b") + credit(role="s") + credit(join="x") + "</extraartists>"), "releases_v6", column(10), ["r: a; b; s"]),
    (R, release("<extraartists>" + credit(join="x") + credit("a", tracks="A1") + "</extraartists>"), "release_credit_links_v1_typed", whole,
     [(1, 1, None, "a", None, None, "A1")]),
    # records
    (A, artist("<name>first</name>") + artist("<name>second</name>") + artist("<name>other</name>", 2), "artists_v1_typed", column(1), ["first", "other"]),
    (A, "<artist><name>none</name></artist><artist><id>x</id></artist><artist><id>-1</id></artist>" + artist("<name>kept</name>"), "artists_v1_typed", column(1), ["kept"]),
    # flags, dates, durations
    (R, "".join(release(f'<master_id is_main_release="{text}">1</master_id>', n) for n, text in enumerate(["true", "false", " true ", "TRUE", "1", ""], 1)),
     "release_details_v1_typed", column(2), [True, False, True, None, None, None]),
    (R, "".join(release(f"<released>{text}</released>", n) for n, text in enumerate(
        ["1999", "1999-00-00", "1999-03-00", "1999-3-4", "197", "0400-01-01", "0000-01-01", "1992-13-45", "1992-02-30", "2000-02-29", "1900-02-29", "1999-5-", "1999-005-01",
         "１９９９", "1999-12-32", "99-1-1"], 1)), "release_details_v1_typed", lambda rows: [row[3:6] for row in rows],
     [(1999, None, None), (1999, None, None), (1999, 3, None), (1999, 3, 4), (None, None, None), (400, 1, 1), (None, None, None), (1992, None, None), (1992, 2, None),
      (2000, 2, 29), (1900, 2, None), (None, None, None), (None, None, None), (None, None, None), (1999, 12, None), (None, None, None)]),
    (R, durations("3:14", "123:00", "1234:00", "0:60", "0:5", "1:00:00", "99:59:59", "100:00:00", "1:60:00", "1:2:03", " 3:14 ", "3.14"), "release_tracks_v1_typed", column(7),
     [194, 7380, None, None, None, 3600, 359999, None, None, None, 194, None]),
    (R, release('<videos><video duration="65535" embed="true"/><video duration="4:11" src="s"/><video/><video duration="0"/></videos>'), "release_videos_v1_typed", whole,
     [(1, 1, None, 65535, True, None, None), (1, 2, "s", None, None, None, None), (1, 3, None, 0, None, None, None)]),
    # names as printed
    (R, "".join(release("<artists>" + "".join(artists) + "</artists>", n) for n, artists in enumerate([
        [credit("A (2)", join="&amp;"), credit("B", anv="Bee (3)")], [credit("A", join=",Canta:"), credit("B")], [credit("A"), credit("B (2) (3)"), credit("(4)")],
        [credit("A(2)", join="x"), credit("", "5", join="lost"), credit("B  (2)")], [credit("", "5")], [credit("A (２)", join=","), credit("B")], [credit("A", join="last")],
    ], 1)), "release_details_v1_typed", column(1), ["A & Bee (3)", "A,Canta: B", "A, B (2), (4)", "A(2) x B", None, "A (２), B", "A"]),
    # tracks
    (R, tracks(TITLE, NUMBER, DURATION, TITLE + inside(TITLE, NUMBER + TITLE), inside(" ", ""), inside(TITLE), TITLE + inside("", "")), "release_tracks_v1_typed",
     lambda rows: [row[1:4] for row in rows],
     [(1, None, "heading"), (2, None, "track"), (3, None, "track"), (4, None, "index"), (5, 4, "track"), (6, 4, "track"), (7, None, "index"), (8, 7, "track"), (9, None, "heading")]),
    (R, tracks(TITLE, TITLE + inside(TITLE)), "release_tracks_v1_typed", column(3), ["track", "index", "track"]),
    (R, tracks(TITLE, inside(NUMBER)), "release_tracks_v1_typed", column(3), ["heading", "index", "track"]),
    (R, tracks("<artists>" + credit("", "0") + "</artists>", "<artists>" + credit("", "4") + credit("N (2)") + "</artists>", inside("<extraartists>" + credit("", role="r") + "</extraartists>")),
     "release_tracks_v1_typed", lambda rows: [(row[1], row[2], row[8]) for row in rows], [(1, None, "N"), (2, None, None), (3, 2, None)]),
    (R, tracks(TITLE, TITLE + inside(TITLE + "<artists>" + credit("a") + credit() + credit("b", "3") + "</artists>")), "release_track_artist_links_v1_typed", whole,
     [(1, 3, 1, None, "a", None, None), (1, 3, 2, 3, "b", None, None)]),
    (R, tracks(inside(TITLE + inside(NUMBER))), "release_tracks_v1_typed", lambda rows: [row[1:5] for row in rows], [(1, None, "index", None), (2, 1, "track", None)]),
    # formats, identifiers, companies, series
    (R, release('<formats><format/><format qty="2"><descriptions><description/><description>LP</description><description>a, b</description></descriptions></format></formats>'),
     "release_formats_v1_typed", whole, [(1, 1, None, "2", None, "LP, a, b")]),
    (R, release('<formats><format/><format><descriptions><description/><description>LP</description></descriptions></format></formats>'),
     "release_format_descriptions_v1_typed", whole, [(1, 1, 1, "LP")]),
    (R, release('<identifiers><identifier type="T" description="D" value="V">x</identifier><identifier description="D">text</identifier><identifier/></identifiers>'),
     "release_identifiers_v1_typed", whole, [(1, 1, "T", "D", "V"), (1, 2, None, "D", "text")]),
    (R, release("<companies><company><id>0</id></company><company><id>0</id><entity_type>0</entity_type></company></companies>"), "release_company_links_v1_typed", whole,
     [(1, 1, None, None, None, 0, None)]),
    (R, release('<series><series id="0" name=""/><series id="0" name="n"/></series>'), "release_series_links_v1_typed", whole, [(1, 1, None, "n", None)]),
    # derived
    (R, release("<artists>" + credit("a", "0") + credit("b", "0") + credit("a") + credit("", "5") + credit("Five", "5") + credit("V", "5") + credit(join="x") + "</artists>"),
     "release_artists_v1", whole, [(1, "a", None, "a"), (1, "b", None, "b"), (1, "five", 5, "Five")]),
    (R, release('<identifiers>' + "".join(f'<identifier type="{kind}" value="{value}"/>' for kind, value in [
        ("Barcode", "036000291452"), ("Barcode", "0 036000 291452"), ("Barcode", "96385075"), ("Barcode", "96385074"), ("Barcode", "7"), ("Barcode", "none"), ("barcode", "8")])
     + "</identifiers>"), "release_barcode_xref_v1", whole,
     [("0036000291452", 1, True, "00036000291452"), ("036000291452", 1, True, "00036000291452"), ("7", 1, False, None), ("96385074", 1, True, "00000096385074"), ("96385075", 1, False, None)]),
    (A, artist("<name>İ  Σ\t(2)</name><realname>X (2) (3)</realname><aliases><name>(4)</name></aliases>"), "artist_name_map_v1", whole, [("i σ", 1), ("x (2)", 1)]),
    (R, release('<labels><label name="B" catno="1"/><label name="b" catno="1"/><label catno="2"/></labels>'), "label_release_counts_v1", whole, [("b", "B", 1)]),
]
# (name, the bytes of a dump of artists, the names in it or None where there are none, records rejected)
DUMPS = [
    ("no root", b"<artist><id>1</id><name>x</name></artist>\n<artist><id>2</id><name>y</name></artist>\n", ["x", "y"], 0),
    ("no root, one record", b"<artist><id>1</id><name>x</name></artist>", ["x"], 0),
    ("no root, one broken", b"<artist><id>1</id><name>x</artist>\n<artist><id>2</id><name>y</name></artist>\n", ["y"], 1),
    ("half a surrogate in UTF-16", "\ufeff<artists>\n<artist><id>1</id><name>x\ud83d</name></artist>\n<artist><id>2</id><name>y😀</name></artist>\n</artists>\n"
     .encode("utf-16-le", "surrogatepass"), ["y😀"], 1),
    ("too long", b"<artists>\n<artist><id>1</id><name>" + b"x" * (8 << 20) + b"</name></artist>\n<artist><id>2</id><name>y</name></artist>\n</artists>\n", ["y"], 1),
    ("too many rows", b"<artists>\n<artist><id>1</id><name>" + b"x" * 70_000 + b"</name><members>"
     + b"".join(b'<name id="%d"/>' % n for n in range(1, 1001)) + b"</members></artist>\n<artist><id>2</id><name>y</name></artist>\n</artists>\n", ["y"], 1),
    ("another root", b"<labels>\n<label><id>1</id></label>\n</labels>\n", None, 0),
]


def write(folder, entity, data, behind=b""):
    path = os.path.join(folder, f"discogs_20260801_{entity}.xml.gz")
    with open(path, "wb") as file:
        file.write(gzip.compress(data) + behind)
    return path


def main():
    problems = []

    def check(what, wanted, found):
        if wanted != found:
            problems.append(f"{what}:\n  expected {wanted}\n  found    {found}")

    with tempfile.TemporaryDirectory() as folder:
        for entity, text, dataset, part, wanted in EXPECTED:
            rows = {}
            for other in oracle.READERS:
                rows |= oracle.read(write(folder, other, f"<{other}>\n{text if other == entity else ''}\n</{other}>\n".encode()), other)[0]
            derived = oracle.derive(rows)
            check(f"{dataset} of {text}", wanted, part(sorted(derived[dataset], key=repr) if dataset in derived else rows[dataset]))
        for name, data, wanted, wanted_rejects in DUMPS:
            try:
                rows, rejected = oracle.read(write(folder, A, data), A)
                check(name, (wanted, wanted_rejects), ([row[1] for row in rows["artists_v1_typed"]], rejected))
            except oracle.Refused:
                check(name, wanted, None)
        for behind in (b"junk", b"\x1f\x8b\x08junk of more than ten bytes"):
            try:
                oracle.read(write(folder, A, DUMPS[0][1], behind), A)
                problems.append(f"{behind} behind the packed data is read over")
            except oracle.Refused:
                pass
    print("\n".join(problems) or f"{len(EXPECTED) + len(DUMPS) + 2} expectations hold")
    sys.exit(bool(problems))


main()
