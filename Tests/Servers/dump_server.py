#!/usr/bin/env python3
"""A web server of dumps that misbehaves as it is told. Python's standard library only.

    dump_server.py ROOT [--cert CERT.pem --key KEY.pem]

Serves the files under ROOT (data/YYYY/discogs_…) on a free loopback port, in two shapes:

    official   /?download=data%2FYYYY%2Ffile   /?prefix=data%2FYYYY%2F
               no Range, HEAD without a length, an HTML list of a year
    mirror     /data/YYYY/file                 Range, If-Range, Accept-Ranges

and prints `PORT CONTROL_PORT` on standard output. Requests to the control port change nothing that a client of the
first one can see:

    POST /script   JSON: {"limit": {"requests": N, "retry_after": "TEXT"} | null, "etag": true, "modified": true,
                          "rules": [{"match": "part of the decoded target", "times": N (default: always),
                                     "method": "GET" (default: any), …what to do…}]}
    GET /log       JSON: the requests so far (method, target decoded, headers, status, bytes of
                   body sent, the client's port)
    DELETE /log    forgets them

What a rule can have the server do, for the first `times` requests that it matches (the first rule wins):

    status, headers, body   answer with these
    reset_at: N             promise the whole file, send N bytes, reset the connection
    truncate_at: N          promise the whole file, send N bytes, close the connection
    stall_at: N             promise the whole file, send N bytes, then nothing until the client goes away
    extra: N                send N bytes after the promised end
    no_length: true         promise no length; the end of the connection is the end of the file
    corrupt_at: N           send the file with its N-th byte changed
    rate: N                 send at most N bytes a second
    refuse: true            close the connection without an answer
    garbage: true           answer with something that is not HTTP
    trailers: true          answer with trailers that never end
    continues: true         answer with heads of status 100 that never end
    range_shift: N          answer a range N bytes further than it was asked for, and say so
    range_lie: N            answer a range N bytes before what was asked for, and say that it is that
    swap: {"a": "b"}        rename file b of ROOT over a once the answer is sent
The server ends with its standard input: a test that dies takes it along.
"""

import argparse
import email.utils
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

CHUNK = 1 << 18


class State:
    def __init__(self, root):
        self.root = root
        self.lock = threading.Lock()
        self.log = []
        self.configure({})

    def configure(self, script):
        self.rules = [dict(rule) for rule in script.get("rules", [])]
        self.limit = script.get("limit")
        self.etag = script.get("etag", True)
        self.modified = script.get("modified", True)
        self.answered = 0

    def rule_for(self, method, target):
        for rule in self.rules:
            if rule.get("match", "") not in target or rule.get("method", method) != method:
                continue
            if rule.get("times") == 0:
                continue
            if "times" in rule:
                rule["times"] -= 1
            return rule
        return {}


def read_head(stream):
    """The request line, header fields (names in lower case) and body; None at the end of the connection."""
    line = stream.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while True:
        line = stream.readline()
        if not line.strip():
            break
        name, value = line.decode("latin-1").split(":", 1)
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0") or "0"))
    return method, target, headers, body


def head_bytes(status, fields):
    lines = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'Because'}"]
    for name, value in fields:
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Connection:
    def __init__(self, state, sock):
        self.state = state
        self.sock = sock

    def run(self):
        try:
            stream = self.sock.makefile("rb")
            while True:
                request = read_head(stream)
                if request is None or not self.answer(*request):
                    break
        except (OSError, ValueError):
            pass
        finally:
            try:
                self.sock.close()
            except OSError:
                pass

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def answer(self, method, raw_target, headers, _body):
        """Answers one request; False when the connection is to be closed."""
        # A proxy is asked for whole URLs; this one answers for all sites.
        path = re.sub(r"^http://[^/]*", "", raw_target)
        target = urllib.parse.unquote(path)
        state = self.state
        entry = {"method": method, "target": target, "raw": raw_target, "headers": headers, "status": 0, "sent": 0}
        entry["connection"] = self.sock.getpeername()[1]
        with state.lock:
            state.log.append(entry)
            state.answered += 1
            limited = state.limit is not None and state.answered > state.limit["requests"]
            rule = {} if limited else state.rule_for(method, target)
        if limited:
            return self.plain(
                entry, method, 429, [("Retry-After", state.limit["retry_after"])], b"rate limited\n")
        if rule.get("refuse"):
            return False
        if rule.get("garbage"):
            self.sock.sendall(b"\x00\x01\x02 what is this?\r\n\r\n")
            return False
        if rule.get("trailers") or rule.get("continues"):
            self.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
                              if rule.get("trailers") else b"")
            line = b"X-More: more\r\n" * 1000 if rule.get("trailers") else b"HTTP/1.1 100 Continue\r\n\r\n" * 1000
            while True:
                self.sock.sendall(line)
        if "status" in rule:
            fields = list(rule.get("headers", {}).items())
            return self.plain(entry, method, rule["status"], fields, rule.get("body", "").encode())
        try:
            return self.file(entry, method, target, headers, rule)
        finally:
            for old, new in rule.get("swap", {}).items():
                os.replace(os.path.join(state.root, new), os.path.join(state.root, old))

    def plain(self, entry, method, status, fields, body):
        entry["status"] = status
        fields = fields + [("Date", email.utils.formatdate(usegmt=True)), ("Content-Length", len(body))]
        self.sock.sendall(head_bytes(status, fields) + (b"" if method == "HEAD" else body))
        entry["sent"] = 0 if method == "HEAD" else len(body)
        return True

    def file(self, entry, method, target, headers, rule):
        state = self.state
        listing = re.fullmatch(r"/\?prefix=(data/\d{4}/)", target)
        if listing:
            return self.plain(
                entry, method, 200, [("Content-Type", "text/html")], self.listing(listing.group(1)).encode())
        official = re.fullmatch(r"/\?download=(data/.*)", target)
        name = official.group(1) if official else target.lstrip("/")
        path = os.path.join(state.root, name)
        if ".." in name or not os.path.isfile(path):
            return self.plain(entry, method, 404, [("Content-Type", "text/html")], b"<html>not found</html>\n")

        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            modified = email.utils.formatdate(os.fstat(file.fileno()).st_mtime, usegmt=True)
            tag = f'"{os.fstat(file.fileno()).st_mtime_ns:x}-{size:x}-7"' if state.etag else None
            start, status, fields = 0, 200, []
            if not official:
                fields.append(("Accept-Ranges", "bytes"))
                wanted = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
                condition = headers.get("if-range")
                if wanted and (condition is None or condition == tag or (state.modified and condition == modified)):
                    start = int(wanted.group(1))
                    if start >= size:
                        return self.plain(entry, method, 416, [("Content-Range", f"bytes */{size}")], b"")
                    status = 206
                    said = start + rule.get("range_shift", 0)
                    start = said - rule.get("range_lie", 0)
                    fields.append(("Content-Range", f"bytes {said}-{size - 1}/{size}"))
                    size_said = size - said
            if status == 200:
                size_said = size
            if tag:
                fields.append(("ETag", tag))
            if state.modified:
                fields.append(("Last-Modified", modified))
            fields.append(("Content-Type", "application/octet-stream"))
            keep = True
            if rule.get("no_length"):
                fields.append(("Connection", "close"))
                keep = False
            elif not (official and method == "HEAD"):
                fields.append(("Content-Length", size_said))
            if official and method == "HEAD":
                keep = False
            fields.append(("Date", email.utils.formatdate(usegmt=True)))
            entry["status"] = status
            self.sock.sendall(head_bytes(status, fields))
            if method == "HEAD":
                return keep
            return self.body(entry, file, start, start + size_said, rule) and keep

    def body(self, entry, file, start, end, rule):
        stops = [rule[key] for key in ("reset_at", "truncate_at", "stall_at") if key in rule]
        end = min([end] + [start + stop for stop in stops])
        position = start
        file.seek(start)
        began = time.monotonic()
        # As web servers do it, so that speed is measured against the client's.
        while position < end and not {"rate", "corrupt_at"} & rule.keys():
            sent = self.sock.sendfile(file, position, min(1 << 20, end - position))
            if not sent:
                return False
            position += sent
            entry["sent"] += sent
        while position < end:
            step = min(CHUNK, end - position, max(1, rule["rate"] // 20) if "rate" in rule else CHUNK)
            piece = bytearray(file.read(step))
            if not piece:
                return False
            wrong = rule.get("corrupt_at", -1) - position
            if 0 <= wrong < len(piece):
                piece[wrong] ^= 0x20
            self.sock.sendall(piece)
            position += len(piece)
            entry["sent"] += len(piece)
            if "rate" in rule:
                ahead = (position - start) / rule["rate"] - (time.monotonic() - began)
                if ahead > 0:
                    time.sleep(ahead)
        if "reset_at" in rule:
            time.sleep(0.05)
            self.reset()
            return False
        if "stall_at" in rule:
            while self.sock.recv(1 << 16):
                pass
            return False
        if "extra" in rule:
            self.sock.sendall(b"x" * rule["extra"])
            return False
        return "truncate_at" not in rule

    def listing(self, prefix):
        folder = os.path.join(self.state.root, prefix)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        rows = "".join(
            f'<li><a href="?download={urllib.parse.quote(prefix + name, safe="")}">{name}</a></li>\n' for name in names)
        return f"<!DOCTYPE html>\n<html><body><ul>\n{rows}</ul></body></html>\n"


def control(state, sock):
    with sock:
        request = read_head(sock.makefile("rb"))
        if request is None:
            return
        method, target, _, body = request
        answer = b"{}"
        with state.lock:
            if (method, target) == ("POST", "/script"):
                state.configure(json.loads(body))
            elif (method, target) == ("GET", "/log"):
                answer = json.dumps(state.log).encode()
            elif (method, target) == ("DELETE", "/log"):
                state.log.clear()
        sock.sendall(head_bytes(200, [("Content-Length", len(answer)), ("Connection", "close")]) + answer)


def serve(listener, handle):
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=handle, args=(sock,), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    options = parser.parse_args()
    state = State(options.root)
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)

    def public(sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context:
                sock = context.wrap_socket(sock, server_side=True)
        except OSError:
            return
        Connection(state, sock).run()

    listeners = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(2)]
    threading.Thread(target=serve, args=(listeners[0], public), daemon=True).start()
    threading.Thread(target=serve, args=(listeners[1], lambda sock: control(state, sock)), daemon=True).start()
    print(*[listener.getsockname()[1] for listener in listeners], flush=True)
    try:
        sys.stdin.read()
    except OSError:
        pass


main()
