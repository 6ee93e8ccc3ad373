/// Numbers that look random and are the same in each run (SplitMix64).
struct Chance: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
  mutating func oneIn(_ number: Int) -> Bool { below(number) == 0 }

  /// Text of up to `length` characters of one to four bytes.
  mutating func text(upTo length: Int) -> String {
    let alphabet: [Character] = [
      "a", "b", "z", " ", "0", ",", "é", "ß", "Я", "中", "€", "\u{FFFD}", "🎵", "\u{10FFFF}",
    ]
    return String((0..<below(length + 1)).map { _ in alphabet[below(alphabet.count)] })
  }
}
