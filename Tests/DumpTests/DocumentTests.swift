import Dump
import Rows
import Schema
import Testing

/// The tokens that these tests look at.
private let masterID: UInt8 = 1
private let masterTitle: UInt8 = 3

/// Any legal XML is read, whatever it looks like.
struct LegalXMLTests {
  private func titles(_ document: String) -> [[String]] {
    let recorded = read(document, .masters)
    #expect(recorded.error == nil)
    #expect(recorded.rejects.isEmpty)
    return recorded.texts(masterTitle)
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
    #expect(recorded.texts(masterID) == [[" 1 "], ["\n2"]])
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
    #expect(recorded.texts(1) == [["1"], ["4"]])
    #expect(recorded.texts(10) == [["two", "\nthree\n"], []])
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
    #expect(recorded.texts(masterTitle).filter { $0 != ["t"] && $0 != [] } == [["one"], ["nine"]])
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
    #expect(recorded.texts(masterTitle) == [["one"], ["nine"]])
    #expect(recorded.rejects.count == 1)
  }

  @Test func expandingEntitiesAreStopped() {
    var document = "<!DOCTYPE masters [<!ENTITY a0 \"ha\">"
    for level in 1...30 { document += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">" }
    document += "]>\n<masters>\n\(good)<master id=\"2\"><title>&a30;</title></master>\n\(last)</masters>"
    let recorded = read(document, .masters)
    #expect(recorded.texts(masterTitle) == [["one"], ["nine"]])
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
    #expect(recorded.texts(masterTitle) == [["one"], ["nine"]])
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
    #expect(recorded.texts(masterTitle) == [["t"], []])
  }
}
