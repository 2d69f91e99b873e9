extension TextRule {
  /// Visible text in one line.
  static func line(_ longest: Int, example: String) -> TextRule {
    TextRule(
      "[^\\x00-\\x20\\x7F-\\xA0][^\\x00-\\x1F\\x7F-\\x9F]*", 1...longest, example: example)
  }

  static let login = TextRule("[^\\x00-\\x20\\x7F-\\xA0]+", 3...64, example: "juniper")
  static let password = TextRule(nil, 1...256, format: .password)
  /// Of an invitation.
  static let invitation = TextRule(
    "[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}", 12...14, example: "4T0K-9XWM-2HQA")
  /// Of an authenticator app, or for recovery.
  static let code = TextRule("[0-9A-Za-z][0-9A-Za-z -]*", 6...40, example: "123456")
  static let ticket = TextRule("[A-Za-z0-9_-]+", 16...4096)
  static let session = TextRule("[0-9a-f]{32}\\.[A-Za-z0-9_-]{43}", 76...76, format: .password)
  static let token = TextRule("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+", 16...8192)
  static let capacity = TextRule(
    "(patient|proxy)/[A-Za-z0-9.-]{1,64}|[a-z][a-z-]{2,30}", 3...80, example: "patient/juniper")
  static let email = TextRule(
    "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){1,3}", 5...254,
    example: "juniper@mail.example")
  static let language = TextRule("[a-z]{2,3}(-[A-Z]{2})?", 2...6, example: "en")
  static let phone = TextRule("[+]?[0-9][0-9 ().-]*", 3...32, example: "+1 555 0100")
  static let postalCode = TextRule("[0-9A-Za-z][0-9A-Za-z -]*", 1...16, example: "05001")
  static let country = TextRule("[A-Z]{2}", 2...2, example: "US")
  static let day = TextRule(nil, 10...10, format: .date, example: "2015-03-01")
  static let moment = TextRule(
    nil, 20...40, format: .dateTime, example: "2026-12-31T23:59:59Z")
  /// The FHIR type and id of a record.
  static let record = TextRule(
    "[A-Z][A-Za-z]{1,40}-[A-Za-z0-9.-]{1,64}", 4...106,
    example: "Observation-7d1f3a52-0a57-4c44-9d2e-2b8a2f0f5c11")
  /// Of FHIR's form.
  static let id = TextRule("[A-Za-z0-9.-]+", 1...64, example: "provider-123")
  static let cursor = TextRule("[A-Za-z0-9_-]+", 1...2048)
  /// What comes from records that were stored elsewhere is told as it is.
  static let anything = TextRule(nil, 0...65_536)
  static let link = TextRule(nil, 8...8192, format: .uri)
}
