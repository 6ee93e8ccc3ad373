import Schema
import Testing

@testable import Rows

/// The rules of the detail datasets, one by one.
@Suite struct DetailRowsTests {
  private func release(_ content: String, _ attributes: String = "") -> [String: Table] {
    rows(.releases, "<release id=\"7\"\(attributes)>\(content)</release>")
  }

  /// Rows of the dataset without the first column, which is the record's id.
  private func links(_ table: Table?, of id: String = "7") throws -> Table {
    let table = try #require(table)
    #expect(table.allSatisfy { $0[0] == id })
    return table.map { Array($0.dropFirst()) }
  }

  // MARK: Rows and positions

  @Test func anElementWithoutContentMakesNoRowAndTakesNoPosition() throws {
    let tables = release(
      """
      <extraartists><artist><id/><name/><anv/><join>,</join><role> </role></artist><artist><id>0</id></artist><artist><id>00</id><role>Mixed By</role><tracks>A1</tracks></artist><artist><id>x</id></artist><artist><id>5</id><name>N</name><anv>M</anv></artist></extraartists>
      <companies><company><id>0</id><name/><catno/><entity_type>x</entity_type><resource_url>u</resource_url></company><company><entity_type>0</entity_type></company></companies>
      <series><series name="" catno="" id="0"/><series name="S" catno="2" id="9"/></series>
      <images><image type="" uri="" uri150="" width="x" height="-1"/><image uri="" height="600"/></images>
      <videos><video embed="yes" duration="long"><title/></video><video embed="false"/></videos>
      """)
    #expect(
      try links(tables["release_credit_links_v1_typed"]) == [
        ["1", nil, nil, nil, "Mixed By", "A1"], ["2", "5", "N", "M", nil, nil],
      ])
    #expect(try links(tables["release_company_links_v1_typed"]) == [["1", nil, nil, nil, "0", nil]])
    #expect(try links(tables["release_series_links_v1_typed"]) == [["1", "9", "S", "2"]])
    #expect(try links(tables["release_images_v1_typed"]) == [["1", nil, nil, "600", nil, nil]])
    #expect(try links(tables["release_videos_v1_typed"]) == [["1", nil, nil, "false", nil, nil]])
  }

  @Test func everyReleaseAndMasterHasDetails() throws {
    let tables = rows(.releases, "<release id=\"1\"/><release id=\"2\"><notes>n</notes></release>")
    #expect(
      tables["release_details_v1_typed"] == [
        ["1", nil, nil, nil, nil, nil, nil], ["2", nil, nil, nil, nil, nil, "n"],
      ])
    #expect(rows(.masters, "<master id=\"1\"/>")["master_details_v1_typed"] == [["1", nil, nil]])
  }

  /// The same record in the shape of a dump until 2024 and in that of a later one.
  @Test func zeroIsNobodyWhereverARecordIsNamed() {
    let old =
      "<artists><artist><id>0</id><name>A</name><join>&amp;</join></artist></artists><labels><label name=\"L\" id=\"00\"/></labels><extraartists><artist><id>0</id><name>C</name></artist></extraartists><companies><company><id>000</id><name>P</name></company></companies><series><series name=\"S\" id=\"0\"/></series><tracklist><track><title>T</title><artists><artist><id>0</id><name>B</name></artist></artists></track></tracklist><master_id>0</master_id>"
    let new =
      "<artists><artist><name>A</name><join>&amp;</join></artist></artists><labels><label name=\"L\"/></labels><extraartists><artist><name>C</name></artist></extraartists><companies><company><name>P</name></company></companies><series><series name=\"S\"/></series><tracklist><track><title>T</title><artists><artist><name>B</name></artist></artists></track></tracklist>"
    #expect(release(old) == release(new))
    let artist = { (id: String) in
      rows(
        .artists,
        "<artist><id>1</id><name>N</name><aliases><name\(id)>A</name></aliases><members><name\(id)>M</name></members><groups><name\(id)>G</name></groups></artist>"
      )
    }
    #expect(artist(" id=\"0\"") == artist(""))
    #expect(artist("")["artist_memberships_v1_typed"] == [])
    let label = { (id: String) in
      rows(
        .labels,
        "<label><id>1</id><parentLabel\(id)>P</parentLabel><sublabels><label\(id)>S</label></sublabels></label>"
      )
    }
    #expect(label(" id=\"00\"") == label(""))
    let master = { (id: String) in
      rows(.masters, "<master id=\"1\"><artists><artist>\(id)<name>A</name></artist></artists></master>")
    }
    #expect(master("<id>0</id>") == master(""))
  }

  @Test func joinedIDsLeaveOutZeroInAnySpelling() {
    let master = rows(
      .masters,
      "<master id=\"1\"><artists><artist><id>00</id></artist><artist><id>10</id></artist><artist><id>0</id></artist><artist><id>07</id></artist></artists></master>"
    )
    #expect(master["masters_v1_typed"]?[0][5] == "10,07")
    let label = rows(
      .labels,
      "<label><id>1</id><sublabels><label id=\"000\">A</label><label id=\"5\">B</label></sublabels><label id=\"6\">C</label></label>"
    )
    #expect(label["labels_v10"]?[0][8] == "5, 6")
    #expect(label["labels_v10"]?[0][9] == "A, B, C")
    #expect(
      label["label_sublabel_links_v1_typed"] == [
        ["1", "1", nil, "A"], ["1", "2", "5", "B"], ["1", "3", "6", "C"],
      ])
  }

  @Test(arguments: ["+5", "-5", "5.0", "5 6", "٥", "9223372036854775808", "0x5"])
  func aNumberIsDigitsAlone(_ text: String) {
    let tables = release(
      "<companies><company><name>P</name><entity_type>\(text)</entity_type></company></companies>")
    #expect(tables["release_company_links_v1_typed"]?[0][5] == nil)
  }

  // MARK: Tracks

  private func tracks(_ content: String) throws -> Table {
    try links(release("<tracklist>\(content)</tracklist>")["release_tracks_v1_typed"])
  }

  @Test func aTrackComesBeforeItsSubtracksWhereverItsTitleStands() throws {
    #expect(
      try tracks(
        "<track><sub_tracks><track><position>1a</position><title>x</title></track><track/><track><title>y</title></track></sub_tracks><title>T</title></track><track><position>2</position><title>Z</title><duration>1:02:03</duration></track>"
      ) == [
        ["1", nil, "index", nil, "T", nil, nil, nil], ["2", "1", "track", "1a", "x", nil, nil, nil],
        ["3", "1", "track", nil, "y", nil, nil, nil], ["4", nil, "track", "2", "Z", "1:02:03", "3723", nil],
      ])
  }

  @Test func aTrackWithoutTextMakesARowForWhatIsInIt() throws {
    let tables = release(
      """
      <tracklist><track><artists><artist><join>&amp;</join></artist></artists></track><track><artists><artist/></artists><sub_tracks><track/></sub_tracks></track><track><extraartists><artist><role>Mix</role></artist></extraartists></track><track><sub_tracks><track><extraartists><artist><id>8</id></artist></extraartists></track></sub_tracks></track></tracklist>
      """)
    #expect(
      try links(tables["release_tracks_v1_typed"]).map { Array($0.prefix(3)) } == [
        ["1", nil, "track"], ["2", nil, "track"], ["3", nil, "index"], ["4", "3", "track"],
      ])
    #expect(
      try links(tables["release_track_artist_links_v1_typed"]) == [["1", "1", nil, nil, nil, "&"]])
    #expect(
      try links(tables["release_track_credit_links_v1_typed"]) == [
        ["2", "1", nil, nil, nil, "Mix"], ["4", "1", "8", nil, nil, nil],
      ])
  }

  @Test func linksOfTracksAreCountedWithinEach() throws {
    let artist = { (name: String) in "<artist><name>\(name)</name></artist>" }
    let tables = release(
      "<tracklist><track><position>1</position><artists>\(artist("a"))\(artist(""))\(artist("b"))</artists><sub_tracks><track><artists>\(artist("c"))</artists></track></sub_tracks><artists>\(artist("d"))</artists></track><track><title>t</title><artists>\(artist("e"))</artists></track></tracklist>"
    )
    #expect(
      try links(tables["release_track_artist_links_v1_typed"]).map { [$0[0], $0[1], $0[3]] } == [
        ["1", "1", "a"], ["1", "2", "b"], ["2", "1", "c"], ["1", "3", "d"], ["3", "1", "e"],
      ])
    #expect(
      try links(tables["release_tracks_v1_typed"]).map { $0[7] } == ["a, b, d", "c", "e"])
    #expect(tables["release_artist_links_v1_typed"] == [] && tables["releases_v6"]?[0][3] == nil)
  }

  @Test func aHeadingNeedsANumberElsewhere() throws {
    let heading = "<track><title>Side one</title></track>"
    let kinds = { (content: String) in try tracks(content).map { $0[2] } }
    #expect(try kinds(heading + heading) == ["track", "track"])
    #expect(try kinds(heading + "<track><position>1</position></track>") == ["heading", "track"])
    #expect(
      try kinds(
        heading
          + "<track><title>i</title><sub_tracks><track><position>1</position></track></sub_tracks></track>")
        == ["heading", "index", "track"])
    // Not those with a duration, and no sub-track.
    #expect(
      try kinds(
        "<track><title>t</title><duration>x</duration></track><track><position>1</position><sub_tracks><track><title>s</title></track></sub_tracks></track>"
      ) == ["track", "index", "track"])
  }

  /// What stands deeper is not known: it is drift, and makes no row.
  @Test func subtracksOfSubtracksAreDrift() throws {
    #expect(
      try tracks(
        "<track><title>1</title><sub_tracks><track><title>2</title><sub_tracks><track><title>3</title></track></sub_tracks></track></sub_tracks></track>"
      ).map { $0[4] } == ["1", "2"])
  }

  @Test(
    arguments: [
      ("0:00", 0), ("4:45", 285), ("123:59", 7439), ("1:00:00", 3600), ("10:59:59", 39599), (" 3:07 ", 187),
      ("1234:00", nil), ("4:60", nil), ("4:5", nil), (":45", nil), ("4:045", nil), ("1:60:00", nil),
      ("1:1:00", nil),
      ("100:00:00", nil), ("1:2:3:04", nil), ("4.45", nil), ("-4:45", nil), ("4:45 min", nil), ("45", nil),
      ("::::", nil),
      ("a:bc", nil), (":00:00", nil),
    ] as [(String, Int?)])
  func durations(_ text: String, _ seconds: Int?) throws {
    let row = try tracks("<track><title>t</title><duration>\(text)</duration></track>")[0]
    #expect(row[6] == seconds.map(String.init))
  }

  // MARK: Other values

  @Test(
    arguments: [
      ("1999", "1999", nil, nil), ("1999-03", "1999", "3", nil), ("1999-3-7", "1999", "3", "7"),
      ("1999-03-00", "1999", "3", nil), ("1999-00-00", "1999", nil, nil), ("1999-00-05", "1999", nil, nil),
      ("1992-13-45", "1992", nil, nil), ("1999-02-29", "1999", "2", nil), ("2000-02-29", "2000", "2", "29"),
      ("1900-02-29", "1900", "2", nil), ("2004-04-31", "2004", "4", nil), ("0400-01-01", "400", "1", "1"),
      ("0000-05-05", nil, nil, nil), ("197", nil, nil, nil), ("19999", nil, nil, nil),
      ("1999-", nil, nil, nil),
      ("1999-123", nil, nil, nil), ("1999-03-001", nil, nil, nil), ("1999-03-01-01", nil, nil, nil),
      ("1999/03/01", nil, nil, nil), ("?", nil, nil, nil), ("1999--1", nil, nil, nil),
      ("+199", nil, nil, nil),
    ] as [(String, String?, String?, String?)])
  func dates(_ text: String, _ year: String?, _ month: String?, _ day: String?) throws {
    let tables = release("<released> \(text) </released>")
    #expect(try links(tables["release_details_v1_typed"])[0][2...4] == [year, month, day])
    #expect(tables["releases_v6"]?[0][12] == text)
  }

  @Test(
    arguments: [
      ([("A (2)", "", "")], "A"), ([("A (2)", "Printed (2)", "")], "Printed (2)"), ([("(5)", "", "")], "(5)"),
      ([("A(2)", "", "")], "A(2)"), ([("A  (12)", "", "")], "A"), ([("A ()", "", "")], "A ()"),
      ([("A (2b)", "", "")], "A (2b)"),
      ([("A (1) (2)", "", "")], "A (1)"),
      ([("A", "", "&amp;"), ("B", "", "")], "A & B"), ([("A", "", ","), ("B", "", "")], "A, B"),
      ([("A", "", ""), ("B", "", "")], "A, B"),
      ([("A", "", ",Canta:"), ("B", "b", "Feat."), ("C", "", "and")], "A,Canta: b Feat. C"),
      ([("A", "", "x"), ("", "", "y"), ("C", "", "")], "A x C"), ([("", "", "y")], nil),
    ] as [([(String, String, String)], String?)])
  func displayCredits(_ artists: [(String, String, String)], _ credit: String?) throws {
    let list = artists.map { "<artist><name>\($0)</name><anv>\($1)</anv><join>\($2)</join></artist>" }
      .joined()
    #expect(try links(release("<artists>\(list)</artists>")["release_details_v1_typed"])[0][0] == credit)
    let master = rows(.masters, "<master id=\"7\"><artists>\(list)</artists></master>")
    #expect(try links(master["master_details_v1_typed"])[0][0] == credit)
    let track = try tracks("<track><title>t</title><artists>\(list)</artists></track>")
    #expect(track[0][7] == credit)
  }

  @Test(
    arguments: [
      ("true", "true"), ("false", "false"), (" true ", "true"), ("True", nil), ("1", nil), ("", nil),
    ] as [(String, String?)])
  func flags(_ text: String, _ flag: String?) throws {
    let tables = release(
      "<master_id is_main_release=\"\(text)\">5</master_id><videos><video src=\"s\" embed=\"\(text)\"/></videos>"
    )
    #expect(try links(tables["release_details_v1_typed"])[0][1] == flag)
    #expect(try links(tables["release_videos_v1_typed"])[0][3] == flag)
  }

  @Test func anIdentifiersValueIsItsAttributeOrElseItsText() throws {
    let tables = release(
      "<identifiers><identifier type=\"A\" value=\"v\">t</identifier><identifier type=\"B\" value=\" \">t</identifier><identifier value=\"\"/><identifier>only</identifier></identifiers>"
    )
    #expect(
      try links(tables["release_identifiers_v1_typed"]) == [
        ["1", "A", nil, "v"], ["2", "B", nil, "t"], ["3", nil, nil, "only"],
      ])
    #expect(tables["releases_v6"]?[0][17] == "A : v; B : t; : only")
  }

  @Test func formatsHoldTheirDescriptionsTwice() throws {
    let tables = release(
      "<formats><format name=\"\" qty=\"\"><descriptions><description/></descriptions></format><format qty=\"\(String(repeating: "9", count: 64))\"><descriptions><description>LP</description><description> </description><description>Album</description></descriptions></format><format><descriptions><description>Mono</description></descriptions></format></formats>"
    )
    #expect(
      try links(tables["release_formats_v1_typed"]) == [
        ["1", nil, String(repeating: "9", count: 64), nil, "LP, Album"], ["2", nil, nil, nil, "Mono"],
      ])
    #expect(
      try links(tables["release_format_descriptions_v1_typed"]) == [
        ["1", "1", "LP"], ["1", "2", "Album"], ["2", "1", "Mono"],
      ])
    #expect(tables["releases_v6"]?[0][16] == "LP, Album, Mono")
  }

  @Test func anElementsTextIsItsOwn() throws {
    let tables = release("<notes>a<new>x</new>b</notes><genres><genre>R<i>o</i>ck</genre></genres>")
    #expect(try links(tables["release_details_v1_typed"])[0][5] == "ab")
    #expect(tables["release_genre_links_v1_typed"] == [["7", "1", "Rck"]])
  }

  @Test func whatAnArtistHasSeveralOfStandsApart() {
    let tables = rows(
      .artists,
      "<artist><id>1</id><urls><url>a</url><url/><url>b</url></urls><namevariations><name>N, 1</name></namevariations><images><image type=\"primary\" width=\"600\" height=\"450\" uri=\"\" uri150=\"\"/></images></artist>"
    )
    #expect(tables["artist_urls_v1_typed"] == [["1", "1", "a"], ["1", "2", "b"]])
    #expect(tables["artist_name_variations_v1_typed"] == [["1", "1", "N, 1"]])
    #expect(tables["artist_images_v1_typed"] == [["1", "1", "primary", "600", "450", nil, nil]])
  }

  // MARK: Records that are too large

  @Test func aRecordWhoseRowsAreTooLargeLeavesNone() {
    let name = String(repeating: "n", count: 1 << 20)
    let members = { (count: Int) in
      "<artist><id>1</id><name>\(name)</name><members>\((1...count).map { "<name id=\"\($0)\"/>" }.joined())</members></artist>"
    }
    for (count, isTaken) in [(62, true), (63, false), (5000, false)] {
      let tables = rows(.artists, "\(members(count))<artist><id>2</id><name>after</name></artist>")
      #expect(tables["artists_v1_typed"]?.map { $0[0] } == (isTaken ? ["1", "2"] : ["2"]))
      #expect(tables["artist_memberships_v1_typed"]?.count == (isTaken ? count : 0))
    }
  }

  @Test func coreLeavesTheDetailsOut() {
    for entity in Entity.allCases {
      let plan = RowPlan(entity, .core)
      #expect(
        plan.datasets == entity.datasets.filter { !$0.isDetail }
          && plan.datasets.count < RowPlan(entity).datasets.count)
    }
    let record =
      "<release id=\"7\"><artists><artist><id>1</id><name>A</name></artist></artists><formats><format name=\"CD\"><descriptions><description>LP</description></descriptions></format></formats><extraartists><artist><name>N</name><role>R</role></artist></extraartists><identifiers><identifier type=\"T\"/></identifiers><tracklist><track><title>t</title></track></tracklist></release>"
    let (core, all) = (rows(.releases, record, .core), rows(.releases, record))
    #expect(core == all.filter { Dataset.named($0.key)?.isDetail == false })
  }
}
