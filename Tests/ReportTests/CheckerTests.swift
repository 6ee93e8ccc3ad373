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
      let other = try folder.write(
        """
        <!DOCTYPE html><html><head><title>t</title><meta name="viewport" content="width=device-width">
        <style>caption { font-size: 30px } td, th { width: 30px; max-width: 30px; white-space: nowrap } tbody th code { white-space: normal } thead { break-inside: auto }
        p::after { content: "pale"; color: #ccc; } nav { opacity: .5 } nav a::before { content: "weak" } ::placeholder { color: #aaa }
        .charts div { height: 20px } .late { display: none }</style></head>
        <body><h1>Heading</h1><h2>Nothing here</h2><h2>Something</h2><p>some text</p><p hidden>Not seen</p>
        <nav><a href="#t">t</a></nav><input placeholder="faint"><details><summary>more</summary><p>hidden</p></details><button>dead</button><p class="late">shown late</p><div class="charts"><div>one</div><div>two</div></div>
        <svg class="line-chart" role="img" aria-label="chart" viewBox="0 0 300 100" width="300"><desc>d</desc>
        <path class="series" d="M10 80L200 20" fill="none"/><text class="value" x="80" y="60">struck through</text>
        <circle class="dot" cx="252" cy="60" r="3"/><text class="value" x="250" y="62">dot</text>
        <text class="tick" x="252" y="66">below</text><rect class="target" width="9" height="9"/></svg>
        <table id="t" class="sticky"><caption>c</caption><thead><tr><th scope="col">a head that is long</th><th scope="col">next</th></tr></thead>
        <tbody><tr><th scope="row"><code>a name of words</code></th><td>1</td></tr></tbody></table>
        <script>document.querySelector('.late').style.display = 'block'</script></body></html>
        """, to: "other.html")
      let faults = try BrowserPage.faults([page, other]).joined(separator: "\n")
      for fault in [
        "wider than the screen", "text outside of its image", "heading out of order", "the id a occurs twice",
        "a link leads nowhere: #nowhere", "contrast 2.85", "an image without a name",
        "a table without a caption",
        "header cells are missing", "a row of another form", "a table that cannot be scrolled",
        "a number that is not at the right", "no button to sort by", "no filter with a label", "hello",
        "nothing is not defined", "asked for https://example.invalid/x.png",
        "a heading with nothing below it: h2. “Nothing here”", "the text of a header cell leaves it",
        "header cells run into one another", "a line strikes through text.value “struck through”",
        "a dot lies on text.value “dot”", "text.value “dot” lies on text.tick “below”",
        "contrast 1.61 of ::after “pale”", "of ::before “weak”", "contrast 2.32 of ::placeholder “faint”",
        "hard to hit", "folded on paper: more", "a heading may be torn", "a caption larger than its table",
        "one chart in a row of the paper", "the head of t is not on every page", "a name is broken into",
        "without its script it has a dead button", "without its script nobody sees “shown late”",
        "without its script it says something else", "without its script a mark has no tip",
      ] {
        #expect(faults.contains(fault), "\(fault) is not among:\n\(faults)")
      }
    }
  }
}
