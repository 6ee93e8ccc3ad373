import Markup
import Testing

@Suite struct MarkupTests {
  private func page(@NodeBuilder _ body: () -> [Node]) -> String {
    let page = Page(
      title: "</title><script>alert(1)</script>", style: Resource(Array("p { color: red }".utf8)),
      script: Resource(Array("'use strict';".utf8)), body: body)
    return String(decoding: page.bytes, as: UTF8.self)
  }

  /// What stands between the page's own style and script.
  private func body(_ page: String) -> Substring {
    let start = page.firstRange(of: "<body>")!.upperBound
    return page[start..<page.firstRange(of: "\n<script>")!.lowerBound]
  }

  @Test func textIsNeverMarkup() {
    let text = "<script>alert('1')</script> & \"quoted\" &amp; ]]> -->"
    let written = page {
      HTML.p(.title(text), text: text)
      HTML.a(.href(.here(text)), text: text)
    }
    let escaped = "&lt;script&gt;alert('1')&lt;/script&gt; &amp; \"quoted\" &amp;amp; ]]&gt; --&gt;"
    let quoted = escaped.replacing("\"", with: "&quot;")
    #expect(
      body(written) == "\n<p title=\"\(quoted)\">\(escaped)</p><a href=\"#\(quoted)\">\(escaped)</a>")
    #expect(written.contains("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>"))
    #expect(written.ranges(of: "<script>").count == 1)
  }

  @Test func charactersThatHTMLDoesNotAllowAreReplaced() {
    let written = page { HTML.p(text: "a\u{0}b\u{1}c\u{7F}d\u{9F}e\u{FFFF}f\rg\th\ni\u{1F4BF}j") }
    #expect(body(written) == "\n<p>a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f\ng\th\ni\u{1F4BF}j</p>")
  }

  @Test func everyPartOfAContentIsWrittenInItsOrder() {
    let names = ["x", "y"]
    let none: Node? = nil
    let written = page {
      "before"
      for name in names { HTML.span(text: name) }
      if names.isEmpty { "no" } else { "yes" }
      if names.count == 2 {
        HTML.strong {
          none
          [Node.sequence([.text("a"), .text("b")])]
        }
      }
    }
    #expect(body(written) == "before<span>x</span><span>y</span>yes<strong>ab</strong>")
  }

  /// Digests by `openssl dgst -sha256 -binary | base64`.
  @Test func thePolicyAllowsThePagesOwnStyleAndScriptAlone() {
    #expect(
      page {}.contains(
        "content=\"default-src 'none'; style-src 'sha256-ngewhhP73WDIbgwseeu52VAAJgKdGUsu1IUQQsAm8m4='; "
          + "script-src 'sha256-jozHLmH/b2wMlFqXZ1bREnMsSZzWT8WyB7shP8hKHkA='; base-uri 'none'; form-action 'none'\""
      ))
  }

  @Test func anImageSaysWhatItIs() {
    let written = page {
      SVG.image(id: "i", size: SVG.Point(10, 5), class: "c", title: "<T>", description: "D") {
        SVG.line(SVG.Point(0, -0.04), SVG.Point(1.25, -2.55), class: "l")
        SVG.rect(SVG.Point(0, 0), width: -1, height: .nan, class: "r", tip: "<tip>")
      }
    }
    #expect(
      body(written) == """

        <svg viewBox="0 0 10 5" class="c" role="img" aria-labelledby="i-title i-desc"><title id="i-title">&lt;T&gt;</title>\
        <desc id="i-desc">D</desc><line x1="0" y1="0" x2="1.3" y2="-2.6" class="l"></line>\
        <rect x="0" y="0" width="0" height="0" class="r"><title>&lt;tip&gt;</title></rect></svg>
        """)
  }
}
