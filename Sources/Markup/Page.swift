import FoundationEssentials
import Platform

/// A style sheet or a script that is part of the program: the only text that is written as it is.
public struct Resource: Sendable {
  let text: String

  /// - Parameter bytes: those of a file of the package's resources, which must not hold what would end its element.
  public init(_ bytes: [UInt8]) {
    text = String(decoding: bytes, as: UTF8.self)
    precondition(!text.contains("</"), "a resource ends its element")
  }

  /// What a content security policy calls the resource by (CSP 3, section 2.3.1).
  var policySource: String {
    let hex = Array(SHA256.of(Array(text.utf8)).utf8)
    let digest = stride(from: 0, to: hex.count, by: 2).map { index in
      UInt8(String(decoding: hex[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
    }
    return "'sha256-\(Data(digest).base64EncodedString())'"
  }
}

/// An HTML document that needs nothing but itself.
///
/// Its content security policy allows the one style sheet and the one script that are in it, and nothing else: no request,
/// no other script, whatever the text in it says.
public struct Page: Sendable {
  private let title: String
  private let style: Resource
  private let script: Resource
  private let body: [Node]

  /// - Parameter script: may add to the page what it can do without, once it is there.
  public init(title: String, style: Resource, script: Resource, @NodeBuilder body: () -> [Node]) {
    self.title = title
    self.style = style
    self.script = script
    self.body = body()
  }

  /// The file.
  public var bytes: [UInt8] {
    let policy =
      "default-src 'none'; style-src \(style.policySource); script-src \(script.policySource); "
      + "base-uri 'none'; form-action 'none'"
    var writer = MarkupWriter()
    writer.raw("<!DOCTYPE html>")
    writer.open(HTML.html, [.lang("en")])
    writer.open(HTML.head, [])
    writer.write([
      HTML.meta(.utf8),
      HTML.meta(.httpEquivalent("Content-Security-Policy"), .content(policy)),
      HTML.meta(.name("viewport"), .content("width=device-width, initial-scale=1")),
      HTML.meta(.name("color-scheme"), .content("light dark")),
      HTML.meta(.name("referrer"), .content("no-referrer")),
      HTML.title(text: title),
    ])
    writer.write(style, as: HTML.style)
    writer.close(HTML.head)
    writer.open(HTML.body, [])
    writer.write(body)
    writer.write(script, as: HTML.script)
    writer.close(HTML.body)
    writer.close(HTML.html)
    writer.raw("\n")
    return writer.bytes
  }
}
