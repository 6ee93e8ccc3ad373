"""Where the processor's time goes in an ingest, by perf's samples, summed up by what the functions are for."""
import re
import subprocess

# The first that matches a sample's "shared object symbol" names its part.
PARTS = [
    ("inflate", r"isal_|inflate|crc32_gzip|decode_huffman"),
    ("compress", r"ZSTD|zstd|HUF_|FSE_|libz|deflate|snappy"),
    ("check sums", r"(?i)sha(1|256)|libcrypto|\bcrc32|crc32c"),
    ("parse", r"\$s4Dump|libxml2|\bdump_|\bcb_scan|xml"),
    ("rows", r"\$s4Rows"),
    ("encode", r"\$s7Parquet"),
    ("write, kernel", r"\[k\]|\[kernel"),
    ("copy and compare memory", r"mem(cpy|move|cmp|chr|set)"),
    ("threads and waiting", r"pthread|futex|dispatch|lll_"),
]


def shares(command, environment, work):
    """{part: share of the samples}, largest first."""
    data = f"{work}/perf.data"
    subprocess.run(["perf", "record", "-q", "-F", "997", "-o", data, *command], env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    report = subprocess.run(["perf", "report", "-i", data, "--stdio", "--no-demangle", "-g", "none", "--sort", "dso,symbol"],
                            capture_output=True, text=True, check=True).stdout
    parts = {}
    for share, what in re.findall(r"^\s*([0-9.]+)%\s+(.+?)\s*$", report, re.MULTILINE):
        part = next((name for name, pattern in PARTS if re.search(pattern, what)), "other")
        parts[part] = parts.get(part, 0) + float(share) / 100
    return dict(sorted(parts.items(), key=lambda item: -item[1]))
