import CBytes
import Schema
import TestSupport
import Testing

@testable import Dump
@testable import Parquet
@testable import Rows

/// A dataset's rows as texts, for comparison: nil for NULL, numbers in decimal.
typealias Table = [[String?]]

/// What becomes of these records, by dataset.
func rows(_ entity: Entity, _ records: String, _ choice: DatasetChoice = .all) -> [String: Table] {
  let document = Array("<\(entity)>\n\(records)\n</\(entity)>".utf8)
  let padded = document + [UInt8](repeating: 0, count: Int(CBYTES_PADDING))
  let plan = choice == .all ? RowPlan.whole(entity) : RowPlan(entity, choice)
  let built = EntityRows(plan)
  let reader = DocumentReader(plan.vocabulary)
  var position = DocumentPosition.beforeRoot
  var tables: [String: Table] = [:]
  padded.withUnsafeBufferPointer { bytes in
    var consumed = 0
    // In pieces, where there are more rows than should be in memory at once.
    repeat {
      let input = DocumentReader.Input(
        bytes: UnsafeBufferPointer(rebasing: bytes[consumed..<document.count]), offset: consumed,
        endsAtRecord: true, isLast: true)
      consumed += try! reader.read(input, position: &position, into: built)
      for batch in built.batches {
        let columns = batch.columns.map(texts)
        tables[batch.dataset.name, default: []] += (0..<batch.count).map { row in columns.map { $0[row] } }
      }
      built.removeAll()
      built.allowsLarge = true
    } while reader.isSinkFull
  }
  return tables
}

private func texts(_ values: ColumnValues) -> [String?] {
  switch values {
  case .int64(let values): return zip(values.values, values.levels).map { $1 == 1 ? String($0) : nil }
  case .byteArray(let values):
    return textValues(lengths: values.rows.lengths, bytes: values.rows.bytes, null: TextRows.null)
  case .boolean(let values): return values.rows.map { $0.map(String.init) }
  }
}

struct RowsTests {
  @Test func artists() {
    let tables = rows(
      .artists,
      """
      <artist><id>1</id><name>Crosby, Stills &amp; Nash (2)</name><urls><url>a</url><url/><url> b </url></urls><aliases><name id="7">X</name><name>no id</name><name id="8"> </name></aliases><members><name id="3">M</name><name>nobody</name></members><groups><name id="4">G</name></groups></artist>
      <artist><name>&#160;</name><id>2</id><members><id>26</id><name>Old shape</name></members></artist>
      <artist><id>3</id><members><id>30</id><id>31</id><name>B</name><id>32</id></members><groups><name>G</name><id>33</id></groups></artist>
      <artist><name>no id</name></artist>
      <artist><id>x1</id></artist>
      """)
    #expect(
      tables["artists_v1_typed"] == [
        ["1", "Crosby, Stills & Nash (2)", nil, nil, nil, "a, b", nil, "X, no id"],
        ["2", nil, nil, nil, nil, nil, nil, nil], ["3", nil, nil, nil, nil, nil, nil, nil],
      ])
    #expect(tables["artist_aliases_v1_typed"] == [["1", "7", "X"], ["1", nil, "no id"]])
    #expect(
      tables["artist_memberships_v1_typed"] == [
        ["1", "Crosby, Stills & Nash (2)", "3", "M"], ["4", "G", "1", "Crosby, Stills & Nash (2)"],
        ["2", nil, "26", "Old shape"],
        ["3", nil, "30", nil], ["3", nil, "31", "B"], ["3", nil, "32", nil], ["33", nil, "3", nil],
      ])
  }

  @Test func labels() {
    let tables = rows(
      .labels,
      """
      <label><id>212</id><contactinfo>&#13;\nStreet&#13;\nTown \n</contactinfo><parentLabel id="5">P</parentLabel><sublabels><label id="9">S, 1</label><label/><label id="10"/></sublabels></label>
      """)
    #expect(
      tables["labels_v10"] == [["212", nil, nil, "Street\r\nTown", nil, "5", "P", nil, "9, 10", "S, 1"]])
  }

  @Test func masters() {
    let tables = rows(
      .masters,
      """
      <master id="1"><main_release>0</main_release><artists><artist><id>3</id><name>A</name></artist><artist><id>4</id><name>B</name></artist></artists><genres><genre>Folk, World, &amp; Country</genre><genre>Rock</genre></genres><year>0</year></master>
      <master id=" 2 "><main_release>9223372036854775807</main_release><year>-5</year><title>first</title><title>second</title></master>
      <master id="3"><main_release>9223372036854775808</main_release><year>19x9</year></master>
      """)
    #expect(
      tables["masters_v1_typed"] == [
        ["1", nil, nil, nil, "A, B", "3,4", "Folk, World, & Country, Rock", nil, nil],
        ["2", "9223372036854775807", "first", nil, nil, nil, nil, nil, nil],
        ["3", nil, nil, nil, nil, nil, nil, nil, nil],
      ])
  }

  @Test func releases() throws {
    let tables = rows(
      .releases,
      """
      <release id="1" status="Accepted"><artists><artist><id>0</id><name>A, B</name><anv>a</anv><join>,</join></artist><artist><name>C</name></artist><artist><id/></artist></artists><title>T</title><labels><label name="L1" catno=""/><label name="L2" catno="none" id="5"/></labels><extraartists><artist><name>N</name><role>R</role></artist><artist><name>only</name></artist><artist><role>role</role></artist></extraartists><formats><format name="Vinyl" qty="2" text="x"><descriptions><description>LP</description></descriptions></format><format name="CD" qty=""/></formats><genres><genre>Rock</genre><genre/></genres><tracklist><track><artists><artist><name>track's</name></artist></artists><extraartists><artist><name>no</name></artist></extraartists></track></tracklist><master_id>0</master_id><identifiers><identifier type="T" description="D" value="V"/><identifier type="T" value="V"/><identifier type="T"/><identifier value="V"/><identifier/><identifier description="D"/></identifiers></release>
      """)
    let release = try #require(tables["releases_v6"]?.first)
    #expect(
      release == [
        "1", nil, "T", "A, B, C", "L1, L2", "none", nil, "Vinyl, CD", "Rock", nil, "R: N; only; role",
        "Accepted",
        nil, nil, "2", "x", "LP", "T [D] : V; T : V; T; : V; [D]",
      ])
    #expect(
      tables["release_artist_links_v1_typed"] == [
        ["1", "1", nil, "A, B", "a", ","], ["1", "2", nil, "C", nil, nil],
      ])
    #expect(
      tables["release_label_links_v1_typed"] == [["1", "1", nil, "L1", nil], ["1", "2", "5", "L2", "none"]])
    #expect(tables["release_genre_links_v1_typed"] == [["1", "1", "Rock"]])
    #expect(tables["release_style_links_v1_typed"] == [])
  }
}

struct TextTests {
  /// The set of docs/text.md, written out.
  static let whiteSpace: [UInt32] =
    Array(0x9...0xD) + Array(0x1C...0x20) + [0x85, 0xA0, 0x1680] + Array(0x2000...0x200A) + [
      0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
    ]

  private func trim(_ text: String) -> String {
    var copy = text
    return copy.withUTF8 { bytes in
      let field = Field(token: 1, start: bytes.baseAddress!, count: bytes.count)
      let trimmed = Text(trimming: field)
      return String(decoding: UnsafeBufferPointer(start: trimmed.start, count: trimmed.count), as: UTF8.self)
    }
  }

  @Test func trimsExactlyTheWhiteSpace() {
    for value in UInt32(1)...0xFFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let character = String(Character(scalar))
      let expected = Self.whiteSpace.contains(value) ? "a" : "\(character)a\(character)"
      // Scalar by scalar: as Characters, marks would merge with the letter.
      #expect(
        trim("\(character)a\(character)").unicodeScalars.elementsEqual(expected.unicodeScalars), "\(value)")
    }
  }

  @Test func trimsRunsAndKeepsInnerSpace() {
    #expect(trim(" \t\u{3000}\u{2003}a \u{A0} b\u{85}\n") == "a \u{A0} b")
    #expect(trim("\u{A0}\u{2028}") == "")
  }
}
