package import Primitives

/// Which formats are taken and given: FHIR's JSON, of R4 (R4 3.1.0.1.9).
package enum MediaTypes {
  package static let fhir = "application/fhir+json; charset=utf-8"
  package static let problem = "application/problem+json"
  package static let json = "application/json"
  package static let form = "application/x-www-form-urlencoded"

  /// Checks that the caller takes JSON. `_format` wins over `Accept`; without either, JSON it is.
  ///
  /// - Throws: `not-acceptable`.
  package static func checkAccept(
    _ accept: String?, format: String?
  ) throws(PeerChartError) {
    let isFine: Bool
    if let format {
      isFine = isAcceptable(format) || format == "json"
    } else {
      isFine = accept.map { $0.split(separator: ",").contains { isAcceptable($0) } } ?? true
    }
    guard isFine else {
      throw PeerChartError(.notAcceptable, "this node gives application/fhir+json of FHIR 4.0 only")
    }
  }

  /// Checks that a resource was sent as JSON in UTF-8.
  ///
  /// - Throws: `unsupported-media-type`.
  package static func checkContent(_ contentType: String?) throws(PeerChartError) {
    guard let contentType, case let type = MediaRange(contentType),
      ["application/fhir+json", "application/json", "text/json"].contains(type.name),
      type["charset"].map({ $0 == "utf-8" }) ?? true, type.isOfR4
    else {
      throw PeerChartError(
        .unsupportedMediaType, "this node takes application/fhir+json of FHIR 4.0 in UTF-8 only")
    }
  }

  /// Checks that parameters were sent as a form.
  ///
  /// - Throws: `unsupported-media-type`.
  package static func checkForm(_ contentType: String?) throws(PeerChartError) {
    guard let contentType, MediaRange(contentType).name == form else {
      throw PeerChartError(.unsupportedMediaType, "search parameters are sent as \(form)")
    }
  }

  private static func isAcceptable(_ text: some StringProtocol) -> Bool {
    let range = MediaRange(text)
    guard range.isOfR4, !range.isRefused else { return false }
    return [
      "*/*", "application/*", "application/fhir+json", "application/json", "text/json",
      "application/json+fhir",
    ].contains(range.name)
  }
}

/// A media type or range with its parameters, in lower case (RFC 9110 section 8.3.1).
private struct MediaRange {
  let name: String
  private let parameters: [(name: Substring, value: Substring)]

  init(_ text: some StringProtocol) {
    let parts = text.lowercased().split(separator: ";")
    name = parts.first.map { String($0.trimmingSpaces()) } ?? ""
    parameters = parts.dropFirst().map { part in
      let sides = part.split(separator: "=", maxSplits: 1)
      var value = sides.count > 1 ? sides[1].trimmingSpaces() : ""
      if value.utf8.count > 1, value.hasPrefix("\""), value.hasSuffix("\"") {
        value = value.dropFirst().dropLast()
      }
      return (sides.first?.trimmingSpaces() ?? "", value)
    }
  }

  subscript(parameter: String) -> Substring? { parameters.first { $0.name == parameter }?.value }

  /// No version named, or 4.0.
  var isOfR4: Bool { self["fhirversion"].map { $0 == "4.0" || $0 == "4.0.1" } ?? true }

  /// `q=0` means: not this (RFC 9110 section 12.4.2).
  var isRefused: Bool {
    self["q"].map { !$0.isEmpty && $0.allSatisfy { $0 == "0" || $0 == "." } } ?? false
  }
}
