import Schema
import Testing

@testable import Dump

/// The scanner must give what libxml2 gives, or hand over; so both ways of reading must agree on every document.
struct ScannerDifferentialTests {
  /// Small documents with a bit of everything, one for each entity; mutations start from them.
  static let seeds: [(Entity, String)] = [
    (
      .artists,
      """
      <artists>
      <artist><images><image type="primary" uri="" uri150="" width="600" height="450"/></images><id>1</id><name>A &amp; B</name><realname>J &#246;rg</realname><profile/><urls><url>http://a</url><url> </url></urls><aliases><name id="2">X</name><name id='3'>Y &lt;</name></aliases><members><id>26</id><name id="26">M</name></members><groups><name id="7">G</name></groups></artist>
      <artist><id>2</id><name>Zwei\nDrei</name><data_quality >Correct</data_quality ></artist>
      </artists>
      """
    ),
    (
      .labels,
      """
      <labels>
      <label><id>1</id><name>Planet E</name><contactinfo>Street&#13;\nTown</contactinfo><parentLabel id="5">P</parentLabel><sublabels><label id="9">S1</label><label id="10">S 2</label><label/></sublabels></label>
      <label><id>212</id><profile>[a=x] ]] &gt; > </profile></label>
      </labels>
      """
    ),
    (
      .masters,
      """
      <masters>
      <master id="113"><main_release>116925</main_release><artists><artist><id>3225</id><name>V</name><anv/><join/><role/><tracks/></artist></artists><genres><genre>Folk, World, &amp; Country</genre></genres><year>0</year><title>T</title><videos><video src="https://a?b&amp;c" duration="1" embed="true"><title>é</title><description> </description></video></videos></master>
      <master id = "114" ><title>ÿ𝄞</title></master>
      </masters>
      """
    ),
    (
      .releases,
      """
      <releases>
      <release id="1" status="Accepted"><artists><artist><id>1</id><name>P</name><anv/><join>,</join></artist></artists><title>S</title><labels><label name="Svek &quot;" catno="SK032" id="5"/></labels><extraartists><artist><id>239</id><name>J</name><role>Music By [All]</role></artist></extraartists><formats><format name="Vinyl" qty="2" text=""><descriptions><description>12"</description></descriptions></format></formats><genres><genre>Electronic</genre></genres><master_id is_main_release="true">16</master_id><tracklist><track><position>A</position><title>Ö</title><sub_tracks><track><title>x</title></track></sub_tracks></track></tracklist><identifiers><identifier type="M" description="A" value="x&#9;y"/></identifiers></release>
      <release id="2"><title>two</title><new thing="1"><x/></new></release>
      </releases>
      """
    ),
  ]

  /// Pieces that make trouble.
  static let pieces: [[UInt8]] =
    [
      "<", ">", "&", "/", "\"", "'", "=", "]]>", "<!--", "-->", "<![CDATA[", "<?pi?>", "&#0;", "&#xD800;",
      "&#x41;",
      "&amp;", "&foo;", "\r", "\r\n", "\t", "\n", "\u{0}", "\u{1F}", "\u{7F}", "\u{85}", "\u{A0}", "é",
      "\u{FFFE}",
      " id=\"1\"", "<a>", "</a>", "<a/>", "<new/>", "<new>", "</new>", "<title>t</title>", "<id>5</id>",
      "<name>", "</name>", "<release id=\"9\">", "</release>",
      "\n<artist>", "\n<label>",
      "</labels>", "x:y", "<é>", " a='<'", " ", "</releases>", "&#38;", "&#60;", "]]", "&#x110000;",
      "&#00065;",
    ].map { Array($0.utf8) } + [
      [0xC3], [0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80],
    ]

  @Test func agreesOnWholeDocuments() {
    for (entity, document) in Self.seeds {
      let fast = read(document, entity)
      #expect(fast == read(document, entity, usesScanner: false))
      #expect(fast.records.count == 2)
      #expect(fast.rejects.isEmpty)
    }
  }

  /// A record in a record is no content of it, unless nothing says that it begins there; labels in lists are content.
  @Test(arguments: [
    (Entity.artists, "<artist><id>1</id>\n<artist><id>2</id></artist>\n</artist>", [10..<28, 57..<67]),
    (.artists, "<artist><id>1</id><name>n<artist/></name></artist>", []),
    (.labels, "<label><id>1</id><sublabels>\n<label id=\"2\">x</label></sublabels></label>", []),
    (.masters, "<master id=\"1\"><new>\n<master id=\"2\"/>\n</new></master>", [10..<30, 48..<64]),
  ])
  func agreesOnRecordsInRecords(entity: Entity, record: String, rejects: [Range<Int>]) {
    let document = "<\(entity)>\n\(record)\n</\(entity)>"
    let fast = read(document, entity)
    #expect(fast == read(document, entity, usesScanner: false))
    #expect(fast.records.count == 1)
    #expect(fast.rejects == rejects)
  }

  /// The longest record that is read, and one that is a byte longer; the text in it comes in pieces of 64 KiB.
  @Test(arguments: [0, 1])
  func agreesOnTheLongestRecord(tooMany: Int) {
    let urls = String(repeating: "<url>" + String(repeating: "x", count: 65_525) + "</url>", count: 127)
    let head = "<artist><id>1</id><urls>\(urls)</urls><profile>"
    let tail = "</profile></artist>"
    let filler = RecordBoundary.maximumRecordLength + tooMany - head.utf8.count - tail.utf8.count
    let record = head + String(repeating: "y", count: filler) + tail
    let document = "<artists>\n\(record)\n<artist><id>2</id></artist>\n</artists>"
    let fast = read(document, .artists)
    #expect(fast == read(document, .artists, usesScanner: false))
    #expect(fast.records.count == 2 - tooMany)
    #expect(fast.rejects == (tooMany == 0 ? [] : [10..<(10 + record.utf8.count)]))
  }

  @Test(arguments: 0..<4)
  func agreesOnMutatedDocuments(index: Int) {
    let (entity, text) = Self.seeds[index]
    let seed = Array(text.utf8)
    for round in 0..<6000 {
      var random = Seeded(UInt64(index * 1_000_000 + round))
      var document = seed
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<document.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: document.remove(at: at)
        case 1: document[at] = UInt8.random(in: 0...255, using: &random)
        case 2:
          let end = min(document.count, at + Int.random(in: 1...20, using: &random))
          document.removeSubrange(at..<end)
        default: document.insert(contentsOf: Self.pieces.randomElement(using: &random)!, at: at)
        }
      }
      let fast = read(document, entity)
      let slow = read(document, entity, usesScanner: false)
      if fast != slow {
        Issue.record(
          """
          round \(round): \(String(decoding: document, as: UTF8.self))
          scanner: \(fast)
          libxml2: \(slow)
          """)
        return
      }
    }
  }
}
