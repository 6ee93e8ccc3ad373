import Markup
import Testing

@testable import Report

@Suite struct FiguresTests {
  @Test func numbersAreGroupedAndCarryTheirSign() {
    #expect(
      [0, 7, 999, 1000, 19_341_287, -1234].map { Figures.grouped($0) } == [
        "0", "7", "999", "1,000", "19,341,287", "−1,234",
      ])
    #expect(Figures.grouped(Int64.min) == "−9,223,372,036,854,775,808")
    #expect([5, 0, -1500].map { Figures.signed($0) } == ["+5", "±0", "−1,500"])
  }

  @Test func largeNumbersAreRoundedToThreeDigitsThatCount() {
    #expect(
      [999_999, 1_000_000, 19_341_287, 161_000_000, 2_405_196_000].map { Figures.rounded($0) }
        == ["999,999", "1 million", "19.3 million", "161 million", "2.41 billion"])
    #expect(
      [0, 0.25, 950, 12_500, 19_300_000].map { Figures.short($0) } == [
        "0", "0.25", "950", "12.5 k", "19.3 M",
      ])
  }

  @Test func basisPointsArePercentOrAverages() {
    #expect(
      [0, 5, 1234, 10_000, -250].map { Figures.percent(basisPoints: $0) } == [
        "0.00 %", "0.05 %", "12.34 %", "100.00 %", "−2.50 %",
      ])
    #expect([3, 0, -3].map { Figures.signedPercent(basisPoints: $0) } == ["+0.03 %", "±0.00 %", "−0.03 %"])
    #expect(Figures.share(1, of: 3) == "33.3 %")
    #expect(Figures.share(1, of: 0) == nil)
  }

  @Test func sizesAndTimesAreInTheUnitThatSuitsThem() {
    #expect(
      [0, 999, 1000, 11_166_914_970, 1 << 50].map { Figures.bytes($0) } == [
        "0 B", "999 B", "1 kB", "11.2 GB", "1,126 TB",
      ])
    #expect(
      [0, 0.0004, 0.04, 0.96, 4.24, 59.6, 192, 3720].map { Figures.duration(seconds: $0) } == [
        "0 s", "1 ms", "40 ms", "1 s", "4.2 s", "1 min 00 s", "3 min 12 s", "1 h 02 min",
      ])
  }

  @Test func noLineStrikesThroughTheTextsBesideIt() {
    var dice = SystemRandomNumberGenerator()
    for count in [1, 2, 3, 12, 200] {
      for _ in 0..<20 {
        let line = (0..<count).map { index in
          SVG.Point(
            50 + Double(index) * 300 / Double(max(1, count - 1)), .random(in: 22...184, using: &dice))
        }
        var room = LabelRoom(around: line, left: 50, right: 358, top: 2, bottom: 182)
        let texts = [("19,492,392", line[count - 1], LabelRoom.Side.left), ("83.41 %", line[0], .right)]
        for (text, point, side) in texts {
          let (at, anchor) = room.place(text, beside: point, side: side)
          let width = ChartSize.textWidth(text)
          let left = anchor == .end ? at.x - width : at.x
          #expect(left >= 49 && left + width <= 360 && at.y >= 9 && at.y <= 182)
          for (from, to) in zip(line, line.dropFirst()) {
            for step in 0...200 {
              let share = Double(step) / 200
              let (x, y) = (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
              let isIn = x > left && x < left + width && y > at.y - 9 && y < at.y + 2
              if isIn { Issue.record("\(text) at \(at) on \(line)") }
            }
          }
        }
      }
    }
  }

  @Test func datesAreWrittenOut() {
    #expect(Figures.month("2026-08") == "August 2026")
    #expect(Figures.day("2026-08-01") == "1 August 2026")
    #expect(Figures.day("2026-08") == "August 2026")
    #expect(Figures.month("nonsense") == "nonsense")
  }

  @Test func axesHaveRoundMarksAroundAllValues() {
    let growth = Axis(covering: [19_341_287, 19_492_392], fromZero: false, isWhole: true)
    #expect(growth.ticks == [19_300_000, 19_350_000, 19_400_000, 19_450_000, 19_500_000])
    #expect(Axis(covering: [3, 17], fromZero: true).ticks == [0, 5, 10, 15, 20])
    for values in [[0.0], [5], [-3], [7, 7], [0.001, 0.002], [1e15, 1.1e15], [0, 1]] {
      for fromZero in [true, false] {
        let axis = Axis(covering: values, fromZero: fromZero)
        #expect(axis.ticks.count >= 2 && axis.ticks.count < 12, "\(values)")
        #expect(values.allSatisfy { (0...1).contains(axis.place($0)) }, "\(values)")
        if fromZero { #expect(axis.range.contains(0)) }
      }
    }
  }

  @Test func daysAreMarkedAtTheBeginningsOfYearsOrMonths() {
    func texts(_ low: Int, _ high: Int) -> [String] { TimeAxis(covering: [low, high]).ticks.map(\.text) }
    let (day2019, day2026) = (18_206, 20_666)  // 2019-11-06, 2026-08-01
    #expect(texts(day2019, day2026) == ["2020", "2022", "2024", "2026"])
    #expect(texts(day2026 - 62, day2026) == ["Jun 2026", "Jul 2026", "Aug 2026"])
    #expect(texts(day2026, day2026) == ["Aug 2026"])
    #expect(texts(day2026 - 7305, day2026).count < 7)
  }

  @Test func noAxisOfSharesGoesBeyondAllOfThem() {
    for values in [[9_000.0, 10_000], [10_000], [9_873, 9_999], [1_200, 9_600]] {
      let axis = Axis(covering: values, fromZero: false, limit: 10_000, isWhole: true)
      #expect(axis.range.upperBound <= 10_000 && axis.range.contains(values[0]), "\(values)")
      #expect(axis.ticks.allSatisfy(axis.range.contains), "\(values)")
    }
    #expect(Axis(covering: [9_000, 10_300], fromZero: false, isWhole: true).range.upperBound > 10_300)
  }

  /// In DejaVu Sans, at 11.5 pixels: what the charts' texts are measured for.
  @Test func noTextIsWiderThanItIsTakenFor() {
    for (text, width) in [("CD", 16.9), ("WWWW", 45.5), ("Needs Major Changes", 127.5), ("illi", 13)] {
      #expect(ChartSize.textWidth(text) >= width, "\(text)")
    }
    #expect(ChartSize.fitting("CD", 20) == "CD")
    let cut = ChartSize.fitting("WWWWWWWWWWWWWWWWWWWWWWWW", 142)
    #expect(cut.hasSuffix("W…") && ChartSize.textWidth(cut) <= 142)
    let marks = "e" + String(repeating: "\u{301}", count: 400) + "xxxxxxxxxxxxxxxxxxxxxxxxx"
    #expect(ChartSize.fitting(marks, 100).unicodeScalars.count < 50)
  }

  @Test func whatIsTooLongToReadIsCut() {
    #expect(Phrases.shortened("abc", to: 3) == "abc")
    #expect(Phrases.shortened("abcd", to: 3) == "abc…")
    let marks = String(repeating: "e" + String(repeating: "\u{301}", count: 400), count: 3)
    #expect(Phrases.shortened(marks, to: 3).unicodeScalars.count <= 13)
    #expect(Phrases.foreign("abc") == HTML.bdi(text: "abc"))
    let long = String(repeating: "a", count: 5000)
    #expect(
      Phrases.foreign(long)
        == HTML.bdi(
          .title(String(long.prefix(1000)) + "…"), text: String(long.prefix(100)) + "…"))
    #expect(Phrases.foreign(long, tip: 0) == HTML.bdi(text: String(long.prefix(100)) + "…"))
  }

  @Test func aCommandInASentenceIsOneThing() {
    #expect(
      Phrases.sentence("Run `sanity --run-id x`, then look.") == [
        .text("Run "), HTML.code(text: "sanity --run-id x"), .text(", then look."),
      ])
    #expect(Phrases.sentence("a `b") == [.text("a "), .text("b")])
  }
}
