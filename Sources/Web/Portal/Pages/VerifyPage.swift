package import Exchange

/// Looking at a document or a proof that somebody has, and what was found. For everybody.
package struct VerifyPage: PageModel {
  package static let template = "verify"

  package var found: Verification?
  /// The largest file that is taken, in bytes.
  package var longest: Int
  /// A key of the table of words.
  package var error: String?

  package init(found: Verification? = nil, longest: Int, error: String? = nil) {
    self.found = found
    self.longest = longest
    self.error = error
  }

  package func title(_ strings: PortalStrings) -> String { strings["verify.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var passphrase = FormField("passphrase", label: strings["verify.passphrase"])
    passphrase.type = "password"
    passphrase.autocomplete = "off"
    passphrase.hint = strings["verify.passphrase_hint"]
    passphrase.longest = 1024
    passphrase.isRequired = false
    return [
      "error": .maybe(error.map { strings[$0] }),
      "hint": .text(strings("verify.hint", ["size": String(longest >> 20)])),
      "passphrase": .object(passphrase.content),
      "found": found.map { .object(Self.content($0, strings)) } ?? false,
    ]
  }

  // MARK: What was found

  private static func content(_ found: Verification, _ strings: PortalStrings) -> PageObject {
    let verdict = found.verdict
    let isGood = verdict == .verified
    let issuer = found.issuerName ?? strings["verify.issuer_unnamed"]
    return [
      "kind": .text(isGood ? "good" : verdict == .unknown ? "waiting" : "alarm"),
      "icon": .text(isGood ? "check" : "alert"),
      "heading": .text(strings["verify.verdict_\(verdict.rawValue)"]),
      "text": .text(
        strings(
          "verify.verdict_\(verdict.rawValue)_text",
          ["issuer": issuer, "since": found.since ?? ""])),
      "facts": .objects(
        facts(found).map { name, value in
          ["name": .text(strings["verify.fact_\(name)"]), "value": .text(value)]
        }),
      "checks": .objects(found.checks.map { check($0, found, strings) }),
    ]
  }

  private static func facts(_ found: Verification) -> [(String, String)] {
    let facts = [
      ("issuer", found.issuerName), ("node", found.issuer), ("subject", found.subject),
      ("type", found.documentType), ("media", found.mediaType), ("created", found.created),
      ("length", found.contentLength.map(String.init)), ("digest", found.digest),
    ]
    return facts.compactMap { name, value in value.map { (name, $0) } }
  }

  private static func check(
    _ check: Verification.Check, _ found: Verification, _ strings: PortalStrings
  ) -> PageObject {
    let words = strings(
      "verify.\(check.name.rawValue)_\(check.state.rawValue)", ["since": found.since ?? ""])
    let why = check.code.map { "verify.why_\($0)" }.flatMap { strings.has($0) ? strings[$0] : nil }
    return [
      "state": .text(strings["verify.state_\(check.state.rawValue)"]),
      "icon": .text(
        check.state == .holds ? "check" : check.state == .fails ? "no" : "info"),
      "name": .text(strings["verify.check_\(check.name.rawValue)"]),
      "text": .text([words, why].compactMap { $0 }.joined(separator: " ")),
    ]
  }
}
