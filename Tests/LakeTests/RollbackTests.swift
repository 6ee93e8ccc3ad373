import Platform
import TaskKit
import TestSupport
import Testing

@testable import Lake

/// A way back that is cut off at any step is finished by whoever comes next.
@Suite struct RollbackTests {
  /// Two runs, the second one active.
  private func withPromotedRuns(_ body: (Lake) throws -> Void) throws {
    try withLake { lake in
      for id in [runA, runB] {
        try lake.addRun(id)
        try Promotion(of: lake.run(id), testContext).perform(mode: .prod, isAllowed: true, allowOlder: false)
      }
      try body(lake)
    }
  }

  private func checkRolledBack(_ lake: Lake, _ comment: Comment? = nil) throws {
    #expect(try lake.activeRun() == runA, comment)
    #expect(try lake.run(runA).state("promote")?.status == .succeeded, comment)
    let left = try lake.run(runB).state("promote")
    #expect(left?.status == .skipped, comment)
    #expect(left?.rollback?.to == runA, comment)
    #expect(!Files.exists(Rollback.Begun.file(in: lake)), comment)
    #expect(try Files.walk(lake.metaFolder).filter { !$0.hasPrefix("locks/") }.isEmpty, comment)
  }

  /// Each copy of the lake is what a process leaves that is killed at that step.
  @Test func cutOffAtAnyStepItIsFinishedByWhoeverComesNext() throws {
    try withPromotedRuns { lake in
      try withTemporaryFolder { folder in
        let copies = try copiesAtEveryStep(of: lake.path, in: folder.path) {
          _ = try Promotion.rollBack(lake, because: "found", testContext)
        }
        #expect(copies.count > 8)
        for (step, path) in copies.dropLast().enumerated() {
          let copy = Lake(path: path)
          #expect(try copy.activeRun() != nil)
          if step % 2 == 0 || !Files.exists(Rollback.Begun.file(in: copy)) {
            // Before anything was written down, this is a first rollback; after that the same one.
            if try copy.run(runB).state("promote")?.rollback == nil
              || Files.exists(Rollback.Begun.file(in: copy))
            {
              #expect(try Promotion.rollBack(copy, because: "found", testContext) == runA)
            }
          } else {
            try Promotion.finishRollback(of: copy, testContext)
          }
          try checkRolledBack(copy, "step \(step + 1) of \(copies.count)")
          #expect(try copy.run(runB).state("promote")?.rollback?.because == "found")
        }
      }
    }
  }

  @Test func activeThatWasMovedElsewhereMeanwhileStays() throws {
    try withPromotedRuns { lake in
      try lake.addRun(runC)
      try Rollback.Begun(from: runB, rollback: Rollback(to: runA), startedAt: .now).write(in: lake)
      try ActivePointer(of: lake).move(to: runC)
      try Promotion.finishRollback(of: lake, testContext)
      #expect(try lake.activeRun() == runC)
      #expect(!Files.exists(Rollback.Begun.file(in: lake)))
    }
  }

  @Test func aFolderElsewhereThatIsNamedLikeARunIsNotActive() throws {
    try withLake { lake in
      try lake.addRun(runA)
      try withTemporaryFolder { elsewhere in
        try Files.createDirectory(elsewhere.path("_runs/\(runA)"))
        try Files.link(lake.activeLink, to: elsewhere.path("_runs/\(runA)"))
        #expect(try lake.activeRun() == nil)
        guard case .other = try ActivePointer(of: lake).target() else {
          Issue.record("it counts as a run of this lake")
          return
        }
      }
      try Files.remove(lake.activeLink)
      // Ways to say the same folder do count.
      try Files.link(lake.activeLink, to: lake.run(runA).path)
      #expect(try lake.activeRun() == runA)
      try Files.remove(lake.activeLink)
      try Files.link(lake.activeLink, to: "./_runs/../_runs/\(runA)/")
      #expect(try lake.activeRun() == runA)
    }
  }

  @Test func aPreviousPointerFromTheFutureBlocksNothingAndLeadsNowhereFirst() throws {
    try withPromotedRuns { lake in
      try lake.addRun(runC)
      try Files.link(Files.join(lake.path, "active__prev_99991231_235959"), to: "_runs/\(runC)")
      #expect(try ActivePointer(of: lake).previousRun() == runA)
      try ActivePointer(of: lake).move(to: runC)
      #expect(try lake.activeRun() == runC)
      #expect(try ActivePointer(of: lake).previousRun() == runB)
    }
  }

  @Test func aStateThatIsNoFileOrMuchTooLargeIsRefusedWithItsName() throws {
    try withLake { lake in
      let run = try lake.addRun(runA)
      let file = run.stateFile("preflight")
      try Files.createDirectory(run.stateFolder)
      try Files.createDirectory(file)
      let folder = #expect(throws: TaskError.self) { try run.state("preflight") }
      #expect(folder?.exitCode == .data && folder?.message.contains(file) == true)
      try Files.removeTree(file)
      let large = try OutputFile(creating: file)
      for _ in 0..<17 { try large.write([UInt8](repeating: 0x20, count: 1 << 20)) }
      try large.close()
      let error = #expect(throws: TaskError.self) { try run.state("preflight") }
      #expect(error?.exitCode == .data && error?.message.contains(file) == true)
    }
  }
}
