/// What surrounds a page: the language, where one can go, what is to be told.
package struct PageFrame: Sendable {
  /// A link of the navigation.
  package struct Link: Sendable {
    package var href: String
    /// Under `nav` in the table of words.
    package var word: String
    package var icon: String
    package var waiting = 0

    package init(_ href: String, _ word: String, icon: String, waiting: Int = 0) {
      self.href = href
      self.word = word
      self.icon = icon
      self.waiting = waiting
    }
  }

  /// A chart that the visitor can turn to.
  package struct Chart: Sendable {
    package var id: String
    package var name: String
    /// Under `relation` in the table of words.
    package var relation: String

    package init(id: String, name: String, relation: String) {
      self.id = id
      self.name = name
      self.relation = relation
    }
  }

  /// A line above the page.
  package struct Note: Sendable {
    package enum Kind: String, Sendable { case good, waiting, alarm }
    package var kind: Kind
    /// A key of the table of words.
    package var word: String

    package init(_ kind: Kind, _ word: String) {
      self.kind = kind
      self.word = word
    }
  }

  package var csrf: String
  /// The path of the page, for coming back to it.
  package var here: String
  /// The visitor's name; nil for nobody.
  package var account: String?
  package var links: [Link] = []
  package var charts: [Chart] = []
  /// The id of the chart that is shown.
  package var chart: String?
  package var notes: [Note] = []
  /// After how many seconds without a request the session ends.
  package var idleSeconds = 0
  /// How many seconds before that the page warns.
  package var warningSeconds = 0
  /// After how many seconds the session ends whatever happens.
  package var secondsLeft = 0
  /// Whether the page hears of what happens meanwhile: not before the second factor was shown.
  package var listens = false

  package init(csrf: String, here: String, account: String? = nil) {
    self.csrf = csrf
    self.here = here
    self.account = account
  }

  func content(_ strings: PortalStrings) -> PageObject {
    [
      "lang": .text(strings.language.rawValue), "dir": "ltr", "csrf": .text(csrf),
      "hasToken": .flag(!csrf.isEmpty), "here": .text(here), "account": .maybe(account),
      "idle": .number(idleSeconds), "warn": .number(warningSeconds),
      "quiet": .number(max(0, idleSeconds - warningSeconds)), "left": .number(secondsLeft),
      "listens": .flag(listens),
      "assets": .object([
        "css": .text(PortalAsset.path("portal.css")), "js": .text(PortalAsset.path("portal.js")),
        "mark": .text(PortalAsset.path("mark.svg")),
      ]),
      "nav": .objects(links.map { link($0, strings) }),
      "charts": .objects(charts.map { chart($0, strings) }),
      "chart": charts.first { $0.id == chart }.map { .object(chart($0, strings)) } ?? false,
      "hasNotices": .flag(!notes.isEmpty),
      "notices": .objects(
        notes.map { note in
          [
            "kind": .text(note.kind.rawValue), "text": .text(strings[note.word]),
            "icon": note.kind == .good ? "check" : "alert",
          ]
        }),
      "languages": .objects(
        Language.allCases.map {
          [
            "code": .text($0.rawValue), "name": .text($0.name),
            "current": .flag($0 == strings.language),
          ]
        }),
    ]
  }

  private func link(_ link: Link, _ strings: PortalStrings) -> PageObject {
    [
      "href": .text(link.href), "label": .text(strings["nav.\(link.word)"]),
      "icon": .text(link.icon),
      "current": .flag(here == link.href || link.href != "/" && here.hasPrefix(link.href + "/")),
      "badge": link.waiting > 0 ? .number(link.waiting) : false,
    ]
  }

  private func chart(_ chart: Chart, _ strings: PortalStrings) -> PageObject {
    [
      "id": .text(chart.id), "name": .text(chart.name),
      "relation": .text(strings.code("relation", chart.relation)),
      "current": .flag(chart.id == self.chart),
    ]
  }
}

extension PageRenderer {
  /// A whole page.
  package func page(
    _ model: some PageModel, in frame: PageFrame, strings: PortalStrings
  ) throws -> String {
    var content = frame.content(strings)
    content["title"] = .text(model.title(strings))
    content.merge(model.content(strings)) { $1 }
    return try html(type(of: model).template, content, strings: strings)
  }
}
