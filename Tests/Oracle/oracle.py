"""What the datasets of a run must hold, derived from its dumps in the plainest way.

Written from the datasets' description alone, in another language than the pipeline and on another XML parser, with
everything in memory. `read(dump, entity)` gives {dataset: rows} and the number of records left out, rows being tuples
in the order of the columns; those read from dumps are in document order, those of `derive` are sets.
"""
import calendar
import gzip
import re
import xml.etree.ElementTree as ElementTree
import zlib

import columns

SPACE = "".join(map(chr, [*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
                          0x2028, 0x2029, 0x202F, 0x205F, 0x3000]))
LONGEST_RECORD, MOST_OF_A_RECORDS_ROWS = 8 << 20, 64 << 20


class Refused(Exception):
    """A dump that gives no rows at all."""


# --- records


def unpacked(path):
    """The bytes of a dump, in UTF-8."""
    try:
        with gzip.open(path) as file:
            data = file.read()
    except (OSError, EOFError, zlib.error) as error:  # damaged, or something behind the end of the packed data
        raise Refused(f"{path}: {error}") from error
    for mark, encoding in ((b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"),
                           (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", None)):
        if data.startswith(mark):
            data = data[len(mark):]
            # Half a surrogate stays one: it is no UTF-8, so that its record alone is rejected.
            return data.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass") if encoding else data
    return data


def records(path, tag):
    """Yields each record of a dump as an element, or None where it is no well-formed XML or too long."""
    data = unpacked(path)
    # Only a large dump can hold a record that is too long.
    if len(data) <= LONGEST_RECORD or all(len(text) <= LONGEST_RECORD for text in split(data, tag)):
        try:
            root = ElementTree.fromstring(data)
            if root.tag == tag + "s":
                yield from root.iterfind(tag)
                return
            if root.tag != tag:
                raise Refused(f"{path}: its root is {root.tag}")
            yield root  # the one record of a dump without a root
            return
        except ElementTree.ParseError:
            pass
        # Dumps until 2014 have no root.
        try:
            yield from ElementTree.fromstring(b"<%b>%b</%b>" % (tag.encode(), data, tag.encode())).iterfind(tag)
            return
        except ElementTree.ParseError:
            pass
    # Something in it is broken: every record for itself.
    for text in split(data, tag):
        try:
            yield ElementTree.fromstring(text) if len(text) <= LONGEST_RECORD else None
        except ElementTree.ParseError:
            yield None


def split(data, tag):
    """Cuts a dump into the texts of its records, without understanding more of it than where one can begin."""
    root = tag + "s"
    opening = re.search(rb"<" + root.encode() + rb"\s*>", data[:data.find(b"<" + tag.encode() + b" ") + 1 or None])
    body = data[opening.end():] if opening else data
    end = body.rfind(b"</" + root.encode())
    token = rb"(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(" + tag.encode() + rb")(?=[\s/>])"
    starts = [found.start() for found in re.finditer(token, body) if found.group(1)]
    starts.append(end if opening and end >= 0 else len(body))

    def text(start, end):
        # What follows the record's end is not part of it: white space, comments, instructions.
        return re.sub(rb"(?s)(\s|<!--((?!-->).)*-->|<\?((?!\?>).)*\?>)+$", b"", body[starts[start]:starts[end]])

    first = 0
    while first + 1 < len(starts):
        last = first + 1
        # A label's sublabels are labels too: a record ends before the first that makes it whole, ...
        if tag == "label":
            whole = (n for n in range(last, min(last + 500, len(starts))) if is_well_formed(text(first, n)))
            # ... and where none does, before the next that is at the start of a line.
            lines = (n for n in range(last, len(starts)) if n + 1 == len(starts) or body[starts[n] - 1:starts[n]] == b"\n")
            last = next(whole, None) or next(lines)
        yield text(first, last)
        first = last


def is_well_formed(text):
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return False
    return True


# --- values


def clean(text):
    """The value that a text stands for: trimmed, None where nothing is left."""
    return (text or "").strip(SPACE) or None


def own_text(element):
    """The text that is directly inside an element."""
    return clean((element.text or "") + "".join(child.tail or "" for child in element))


def of_each(element, path, name):
    """The text of an element within each of these."""
    return [child(found, name) for found in element.iterfind(path)]


def texts(element, path):
    return [own_text(found) for found in element.iterfind(path)]


def attributes(element, path, name):
    return [clean(found.get(name)) for found in element.iterfind(path)]


def first(values):
    """The first that is not empty."""
    return next((value for value in values if value is not None), None)


def child(element, name):
    return first(texts(element, name))


def join(values, separator=", "):
    return separator.join(value for value in values if value is not None) or None


def number(text):
    """One or more digits that fit 63 bits, else None."""
    if text is None or not re.fullmatch("[0-9]+", text) or int(text) > 2**63 - 1:
        return None
    return int(text)


def another(text):
    """The id of another record, or a year: 0 is none."""
    return number(text) or None


def but_zeros(values):
    """Ids to be joined."""
    return [value for value in values if value is not None and not re.fullmatch("0+", value)]


def flag(text):
    return {"true": True, "false": False}.get(text)


def seconds(duration):
    """Of M:SS and H:MM:SS."""
    if duration is None:
        return None
    if found := re.fullmatch("([0-9]{1,3}):([0-5][0-9])", duration):
        return int(found[1]) * 60 + int(found[2])
    if found := re.fullmatch("([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])", duration):
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
    return None


def date(text):
    """(year, month, day), None from the first on that makes no sense."""
    found = re.fullmatch("([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?", text or "")
    year, month, day = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if year == 0:
        return None, None, None
    if not 1 <= month <= 12:
        return year, None, None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return year, month, None
    return year, month, day


def printed(name):
    """A name as it is printed: without the number that tells artists of one name apart."""
    return clean(re.sub(r" \([0-9]+\)\Z", "", name)) or name


def artist_credit(element, path):
    """The names of these artists as they are printed, with what stands between them."""
    artists = [(child(artist, "anv"), child(artist, "name"), child(artist, "join")) for artist in element.iterfind(path)]
    credit, between = "", ""
    for variation, name, phrase in artists:
        if variation is None and name is None:
            continue
        credit += between + (variation if variation is not None else printed(name))
        if phrase is None:
            between = ", "
        else:
            between = ("" if phrase.startswith(",") else " ") + phrase + " "
    return credit or None


# --- rows of elements that several records have


def rows_with_values(rows):
    """Those that say something at all."""
    return [row for row in rows if any(value is not None for value in row)]


def artist_links(element, path):
    return rows_with_values((another(child(artist, "id")), child(artist, "name"), child(artist, "anv"), child(artist, "join"))
                            for artist in element.iterfind(path))


def images(element):
    return rows_with_values((clean(image.get("type")), number(clean(image.get("width"))), number(clean(image.get("height"))),
                             clean(image.get("uri")), clean(image.get("uri150"))) for image in element.iterfind("images/image"))


def videos(element):
    return rows_with_values((clean(video.get("src")), number(clean(video.get("duration"))), flag(clean(video.get("embed"))),
                             child(video, "title"), child(video, "description")) for video in element.iterfind("videos/video"))


def one_value(values):
    return rows_with_values((value,) for value in values)


# --- the datasets of the dumps


def add_artist(add, artist):
    artist_id = number(child(artist, "id"))
    if artist_id is None:
        return None
    name = child(artist, "name")
    urls, variations = texts(artist, "urls/url"), texts(artist, "namevariations/name")
    add("artists_v1_typed", artist_id, name, child(artist, "realname"), child(artist, "profile"), child(artist, "data_quality"),
        join(urls), join(variations), join(texts(artist, "aliases/name")))
    for alias in artist.iterfind("aliases/name"):
        if own_text(alias) is not None:
            add("artist_aliases_v1_typed", artist_id, another(clean(alias.get("id"))), own_text(alias))
    for member_id, member in others(artist, "members"):
        add("artist_memberships_v1_typed", artist_id, name, member_id, member)
    for group_id, group in others(artist, "groups"):
        add("artist_memberships_v1_typed", group_id, group, artist_id, name)
    numbered(add, "artist_urls_v1_typed", artist_id, one_value(urls))
    numbered(add, "artist_name_variations_v1_typed", artist_id, one_value(variations))
    numbered(add, "artist_images_v1_typed", artist_id, images(artist))
    return artist_id


def others(artist, place):
    """(id, name) of each artist with an id in these lists. Old dumps give the id as an element before the name, if any."""
    for listed in artist.iterfind(place):
        before = None
        for element in listed:
            if element.tag == "id":
                if another(before) is not None:
                    yield another(before), None
                before = own_text(element)
            elif element.tag == "name":
                other = another(clean(element.get("id")) or before)
                before = None
                if other is not None:
                    yield other, own_text(element)
        if another(before) is not None:
            yield another(before), None


def add_label(add, label):
    label_id = number(child(label, "id"))
    if label_id is None:
        return None
    urls = texts(label, "urls/url")
    add("labels_v10", label_id, child(label, "name"), child(label, "profile"), child(label, "contactinfo"), child(label, "data_quality"),
        another(first(attributes(label, "parentLabel", "id"))), child(label, "parentLabel"), join(urls),
        join(but_zeros(attributes(label, "sublabels/label", "id"))), join(texts(label, "sublabels/label")))
    numbered(add, "label_urls_v1_typed", label_id, one_value(urls))
    numbered(add, "label_sublabel_links_v1_typed", label_id, rows_with_values(
        (another(clean(sublabel.get("id"))), own_text(sublabel)) for sublabel in label.iterfind("sublabels/label")))
    numbered(add, "label_images_v1_typed", label_id, images(label))
    return label_id


def add_master(add, master):
    master_id = number(clean(master.get("id")))
    if master_id is None:
        return None
    genres, styles = texts(master, "genres/genre"), texts(master, "styles/style")
    add("masters_v1_typed", master_id, another(child(master, "main_release")), child(master, "title"), another(child(master, "year")),
        join(of_each(master, "artists/artist", "name")), join(but_zeros(of_each(master, "artists/artist", "id")), ","), join(genres), join(styles),
        child(master, "data_quality"))
    add("master_details_v1_typed", master_id, artist_credit(master, "artists/artist"), child(master, "notes"))
    numbered(add, "master_artist_links_v1_typed", master_id, artist_links(master, "artists/artist"))
    numbered(add, "master_genre_links_v1_typed", master_id, one_value(genres))
    numbered(add, "master_style_links_v1_typed", master_id, one_value(styles))
    numbered(add, "master_videos_v1_typed", master_id, videos(master))
    numbered(add, "master_images_v1_typed", master_id, images(master))
    return master_id


def identifier(element):
    """(type, description, value); the value is an attribute, else the text."""
    kind, description, value = (clean(element.get(name)) for name in ("type", "description", "value"))
    return kind, description, value if value is not None else own_text(element)


def flat_identifier(kind, description, value):
    return join([kind, description and f"[{description}]", value and f": {value}"], " ")


def add_release(add, release):
    release_id = number(clean(release.get("id")))
    if release_id is None:
        return None
    genres, styles = texts(release, "genres/genre"), texts(release, "styles/style")
    identifiers = [identifier(found) for found in release.iterfind("identifiers/identifier")]
    released = child(release, "released")
    add("releases_v6", release_id, another(child(release, "master_id")), child(release, "title"),
        join(of_each(release, "artists/artist", "name")), join(attributes(release, "labels/label", "name")),
        join(attributes(release, "labels/label", "catno")), child(release, "country"), join(attributes(release, "formats/format", "name")),
        join(genres), join(styles),
        join((join([child(credit, "role"), child(credit, "name")], ": ") for credit in release.iterfind("extraartists/artist")), "; "),
        clean(release.get("status")), released, child(release, "data_quality"), join(attributes(release, "formats/format", "qty")),
        join(attributes(release, "formats/format", "text")), join(texts(release, "formats/format/descriptions/description")),
        join((flat_identifier(*found) for found in identifiers), "; "))
    numbered(add, "release_artist_links_v1_typed", release_id, artist_links(release, "artists/artist"))
    numbered(add, "release_label_links_v1_typed", release_id, rows_with_values(
        (another(clean(label.get("id"))), clean(label.get("name")), clean(label.get("catno"))) for label in release.iterfind("labels/label")))
    numbered(add, "release_genre_links_v1_typed", release_id, one_value(genres))
    numbered(add, "release_style_links_v1_typed", release_id, one_value(styles))

    add("release_details_v1_typed", release_id, artist_credit(release, "artists/artist"),
        flag(first(attributes(release, "master_id", "is_main_release"))), *date(released), child(release, "notes"))
    numbered(add, "release_credit_links_v1_typed", release_id, rows_with_values(
        (another(child(credit, "id")), child(credit, "name"), child(credit, "anv"), child(credit, "role"), child(credit, "tracks"))
        for credit in release.iterfind("extraartists/artist")))
    add_tracks(add, release_id, release)
    numbered(add, "release_company_links_v1_typed", release_id, rows_with_values(
        (another(child(company, "id")), child(company, "name"), child(company, "catno"), number(child(company, "entity_type")),
         child(company, "entity_type_name")) for company in release.iterfind("companies/company")))
    add_formats(add, release_id, release)
    numbered(add, "release_identifiers_v1_typed", release_id, rows_with_values(identifiers))
    numbered(add, "release_series_links_v1_typed", release_id, rows_with_values(
        (another(clean(series.get("id"))), clean(series.get("name")), clean(series.get("catno"))) for series in release.iterfind("series/series")))
    numbered(add, "release_videos_v1_typed", release_id, videos(release))
    numbered(add, "release_images_v1_typed", release_id, images(release))
    return release_id


def add_formats(add, release_id, release):
    position = 0
    for found in release.iterfind("formats/format"):
        descriptions = [text for text in texts(found, "descriptions/description") if text is not None]
        row = (clean(found.get("name")), clean(found.get("qty")), clean(found.get("text")), join(descriptions))
        if rows_with_values([row]):
            position += 1
            add("release_formats_v1_typed", release_id, position, *row)
            for place, description in enumerate(descriptions, 1):
                add("release_format_descriptions_v1_typed", release_id, position, place, description)


class Track:
    def __init__(self, element, is_inside):
        self.number, self.title, self.duration = (child(element, name) for name in ("position", "title", "duration"))
        self.artists = artist_links(element, "artists/artist")
        self.artist_credit = artist_credit(element, "artists/artist")
        self.credits = rows_with_values((another(child(credit, "id")), child(credit, "name"), child(credit, "anv"), child(credit, "role"))
                                        for credit in element.iterfind("extraartists/artist"))
        # Tracks inside those are none that a dump has.
        inside = [] if is_inside else [Track(found, True) for found in element.iterfind("sub_tracks/track")]
        self.tracks = [track for track in inside if track.makes_a_row()]
        self.is_inside = is_inside

    def makes_a_row(self):
        return any([self.number, self.title, self.duration, self.artists, self.credits, self.tracks])

    def kind(self, numbers_are_given):
        if self.tracks:
            return "index"
        if numbers_are_given and not self.is_inside and self.number is None and self.duration is None:
            return "heading"
        return "track"


def add_tracks(add, release_id, release):
    tracks = [track for track in (Track(found, False) for found in release.iterfind("tracklist/track")) if track.makes_a_row()]
    numbers_are_given = any(track.number is not None for outer in tracks for track in [outer, *outer.tracks])
    position = 0
    for outer in tracks:
        outer_position = position + 1
        for track in [outer, *outer.tracks]:
            position += 1
            add("release_tracks_v1_typed", release_id, position, None if track is outer else outer_position, track.kind(numbers_are_given),
                track.number, track.title, track.duration, seconds(track.duration), track.artist_credit)
            for place, row in enumerate(track.artists, 1):
                add("release_track_artist_links_v1_typed", release_id, position, place, *row)
            for place, row in enumerate(track.credits, 1):
                add("release_track_credit_links_v1_typed", release_id, position, place, *row)


def numbered(add, dataset, record_id, rows):
    """Adds rows with their position, from 1."""
    for position, row in enumerate(rows, 1):
        add(dataset, record_id, position, *row)


READERS = {"artists": add_artist, "labels": add_label, "masters": add_master, "releases": add_release}


def read(path, entity):
    """({dataset: rows}, number of records rejected) of one dump."""
    rows = {dataset: [] for dataset in columns.ALL if columns.entity(dataset) == entity}
    rejected, known = 0, set()
    for record in records(path, entity[:-1]):
        own = []
        record_id = None if record is None else READERS[entity](lambda *row: own.append(row), record)
        # Of records with one id the first is kept.
        if record_id is None or record_id in known or size(own) > MOST_OF_A_RECORDS_ROWS:
            rejected += 1
            continue
        known.add(record_id)
        for dataset, *row in own:
            rows[dataset].append(tuple(row))
    return rows, rejected


def size(rows):
    """About the bytes of a record's rows."""
    return sum(len(value.encode()) if isinstance(value, str) else 8 for _, *row in rows for value in row)


# --- the derived datasets


def lower(text):
    """Lower case code point by code point: Unicode's simple mapping."""
    return "".join("i" if c == "İ" else c.lower() if len(c.lower()) == 1 else c for c in text)


def norm(text):
    """The name that artists are looked up by."""
    text = re.sub(r" *\([0-9]+\)\Z", "", lower(text).strip(SPACE))
    return re.sub(f"[{SPACE}]+", " ", text).strip(SPACE) or None


def check_digit_is_right(digits):
    """Of a GTIN: weights 1 and 3 in turn, from the right."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0


def barcode(release, value):
    digits = re.sub("[^0-9]", "", value)
    valid = len(digits) in (8, 12, 13, 14) and check_digit_is_right(digits)
    return (digits, release, valid, digits.rjust(14, "0") if valid else None) if digits else None


def derive(rows):
    """{dataset: set of rows} of the derived datasets."""
    artists = {row[0] for row in rows["artists_v1_typed"]}
    names = [(row[1], row[0]) for row in rows["artists_v1_typed"]]
    names += [(row[2], row[0]) for row in rows["artists_v1_typed"]]
    names += [(row[2], row[0]) for row in rows["artist_aliases_v1_typed"]]
    names += [(row[1], row[2]) for row in rows["artist_memberships_v1_typed"]]
    name_map = {(norm(name), artist) for name, artist in names if name and artist in artists}

    # Each release's artists in order: the first name of one counts, and one without a name or id is nobody.
    release_artists = {}
    for release, _, artist, name, _, _ in rows["release_artist_links_v1_typed"]:
        if artist is None and name is None:
            continue
        known = release_artists.setdefault((release, "id", artist) if artist is not None else (release, "name", name), [artist, name])
        if known[1] is None:
            known[1] = name

    labels = {(release, name, lower(name) if name else None, catno, label)
              for release, _, label, name, catno in rows["release_label_links_v1_typed"]}
    counts = {}
    for release, name, name_norm, _, _ in labels:
        if name_norm is not None:
            counts.setdefault(name_norm, (set(), set()))
            counts[name_norm][0].add(name)
            counts[name_norm][1].add(release)
    derived = {
        "artist_name_map_v1": {row for row in name_map if row[0] is not None},
        "release_artists_v1": {(key[0], lower(name) if name else None, artist, name) for key, (artist, name) in release_artists.items()},
        "release_label_xref_v1": labels,
        "label_release_counts_v1": {(key, min(names, key=lambda n: n.encode()), len(releases)) for key, (names, releases) in counts.items()},
        "release_genre_xref_v1": {(row[0], row[2], lower(row[2])) for row in rows["release_genre_links_v1_typed"]},
        "release_style_xref_v1": {(row[0], row[2], lower(row[2])) for row in rows["release_style_links_v1_typed"]},
    }
    if "release_identifiers_v1_typed" in rows:
        derived["release_barcode_xref_v1"] = {
            barcode(release, value) for release, _, kind, _, value in rows["release_identifiers_v1_typed"] if kind == "Barcode" and value} - {None}
    return derived
