# The verbs of this project. Each installs what it needs and lacks (scripts/setup) first.

SWIFT ?= swift
PREFIX ?= /opt/discogs-lakehouse
DESTDIR ?=
# For --version and the manifests; Package.swift hands it on.
export DISCOGS_GIT_COMMIT := $(shell scripts/commit)

TASKS = preflight download ingest-entity build-xref sanity promote sanity-report run-report \
	register-run-schema reconcile compute-kpis compare-runs export-csv history-report lake-status
# Swift's standard library goes into the executables: an installed one runs without a toolchain.
RELEASE = -c release --static-swift-stdlib
SHARE = $(DESTDIR)$(PREFIX)/share/discogs-lakehouse

.PHONY: build demo test bench bench-month bench-lookups bench-details fuzz sanitize faults install place format lint clean

build:
	scripts/setup build
	$(SWIFT) build $(RELEASE)

# The main job and the history, on the dumps in fixtures/.
demo:
	scripts/setup demo
	$(SWIFT) build $(RELEASE)
	scripts/demo

# End-to-end tests run the release build, the others what swift test builds.
test:
	scripts/setup test
	$(SWIFT) build $(RELEASE)
	DISCOGS_BIN_DIR="$(CURDIR)/.build/release" SWIFT="$(SWIFT)" scripts/test $(TEST_OPTIONS)

bench:
	scripts/setup bench
	$(SWIFT) build $(RELEASE)
	.tools/python/bin/python3 Benchmarks/run.py $(BENCH_OPTIONS)

# All datasets, and what their files take.
bench-details:
	scripts/setup bench
	$(SWIFT) build $(RELEASE)
	.tools/python/bin/python3 Benchmarks/details.py $(BENCH_OPTIONS)

# A month of a real one's size through every task: BENCH_OPTIONS='--share 0.1 --datasets core --memory-limit 2G'
bench-month:
	scripts/setup bench
	$(SWIFT) build $(RELEASE)
	.tools/python/bin/python3 Benchmarks/month.py $(BENCH_OPTIONS)

# Look-ups of one key in a run of four million releases: BENCH_OPTIONS='--releases 500000' for a quick look
bench-lookups:
	scripts/setup bench
	$(SWIFT) build $(RELEASE)
	.tools/python/bin/python3 Benchmarks/lookups.py $(BENCH_OPTIONS)

# Disturbs every task at its calls to the file system: Tests/Faults/matrix.py says how. make test tries a sample.
faults:
	scripts/setup test
	$(SWIFT) build $(RELEASE)
	.tools/python/bin/python3 Tests/Faults/matrix.py $(FAULTS_OPTIONS)

# Looks for documents that the scanner and libxml2 read differently, and for files, replies and options that something
# else is done with than to refuse them. What is found stays in .build/fuzz/found.
FUZZ_SECONDS ?= 60
FUZZERS ?= fuzz-records fuzz-document fuzz-footer fuzz-replies fuzz-values
fuzz:
	scripts/setup build
	for fuzzer in $(FUZZERS); do \
		DISCOGS_FUZZ=1 $(SWIFT) build --sanitize=fuzzer --scratch-path .build/fuzz --product $$fuzzer || exit; done
	mkdir -p .build/fuzz/found
	for fuzzer in $(FUZZERS); do \
		corpus=.build/fuzz/corpus/$$fuzzer; mkdir -p $$corpus; seeds=Tests/Fuzz/$$fuzzer/seeds; \
		if [ -d $$seeds ]; then cp -u $$seeds/* $$corpus; fi; \
		.build/fuzz/debug/$$fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=4000 -timeout=10 \
			-artifact_prefix=.build/fuzz/found/$$fuzzer- $$corpus || exit; done

# The tests that need no other program, under the checks of addresses and, in C, of undefined behaviour, which the
# toolchain has none of for Swift beside those that every build has; those with threads under that of data races. SANITIZE_ADDRESS and SANITIZE_THREADS choose the suites.
SANITIZE_ADDRESS ?= DumpTests|ParquetTests|RowsTests|IngestTests|LakeTests|PlatformTests|TaskKitTests|MarkupTests|StatusTests|HTTPTests
SANITIZE_THREADS ?= IngestTests|DownloadTests|SQLTests|TaskRunTests|InterruptTests|ChildProcessTests|FileLockTests|HTTPTests
# Whatever is undefined ends the process at once.
UNDEFINED = -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined
sanitize:
	scripts/setup test
	$(SWIFT) build --build-tests --sanitize=address $(UNDEFINED) --scratch-path .build/sanitize-address
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --skip-build --sanitize=address $(UNDEFINED) \
		--scratch-path .build/sanitize-address --filter '$(SANITIZE_ADDRESS)'
	$(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/sanitize-thread
	$(SWIFT) test --skip-build --sanitize=thread --scratch-path .build/sanitize-thread --filter '$(SANITIZE_THREADS)'

# BUILT is where the programs are that go into the tree.
BUILT ?= .build/release
install: build
	$(MAKE) place

# The programs with DuckDB, the workflows, the queries, and the documents, whose commands name the places there.
place:
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/libexec" "$(SHARE)/workflows/main" "$(SHARE)/workflows/history"
	for task in $(TASKS); do \
		install -s -m 755 "$(BUILT)/$$task" "$(DESTDIR)$(PREFIX)/bin/$$task" || exit; done
	install -m 755 .tools/bin/duckdb "$(DESTDIR)$(PREFIX)/libexec/duckdb"
	for flow in main history; do \
		install -m 644 workflows/$$flow/*.dig workflows/$$flow/task "$(SHARE)/workflows/$$flow" || exit; \
		sed "s|'../../.build/release'|'../../../../bin'|" workflows/$$flow/_config.yml \
			> "$(SHARE)/workflows/$$flow/_config.yml" || exit; done
	install -d "$(SHARE)/queries"
	install -m 644 queries/*.sql "$(SHARE)/queries"
	install -m 755 queries/with-* "$(SHARE)/queries"
	for document in README.md CHANGELOG.md LICENSE $$(find docs docker/trino Benchmarks workflows fixtures/README.md \
			-name '*.md' -o -name '*.svg' -o -name '*.png' -o -path 'docker/trino/*' -type f); do \
		install -D -m 644 $$document "$(SHARE)/$$document" || exit; \
		case $$document in *.md) sed -i -e 's|\.tools/bin/duckdb|$(PREFIX)/libexec/duckdb|g' \
			-e 's|\$$PWD/\.build/release|$(PREFIX)/bin|g' -e 's|\.\./\.\./\.build/release|../../../../bin|g' \
			"$(SHARE)/$$document" || exit;; esac; done

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	$(SWIFT) package clean
	rm -rf demo-lake
