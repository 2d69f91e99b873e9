import Primitives
import Testing
import Web

@Suite("Pages")
struct PortalPageTests {
  private static let renderer = Result { try PageRenderer() }
  private static let table = Result { try StringTable() }

  private static func render(
    _ model: some PageModel, _ language: Language, hostile: String = ""
  ) throws -> String {
    try renderer.get().page(
      model, in: SamplePages.frame(hostile), strings: table.get()[language])
  }

  @Test("Every page renders in every language", arguments: Language.allCases)
  func renders(language: Language) throws {
    let strings = try StringTable()[language]
    for model in SamplePages.all() {
      let html = try Self.render(model, language)
      let name = type(of: model).template
      #expect(html.hasPrefix("<!doctype html>\n<html lang=\"\(language.rawValue)\""), "\(name)")
      #expect(html.hasSuffix("</html>\n"), "\(name)")
      #expect(html.contains("<title>"), "\(name)")
      #expect(html.components("<h1").count == 2, "one heading of the first order: \(name)")
      #expect(!html.contains("{{") && !html.contains("}}"), "\(name)")
      #expect(!model.title(strings).isEmpty, "\(name)")
      // Words that the table lacks come out as their keys.
      for piece in html.split(separator: ">") {
        let text = piece.prefix { $0 != "<" }
        #expect(
          text.hasSuffix(".example") || text.wholeMatch(of: /[a-z_]+\.[a-z_.\-]+/) == nil,
          "\(name): \(text)")
      }
    }
  }

  @Test("Pages hold no script, style or handler of their own, and load from this node only")
  func ownFilesOnly() throws {
    for model in SamplePages.all() {
      let html = try Self.render(model, .english)
      let name = type(of: model).template
      #expect(
        html.components("<script").count == 2 && html.contains("<script src=\"/assets/portal."))
      #expect(html.contains("\" defer></script>"))
      #expect(!html.contains("<style") && !html.contains(" style="), "\(name)")
      #expect(html.firstMatch(of: /\son[a-z]+=/) == nil, "\(name)")
      #expect(html.firstMatch(of: /(src|href|action)="(http|\/\/|javascript)/) == nil, "\(name)")
      #expect(!html.contains("<form method=\"get\" action=\"\""), "\(name)")
    }
  }

  @Test("No template has a variable that is not escaped")
  func unescaped() {
    for (name, text) in PortalFiles.templates {
      #expect(!text.contains("{{{") && !text.contains("{{&") && !text.contains("{{%"), "\(name)")
    }
  }

  @Test("Every form that changes something carries the token")
  func tokens() throws {
    var forms = 0
    for model in SamplePages.all() {
      let html = try Self.render(model, .english)
      for form in html.components("<form").dropFirst() where form.contains("method=\"post\"") {
        let body = form.components("</form>").first ?? ""
        forms += 1
        #expect(
          body.contains("name=\"csrf\" value=\"token\""), "\(type(of: model).template): \(body)")
      }
    }
    #expect(forms > 30)
  }

  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' autofocus onfocus='alert(1)",
    // Marks before and after, which join the character to one that an escaper may not know.
    "<\u{301}script>", "\u{600}<script>alert(1)</script>", "\"\u{301} onfocus=\"\u{20DD}alert(1)",
    "\u{70F}<img src=x>", "\u{110BD}\"\u{600}>", "{{t.nav.home}}{{{csrf}}}", "&lt;b&gt;",
    "</textarea><script>", "</title><script>", "<!--", "]]>", "\u{0}<b>", "\r\n<b>",
  ]

  @Test("Text of records and people is text, whatever it is", arguments: hostile)
  func escaping(text: String) throws {
    for language in Language.allCases {
      let plain = SamplePages.all()
      for (model, harmless) in zip(SamplePages.all(hostile: text), plain) {
        let html = try Self.render(model, language, hostile: text)
        let name = type(of: harmless).template
        // The same elements and attributes as without it: nothing of the text has become markup.
        #expect(
          Self.skeleton(html) == Self.skeleton(try Self.render(harmless, language)),
          "\(name): \(text.debugDescription)")
      }
    }
  }

  /// The tags with the names of their attributes, read by code points as browsers do.
  private static func skeleton(_ html: String) -> [String] {
    var tags: [String] = []
    var rest = Substring(html).unicodeScalars
    while let open = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: open)...]
      var tag = ""
      var quote: Unicode.Scalar?
      while let scalar = rest.first {
        rest.removeFirst()
        if let opened = quote {
          if scalar == opened { quote = nil }
        } else if scalar == "\"" || scalar == "'" {
          quote = scalar
        } else if scalar == ">" {
          break
        } else {
          tag.unicodeScalars.append(scalar)
        }
      }
      tags.append(tag)
    }
    return tags
  }

  @Test("Joined marks are parted from characters of HTML, and nothing else is touched")
  func separable() {
    #expect(SeparableText.safe("e\u{301} ≥ 5 & é") == "e\u{301} ≥ 5 & é")
    #expect(SeparableText.safe("👩‍👩‍👧 <b>") == "👩‍👩‍👧 <b>")
    for text in ["<\u{301}", "\u{600}<", "\"\u{FE0F}", "\u{110BD}&\u{301}"] {
      let safe = SeparableText.safe(text)
      let markup: Set<Character> = ["<", "\"", "&"]
      #expect(safe.contains { markup.contains($0) }, "\(text.debugDescription)")
      #expect(safe.unicodeScalars.filter { $0 != "\u{2060}" }.elementsEqual(text.unicodeScalars))
    }
  }

  @Test("A page says what it is asked to say")
  func words() throws {
    let html = try Self.render(SamplePages.request(""), .spanish)
    #expect(html.contains("St. Elsewhere Hospital solicita acceso"))
    #expect(html.contains("6K4R-QZ2M"))
    #expect(html.contains("Para tratamiento"))
    // Labels are never ticked for anybody.
    #expect(html.contains("name=\"labels\" value=\"hiv\">"))
    #expect(html.contains("name=\"types\" value=\"allergies\" checked>"))
  }

  @Test("Emergencies stand out in the log, and refusals say why")
  func sentences() throws {
    let strings = try StringTable()[.english]
    let entry = SamplePages.emergency("")
    #expect(entry.tone == .alarm)
    #expect(
      entry.sentence(strings)
        == "St. Elsewhere Hospital opened 5 medications and 2 allergies in an emergency without your "
        + "consent because the patient was unconscious (“Found at the roadside”).")
    let refused = LogEntryView(
      number: 2, time: SamplePages.now, deed: "decision-deny", actorKind: "peer",
      actorName: "Sample Insurance", purpose: "HPAYMT", reasons: ["revoked"])
    #expect(
      refused.sentence(strings)
        == "Sample Insurance was refused your chart for payment: you had ended the consent.")
    let own = LogEntryView(
      number: 3, time: SamplePages.now, deed: "audit-read", actorKind: "patient", actorName: "R")
    #expect(own.sentence(strings).hasPrefix("You read the list"))
    var filter = LogPage.Filter()
    #expect(!filter.shows(own))
    filter.show = .own
    #expect(filter.shows(own))
    filter.from = "2026-03-04"
    #expect(!filter.shows(own))
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
