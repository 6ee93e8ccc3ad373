"""What the datasets of a run must hold, derived from its dumps in the plainest way.

Written from the datasets' description alone, in another language than the pipeline and on another XML parser, with
everything in memory. `expected(dumps)` gives {dataset: rows}, rows being tuples in the order of the columns; the
datasets read from dumps are in document order, the derived ones are sets. `rejected(dumps)` counts records left out.
"""
import gzip
import re
import xml.etree.ElementTree as ElementTree

SPACE = "".join(map(chr, [*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
                          0x2028, 0x2029, 0x202F, 0x205F, 0x3000]))


# --- records


def records(path, tag):
    """Yields each record of a dump as an element, or None where it is no well-formed XML."""
    with gzip.open(path) as file:
        data = file.read()
    try:
        yield from ElementTree.fromstring(data).iterfind(tag)
        return
    except ElementTree.ParseError:
        pass
    # Something in it is broken: every record for itself.
    for text in split(data, tag):
        try:
            yield ElementTree.fromstring(text)
        except ElementTree.ParseError:
            yield None


def split(data, tag):
    """Cuts a dump into the texts of its records, without understanding more of it than where one can begin."""
    root = tag + "s"
    skipped = rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    body = data[re.search(rb"<" + root.encode() + rb"\s*>", data).end():]
    starts, depth = [], 0
    # A record begins at <tag ...> outside comments and the like. A label's sublabels are labels too: those are inside
    # <sublabels>; nothing else that bears a record's name is inside another, but artists in their containers.
    container = {"artist": None, "label": b"sublabels", "master": None, "release": None}[tag]
    token = rb"(?s)" + skipped + rb"|<(/?)(" + tag.encode() + (rb"|" + container if container else b"") + rb")(?=[\s/>])"
    inside = False
    for found in re.finditer(token, body):
        if found.group(2) == container and container:
            inside = not found.group(1)
            # A list that is empty has no end tag.
            if inside and re.match(rb"[^>]*/>", body[found.end():found.end() + 200]):
                inside = False
        elif found.group(2) and not found.group(1) and not inside:
            starts.append(found.start())
        elif found.group(2) and not found.group(1) and inside and body[found.start() - 1:found.start()] == b"\n":
            starts.append(found.start())  # the list never ended
            inside = False
    ends = starts[1:] + [body.rindex(b"</" + root.encode())]
    for start, end in zip(starts, ends):
        text = body[start:end]
        # What follows the record's end is not part of it: white space, comments, instructions.
        yield re.sub(rb"(?s)(\s|<!--((?!-->).)*-->|<\?((?!\?>).)*\?>)+$", b"", text)


# --- values


def clean(text):
    """The value that a text stands for: trimmed, None where nothing is left."""
    return (text or "").strip(SPACE) or None


def own_text(element):
    """The text that is directly inside an element."""
    if element is None:
        return None
    return clean((element.text or "") + "".join(child.tail or "" for child in element))


def child(element, name):
    """The text of the element of this name; of several the first that has one."""
    return next(filter(None, texts(element, name)), None)


def number(text):
    """A 64-bit integer, None where the text is none."""
    text = clean(text)
    if text is None or not re.fullmatch(r"[-+]?[0-9]+", text) or not -2**63 <= int(text) < 2**63:
        return None
    return int(text)


def nonzero(text):
    return number(text) or None


def join(values, separator=", "):
    return separator.join(value for value in values if value is not None) or None


def texts(element, path):
    return [own_text(found) for found in element.iterfind(path)]


def attributes(element, path, name):
    return [clean(found.get(name)) for found in element.iterfind(path)]


# --- the datasets of the dumps


def add_artist(add, artist):
    artist_id = number(child(artist, "id"))
    if artist_id is None:
        return False
    name = child(artist, "name")
    add("artists_v1_typed", artist_id, name, child(artist, "realname"), child(artist, "profile"),
        child(artist, "data_quality"), join(texts(artist, "urls/url")), join(texts(artist, "namevariations/name")),
        join(texts(artist, "aliases/name")))
    for alias in artist.iterfind("aliases/name"):
        if own_text(alias) is not None:
            add("artist_aliases_v1_typed", artist_id, number(alias.get("id")), own_text(alias))
    for member_id, member in others(artist, "members"):
        add("artist_memberships_v1_typed", artist_id, name, member_id, member)
    for group_id, group in others(artist, "groups"):
        add("artist_memberships_v1_typed", group_id, group, artist_id, name)
    return True


def others(artist, place):
    """(id, name) of each artist with an id in these lists. Old dumps give the id as an element before the name, if any."""
    for listed in artist.iterfind(place):
        before = None
        for element in listed:
            if element.tag == "id":
                if number(before) is not None:
                    yield number(before), None
                before = own_text(element)
            elif element.tag == "name":
                other = number(clean(element.get("id")) or before)
                before = None
                if other is not None:
                    yield other, own_text(element)
        if number(before) is not None:
            yield number(before), None


def add_label(add, label):
    label_id = number(child(label, "id"))
    if label_id is None:
        return False
    parent = label.find("parentLabel")
    add("labels_v10", label_id, child(label, "name"), child(label, "profile"), child(label, "contactinfo"),
        child(label, "data_quality"), number(parent.get("id")) if parent is not None else None, own_text(parent),
        join(texts(label, "urls/url")), join(attributes(label, "sublabels/label", "id")),
        join(texts(label, "sublabels/label")))
    return True


def add_master(add, master):
    master_id = number(master.get("id"))
    if master_id is None:
        return False
    add("masters_v1_typed", master_id, nonzero(child(master, "main_release")), child(master, "title"),
        nonzero(child(master, "year")), join(texts(master, "artists/artist/name")),
        join(texts(master, "artists/artist/id"), ","), join(texts(master, "genres/genre")),
        join(texts(master, "styles/style")), child(master, "data_quality"))
    return True


def credit(artist):
    return join([child(artist, "role"), child(artist, "name")], ": ")


def identifier(element):
    kind, description, value = (clean(element.get(name)) for name in ("type", "description", "value"))
    return join([kind, description and f"[{description}]", value and f": {value}"], " ")


def add_release(add, release):
    release_id = number(release.get("id"))
    if release_id is None:
        return False
    add("releases_v6", release_id, nonzero(child(release, "master_id")), child(release, "title"),
        join(texts(release, "artists/artist/name")), join(attributes(release, "labels/label", "name")),
        join(attributes(release, "labels/label", "catno")), child(release, "country"),
        join(attributes(release, "formats/format", "name")), join(texts(release, "genres/genre")),
        join(texts(release, "styles/style")), join(map(credit, release.iterfind("extraartists/artist")), "; "),
        clean(release.get("status")), child(release, "released"), child(release, "data_quality"),
        join(attributes(release, "formats/format", "qty")), join(attributes(release, "formats/format", "text")),
        join(texts(release, "formats/format/descriptions/description")),
        join(map(identifier, release.iterfind("identifiers/identifier")), "; "))
    links = {
        "artist": [(number(child(artist, "id")), child(artist, "name"), child(artist, "anv"), child(artist, "join"))
                   for artist in release.iterfind("artists/artist")],
        "label": [(number(label.get("id")), clean(label.get("name")), clean(label.get("catno")))
                  for label in release.iterfind("labels/label")],
        "genre": [(genre,) for genre in texts(release, "genres/genre")],
        "style": [(style,) for style in texts(release, "styles/style")],
    }
    for kind, rows in links.items():
        # What says nothing at all is no link, and takes no position.
        rows = [row for row in rows if any(value is not None for value in row)]
        for position, row in enumerate(rows, 1):
            add(f"release_{kind}_links_v1_typed", release_id, position, *row)
    return True


READERS = {"artists": add_artist, "labels": add_label, "masters": add_master, "releases": add_release}
FROM_DUMPS = {
    "artists": ["artists_v1_typed", "artist_aliases_v1_typed", "artist_memberships_v1_typed"],
    "labels": ["labels_v10"],
    "masters": ["masters_v1_typed"],
    "releases": ["releases_v6", "release_artist_links_v1_typed", "release_label_links_v1_typed",
                 "release_genre_links_v1_typed", "release_style_links_v1_typed"],
}


def read(path, entity):
    """({dataset: rows}, number of records rejected) of one dump."""
    rows = {dataset: [] for dataset in FROM_DUMPS[entity]}
    rejected = 0
    for record in records(path, entity[:-1]):
        if record is None or not READERS[entity](lambda dataset, *row: rows[dataset].append(row), record):
            rejected += 1
    return rows, rejected


# --- the derived datasets


def lower(text):
    """Lower case code point by code point: Unicode's simple mapping."""
    return "".join("i" if c == "İ" else c.lower() if len(c.lower()) == 1 else c for c in text)


def norm(text):
    """The name that artists are looked up by."""
    text = re.sub(r" *\([0-9]+\)$", "", lower(text).strip(SPACE))
    return re.sub(f"[{SPACE}]+", " ", text).strip(SPACE) or None


def derive(rows):
    """{dataset: set of rows} of the six derived datasets."""
    artists = {row[0] for row in rows["artists_v1_typed"]}
    names = [(row[1], row[0]) for row in rows["artists_v1_typed"]]
    names += [(row[2], row[0]) for row in rows["artists_v1_typed"]]
    names += [(row[2], row[0]) for row in rows["artist_aliases_v1_typed"]]
    names += [(row[1], row[2]) for row in rows["artist_memberships_v1_typed"]]
    name_map = {(norm(name), artist) for name, artist in names if name and artist in artists}

    release_artists = {}
    for release, _, artist, name, _, _ in rows["release_artist_links_v1_typed"]:
        key = (release, artist) if artist is not None else (release, None, name)
        known = release_artists.get(key)
        if known is None or known[3] is None:
            release_artists[key] = (release, lower(name) if name else None, artist, name)

    labels = {(release, name, lower(name) if name else None, catno, label)
              for release, _, label, name, catno in rows["release_label_links_v1_typed"]}
    counts = {}
    for release, name, name_norm, _, _ in labels:
        if name_norm is not None:
            counts.setdefault(name_norm, (set(), set()))
            counts[name_norm][0].add(name)
            counts[name_norm][1].add(release)
    return {
        "artist_name_map_v1": {row for row in name_map if row[0] is not None},
        "release_artists_v1": set(release_artists.values()),
        "release_label_xref_v1": labels,
        "label_release_counts_v1": {(key, min(names, key=lambda n: n.encode()), len(releases)) for key, (names, releases) in counts.items()},
        "release_genre_xref_v1": {(row[0], row[2], lower(row[2])) for row in rows["release_genre_links_v1_typed"]},
        "release_style_xref_v1": {(row[0], row[2], lower(row[2])) for row in rows["release_style_links_v1_typed"]},
    }
