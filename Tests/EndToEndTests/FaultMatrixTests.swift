import Foundation
import TestSupport
import Testing

/// Every task survives a fault at any of its calls to the file system: a sample of what `make faults` tries in full.
@Suite struct FaultMatrixTests {
  @Test(.needs(Tools.duckdb), .needs(Tools.python))
  func aFaultAtAnyCallLosesNothingTearsNothingAndLeavesNothing() throws {
    let matrix = try execute(
      try Tools.python.path(),
      [
        Checkout.path("Tests/Faults/matrix.py"), "--sample", "--bin", Products.folder, "--duckdb",
        try Tools.duckdb.path(),
      ], timeout: 900)
    #expect(matrix.status == 0, "\(matrix.stdout)\n\(matrix.stderr)")
    // A matrix that tried nothing would survive everything.
    let all = matrix.stdout.split(separator: "\n").first { $0.hasPrefix("all ") }
    let points = all?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    #expect((points ?? 0) > 200, "\(matrix.stdout)")
  }
}
