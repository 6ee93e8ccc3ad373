import Schema
import Testing

@testable import Dump

/// The scanner must give what libxml2 gives, or hand over; so both ways of reading must agree on every document.
struct ScannerDifferentialTests {
  /// Small documents with a bit of everything, two for each entity; mutations start from them.
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
    // What the details are made of.
    (
      .releases,
      """
      <releases>
      <release id="3"><images><image type="secondary" uri="" uri150='' width="600" height="&#52;0"/><image/></images><extraartists><artist><id>0</id><name>N (2)</name><anv>N&amp;</anv><role>Bass [Of "A, B"]</role><tracks>A1 to A3</tracks></artist></extraartists><notes>Line\n&#13;\n[l=x] ]&gt;</notes><released>1999-03-00</released><master_id is_main_release='false'>0</master_id><formats><format name="CD" qty="1" text="Red &amp; Blue"><descriptions><description>LP</description><description/><description> Album\n</description></descriptions></format><format name="" qty=""/></formats><tracklist><track><title>Heading</title></track><track><position>1</position><title>I</title><duration>1:02:03</duration><artists><artist><id>7</id><name>T</name><join>&amp;</join></artist></artists><sub_tracks><track><position>1a</position><title/><extraartists><artist><name>S</name><role>Mix</role></artist></extraartists></track><track/></sub_tracks><extraartists><artist><id>8</id><role>Drums</role></artist></extraartists></track></tracklist><identifiers><identifier type='Barcode' value="0 12345"/><identifier type="Other">text</identifier></identifiers><videos><video src="https://y?v=1&amp;t=2" duration="65535" embed="false"><title>V</title><description>D</description></video></videos><companies><company><id>9</id><name>C</name><catno/><entity_type>21</entity_type><entity_type_name>Pressed By</entity_type_name><resource_url>u</resource_url></company></companies><series><series id="10" name="S&lt;" catno="No. 1"/></series></release>
      <release id='4' ><tracklist/><series/><companies><company/></companies><videos>\t</videos></release>
      </releases>
      """
    ),
    (
      .artists,
      """
      <artists>
      <artist><images><image type='primary' uri="u" uri150="v" width="1" height="2"/></images><id>3</id><name> N </name><namevariations><name>A &#38; B</name><name/><name>\u{A0}</name></namevariations><urls><url>http://c?d&amp;e</url><url/></urls></artist>
      <artist><id>4</id><namevariations/><urls>\n</urls></artist>
      </artists>
      """
    ),
    (
      .labels,
      """
      <labels>
      <label><images><image width="1"/></images><id>3</id><name>L</name><urls><url>u</url></urls><sublabels>
      <label id="86537">Name (4)</label><label id='0'>x</label></sublabels></label>
      <label><id>4</id><sublabels/><urls/></label>
      </labels>
      """
    ),
    (
      .masters,
      """
      <masters>
      <master id="5"><images><image type="primary" height="7"/></images><artists><artist><id>1</id><name>A</name><anv>a</anv><join>Vs.</join></artist><artist><name>B</name></artist></artists><genres><genre>Funk / Soul</genre><genre/></genres><styles><style>Disco &amp; co</style></styles><notes>n\nm</notes><videos><video src="s" duration="x" embed="maybe"/><video/></videos></master>
      <master id='6'><styles/><videos/></master>
      </masters>
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
      "<track>", "</track>", "<sub_tracks>", "<series name=\"x\"/>", "<description>", "</format>", "<video/>",
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

  @Test(arguments: seeds.indices)
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
