import Rows
import Schema
import Testing

@testable import Dump

/// Any legal XML is read, whatever it looks like.
struct LegalXMLTests {
  private func titles(_ document: String) -> [[String]] {
    let recorded = read(document, .masters)
    #expect(recorded.error == nil)
    #expect(recorded.rejects.isEmpty)
    return recorded.texts("title", of: .masters)
  }

  @Test func declarationCommentsAndInstructions() {
    #expect(
      titles(
        """
        \u{FEFF}<?xml version='1.0' encoding='utf-8' standalone="yes"?>
        <!-- a <masters> that is none -->
        <?go on?>
        <masters><!-- <master id="0"> -->
        <master id='1'><!-- x --><title>A<!-- y -->B</title></master><?pi ?>
        </masters>
        <!-- the end -->
        """) == [["AB"]])
  }

  @Test func charactersAndSections() {
    #expect(
      titles(
        "<masters>\n<master id=\"1\"><title>a<![CDATA[ <b> & ]]>&#x63;&#100;&amp;\r\ne\r&#13;</title></master>\n</masters>"
      )
        == [["a <b> & cd&\ne\n\r"]])
  }

  @Test func recordsWithinSectionsAreText() {
    #expect(
      titles(
        "<masters>\n<master id=\"1\"><title><![CDATA[\n<master id=\"2\">]]></title></master>\n</masters>")
        == [["\n<master id=\"2\">"]])
  }

  @Test func bracketsInTheProlog() {
    let document = """
      <!DOCTYPE masters [<?pi it's > not the end ?><!-- ' > --><!ATTLIST masters note CDATA "> ]">]>
      <masters note="a>b" other='/>'>
      <master id="1"><title>one</title></master>
      </masters>
      """
    #expect(titles(document) == [["one"]])
  }

  @Test func entitiesOfTheDocumentType() {
    #expect(
      titles(
        """
        <!DOCTYPE masters [ <!ENTITY who "J &#38;#38; K"> <!-- ]> --> <!ENTITY gt2 '>'> ]>
        <masters>
        <master id="1"><title>&who;&gt2;</title></master>
        </masters>
        """) == [["J & K>"]])
  }

  @Test func anyWhiteSpaceInTags() {
    #expect(
      titles("<masters\n>\n<master\tid\n=\n'1'\n><title  >t</title\n></master ></masters >") == [["t"]])
  }

  @Test func oneLineAndIndented() {
    #expect(
      titles(
        "<masters><master id=\"1\"><title>a</title></master><master id=\"2\"><title>b</title></master></masters>"
      )
        == [["a"], ["b"]])
    #expect(
      titles("<masters>\r\n  <master id=\"1\">\r\n    <title>a</title>\r\n  </master>\r\n</masters>\r\n") == [
        ["a"]
      ])
  }

  @Test func prefixesAndNamesBeyondASCII() {
    #expect(
      titles("<masters>\n<master id=\"1\" xml:lang=\"de\"><é:ü/><title>t</title></master>\n</masters>") == [
        ["t"]
      ])
  }

  @Test func attributeValuesAreNormalized() {
    let recorded = read(
      "<masters>\n<master id=\"\n1\t\"><title>t</title></master>\n<master id='&#10;2'/>\n</masters>", .masters
    )
    #expect(recorded.texts("@id", of: .masters) == [[" 1 "], ["\n2"]])
  }

  @Test func nestedLabelsWithoutIndentation() {
    let document = """
      <labels>
      <label>
      <id>1</id>
      <sublabels>
      <label id="2">two</label>
      <label>
      three
      </label>
      </sublabels>
      </label>
      <label>
      <id>4</id>
      </label>
      </labels>
      """
    let recorded = read(document, .labels)
    #expect(recorded.rejects.isEmpty)
    #expect(recorded.texts("id", of: .labels) == [["1"], ["4"]])
    #expect(recorded.texts("sublabels/label", of: .labels) == [["two", "\nthree\n"], []])
  }

  @Test func nothingInIt() {
    #expect(titles("<masters/>").isEmpty)
    #expect(titles("<masters></masters>").isEmpty)
  }
}

/// What is broken is left out, named with its place, and costs its neighbours nothing.
struct BrokenRecordTests {
  private let good = "<master id=\"1\"><title>one</title></master>\n"
  private let last = "<master id=\"9\"><title>nine</title></master>\n"

  @Test(arguments: [
    "<master id=\"2\"><title>no end</master>\n",
    "<master id=\"2\"><title>a & b</title></master>\n",
    "<master id=\"2\"><title>a < b</title></master>\n",
    "<master id=\"2\"><title>\u{1}</title></master>\n",
    "<master id=\"2\"><title>&#xDFFF;</title></master>\n",
    "<master id=\"2\"><title>&#11;</title></master>\n",
    "<master id=\"2\"><title>&nbsp;</title></master>\n",
    "<master id=\"2\" id=\"3\"><title>t</title></master>\n",
    "<master id=\"2><title>t</title></master>\n",
    "<master id=2><title>t</title></master>\n",
    "<master id=\"2\"><title>t</title>\n",
    "<master id=\"2\"><title><![CDATA[ x</title></master>\n",
    "<master id=\"2\"><!-- x</master>\n",
    "<master id=\"2\"><title>]]></title></master>\n",
    "<master id=\"2\"></title></master>\n",
    "<master id=\"2\"></master></master>\n",
    "</title>\n", "stray text\n", "<other><x></other>\n",
  ])
  func oneOfThree(_ broken: String) {
    let recorded = read("<masters>\n\(good)\(broken)\(last)</masters>\n", .masters)
    #expect(recorded.error == nil)
    #expect(recorded.texts("title", of: .masters).filter { $0 != ["t"] && $0 != [] } == [["one"], ["nine"]])
    let start = "<masters>\n\(good)".utf8.count
    #expect(recorded.rejects.count == 1)
    #expect(
      recorded.rejects.first.map { $0.lowerBound >= start && $0.upperBound <= start + broken.utf8.count }
        == true)
  }

  @Test func brokenUTF8() {
    var document = Array("<masters>\n\(good)<master id=\"2\"><title>".utf8)
    document += [0xC3, 0x28] + Array("</title></master>\n\(last)</masters>".utf8)
    let recorded = read(document, .masters)
    #expect(recorded.texts("title", of: .masters) == [["one"], ["nine"]])
    #expect(recorded.rejects.count == 1)
  }

  @Test func expandingEntitiesAreStopped() {
    var document = "<!DOCTYPE masters [<!ENTITY a0 \"ha\">"
    for level in 1...30 { document += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">" }
    document += "]>\n<masters>\n\(good)<master id=\"2\"><title>&a30;</title></master>\n\(last)</masters>"
    let recorded = read(document, .masters)
    #expect(recorded.texts("title", of: .masters) == [["one"], ["nine"]])
    #expect(recorded.rejects.count == 1)
  }

  @Test func externalEntitiesAreNotRead() {
    let recorded = read(
      """
      <!DOCTYPE masters [<!ENTITY file SYSTEM "file:///etc/hostname">]>
      <masters>
      \(good)<master id="2"><title>&file;</title></master>
      \(last)</masters>
      """, .masters)
    #expect(recorded.texts("title", of: .masters) == [["one"], ["nine"]])
    #expect(recorded.rejects.count == 1)
  }
}

/// A dump that is not whole, or not the right one, is an error.
struct DamagedDumpTests {
  @Test(arguments: [
    "<masters>\n<master id=\"1\"/>\n", "<masters>\n<master id=\"1\"><title>cut",
    "<masters>\n<master id=\"1\"/>\n</mast", "",
    "<?xml version=\"1.0\"?>", "<masters", "<masters></masters><!-- ",
  ])
  func endsEarly(_ document: String) {
    guard case .endsEarly = read(document, .masters).error else {
      Issue.record("\(document) was taken for whole")
      return
    }
  }

  @Test(arguments: [
    "<labels></labels>", "hello", "<masters></masters><masters></masters>", "<masters></masters>x", "{}",
    "<masters a='1' a='2'></masters>",
  ])
  func isNoSuchDump(_ document: String) {
    guard case .notADump = read(document, .masters).error else {
      Issue.record("\(document) was taken for a dump of masters")
      return
    }
  }
}

/// Dumps before mid-2014 have no root element.
struct RootlessTests {
  private let records =
    "<artist><id>1</id><name>x</name></artist>\n<artist><id>2</id><name>y</name></artist>\n"

  @Test(arguments: ["", "\u{FEFF}", "<?xml version=\"1.0\"?>\n", "<!-- made by hand -->\n  ", "\n\n"])
  func recordsFollowOneAnother(prolog: String) throws {
    for chunkSize in [50, 1 << 20] {
      let recorded = try readPacked(Array((prolog + records).utf8), .artists, chunkSize: chunkSize)
      #expect(recorded.error == nil)
      #expect(recorded.rejects.isEmpty)
      #expect(recorded.texts("id", of: .labels) == [["1"], ["2"]])
    }
  }

  @Test func whatIsBrokenCostsNoOther() {
    let recorded = read(
      "\(records)<artist><id>3</artist>\n<artist><id>4</id></artist>\n</artists>\n", .artists)
    #expect(recorded.error == nil)
    #expect(recorded.texts("id", of: .labels) == [["1"], ["2"], ["4"]])
    #expect(recorded.rejects.count == 2)
  }

  @Test func labelsInLabelsStayThere() {
    let recorded = read(
      "<label><id>1</id><sublabels><label id=\"2\">b</label></sublabels></label>\n<label><id>3</id></label>",
      .labels)
    #expect(recorded.texts("id", of: .labels) == [["1"], ["3"]])
  }

  @Test(arguments: ["<artist><id>1</id>", "<artist><id>1</id></artist>\n<artist><id>2</id><na", "<artist"])
  func aLastRecordThatIsCutOffIsNoticed(_ document: String) {
    guard case .endsEarly = read(document, .artists).error else {
      Issue.record("\(document) was taken for whole")
      return
    }
  }

  @Test func recordsOfAnotherKindAreNamed() {
    let error = read(records, .masters).error
    #expect(error?.description.contains("<artist>") == true)
    #expect(error?.advice.contains("dump of masters") == true)
  }
}

/// Dumps drift; what is new is counted by its path.
struct DriftTests {
  @Test func unknownPathsAreCounted() {
    let recorded = read(
      """
      <masters made="today">
      <master id="1" new="x"><title lang="en">t</title><award><year>1999</year></award></master>
      <master id="2"><award/><!-- --></master>
      <extra n="1"/>
      </masters>
      """, .masters)
    #expect(
      recorded.drift == [
        "masters/@made": 1, "master/@new": 1, "master/title/@lang": 1, "master/award": 2,
        "master/award/year": 1, "masters/extra": 1, "masters/extra/@n": 1,
      ])
    #expect(recorded.texts("title", of: .masters) == [["t"], []])
  }

  /// Elements within unknown ones, as deep as a record allows.
  @Test(arguments: ["a", "a.b"])
  func depthIsNoHindrance(name: String) {
    let depth = 100_000
    let nested =
      String(repeating: "<\(name)>", count: depth) + String(repeating: "</\(name)>", count: depth)
    for usesScanner in [true, false] {
      let recorded = read(
        "<masters>\n<master id=\"1\"><title>t</title>\(nested)</master>\n</masters>", .masters,
        usesScanner: usesScanner)
      #expect(recorded.texts("title", of: .masters) == [["t"]])
      #expect(recorded.drift["master/\(name)/\(name)/\(name)"] == 1)
      #expect(recorded.drift.keys.allSatisfy { $0.utf8.count <= Drift.maximumPathLength })
      #expect(recorded.drift.values.reduce(recorded.otherDrift, +) == depth)
    }
  }

  /// Names without end, and endless names: what is kept has a bound, and the rest is counted.
  @Test func theRestIsCounted() {
    let names = (0..<5000).map { "<n\($0) a\($0)=\"\"/>" }.joined()
    let long = "<\(String(repeating: "n", count: 900))/>"
    for usesScanner in [true, false] {
      let recorded = read(
        "<masters>\n<master id=\"1\">\(long)\(names)</master>\n<master id=\"2\"><n0/><n4999/></master>\n</masters>",
        .masters, usesScanner: usesScanner)
      #expect(recorded.drift.count == Drift.maximumPaths)
      #expect(recorded.drift["master/n0"] == 2)
      #expect(recorded.drift.values.reduce(recorded.otherDrift, +) == 10_003)
    }
  }

  /// A record that is rejected leaves no trace, nor takes the place of what others hold.
  @Test func whatIsRejectedDoesNotCount() {
    let names = (0..<500).map { "<n\($0)/>" }.joined()
    let recorded = read(
      "<masters>\n<master id=\"1\">\(names)</x></master>\n<master id=\"2\"><new/></master>\n</masters>",
      .masters)
    #expect(recorded.drift == ["master/new": 1])
    #expect(recorded.otherDrift == 0)
  }
}
