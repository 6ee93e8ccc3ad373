#!/usr/bin/env python3
"""Writes four dumps of random records over everything that a dump can hold: elements missing, repeated, out of order
and in lists of their own, values of every odd kind, ids that come back, records that must be rejected, and all the ways
in which XML can be written. The same arguments give the same dumps.

usage: held_out.py FOLDER SEED [RECORDS]
"""
import gzip
import os
import random
import sys
from xml.sax.saxutils import escape

SPACES = [" ", "\t", "\n", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u205f", "\u3000", "\u0085"]
NO_SPACES = ["\u200b", "\ufeff", "\u180e", "\u2060"]
WORDS = ["Folk, World, & Country", "Funk / Soul", "Name (2)", "Name (2) (3)", "Name(2)", "(4)", "x  (10)", "Name\u00a0(5)", "Σάς ΣΑΣ", "İstanbul", "ǅ ẞ", "𝔄😀", "e\u0301é",
         "<script>", "a & b", "]]>", '"quoted"', "it's", "none", "None", "0", "00", "a, b", "=1+1", "-", "x" * 300, "N", "n", "Straße", "STRASSE"]
IDS = ["0", "00", "1", "2", "3", "4", "5", "6", "7", "8", "9", "007", "", " ", "x", "-1", "+5", "1e3", "1.0", "٣", "9223372036854775807", "9223372036854775808", "1" * 70, "1 2"]
NUMBERS = IDS + ["1999", "600", "65535", "251", "17"]
DATES = ["1999", "1999-00-00", "1999-03-00", "1999-03", "1999-3-4", "197", "0400-01-01", "0000", "0000-05-06", "1992-13-45", "1992-02-30", "2000-02-29", "1900-02-29", "1999-5-",
         "1999-005-01", "1999/05/06", "１９９９", "1999-12-32", "19999", "?", "1999-05-06T00:00", "9999-12-31", "1999--5", "-1999-05"]
DURATIONS = ["3:14", "0:00", "123:59", "1234:00", "0:60", "0:5", "1:00:00", "99:59:59", "100:00:00", "1:60:00", "1:2:03", "3.14", "3:14 (edit)", ":30", "３:１４", "01:02:03", "3:14:", "-3:14"]
JOINS = [",", ", ", "&", "/", "Feat.", "vs.", "•", ",Canta:", ", and", "،"]
FLAGS = ["true", "false", "TRUE", "1", "0", "yes", "true false"]
BARCODES = ["5012394144777", "5 012394 144777", "5012394144778", "036000291452", "0036000291452", "96385074", "96385075", "10614141000415", "7", "none", "0000000000000",
            "123456789012", "4006381333931", "٣٣", "4006381333931 (text)", "00000000"]
TYPES = ["Barcode", "barcode", "Barcode ", "Matrix / Runout", "Depósito Legal", ""]

# An element is its attributes and its content: a list of values for a text, a mapping for children, None for nothing.
# An id beside a member's name that is empty is nothing that there is a rule for; see value().
TWIN = [value for value in IDS if value.strip()]
TEXT, ID, NUMBER, DATE, DURATION = WORDS, IDS, NUMBERS, DATES, DURATIONS
ARTIST = ({}, {"id": ({}, ID), "name": ({}, TEXT), "anv": ({}, TEXT), "join": ({}, JOINS), "role": ({}, TEXT), "tracks": ({}, TEXT)})
ARTISTS = ({}, {"artist": ARTIST})
IMAGES = ({}, {"image": ({"type": TEXT, "uri": TEXT, "uri150": TEXT, "width": NUMBER, "height": NUMBER}, None)})
VIDEOS = ({}, {"video": ({"src": TEXT, "duration": NUMBER, "embed": FLAGS}, {"title": ({}, TEXT), "description": ({}, TEXT)})})
NAMES = ({}, {"name": ({"id": ID}, TEXT)})
URLS = ({}, {"url": ({}, TEXT)})
GENRES, STYLES = ({}, {"genre": ({}, TEXT)}), ({}, {"style": ({}, TEXT)})


def track(inside):
    parts = {"position": ({}, TEXT), "title": ({}, TEXT), "duration": ({}, DURATION), "artists": ARTISTS, "extraartists": ARTISTS}
    return ({}, parts | ({"sub_tracks": ({}, {"track": inside})} if inside else {}))


RECORDS = {
    "artists": {"name": ({}, TEXT), "realname": ({}, TEXT), "profile": ({}, TEXT), "data_quality": ({}, TEXT), "urls": URLS, "namevariations": ({}, {"name": ({}, TEXT)}),
                "aliases": NAMES, "members": ({}, {"name": ({"id": ID}, TEXT), "id": ({}, TWIN)}), "groups": NAMES, "images": IMAGES},
    "labels": {"name": ({}, TEXT), "profile": ({}, TEXT), "contactinfo": ({}, TEXT), "data_quality": ({}, TEXT), "parentLabel": ({"id": ID}, TEXT), "urls": URLS,
               "sublabels": ({}, {"label": ({"id": ID}, TEXT)}), "images": IMAGES},
    "masters": {"main_release": ({}, ID), "title": ({}, TEXT), "year": ({}, NUMBER), "artists": ARTISTS, "genres": GENRES, "styles": STYLES, "data_quality": ({}, TEXT),
                "notes": ({}, TEXT), "videos": VIDEOS, "images": IMAGES},
    "releases": {"title": ({}, TEXT), "master_id": ({"is_main_release": FLAGS}, ID), "country": ({}, TEXT), "released": ({}, DATE), "notes": ({}, TEXT), "data_quality": ({}, TEXT),
                 "artists": ARTISTS, "extraartists": ARTISTS, "labels": ({}, {"label": ({"name": TEXT, "catno": TEXT, "id": ID}, None)}),
                 "series": ({}, {"series": ({"name": TEXT, "catno": TEXT, "id": ID}, None)}), "genres": GENRES, "styles": STYLES,
                 "formats": ({}, {"format": ({"name": TEXT, "qty": NUMBER, "text": TEXT}, {"descriptions": ({}, {"description": ({}, TEXT)})})}),
                 "identifiers": ({}, {"identifier": ({"type": TYPES, "description": TEXT, "value": BARCODES}, BARCODES)}), "videos": VIDEOS, "images": IMAGES,
                 "companies": ({}, {"company": ({}, {"id": ({}, ID), "name": ({}, TEXT), "catno": ({}, TEXT), "entity_type": ({}, NUMBER), "entity_type_name": ({}, TEXT),
                                                     "resource_url": ({}, TEXT)})}),
                 "tracklist": ({}, {"track": track(track(track(None)))})},
}
BROKEN = ["<{tag}><name>none</name></{tag}>", '<{tag} id="">x</{tag}>', '<{tag} id="7"><id>7</id><name>bare & ampersand</name></{tag}>',
          '<{tag} id="8"><id>8</id><name>no end</{tag}>', '<{tag} id="9"><id>9</id><name>&#xD800;</name></{tag}>', '<{tag} id="-5"><id>-5</id></{tag}>',
          '<{tag} id="99999999999999999999"><id>99999999999999999999</id></{tag}>', '<{tag} id="6"><id>6</id><name>\x02</name></{tag}>']


class Writer:
    def __init__(self, dice):
        self.dice = dice
        # How many of the things a record may have it has; and how oddly it is written.
        self.share, self.oddness = dice.choice([0.15, 0.4, 0.8]), dice.choice([0, 0, 0.05, 0.3])

    def odd(self):
        return self.dice.random() < self.oddness

    def value(self, values):
        value = self.dice.choice(values)
        while self.dice.random() < 0.15:
            extra = self.dice.choice(SPACES + NO_SPACES[:1])
            value = value + extra if self.dice.random() < 0.5 else extra + value
        return value if values is TWIN or self.dice.random() > 0.1 else self.dice.choice(["", " ", "\u00a0"])

    def character(self, character):
        if character == "\r" or self.odd() or (ord(character) < 32 and self.dice.random() < 0.5):
            return self.dice.choice([f"&#{ord(character)};", f"&#x{ord(character):X};", f"&#x{ord(character):07x};"])
        return {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}.get(character, character)

    def text(self, text):
        if self.oddness and self.odd() and "]]>" not in text:
            cut = self.dice.randrange(len(text) + 1)
            return f"<![CDATA[{text[:cut]}]]>" + self.plain(text[cut:])
        return self.plain(text)

    def plain(self, text):
        written = "".join(map(self.character, text)) if self.oddness else escape(text, {'"': "&quot;"})
        return written if not self.odd() else self.between().strip() + written

    def between(self):
        """What may stand between two elements and says nothing."""
        if not self.odd():
            return ""
        return self.dice.choice([" ", "\n", "\r\n\t", "<!-- <name>no</name> -->", "<?what ever?>", "<!---->"])

    def attributes(self, attributes):
        names = [name for name in attributes if self.dice.random() < max(self.share, 0.5)]
        self.dice.shuffle(names)
        written = ""
        for name in names:
            value = escape(self.value(attributes[name]), {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\u0085": "&#133;"})
            quote = "'" if self.odd() and "'" not in value else '"'
            written += f" {name}{' ' if self.odd() else ''}={chr(10) if self.odd() else ''}{quote}{value}{quote}"
        return written + (' new="1"' if self.odd() else "")

    def element(self, tag, attributes, content, fixed=""):
        head = tag + fixed + self.attributes(attributes) + (" " if self.odd() else "")
        inside = ""
        if isinstance(content, dict):
            inside = self.children(content)
        elif content is not None:
            inside = self.text(self.value(content))
            if self.odd():
                inside += "<new><name>not mine</name>nor this</new>" + self.text(self.value(content))
        if not inside and self.dice.random() < 0.7:
            return f"<{head}/>"
        return f"<{head}>{inside}</{tag}{' ' if self.odd() else ''}>"

    def children(self, content, *more):
        parts = list(more)
        for tag, (attributes, inside) in content.items():
            # An artist with two names, or ids, is nothing that the flat columns have a rule for.
            most = [1] if content is ARTIST[1] and tag in ("id", "name") else [1, 1, 1, 1, 2, 3]
            for _ in range(self.dice.choice(most) if self.dice.random() < self.share else 0):
                is_list = isinstance(inside, dict) and len(inside) == 1
                parts.append(self.element(tag, attributes, inside))
                # Lists are longer than one.
                if is_list and not attributes and self.dice.random() < 0.5:
                    [(child, (child_attributes, child_inside))] = inside.items()
                    several = "".join(self.element(child, child_attributes, child_inside) + self.between() for _ in range(self.dice.randrange(4)))
                    parts[-1] = f"<{tag}>{several}</{tag}>"
        if self.odd():
            parts.append(self.dice.choice(["<new/>", "<new><title>not mine</title><id>9</id><urls><url>nor this</url></urls></new>", '<boxset name="x">not mine</boxset>']))
        self.dice.shuffle(parts)
        return "".join(part + self.between() for part in parts)

    def record(self, entity, number):
        tag = entity[:-1]
        number = self.dice.choice([str(number)] * 20 + [f" {number}\n", f"0{number}"])
        if entity in ("artists", "labels"):
            children = self.children(RECORDS[entity], f"<id>{number}</id>")
            return f"<{tag}>{children}</{tag}>"
        return self.element(tag, {"status": TEXT} if tag == "release" else {}, RECORDS[entity], f' id="{number.strip()}"')


def dump(entity, seed, count):
    dice = random.Random(f"{seed} {entity}")
    with_root, ascending = dice.random() < 0.7, dice.random() < 0.5
    numbers = sorted(dice.sample(range(1, 3 * count), count)) if ascending else [dice.randrange(1, 2 * count) for _ in range(count)]
    lines = []
    for number in numbers:
        lines.append(Writer(dice).record(entity, number))
        if dice.random() < 0.03:
            lines.append(dice.choice(BROKEN).format(tag=entity[:-1]))
    text = "\n".join([f"<{entity}>", *lines, f"</{entity}>", ""] if with_root else [*lines, ""])
    encoding = dice.choice(["utf-8"] * 5 + ["utf-16-le"])
    return text.encode() if encoding == "utf-8" else ("\ufeff" + text).encode(encoding)


def main():
    folder, seed = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    os.makedirs(folder, exist_ok=True)
    for entity in RECORDS:
        with open(os.path.join(folder, f"discogs_20260801_{entity}.xml.gz"), "wb") as file:
            file.write(gzip.compress(dump(entity, seed, count), 6, mtime=0))


main()
