import Lake
import Schema

/// Which datasets a run has. A dataset is there when its folder holds a Parquet file.
struct DatasetPresence: Sendable, Hashable {
  /// The datasets that are not there, in the order in which they are documented.
  let missing: [Dataset]

  init(of run: RunFolder) throws {
    missing = try Dataset.all.filter { try run.parquetFiles(of: $0).isEmpty }
  }

  var missingRequired: [Dataset] { missing.filter(\.isRequired) }

  /// What is missing, in words: required datasets, then others, which older runs do not have.
  var remarks: [String] {
    let groups = [
      ("missing", missingRequired), ("not in this run", missing.filter { !$0.isRequired }),
    ]
    return groups.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.map(\.name).joined(separator: ", "))" }
  }
}
