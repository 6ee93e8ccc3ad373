import TestSupport
import Testing

/// The program that looks at pages must see what is wrong with one.
@Suite struct CheckerTests {
  @Test(.needsBrowser) func everyKindOfFaultIsFound() throws {
    try withTemporaryFolder { folder in
      let page = try folder.write(
        """
        <!DOCTYPE html><html><head><title>t</title><meta name="viewport" content="width=device-width">
        <style>body { background: #fff; color: #999 } div { width: 2000px } td.n { text-align: left }</style></head>
        <body><h1>Heading</h1><h3>Too deep</h3><p id="a">grey</p><p id="a">again</p><a href="#nowhere">link</a><div>wide</div>
        <svg viewBox="0 0 10 10" width="100"><text x="30" y="5">out</text></svg><img src="https://example.invalid/x.png">
        <table data-behaviour="sort filter" id="t"><thead><tr><th>x</th></tr></thead><tbody><tr><td class="n">1</td></tr></tbody></table>
        <script>console.log('hello'); nothing.there</script></body></html>
        """, to: "page.html")
      let faults = try BrowserPage.faults([page]).joined(separator: "\n")
      for fault in [
        "wider than the screen", "text outside of its image", "heading out of order", "the id a occurs twice",
        "a link leads nowhere: #nowhere", "contrast 2.85", "an image without a name",
        "a table without a caption",
        "header cells are missing", "a row of another form", "a table that cannot be scrolled",
        "a number that is not at the right", "no button to sort by", "no filter with a label", "hello",
        "nothing is not defined", "asked for https://example.invalid/x.png",
      ] {
        #expect(faults.contains(fault), "\(fault) is not among:\n\(faults)")
      }
    }
  }
}
