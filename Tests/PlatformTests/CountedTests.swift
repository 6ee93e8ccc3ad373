import Platform
import Testing

@Suite struct CountedTests {
  @Test(arguments: [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (-1, "-1 runs")])
  func aNounAgreesWithItsNumber(number: Int, text: String) {
    #expect(counted(number, "run") == text)
    #expect(
      counted(1, "entity", "entities") == "1 entity" && counted(3, "entity", "entities") == "3 entities")
  }
}
