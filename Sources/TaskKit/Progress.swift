import Platform
import Synchronization

/// How far a long piece of work has come: a live bar on a terminal, a log line every few seconds elsewhere.
///
/// `advance` may be called from any thread, and often: it only counts.
public final class Progress: Sendable {
  /// How progress is shown.
  public enum Style: Sendable { case bar, lines, none }

  /// The time between two lines about work that goes on, where there is no terminal.
  public static let lineInterval: Duration = .seconds(5)

  private let gauge: Gauge
  private let live: LiveLine

  /// - Parameters:
  ///   - label: what is worked on, such as a file's name.
  ///   - totalBytes: how many bytes there will be, if known: gives a percentage and the time left.
  ///   - interval: the time between two showings; by default 0.1 s for a bar and 5 s for lines.
  public init(label: String, totalBytes: Int? = nil, log: Log, style: Style, interval: Duration? = nil) {
    let gauge = Gauge(label: label, totalBytes: totalBytes)
    self.gauge = gauge
    let fields = { @Sendable in gauge.fields }
    live = LiveLine(log: log, style: style, interval: interval, fields: fields) { gauge.line(width: $0) }
  }

  /// Counts work that is done.
  public func advance(bytes: Int = 0, records: Int = 0) {
    if bytes != 0 { gauge.bytes.add(bytes, ordering: .relaxed) }
    if records != 0 { gauge.records.add(records, ordering: .relaxed) }
  }

  /// Sets how many bytes are done, for work that may start again.
  public func set(bytes: Int) { gauge.bytes.store(bytes, ordering: .relaxed) }

  /// How many bytes are done.
  public var bytes: Int { gauge.bytes.load(ordering: .relaxed) }
  /// How many records are done.
  public var records: Int { gauge.records.load(ordering: .relaxed) }

  /// Ends the showing of work that is done: removes the bar, and writes a last line; later calls do nothing.
  public func finish() { live.end(with: gauge.summary) }

  /// Ends the showing of work that failed, of which there is no sum to tell; later calls do nothing.
  public func abandon() { live.end() }
}

/// The counts behind a `Progress`, and how they are shown.
private final class Gauge: Sendable {
  let label: String
  let totalBytes: Int?
  let start = ContinuousClock.now
  let bytes = Atomic<Int>(0)
  let records = Atomic<Int>(0)

  init(label: String, totalBytes: Int?) {
    self.label = label
    self.totalBytes = totalBytes
  }

  var summary: String { status(ended: true) }

  var fields: Log.Fields {
    let (bytes, records) = (bytes.load(ordering: .relaxed), records.load(ordering: .relaxed))
    var fields: Log.Fields = [
      "records": records, "bytes": bytes, "bytes_per_second": Int(Double(bytes) / seconds),
    ]
    fields["total_bytes"] = totalBytes
    return fields
  }

  private var seconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return max(0.001, Double(seconds) + Double(attoseconds) / 1e18)
  }

  /// What is done by now, with a bar if there is a width to fill and a total.
  func line(width: Int?) -> String {
    let text = status(ended: false)
    guard let width, let totalBytes, totalBytes > 0 else { return text }
    return withBar(text, done: bytes.load(ordering: .relaxed), of: totalBytes, width: width)
  }

  /// `releases: 45 %  1,234,567 records  120.3 MB  80.1 MB/s  0:45 left`
  private func status(ended: Bool) -> String {
    let (bytes, records) = (bytes.load(ordering: .relaxed), records.load(ordering: .relaxed))
    var parts: [String] = []
    if let totalBytes, totalBytes > 0, !ended { parts.append("\(min(100, bytes * 100 / totalBytes)) %") }
    if records > 0 { parts.append("\(grouped(records)) \(records == 1 ? "record" : "records")") }
    if bytes > 0 || records == 0 {
      parts.append(megabytes(Double(bytes)))
      parts.append("\(megabytes(Double(bytes) / seconds))/s")
    }
    if ended {
      parts.append("in \(clock(Int(seconds.rounded())))")
    } else if let totalBytes, bytes > 0, totalBytes > bytes {
      parts.append("\(clock(Int(Double(totalBytes - bytes) / (Double(bytes) / seconds)))) left")
    }
    return "\(label): \(parts.joined(separator: "  "))"
  }

  private func megabytes(_ bytes: Double) -> String {
    let tenths = Int((bytes / 100_000).rounded())
    return "\(tenths / 10).\(tenths % 10) MB"
  }
}

/// A whole number with commas between groups of three digits.
public func grouped(_ number: Int) -> String {
  var result = ""
  for (index, digit) in String(number.magnitude).reversed().enumerated() {
    if index > 0, index % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return (number < 0 ? "-" : "") + String(result.reversed())
}
