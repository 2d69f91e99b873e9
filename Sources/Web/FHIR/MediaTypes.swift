import FHIR
package import Primitives

/// A form in which resources go over the wire (R4 3.1.0.1.9).
package enum WireFormat: Sendable { case json, xml }

/// Which formats are taken and given: those of FHIR R4.
package enum MediaTypes {
  package static let fhir = "application/fhir+json; charset=utf-8"
  package static let fhirXML = "application/fhir+xml; charset=utf-8"
  package static let ndjson = "application/fhir+ndjson"
  package static let problem = "application/problem+json"
  package static let json = "application/json"
  package static let graphQL = "application/graphql"
  package static let form = "application/x-www-form-urlencoded"
  package static let jsonPatch = "application/json-patch+json"

  /// The format that the caller wants most. `_format` wins over `Accept`; without either it is JSON.
  ///
  /// - Throws: `not-acceptable`.
  package static func wanted(
    accept: String?, format: String?
  ) throws(PeerChartError) -> WireFormat {
    let found: WireFormat?
    if let format {
      // A plus sign in a query string means a space, and clients forget to write %2B.
      let range = MediaRange(format.replacing("fhir ", with: "fhir+"))
      found = range.isOfR4 ? formats[range.name] ?? (range.name == "*/*" ? .json : nil) : nil
    } else if let accept {
      var best: (format: WireFormat, weight: Double)?
      for text in accept.split(separator: ",") {
        let range = MediaRange(text)
        guard range.isOfR4, range.weight > best?.weight ?? 0 else { continue }
        if let format = formats[range.name] ?? (range.isAny ? .json : nil) {
          best = (format, range.weight)
        }
      }
      found = best?.format
    } else {
      found = .json
    }
    guard let found else {
      throw PeerChartError(
        .notAcceptable,
        "this node gives application/fhir+json and application/fhir+xml of FHIR 4.0")
    }
    return found
  }

  /// The format of a resource that was sent.
  ///
  /// - Throws: `unsupported-media-type`.
  package static func content(_ contentType: String?) throws(PeerChartError) -> WireFormat {
    guard let contentType, case let type = MediaRange(contentType), type.isOfR4, type.isUTF8,
      type.name.contains("/"), let format = formats[type.name]
    else {
      throw PeerChartError(
        .unsupportedMediaType,
        "this node takes application/fhir+json and application/fhir+xml of FHIR 4.0 in UTF-8")
    }
    return format
  }

  /// Whether what was sent is a JSON Patch rather than a resource.
  package static func isJSONPatch(_ contentType: String?) -> Bool {
    contentType.map { MediaRange($0).name == jsonPatch } ?? false
  }

  /// The name of a media type, without its parameters.
  ///
  /// - Throws: `unsupported-media-type` for text in another encoding than UTF-8.
  package static func name(_ contentType: String?) throws(PeerChartError) -> String? {
    guard let type = contentType.map({ MediaRange($0) }) else { return nil }
    guard type.isUTF8 else {
      throw PeerChartError(.unsupportedMediaType, "this node takes UTF-8")
    }
    return type.name
  }

  /// Checks that parameters were sent as a form.
  ///
  /// - Throws: `unsupported-media-type`.
  package static func checkForm(_ contentType: String?) throws(PeerChartError) {
    guard let contentType, MediaRange(contentType).name == form else {
      throw PeerChartError(.unsupportedMediaType, "search parameters are sent as \(form)")
    }
  }

  private static let formats: [String: WireFormat] = [
    "application/fhir+json": .json, "application/json": .json, "text/json": .json,
    "application/json+fhir": .json, "json": .json,
    "application/fhir+xml": .xml, "application/xml": .xml, "text/xml": .xml,
    "application/xml+fhir": .xml, "xml": .xml,
  ]
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

  var isAny: Bool { name == "*/*" || name == "application/*" }

  /// No version named, or 4.0.
  var isOfR4: Bool { self["fhirversion"].map { $0 == "4.0" || $0 == "4.0.1" } ?? true }

  var isUTF8: Bool { self["charset"].map { $0 == "utf-8" } ?? true }

  /// `q=0` means: not this (RFC 9110 section 12.4.2). What is no number counts as if it were not there.
  var weight: Double { self["q"].map { Double($0) ?? 1 } ?? 1 }
}
