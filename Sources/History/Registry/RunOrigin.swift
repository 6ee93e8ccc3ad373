import FoundationEssentials
import Glibc
import Lake
import Platform
import Schema
import TaskKit

/// Where a run's data come from and how it was made, as far as the run itself can tell.
public struct RunOrigin: Sendable, Hashable {
  /// `YYYY-MM`.
  public var dumpMonth: String?
  /// `YYYY-MM-DD`.
  public var dumpDate: String?
  /// `dev` or `prod`, as the manifest says.
  public var runMode: String?
  /// The commit that the tool was built from, as the manifest says.
  public var gitCommit: String?

  /// What is known already; nil for what is not.
  public init(
    dumpMonth: String? = nil, dumpDate: String? = nil, runMode: String? = nil, gitCommit: String? = nil
  ) {
    self.dumpMonth = dumpMonth
    self.dumpDate = dumpDate
    self.runMode = runMode
    self.gitCommit = gitCommit
  }

  /// What the run's manifest says; what it leaves open comes from the run id and from the names of the dumps that the
  /// run's tasks read.
  ///
  /// A manifest that is none is told and counts for nothing. One that the system does not let be read ends the task: what
  /// it says is not known then, and must not be recorded as if it said nothing.
  /// - Throws: `SystemError`.
  public init(of run: RunFolder, log: Log) throws {
    do {
      self = try JSONDecoder().decode(RunOrigin.self, from: Data(Files.read(run.manifestFile)))
    } catch let error as SystemError {
      guard [ENOENT, ENOTDIR, EISDIR, ELOOP].contains(error.code) else { throw error }
      if error.code != ENOENT {
        log.warning("the manifest cannot be read", ["file": run.manifestFile, "reason": "\(error)"])
      }
    } catch {
      log.warning("the manifest cannot be read", ["file": run.manifestFile, "reason": "\(error)"])
    }
    dumpMonth = dumpMonth ?? run.id.dumpMonth
    if dumpDate == nil { dumpDate = try Self.newestDump(of: run) }
  }

  /// The date of the newest dump that a task of the run read, by the files' names.
  /// - Throws: `SystemError`; a state that is none counts for nothing.
  private static func newestDump(of run: RunFolder) throws -> String? {
    let states = try run.finishedTasks().compactMap { task -> TaskState? in
      do { return try run.state(task) } catch let error as SystemError { throw error } catch { return nil }
    }
    let inputs = states.flatMap(\.inputs).map(\.path)
    let dumps = inputs.flatMap { path in
      Entity.allCases.compactMap { entity in
        DumpFile.stamp(ofName: Files.name(of: path), entity).map {
          DumpFile(entity: entity, stamp: $0, folder: Files.parent(of: path))
        }
      }
    }
    return dumps.map(\.date).max()
  }
}

/// Read field by field, unlike `Manifest`: whoever wrote a run's manifest, what it does say counts.
extension RunOrigin: Decodable {
  private enum CodingKeys: String, CodingKey {
    case dumpMonth = "dump_month"
    case dumpDate = "dump_date"
    case runMode = "run_mode"
    case gitCommit = "git_sha"
  }

  /// Reads a manifest; a field that is missing, empty or no text stays nil.
  /// - Throws: `DecodingError` when the manifest is no JSON object.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) -> String? {
      guard let text = try? values.decode(String.self, forKey: key), !text.isEmpty else { return nil }
      return text
    }
    self.init(
      dumpMonth: text(.dumpMonth), dumpDate: text(.dumpDate), runMode: text(.runMode),
      gitCommit: text(.gitCommit))
  }
}
