import Testing

@testable import History

@Suite struct RegistrationTests {
  private func registration(_ fault: String?, _ before: String?) -> Registration {
    Registration(with: .trino, fault: fault, before: before)
  }

  @Test func theEngineThatLooksSpeaksForItself() {
    #expect(registration(nil, nil).remarks == ["registered with trino"])
    #expect(registration(nil, nil).isRegistered)
    let lacking = registration("no table", "registered with trino")
    #expect(lacking.remarks == ["not registered with trino: no table"] && !lacking.isRegistered)
  }

  @Test func whatTheOtherEngineSaidLastStays() {
    let shown = registration("no table", "registered with duckdb; not in this run: artists")
    #expect(shown.remarks == ["registered with duckdb", "not registered with trino: no table"])
    #expect(shown.isRegistered)
    let lacking = registration("no table", "not registered with duckdb: gone; not in this run: artists")
    #expect(
      lacking.remarks == ["not registered with duckdb: gone", "not registered with trino: no table"])
    #expect(!lacking.isRegistered)
  }
}
