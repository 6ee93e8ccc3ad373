import TestSupport
import Testing

/// The oracle that runs are compared with, itself.
@Suite struct OracleTests {
  @Test(.needs(Tools.python))
  func theOracleAgreesWithRowsThatWereWorkedOutByHand() throws {
    let checked = try execute(try Tools.python.path(), [Checkout.path("Tests/Oracle/expectations.py")])
    #expect(checked.status == 0, "\(checked.stdout)\(checked.stderr)")
  }
}
