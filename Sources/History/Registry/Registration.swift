import SQL

/// Which engines show a run: the one that looks by its own catalog, others by what they said when they looked last.
///
/// A run's status must not depend on which engine looked last: one catalog that shows the run is enough.
struct Registration: Hashable {
  /// What is said of each engine, in the order of ``EngineName``.
  let remarks: [String]
  /// Whether an engine shows the run.
  let isRegistered: Bool

  /// - Parameters:
  ///   - engine: the engine that looked now.
  ///   - fault: what keeps its catalog from showing the run, in words; nil if it shows the run.
  ///   - details: those of the run's event before, in which other engines left their remarks.
  init(with engine: EngineName, fault: String?, before details: String?) {
    var remarks: [String] = []
    var isRegistered = false
    let earlier = (details ?? "").split(separator: ";").map { part in
      String(part.drop { $0 == " " })
    }
    for name in EngineName.allCases {
      let (shows, lacks) = ("registered with \(name.rawValue)", "not registered with \(name.rawValue)")
      if name == engine {
        remarks.append(fault.map { "\(lacks): \($0)" } ?? shows)
        isRegistered = isRegistered || fault == nil
      } else if earlier.contains(shows) {
        remarks.append(shows)
        isRegistered = true
      } else if let remark = earlier.first(where: { $0 == lacks || $0.hasPrefix("\(lacks):") }) {
        remarks.append(remark)
      }
    }
    self.remarks = remarks
    self.isRegistered = isRegistered
  }
}
