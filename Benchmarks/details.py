#!/usr/bin/env python3
"""Measures ingest with all datasets, and what its files take, and puts the section on it into README.md.

usage: details.py [--rounds N] [--work DIR]

Called by `make bench-details` (options by BENCH_OPTIONS). Uses the dumps of run.py at size 1. Commands take turns.
"""
import argparse
import datetime
import os

import pyarrow.parquet

import charts
import run as bench

TITLE = "All datasets"


class Details(bench.Bench):
    def prepare(self):
        """A lake with a run that has all datasets, and nothing else."""
        self.clear()
        self.measure([f"{bench.BIN}/preflight", "--quiet", "--run-id", bench.RUN, "--datasets", "all", "--raw-root", self.raw(1)])

    def rounds_of_ingest(self):
        commands = []
        for number, entity in enumerate(bench.ENTITIES):
            prepare = self.prepare if number == 0 else None
            commands.append((f"gzip {entity}", prepare, ["gzip", "-dc", self.dump(entity)], None))
            for encoding in ("plain", "delta"):
                commands.append((f"{encoding} {entity}", None, [*self.ingest(entity), "--force", "--text-encoding", encoding], None))
        return bench.summary(self.rounds_of(commands))

    def run_folder(self):
        return f"{self.lake}/_runs/{bench.RUN}"

    def bytes_of_datasets(self):
        """{dataset: (rows, bytes, bytes of Bloom filters, bytes of the same rows by pyarrow with zstd)}"""
        sizes = {}
        other = f"{self.work}/other.parquet"
        for dataset in sorted(os.listdir(self.run_folder())):
            folder = f"{self.run_folder()}/{dataset}"
            if not dataset.startswith("_") and os.path.isdir(folder):
                [name] = os.listdir(folder)
                metadata = pyarrow.parquet.ParquetFile(f"{folder}/{name}").metadata
                filters = sum(metadata.row_group(group).column(column).bloom_filter_length or 0
                              for group in range(metadata.num_row_groups) for column in range(metadata.num_columns))
                pyarrow.parquet.write_table(pyarrow.parquet.read_table(f"{folder}/{name}"), other, compression="zstd")
                sizes[dataset] = (metadata.num_rows, os.path.getsize(f"{folder}/{name}"), filters, os.path.getsize(other))
        os.remove(other)
        return sizes


def section(times, sizes, plain, versions, load):
    rows = []
    for entity in bench.ENTITIES:
        gzip, ours, other = (times[f"{what} {entity}"] for what in ("gzip", "delta", "plain"))
        rows.append((entity, f"{gzip['seconds']:.2f} s", f"{ours['seconds']:.2f} s", f"{ours['seconds'] / gzip['seconds']:.2f}",
                     f"{ours['processor']:.2f} s", f"{ours['processor'] / gzip['processor'] / 2:.2f}", charts.megabytes(ours["peak"]),
                     f"{other['processor'] / ours['processor']:.2f}"))
    core = ("artists_v1", "artist_al", "artist_mem", "masters_v1", "releases_v6", "labels_v10", "release_artist_l", "release_label_l",
            "release_genre_l", "release_style_l")
    details = {name: size for name, size in sizes.items() if not name.startswith(core)}
    total, filters = (sum(size[index] for size in sizes.values()) for index in (1, 2))
    ours, own, theirs = (sum(size[index] for size in details.values()) for index in (1, 2, 3))
    return [f"## {TITLE}", "", "Written by `make bench-details`: every element a row (`datasets=all`), on the dumps of size 1×. "
            "`gzip` is `gzip -dc` of the same dump;", "half of the processor's time is the bound of two cores. Medians of "
            f"{next(iter(times.values()))['rounds']}.", "",
            f"{datetime.date.today()}, {versions['machine']}; {versions['this project']}."
            + (f" Other programs ran beside it (load {load:.0f}): times and their ratios are too large." if load > 0.5 else ""), "",
            charts.table(["ingest of", "`gzip`", "wall", "ratio", "processor", "half of it, ratio", "peak memory", "processor with `--text-encoding plain`, relative"], rows), "",
            f"The run of the four dumps takes {charts.megabytes(total)}, of which {filters / 1e6:.1f} MB are Bloom filters "
            f"({filters / (total - filters):.1%} of the rest). With `--text-encoding plain` it takes {plain / total:.3f} of that.", "",
            f"The detail datasets take {ours / theirs:.3f} of what pyarrow takes for the same rows with zstd, "
            f"{(ours - own) / theirs:.3f} without the filters, which pyarrow's files have none of:", "",
            charts.table(["dataset", "rows", "bytes", "of them filters", "relative to pyarrow"],
                         [(f"`{name}`", f"{size[0]:,}", f"{size[1]:,}", f"{size[2]:,}", f"{size[1] / size[3]:.2f}") for name, size in sizes.items()]), ""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", default=f"{bench.ROOT}/.build/bench")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    details = Details(arguments.work, arguments.rounds)
    details.grow(1)
    load = os.getloadavg()[0]
    times = details.rounds_of_ingest()
    sizes = details.bytes_of_datasets()
    for entity in bench.ENTITIES:
        details.measure([*details.ingest(entity), "--force", "--text-encoding", "plain"])
    plain = sum(size[1] for size in details.bytes_of_datasets().values())
    readme = f"{bench.HERE}/README.md"
    with open(readme) as file:
        before = file.read()
    with open(readme, "w") as file:
        file.write(charts.with_section(before, TITLE, "\n".join(section(times, sizes, plain, bench.versions(), load)) + "\n"))


if __name__ == "__main__":
    main()
