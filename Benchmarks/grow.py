#!/usr/bin/env python3
"""Grows a dump: copies of its records with ids and words of their own, so that the large dump compresses, and its
columns encode, as a real one's do.

usage: grow.py DUMP.xml.gz COPIES OUT.xml.gz

What the sample lost when it was cut from a real dump is put back first: letters beyond ASCII are UTF-8 there, not
references, and sublabels have an id and a name.

Copy k has every id moved by k times five million, alike in all four dumps, so that references still meet (400 copies
stay below the 2^31 that some peers demand); and the letters of names, titles, notes and numbers on sleeves exchanged by
a permutation of its own, while the words of controlled lists (genres, styles, countries, formats, roles) stay. The same
arguments give the same XML.
"""
import gzip
import random
import re
import subprocess
import sys

STRIDE = 5_000_000
# What changes: ids (the digits), and words (text of some elements, values of some attributes).
ID = rb'(?<=<id>)\d+|(?<=<main_release>)\d+|(?<=<master_id>)\d+|(?<=<master_id is_main_release="true">)\d+' \
     rb'|(?<=<master_id is_main_release="false">)\d+|(?<=(?<!master_)\bid=")\d+'
WORD_ELEMENTS = (b"name", b"title", b"realname", b"profile", b"notes", b"anv", b"contactinfo", b"parentLabel", b"label")
WORD_ATTRIBUTES = (b"catno", b"value")
PIECE = re.compile(
    rb'(?P<id>' + ID + rb')'
    rb'|(?:<(?:' + b"|".join(WORD_ELEMENTS) + rb')(?: id="(?P<own>\d+)")?>|<label name="| (?:' + b"|".join(WORD_ATTRIBUTES) + rb')=")'
    rb'(?P<words>[^<"]+)')
REFERENCE = re.compile(rb"&[^;]+;")
NUMERIC = re.compile(rb"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
LABEL = re.compile(rb"<label>(?:<images>.*?</images>)?<id>(\d+)</id><name>([^<]+)</name>")


def restored(text):
    """The dump as it was before it was cut: see the head of this file."""
    def letter(found):
        code = int(found[1], 16) if found[1] else int(found[2])
        return chr(code).encode() if code > 127 else found[0]

    text = NUMERIC.sub(letter, text)
    labels = LABEL.findall(text)
    if not labels:
        return text
    dice = random.Random(len(labels))
    return re.sub(rb"<label/>", lambda _: b'<label id="%b">%b</label>' % dice.choice(labels), text)


def permutation(copy):
    """A table that exchanges vowels with vowels and consonants with consonants; the identity for copy 0."""
    table, dice = bytearray(range(256)), random.Random(copy)
    for letters in (b"aeiou", b"bcdfghjklmnpqrstvwxyz") if copy else ():
        shuffled = list(letters)
        dice.shuffle(shuffled)
        for old, new in zip(letters, shuffled):
            table[old], table[old - 32] = new, new - 32
    return bytes(table)


class Grower:
    """A dump cut once into what stays, ids and words; each copy is put together from those."""

    def __init__(self, text):
        head = re.match(rb"\s*(?:<\?xml[^>]*\?>)?(?:\s|<!--.*?-->)*<(\w+)>\s*", text)
        self.root = head.group(1)
        self.stays, self.ids, self.words, self.kinds = [], [], [], []
        body = text[head.end():text.rindex(b"</" + self.root)].rstrip() + b"\n"
        self.records = len(re.findall(rb"^<" + self.root[:-1] + rb"[ >]", body, re.MULTILINE))
        last = 0
        for piece in PIECE.finditer(body):
            for group in ("id", "own", "words"):
                if piece.group(group) is None:
                    continue
                start, end = piece.span(group)
                if group == "words":
                    # References keep their letters.
                    for reference in REFERENCE.finditer(body, start, end):
                        last = self.cut(body, last, start, reference.start(), "words")
                        start = reference.end()
                    last = self.cut(body, last, start, end, "words")
                else:
                    last = self.cut(body, last, start, end, "id")
        self.end = body[last:]

    def cut(self, body, last, start, end, kind):
        self.stays.append(body[last:start])
        self.kinds.append(kind == "id")
        (self.ids if kind == "id" else self.words).append(int(body[start:end]) if kind == "id" else body[start:end])
        return end

    def copy(self, number):
        moved = iter([b"%d" % (value + number * STRIDE if value else 0) for value in self.ids])
        words = iter(b"\0".join(self.words).translate(permutation(number)).split(b"\0"))
        parts = []
        for stays, is_id in zip(self.stays, self.kinds):
            parts.append(stays)
            parts.append(next(moved) if is_id else next(words))
        parts.append(self.end)
        return b"".join(parts)


def grow(dump, copies, out):
    """Writes `out` and returns its number of records."""
    with gzip.open(dump) as file:
        grower = Grower(restored(file.read()))
    with open(out, "wb") as file:
        pack = subprocess.Popen(["gzip", "-6n"], stdin=subprocess.PIPE, stdout=file)
        pack.stdin.write(b"<" + grower.root + b">\n")
        for number in range(copies):
            pack.stdin.write(grower.copy(number))
        pack.stdin.write(b"</" + grower.root + b">\n")
        pack.stdin.close()
        if pack.wait() != 0:
            raise OSError(f"gzip failed on {out}")
    return grower.records * copies


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    print(grow(sys.argv[1], int(sys.argv[2]), sys.argv[3]), "records")
