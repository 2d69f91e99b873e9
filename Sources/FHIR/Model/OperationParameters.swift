public import Primitives

/// The input of an operation (R4 3.2.0.1): a Parameters resource, or the pairs of a query.
public struct OperationParameters: Sendable {
  /// Parameters beyond this many are refused.
  private static let mostParameters = 1000

  /// Names and values, in order. Values are written as in a search: `code`, `system|code`, `Type/id`.
  public private(set) var pairs: [(name: String, value: String)] = []
  /// Parameters that are resources, and others that no text can say, by name, as JSON.
  public private(set) var elements: [(name: String, json: [UInt8])] = []

  /// - Parameter pairs: decoded names and values of a query.
  public init(pairs: [(String, String)]) {
    self.pairs = pairs.map { (name: $0.0, value: $0.1) }
  }

  /// Reads a Parameters resource.
  ///
  /// - Throws: `malformed` for what is no JSON, `invalid` for another resource or a parameter without
  ///   a name or with more than one value.
  public init(parsing body: [UInt8]) throws(PeerChartError) {
    let root = try JSONDocument(parsing: body).root
    guard root["resourceType"]?.string == "Parameters" else {
      throw PeerChartError(
        .invalid, "the body of an operation is a Parameters resource", place: "body")
    }
    guard let parameters = root["parameter"] else { return }
    for (number, parameter) in parameters.elements.enumerated() {
      let place = "Parameters.parameter[\(number)]"
      guard number < Self.mostParameters else {
        throw PeerChartError(.invalid, "there are too many parameters", place: place)
      }
      guard let name = parameter["name"]?.string, !name.isEmpty else {
        throw PeerChartError(.invalid, "a parameter has no name", place: place)
      }
      let values = parameter.members.filter { $0.name.hasPrefix("value") }
      guard values.count + (parameter["resource"] == nil ? 0 : 1) <= 1 else {
        throw PeerChartError(.invalid, "a parameter has more than one value", place: place)
      }
      if let value = values.first?.value {
        if let text = Self.text(value) {
          pairs.append((name, text))
        } else {
          elements.append((name, JSONTree(value).serialized()))
        }
      } else if let resource = parameter["resource"] {
        elements.append((name, JSONTree(resource).serialized()))
      } else if let parts = parameter["part"] {
        elements.append((name, JSONTree(parts).serialized()))
      }
    }
  }

  /// These parameters and others behind them.
  public func adding(_ other: OperationParameters) -> OperationParameters {
    var all = self
    all.pairs += other.pairs
    all.elements += other.elements
    return all
  }

  /// The values of a parameter, in order.
  public func values(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

  /// The value of a parameter that may be given once.
  ///
  /// - Throws: `invalid` where it is given more often.
  public func value(_ name: String) throws(PeerChartError) -> String? {
    let all = values(name)
    guard all.count < 2 else {
      throw PeerChartError(.invalid, "this parameter is given once at most", place: name)
    }
    return all.first
  }

  /// - Throws: `invalid` for a value that is neither `true` nor `false`.
  public func bool(_ name: String) throws(PeerChartError) -> Bool? {
    switch try value(name) {
    case nil: return nil
    case "true": return true
    case "false": return false
    default: throw PeerChartError(.invalid, "this is true or false", place: name)
    }
  }

  /// - Throws: `invalid` for what is no number from 0 to 999,999,999.
  public func number(_ name: String) throws(PeerChartError) -> Int? {
    guard let text = try value(name) else { return nil }
    guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
      let number = Int(text)
    else { throw PeerChartError(.invalid, "this is a number from 0 to 999999999", place: name) }
    return number
  }

  /// - Throws: `invalid` for what is no instant.
  public func instant(_ name: String) throws(PeerChartError) -> Instant? {
    guard let text = try value(name) else { return nil }
    guard let instant = Instant(text) else {
      throw PeerChartError(
        .invalid, "this is an instant such as 2026-03-01T12:00:00Z", place: name)
    }
    return instant
  }

  /// Resource types in lists; nil where none is given.
  ///
  /// - Throws: `invalid` for what is no resource type of R4.
  public func types(_ name: String) throws(PeerChartError) -> Set<String>? {
    let names = values(name).flatMap { $0.split(separator: ",").map(String.init) }
    guard names.allSatisfy({ ResourceType.isKnown($0) }) else {
      throw PeerChartError(.invalid, "this is a list of FHIR R4's resource types", place: name)
    }
    return names.isEmpty ? nil : Set(names)
  }

  /// - Throws: `invalid` where a parameter is given that is not among `names`.
  public func require(only names: Set<String>) throws(PeerChartError) {
    for name in pairs.map(\.name) + elements.map(\.name) where !names.contains(name) {
      // The name is the caller's own text, so it is not repeated.
      throw PeerChartError(
        .invalid,
        "this operation knows only the parameters \(names.sorted().joined(separator: ", "))")
    }
  }

  /// A value as a search would write it; nil for what it cannot say.
  private static func text(_ value: JSONValue) -> String? {
    switch value.kind {
    case .string: return value.string
    case .number: return value.numberLiteral
    case .bool: return value.bool.map { $0 ? "true" : "false" }
    case .object:
      if let reference = value["reference"]?.string { return reference }
      if let coding = value["coding"], coding.elements.contains(where: { _ in true }) {
        return coding.elements.compactMap { text($0) }.joined(separator: ",")
      }
      guard let code = (value["code"] ?? value["value"])?.string else { return nil }
      return (value["system"]?.string).map { "\(escaped($0))|\(escaped(code))" } ?? escaped(code)
    default: return nil
    }
  }

  /// R4 3.1.1.4.0: what separates values is escaped within one.
  private static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      if ["\\", "$", ",", "|"].contains(scalar) { output.unicodeScalars.append("\\") }
      output.unicodeScalars.append(scalar)
    }
    return output
  }
}
