import Foundation
import Testing

@testable import Platform

@Suite struct PauseTests {
  @Test func aPauseIsNoShorterThanAskedFor() {
    let start = ContinuousClock.now
    Pause.sleep(.milliseconds(150))
    Pause.sleep(.milliseconds(150), unless: { false })
    #expect(ContinuousClock.now - start >= .milliseconds(300))
  }

  @Test func aPauseEndsWhenThereIsNothingToWaitFor() {
    let start = ContinuousClock.now
    var asked = 0
    Pause.sleep(.seconds(60)) {
      asked += 1
      return asked == 3
    }
    #expect(asked == 3)
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}

@Suite struct TimeTests {
  @Test func daysAgreeWithFoundationsCalendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    // Before 1582 Foundation's calendar is the Julian one.
    for days in stride(from: -140_000, through: 400_000, by: 97) {
      let own = CalendarDate(daysSince1970: days)
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
      #expect(own.year == parts.year && own.month == parts.month && own.day == parts.day)
      #expect(own.daysSince1970 == days)
    }
  }

  @Test(arguments: [(2026, 2, 29), (1900, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0)])
  func daysThatDoNotExistAreNone(year: Int, month: Int, day: Int) {
    #expect(CalendarDate(year: year, month: month, day: day) == nil)
  }

  @Test func leapDaysExist() {
    #expect(CalendarDate(year: 2024, month: 2, day: 29) != nil)
    #expect(CalendarDate(year: 2000, month: 2, day: 29) != nil)
  }

  @Test(arguments: [
    ("2026-08-01T00:00:00Z", "2026-08-01T00:00:00Z"),
    ("2026-08-01T00:00:00+00:00", "2026-08-01T00:00:00Z"),
    ("2026-08-01T01:30:00+02:00", "2026-07-31T23:30:00Z"),
    ("2026-08-01 00:00:00", "2026-08-01T00:00:00Z"),
    ("2026-07-31T22:00-0330", "2026-08-01T01:30:00Z"),
    ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
    ("2024-02-29T12:34:56.789Z", "2024-02-29T12:34:56Z"),
  ])
  func timesAreReadInAllTheirForms(text: String, meaning: String) {
    #expect(UTCTime(text)?.iso8601 == meaning)
  }

  @Test(arguments: [
    "", "2026-08-01", "2026-02-30T00:00:00Z", "2026-08-01T24:00:00Z", "2026-08-01T00:60:00Z",
    "2026-08-01T00:00:00X",
    "2026-08-01T00:00:00Z ", "2026-8-1T00:00:00Z", "2026-08-01T00:00:00+25:00", "2026-08-01T00:00:00.Z",
    "now",
    "２026-08-01T00:00:00Z",
  ])
  func otherTextsAreNoTimes(text: String) {
    #expect(UTCTime(text) == nil)
  }

  @Test func theClockReadingKeepsWhatTheClockShowed() throws {
    let reading = try #require(ClockReading("2026-08-01T01:30:00+02:00"))
    #expect(reading.wallClock.compact == "20260801_013000")
    #expect(reading.wallClock.month == "2026-08")
    #expect(reading.time.month == "2026-07")
  }

  @Test func compactStampsComeBack() {
    #expect(UTCTime(compact: "20260801_013000")?.iso8601 == "2026-08-01T01:30:00Z")
    for text in ["20260832_013000", "20260801-013000", "20260801_0130", "2026080a_013000"] {
      #expect(UTCTime(compact: text) == nil)
    }
  }

  @Test func sqlTimestampsHoldMicroseconds() {
    #expect(UTCTime(microseconds: 1_500_000).sqlTimestamp == "1970-01-01 00:00:01.500000")
    #expect(UTCTime(microseconds: -1).sqlTimestamp == "1969-12-31 23:59:59.999999")
  }

  @Test func nowIsNow() {
    #expect(abs(Double(UTCTime.now.microseconds) / 1e6 - Date().timeIntervalSince1970) < 5)
  }
}
