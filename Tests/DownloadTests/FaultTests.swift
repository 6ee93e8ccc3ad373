import Foundation
import HTTP
import Platform
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import Download

/// A step of the file system that fails, each one in turn.
@Suite struct FaultTests {
  /// Downloads the month in this process, with the n-th creation, write, sync or rename failing.
  ///
  /// - Returns: whether there was an n-th step.
  private func download(_ month: PublishedMonth, failingAt step: Int, mirror: Bool) throws -> Bool {
    var order = MonthDownload.Order(
      month: "2026-08", rawRoot: month.folder.path("raw"),
      site: try DumpSite(base: month.server.base, template: mirror ? "{base}/data/{year}/{file}" : nil))
    order.patience.tries = 1
    let download = MonthDownload(
      order, http: try HTTPClient(HTTPClient.Settings(userAgent: "fault-tests")), log: .none,
      progressStyle: .none)
    let steps = Mutex(0)
    let failure = SystemError(code: ENOSPC, call: "write", path: "injected")
    let hook: @Sendable (String, String) throws -> Void = { _, _ in
      let number = steps.withLock {
        $0 += 1
        return $0
      }
      if number == step { throw failure }
    }
    do {
      _ = try FaultInjection.$hook.withValue(hook) { try download.run() }
    } catch let error as SystemError {
      #expect(error == failure)
    }
    return steps.withLock { $0 } >= step
  }

  @Test(arguments: [false, true])
  func whicheverStepFailsWhatHasANameIsVerified(mirror: Bool) throws {
    try withMonth(size: 200_000) { month in
      var step = 1
      while try download(month, failingAt: step, mirror: mirror) {
        try month.expectVerified([], parts: true)
        // What is there is of use: the same folder again, without the fault.
        _ = try download(month, failingAt: .max, mirror: mirror)
        try month.expectVerified(PublishedMonth.kinds)
        try FileManager.default.removeItem(atPath: month.folder.path("raw"))
        step += 1
      }
      #expect(step > 30)
    }
  }
}
