import Glibc
import Platform
import Schema

@testable import Lake
@testable import Sanity
@testable import TaskKit

// Coverage-guided search for texts of people, mirrors and other tools that a task does more with than refuse them
// (libFuzzer).
//
//     make fuzz

private let folder = "/dev/shm/fuzz-values-\(getpid())"
private let run = Lake(path: folder).run(try! RunID(validating: "2026-08__20260801_000000"))

/// A task with the options that many have.
private struct Anything: TaskCommand {
  static let configuration = TaskConfiguration(name: "anything", summary: "Does nothing.")
  @OptionGroup var lake: LakeOptions
  @OptionGroup var session: SessionOptions
  @OptionGroup var raw: RawRootOption
  @Option("run-mode", environment: "run_mode", help: "A choice.") var mode: RunMode = .dev
  @Option("entity", help: "A choice.") var entity: Entity?
  @Option("max-shrink", environment: "max_shrink", help: "A number.") var number: Double = 20
  @Option("threads", help: "A number.") var threads: Int?
  @Option("allow-promote", environment: "allow_promote", help: "Yes or no.") var isAllowed = false
  @OptionGroup var force: ForceOption

  func run(_ context: TaskContext) throws { _ = lake.lakePath.map { Lake(path: $0) } }
}

/// The first byte says what the rest of the input is.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return -1 }
  let input = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  let text = String(decoding: input, as: UTF8.self)
  switch start[0] % 6 {
  case 0: readRun(state: input, manifest: Array("{}".utf8))
  case 1: readRun(state: Array("{}".utf8), manifest: input)
  case 2:
    if let list = ChecksumList(text) {
      precondition(list.digests.values.allSatisfy { $0.utf8.count == 64 }, "a digest that is none")
    }
  case 3: readOptions(text)
  case 4:
    let records = CSV.records(text)
    let written = records.map { CSV.record($0) }.joined()
    precondition(CSV.records(written).count == records.count, "written again there are other records")
  default:
    if let id = try? RunID(validating: text) { precondition(id.text == text, "another id") }
    if let time = UTCTime(compact: text) { precondition(time.compact == text, "another time") }
    _ = ClockReading(text)
    _ = DumpFile.stamp(ofName: text, .labels)
  }
  return 0
}

/// What sanity says of a run with these files is said, whatever is in them.
private func readRun(state: [UInt8], manifest: [UInt8]) {
  do {
    try Files.createDirectory(run.stateFolder)
    for (path, bytes) in [(run.stateFile("ingest-labels"), state), (run.manifestFile, manifest)] {
      guard let file = fopen(path, "wb") else { return }
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
    let known = try? run.state("ingest-labels")
    let told = try? run.manifest()
    if let known, let told { _ = told.missing(from: [known]) }
    let context = TaskContext(taskName: "fuzz")
    _ = try RunSanity(run, maxShrink: 20, readsPages: false, context).findings(try RunFacts(of: run))
    _ = try known?.asInput()
  } catch is TaskError {} catch { fatalError("\(error)") }
}

/// Lines of the environment, an empty one, and the arguments.
private func readOptions(_ text: String) {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let end = lines.firstIndex(of: "") ?? 0
  var environment: [String: String] = [:]
  for line in lines[..<end] {
    let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
    if parts.count == 2 { environment[parts[0]] = parts[1] }
  }
  let code = Anything.execute(
    arguments: Array(lines[end...].filter { !$0.isEmpty }), environment: environment, write: { _ in },
    print: { _ in })
  precondition([.ok, .usage].contains(code), "code \(code)")
}
