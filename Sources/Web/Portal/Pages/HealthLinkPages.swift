package import Exchange
import Primitives

/// The form that makes a health link, and the links that were made.
package struct HealthLinksPage: PageModel {
  package static let template = "health-links"
  package var links: [HealthLinkSummary]
  package var draft: HealthLinkForm

  package init(links: [HealthLinkSummary], draft: HealthLinkForm = HealthLinkForm()) {
    self.links = links
    self.draft = draft
  }

  package func title(_ strings: PortalStrings) -> String { strings["hlinks.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var label = FormField("label", label: strings["hlinks.label"])
    (label.value, label.isRequired, label.longest) = (draft.label, false, 80)
    label.hint = strings["hlinks.label_hint"]
    label.error = draft.errors["label"].map { strings[$0] }
    var passcode = FormField("passcode", label: strings["hlinks.passcode"])
    (passcode.isRequired, passcode.longest, passcode.autocomplete) = (false, 64, "off")
    passcode.hint = strings["hlinks.passcode_hint"]
    passcode.error = draft.errors["passcode"].map { strings[$0] }
    var contents = FormChoice(
      "contents", label: strings["hlinks.contents"], .many,
      [FormChoice.Option("card", strings["hlinks.with_card"], isChosen: draft.hasCard)])
    contents.hint = strings["hlinks.contents_hint"]
    return [
      "label": .object(label.content), "passcode": .object(passcode.content),
      "contents": contents.content,
      "times": FormChoice.hours(draft.hours, label: strings["hlinks.times"], strings).content,
      "hasLinks": .flag(!links.isEmpty), "links": .objects(links.map { row($0, strings) }),
    ]
  }

  private func row(_ link: HealthLinkSummary, _ strings: PortalStrings) -> PageObject {
    [
      "id": .text(link.id), "name": .text(link.label ?? strings["hlinks.unnamed"]),
      "made": Wording.time(link.created, strings),
      "until": link.expires.map { Wording.time($0, strings) } ?? false,
      "state": .text(strings["hlinks.state.\(link.state.rawValue)"]),
      "openings": .text(strings.count("hlinks.openings", Int(clamping: link.openings))),
      "isActive": .flag(link.state == .active),
    ]
  }
}

/// What the form for a link says, as it came.
package struct HealthLinkForm: Sendable {
  package var label = ""
  package var passcode = ""
  package var hours = "24"
  package var hasCard = true
  /// What is wrong, by the name of the field: keys of the table of words.
  package var errors: [String: String] = [:]

  package init() {}

  /// How long the link shall be good; nil for what is not offered.
  var seconds: Int64? {
    Int64(hours).flatMap { FormChoice.spans.contains(Int($0)) ? $0 * 3600 : nil }
  }
}

/// A health link, for the eyes of whoever it is for.
package struct HealthLinkPage: PageModel {
  package static let template = "health-link"
  package var code: QRCode
  package var text: String

  package init(code: QRCode, text: String) {
    self.code = code
    self.text = text
  }

  package func title(_ strings: PortalStrings) -> String { strings["hlinks.made"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    ["size": .number(code.size), "path": .text(code.path), "text": .text(text)]
  }
}
