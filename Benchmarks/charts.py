"""Writes README.md and its two charts from the results of run.py."""
import math
import os
import statistics

COLOURS = {"releases": "#1b6ca8", "artists": "#c1440e", "labels": "#3c7a3c", "masters": "#7a4a9e"}


def bars(title, values, unit):
    """An SVG of horizontal bars: [(name, value, highlighted)]."""
    height, width, left = 26 * len(values) + 46, 760, 230
    most = max(value for _, value, _ in values)
    parts = [f'<text x="8" y="22" font-size="15" font-weight="bold">{title}</text>']
    for row, (name, value, ours) in enumerate(values):
        y = 40 + 26 * row
        length = max(1, (width - left - 90) * value / most)
        parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{name}</text>')
        parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="18" fill="{"#1b6ca8" if ours else "#b8b8b8"}"/>')
        parts.append(f'<text x="{left + length + 6:.1f}" y="{y + 14}">{value:.2f} {unit}</text>')
    return svg(width, height, parts)


def lines(title, series, unit, top=None):
    """An SVG of one line a series over sizes: {name: {size: value}}; both axes start at 0, sizes are logarithmic."""
    width, height, left, bottom, above = 760, 300, 60, 250, 50
    sizes = sorted({size for points in series.values() for size in points})
    most = top or max(max(points.values()) for points in series.values()) * 1.15
    span = math.log(sizes[-1] / sizes[0]) or 1
    x = lambda size: left + 40 + (width - left - 180) * math.log(size / sizes[0]) / span
    y = lambda value: bottom - (bottom - above) * value / most
    parts = [f'<text x="8" y="22" font-size="15" font-weight="bold">{title}</text>',
             f'<path d="M{left} {above}V{bottom}H{width - 110}" fill="none" stroke="#444"/>']
    for step in range(5):
        value = most * step / 4
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for size in sizes:
        parts.append(f'<text x="{x(size):.1f}" y="{bottom + 20}" text-anchor="middle">{size}×</text>')
    parts.append(f'<text x="{left}" y="{above - 10}">{unit}</text>')
    taken = []
    for name, points in series.items():
        path = "L".join(f"{x(size):.1f} {y(points[size]):.1f}" for size in sorted(points))
        label = y(points[max(points)]) + 4
        while any(abs(label - other) < 15 for other in taken):
            label -= 15
        taken.append(label)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS.get(name, "#444")}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(size):.1f}" cy="{y(points[size]):.1f}" r="3" fill="{COLOURS.get(name, "#444")}"/>' for size in points]
        parts.append(f'<text x="{x(sizes[-1]) + 10:.1f}" y="{label:.1f}" fill="{COLOURS.get(name, "#444")}">{name}</text>')
    return svg(width, height, parts)


def svg(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="sans-serif" font-size="13"><rect width="{width}" height="{height}" fill="white"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def megabytes(count):
    return f"{count / 1e6:.0f} MB"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head),
                      *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def write(results, folder):
    text = ["# Benchmarks", "",
            "Written by `make bench`; nothing here is typed by hand. What counts are the ratios: every command ran on the same",
            "files in the same session, in turns, and machines differ twofold in absolute times.", ""]
    text += [f"Measured {results['date']} on {results['versions']['machine']}.", ""]
    text += [table(["program", "version"], [(n, v) for n, v in results["versions"].items() if n != "machine"]), ""]
    text += [f"The dumps are grown from `{results['sample']}` and its siblings by `Benchmarks/grow.py`: copies of every record with",
             "ids and words of their own. Size 1× is 120,000 releases, 399,600 artists, 400,000 labels and 60,000 masters where",
             "the sample has 1,000 of each (999 artists).", ""]
    if "speed" in results:
        text += speed(results["speed"], folder)
    if "memory" in results:
        text += memory(results["memory"], folder)
    if "files" in results:
        text += files(results["files"])
    if "profile" in results:
        text += ["## Where the time goes", "", "Samples of all threads of `ingest-entity --entity releases` by `perf record`, summed up by part.", "",
                 table(["part", "share"], [(name, f"{share:.0%}") for name, share in results["profile"].items() if share >= 0.005]), ""]
    if "download" in results:
        curl, ours = results["download"]["curl -o"], results["download"]["download"]
        text += ["## Download", "", "The releases dump at 4× from a server on loopback; `download` also checks its SHA-256.", "",
                 table(["command", "wall", "processor", "peak memory"],
                       [(f"`{name}`", f"{run['seconds']:.2f} s", f"{run['processor']:.2f} s", megabytes(run["peak"]))
                        for name, run in results["download"].items()]), "",
                 f"Throughput relative to `curl -o`: {curl['seconds'] / ours['seconds']:.2f}.", ""]
    if "changes" in results:
        text += changes(results["changes"])
    # Results of an earlier version of this program had two numbers here.
    if "history" in results and all(isinstance(passes, dict) for passes in results["history"].values()):
        text += history(results["history"])
    with open(os.path.join(folder, "commands.md")) as file:
        text += [file.read()]
    readme = os.path.join(folder, "README.md")
    with open(readme) as file:
        before = file.read()
    with open(readme, "w") as file:
        kept = "\n".join(text)
        for title in (LOOKUPS, DETAILS, MONTH):
            kept = with_section(kept, title, section(before, title))
        file.write(kept)


# --- the month and the look-ups, which are measured by themselves

MONTH = "A whole month"
LOOKUPS = "Look-ups of one key"
DETAILS = "All datasets"


def section(text, title):
    """A section of a page with its heading; nothing where there is none."""
    start = text.find(f"## {title}\n")
    end = text.find("\n## ", start + 1)
    return "" if start < 0 else text[start:end + 1 if end >= 0 else None]


def with_section(text, title, new):
    """A page with this section in place of the old one, before the commands where there was none."""
    old = section(text, title)
    return text.replace(old, new) if old else text.replace("## Commands\n", new + "## Commands\n")


def write_month(results, folder):
    """Puts the tables of month.py, [results], into README.md."""
    readme = os.path.join(folder, "README.md")
    with open(readme) as file:
        before = file.read()
    parts = [f"## {MONTH}", "", "Written by `make bench-month`: dumps of an invented month by `Benchmarks/month.c`, of a real month's size where the share is 1,",
             "through every task of `main.dig` and `history_pipeline.dig`, each once. Ratios are to the wall time of `gzip -dc` of the four",
             "dumps. Memory is that of the task and of all that it started together: the largest sum of their high-water marks, looked at",
             "every 20 ms. Read and written is what the disk did for it.", ""]
    for measured in results:
        parts += month(measured)
    with open(os.path.join(folder, "commands.md")) as file:
        before = with_section(before, "Commands", file.read())
    with open(readme, "w") as file:
        file.write(with_section(before, MONTH, "\n".join(parts) + "\n"))


def month(measured):
    gzip, tasks = measured["gzip"], measured["tasks"]
    within = f", within {measured['limit']} of memory ({measured['limited_by']})" if measured["limit"] else ""
    text = [f"### Datasets `{measured['datasets']}`, share {measured['share']:g}{within}", "",
            f"{measured['date']}, {measured['machine']}; {measured['program']}. The dumps are {gigabytes(measured['plain'])} of XML, "
            f"{gigabytes(measured['packed'])} packed, the run {gigabytes(measured['run_bytes'])}."
            + (" It is the second run of its lake." if measured["months"] > 1 else "")
            + (" The page cache was dropped before each task." if measured["cache_is_dropped"] else " The page cache could not be dropped."), ""]
    if measured["limit"]:
        text += [f"The largest charge of a task, with the pages of files that the limit counts too, was {megabytes(max(row['with_cache'] or 0 for row in tasks.values()))}.", ""]
    if isinstance(measured["needs"], dict) and measured["needs"]:
        said, took = measured["needs"], {"disk": max(row.get("disk", 0) for row in tasks.values() if row["flow"] == "main"),
                                         "memory": max(row["peak"] for row in tasks.values())}
        text += [table(["the month needs", "`preflight` said beforehand", "measured", "ratio"],
                       [("disk, the dumps left out, at most", gigabytes(said["disk"]), gigabytes(took["disk"]), f"{said['disk'] / took['disk']:.2f}"),
                        ("memory, at most", megabytes(said["memory"]), megabytes(took["memory"]), f"{said['memory'] / took['memory']:.2f}")]), ""]
    rows = [month_row("`gzip -dc` of the four dumps", gzip, gzip["seconds"]), month_row("`gzip -dc` of the releases", measured["gzip_releases"], gzip["seconds"])]
    rows += [month_row(f"`{name}`", row, gzip["seconds"]) for name, row in tasks.items()]
    for title, flow in (("all of `main.dig`", "main"), ("all of `history_pipeline.dig`", "history")):
        part = [row for row in tasks.values() if row["flow"] == flow]
        rows.append(month_row(f"**{title}**", {
            **{key: sum(row[key] for row in part) for key in ("seconds", "processor", "read", "written")}, "peak": max((row["peak"] for row in part), default=0),
            "status": next((row["status"] for row in part if row["status"]), 0)}, gzip["seconds"]))
    head = ["task", "wall", "ratio to gzip", "processor", "peak memory", "read", "written"]
    text += [table(head, rows), ""]
    ingest = tasks.get("ingest-entity --entity releases")
    if ingest:
        text += [f"Ingest of the releases takes {ingest['seconds'] / measured['gzip_releases']['seconds']:.2f} of the time that `gzip -dc` of their dump takes.", ""]
    return text


def month_row(name, row, seconds):
    failed = f", exit code {row['status']}" if row["status"] else ""
    return (name + failed, f"{row['seconds']:.1f} s", f"{row['seconds'] / seconds:.3f}", f"{row['processor']:.1f} s", megabytes(row["peak"]),
            megabytes(row["read"]), megabytes(row["written"]))


def write_lookups(results, folder):
    """Puts the table of lookups.py into README.md."""
    readme = os.path.join(folder, "README.md")
    with open(readme) as file:
        before = file.read()
    with open(os.path.join(folder, "commands.md")) as file:
        before = with_section(before, "Commands", file.read())
    with open(readme, "w") as file:
        file.write(with_section(before, LOOKUPS, "\n".join(lookups(results)) + "\n"))


def lookups(measured):
    found = measured["lookups"]
    with_trino = "rows_read" in found[0]
    milliseconds = lambda seconds: f"{seconds * 1000:.1f} ms"
    rows = []
    for of in found:
        ours, pyarrow = statistics.median(of["ours"]), statistics.median(of["pyarrow"])
        row = [f"{of['name']}", f"`{of['dataset']}`", ", ".join(map(str, of["answers"])), milliseconds(ours), milliseconds(max(of["ours"])),
               milliseconds(statistics.median(of["ours_processor"])), milliseconds(pyarrow),
               f"{ours / pyarrow:.2f}" + (" (the dump's order)" if of["in_order"] else "")]
        if with_trino:
            row += [f"{max(of['rows_read']):,}", milliseconds(statistics.median(of["trino"]))]
        rows.append(row)
    head = ["look-up", "dataset", "rows of the answers", "DuckDB", "its slowest key", "its processor time", "rows by pyarrow", "ours relative to it"]
    return [f"## {LOOKUPS}", "", "Written by `make bench-lookups`: a run of dumps by `Benchmarks/month.c`, with as many artists, labels and masters to a release as a",
            "real month has. Each look-up is asked for keys with so many rows in the answer as the table says, all columns of them (of a master's versions",
            f"id, title, country and date). DuckDB {measured['DuckDB']} with two threads, warm, without the start of the process: medians of {measured['rounds']}, and of the keys the",
            f"median and the slowest. Beside it the same rows as pyarrow {measured['pyarrow']} writes them by default, in the order of the dump."
            + (" Of Trino the most rows that it read for one of the keys." if with_trino else ""), "",
            f"{measured['date']}, {measured['machine']}; {measured['program']}. {measured['releases']:,} releases; the run has {gigabytes(measured['run_bytes'])}, its datasets that are looked "
            f"up in {gigabytes(measured['same_bytes'])}, those of pyarrow {gigabytes(measured['pyarrow_bytes'])}.", "",
            table(head + (["rows read by Trino", "Trino"] if with_trino else []), rows), ""]


def gigabytes(count):
    return f"{count / 1e9:.2f} GB"


def speed(measured, folder):
    gzip = {entity: measured[f"gzip -dc, {entity}"]["seconds"] for entity in COLOURS}
    rows = []
    for name, result in measured.items():
        entity = name.split(", ")[-1] if ", " in name else "releases"
        rows.append((f"`{name.split(', ')[0]}`" + (f", {entity}" if ", " in name else ""), f"{result['seconds']:.2f} s",
                     f"{result['seconds'] / gzip[entity]:.2f}", f"{result['processor']:.2f} s", megabytes(result["peak"])))
    ours = [name for name in measured if name.startswith(("ingest-entity", "build-xref"))]
    total = sum(measured[name]["seconds"] for name in ours)
    rows.append(("**the four ingests and build-xref**", f"{total:.2f} s", f"{total / gzip['releases']:.2f}", "", ""))
    order = ["ingest-entity, releases", "igzip -dc, releases", "gzip -dc, releases", "xmllint --stream, releases", "discogskit convert, releases"]
    with open(os.path.join(folder, "time.svg"), "w") as file:
        file.write(bars("120,000 releases: seconds", [(n, measured[n]["seconds"], n.startswith("ingest")) for n in order if n in measured], "s"))
    text = ["## Time", "", "![Seconds for the releases dump](time.svg)", "",
            f"Medians of {next(iter(measured.values()))['rounds']}. The ratio is to `gzip -dc` of the same dump. Memory is the largest process's.", "",
            table(["command", "wall", "ratio to gzip", "processor", "peak memory"], rows), ""]
    if "discogskit convert, releases" in measured:
        times = measured["discogskit convert, releases"]["seconds"] / measured["ingest-entity, releases"]["seconds"]
        text += [f"discogskit takes {times:.1f} times as long as `ingest-entity` for the releases.", ""]
    return text


def memory(measured, folder):
    series = {entity: {int(size): run[2] / 1e6 for size, run in sizes.items()} for entity, sizes in measured.items()}
    seconds = {entity: {int(size): run[0] for size, run in sizes.items()} for entity, sizes in measured.items()}
    with open(os.path.join(folder, "memory.svg"), "w") as file:
        file.write(lines("Peak memory against the dump's size", series, "MB"))
    with open(os.path.join(folder, "growth.svg"), "w") as file:
        file.write(lines("Seconds against the dump's size, for each 1×",
                         {entity: {size: value / size for size, value in points.items()} for entity, points in seconds.items()}, "s"))
    sizes = sorted(next(iter(series.values())))
    rows = [(entity, *(f"{series[entity][size]:.0f} MB, {seconds[entity][size]:.1f} s" for size in sizes)) for entity in series]
    return ["## Memory and growth", "", "![Peak memory](memory.svg)", "", "![Seconds](growth.svg)", "",
            table(["ingest of", *(f"{size}×" for size in sizes)], rows), ""]


def changes(measured):
    rows = []
    for size, pair in measured.items():
        (seconds, processor, peak), ingest = pair["compare"], pair["ingest"]
        rows.append((f"{size}×", f"{pair['changes']['compared']:,}", f"{pair['changes']['different']:,}", f"{seconds:.1f} s", f"{processor:.1f} s",
                     f"{processor / ingest[1]:.2f}", megabytes(peak)))
    return ["## What changed", "", "`compare-runs` of two runs of neighbouring months with all datasets, beside the ingest of both.", "",
            table(["size", "records", "different", "wall", "processor", "processor, relative to the ingests", "peak memory"], rows), ""]


def history(measured):
    steps = list(next(iter(measured.values()))["new"])
    text = ["## Many runs", "",
            "Every step of the history on lakes of runs of the sample's size with all datasets, once with all runs new and once again, by the clock",
            "(on processors). New runs cost the same each, known ones next to nothing.", ""]
    for name, title in (("new", "all new"), ("known", "all known")):
        rows = []
        for step in steps:
            rows.append((f"`{step}`", *(f"{passes[name][step][0]:.2f} s ({passes[name][step][1]:.2f})" for passes in measured.values())))
        total = [[sum(took[index] for took in passes[name].values()) for index in (0, 1)] for passes in measured.values()]
        rows.append(("**all**", *(f"{wall:.2f} s ({processor:.2f})" for wall, processor in total)))
        text += [table([title, *(f"{count} run{'' if count == '1' else 's'}" for count in measured)], rows), ""]
    return text


def files(measured):
    size, times = measured["bytes"], measured["queries"]
    rows = [(writer, megabytes(count), f"{size['ours'] / count:.2f}") for writer, count in size.items()]
    text = ["## Files", "", "The first six datasets, the same rows written by each with its defaults.", "",
            table(["written by", "bytes", "ours relative to it"], rows), "",
            "Ten queries in DuckDB with two threads on each writer's files.", ""]
    total = {writer: sum(by[writer] for by in times.values()) for writer in size}
    rows = [(name, *(f"{by[writer] * 1000:.1f} ms" for writer in size)) for name, by in times.items()]
    rows.append(("**all**", *(f"{total[writer] * 1000:.1f} ms" for writer in size)))
    rows.append(("**ours relative to it**", *(f"{total['ours'] / total[writer]:.2f}" for writer in size)))
    return text + [table(["query", *size], rows), ""]
