import Ingest
import Lake
import Parquet
import Platform
import Schema
import TaskKit

struct IngestEntity: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "ingest-entity", summary: "Reads one dump into the Parquet datasets of a run.",
    discussion: """
      Records that are broken or have no id go to _rejects/<entity>.jsonl; elements and attributes that are not \
      known are left out and reported.
      """)

  @OptionGroup var target: RunOptions
  @OptionGroup var again: ForceOption
  @Option("entity", environment: "entity", help: "Which dump to read. Required.") var entity: Entity?
  @OptionGroup var raw: RawRootOption
  @Option("max-rejects", environment: "max_rejects", help: "With more rejected records the task fails.")
  var maxRejects: Int = 1000
  @Option(
    "threads", environment: "ingest_threads",
    help: "Threads that share the work, at most 4; the files do not depend on it. Default: the processors.")
  var threads: Int?
  @Option("compression", environment: "parquet_compression", help: "How pages are compressed.")
  var compression: CompressionName = .zstd
  @Option(
    "text-encoding", environment: "text_encoding",
    help: "How text without a dictionary is laid out: some readers know only plain.")
  var textEncoding: TextEncoding = WriterOptions().textEncoding

  func validate() throws {
    guard entity != nil else {
      throw TaskError(
        .usage, "no entity is named", advice: "give --entity artists, labels, masters or releases")
    }
    if maxRejects < 0 { throw TaskError(.usage, "--max-rejects is negative", advice: "give 0 or more") }
    if let threads, !(1...256).contains(threads) {
      throw TaskError(.usage, "--threads is \(threads)", advice: "give a number from 1 to 256")
    }
  }

  func run(_ context: TaskContext) throws {
    let run = try target.run(context.log)
    let dump = try DumpFile.find(entity!, for: run, rawRoot: raw.rawRoot, log: context.log)
    var ingest = Ingest(entity!, maxRejects: maxRejects)
    if let threads { ingest.threads = threads }
    ingest.options.compression = compression.compression
    ingest.options.textEncoding = textEncoding
    try ingest.run(dump, into: run, force: again.force, context)
  }
}

extension TextEncoding: OptionValue {}

/// The codecs by the names that users give them.
enum CompressionName: String, CaseIterable, OptionValue {
  case zstd, gzip, snappy, none

  var compression: Compression {
    switch self {
    case .zstd: WriterOptions().compression
    case .gzip: .gzip(level: 6)
    case .snappy: .snappy
    case .none: .uncompressed
    }
  }
}

Memory.returnLargeBlocks()
IngestEntity.main()
