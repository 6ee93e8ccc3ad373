import Markup
import Platform
import TaskKit

/// What both reports have in common: the frame around their sections.
struct ReportPage {
  /// A part of the page with a heading.
  struct Section {
    /// Unique in the page; where the list of sections leads.
    let id: String
    let title: String
    /// What the section is called in the list of sections.
    let short: String
    /// Under the heading: what the section says, in a sentence or two.
    let lead: String
    let content: [Node]

    init(_ id: String, _ title: String, short: String, lead: String = "", @NodeBuilder content: () -> [Node])
    {
      self.id = id
      self.title = title
      self.short = short
      self.lead = lead
      self.content = content()
    }
  }

  /// Of the window or tab.
  let title: String
  /// What kind of page it is, above the headline.
  let kind: String
  /// The headline: what there is to know.
  let headline: String
  let level: RunVerdict.Level
  /// The level in other words than its own, where these say too much.
  var levelWords: String?
  /// Below the headline.
  let advice: String
  /// The numbers that matter, below that.
  let figures: [KeyFigure]
  let sections: [Section]
  /// What the page was made from, at its end.
  let sources: String
  /// Of when it is.
  let time: String

  /// The file.
  var bytes: [UInt8] {
    Page(
      title: title, style: Resource(PackageResources.report_css), script: Resource(PackageResources.report_js)
    ) {
      HTML.header(.class("top")) {
        HTML.p(.class("kind"), text: kind)
        HTML.h1(text: headline)
        HTML.p(.class("verdict \(level.rawValue)")) {
          HTML.strong(text: levelWords ?? level.words)
          " "
          HTML.span { Phrases.sentence(advice) }
        }
        if !figures.isEmpty { HTML.div(.class("figures")) { for figure in figures { figure.node } } }
        HTML.nav(.label("Sections")) {
          HTML.ul {
            for section in sections { HTML.li { HTML.a(.href(.here(section.id)), text: section.short) } }
          }
        }
      }
      HTML.main {
        for section in sections {
          HTML.section(.id(section.id), .labelled(by: "\(section.id)-heading")) {
            HTML.h2(.id("\(section.id)-heading")) { Phrases.sentence(section.title) }
            if !section.lead.isEmpty { HTML.p(.class("lead")) { Phrases.sentence(section.lead) } }
            section.content
          }
        }
      }
      HTML.footer {
        HTML.p(
          text:
            "Percentages with two decimals are basis points, rounded down as in the CSV files; those with one are rounded to the nearest. 1 kB is 1,000 bytes."
        )
        HTML.p(text: "\(sources) \(time) Made by discogs-lakehouse \(Tool.version).")
        HTML.p(
          text:
            "Data: Discogs, released into the public domain (CC0). This page is not made or endorsed by Discogs."
        )
      }
    }.bytes
  }
}

/// A number that matters, with what it is and how it has changed.
struct KeyFigure {
  let name: String
  let value: Int64?
  /// What is said of the change; empty if there is nothing to compare with.
  let change: String
  /// The most important one is set larger than the others.
  var isFirst = false

  var node: Node {
    HTML.div(.class(isFirst ? "figure first" : "figure")) {
      HTML.p(.class("name"), text: name)
      HTML.p(.class("value")) {
        if let value { Phrases.number(value, shown: Figures.grouped(value)) } else { "–" }
      }
      if !change.isEmpty { HTML.p(.class("change"), text: change) }
    }
  }
}
