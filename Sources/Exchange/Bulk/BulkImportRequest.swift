import FHIR
public import Primitives

/// What a bulk import is asked for: NDJSON files, each of one type, and where they are.
public struct BulkImportRequest: Sendable {
  private static let mostFiles = 1000
  private static let longestURL = 2048
  private static let formats: Set<String> = [
    "application/fhir+ndjson", "application/ndjson", "ndjson",
  ]

  let files: [(type: String, url: String)]

  /// Reads the body of a kick-off: a Parameters resource, or the same in plain JSON
  /// (`{"inputFormat": …, "inputSource": …, "storageDetail": …, "input": [{"type": …, "url": …}]}`).
  ///
  /// `inputSource` and `storageDetail` say nothing that is needed here; they may be there.
  ///
  /// - Throws: `malformed`, `invalid` with the place.
  public init(parsing body: [UInt8]) throws(PeerChartError) {
    let root = try JSONDocument(parsing: body).root
    let isParameters = root["resourceType"] != nil
    let members = isParameters ? try Self.parameters(root) : try Self.members(root)
    var format: String?
    var files: [(type: String, url: String)] = []
    for (name, value, place) in members {
      switch name {
      case "inputFormat": format = Self.text(value)
      case "inputSource", "storageDetail", "mode", "force": continue
      case "input":
        guard files.count < Self.mostFiles else {
          throw PeerChartError(
            .invalid, "there are more than \(Self.mostFiles) files", place: place)
        }
        files.append(try Self.file(value, isParameters: isParameters, place))
      default:
        throw PeerChartError(
          .invalid, "an import has inputFormat, inputSource, storageDetail and input", place: place)
      }
    }
    guard let format, Self.formats.contains(format) else {
      throw PeerChartError(
        .invalid, "the format is application/fhir+ndjson", place: "inputFormat")
    }
    guard !files.isEmpty else {
      throw PeerChartError(.invalid, "there is no file to import", place: "input")
    }
    guard Set(files.map(\.url)).count == files.count else {
      throw PeerChartError(.invalid, "a file is named twice", place: "input")
    }
    self.files = files
  }

  private typealias Member = (name: String, value: JSONValue, place: String)

  private static func parameters(_ root: JSONValue) throws(PeerChartError) -> [Member] {
    guard root["resourceType"]?.string == "Parameters" else {
      throw PeerChartError(
        .invalid, "the body of an operation is a Parameters resource", place: "body")
    }
    var members: [Member] = []
    for (number, parameter) in (root["parameter"].map { Array($0.elements) } ?? []).enumerated() {
      members.append(
        (parameter["name"]?.string ?? "", parameter, "Parameters.parameter[\(number)]"))
    }
    return members
  }

  private static func members(_ root: JSONValue) throws(PeerChartError) -> [Member] {
    guard root.kind == .object else {
      throw PeerChartError(.invalid, "the body is a JSON object", place: "body")
    }
    var members: [Member] = []
    for (name, value) in root.members.map({ ($0.name, $0.value) }) {
      guard name == "input" else {
        members.append((name, value, "body"))
        continue
      }
      for (number, element) in value.elements.enumerated() {
        members.append((name, element, "input[\(number)]"))
      }
    }
    return members
  }

  private static func file(
    _ value: JSONValue, isParameters: Bool, _ place: String
  ) throws(PeerChartError) -> (type: String, url: String) {
    func member(_ name: String) -> String? {
      guard isParameters else { return value[name]?.string }
      let parts = value["part"].map { Array($0.elements) } ?? []
      return parts.first { $0["name"]?.string == name }.flatMap(text)
    }
    guard let type = member("type"), ResourceType.isKnown(type) else {
      throw PeerChartError(
        .invalid, "FHIR R4 has no resource type of that name", place: "\(place).type")
    }
    guard let url = member("url"), !url.isEmpty, url.utf8.count <= longestURL,
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw PeerChartError(.invalid, "a file needs an address", place: "\(place).url") }
    return (type, url)
  }

  /// A text, or the value of a parameter that is one.
  private static func text(_ value: JSONValue) -> String? {
    if let text = value.string { return text }
    let values = value.members.filter { $0.name.hasPrefix("value") }
    return values.count == 1 ? values.first?.value.string : nil
  }
}
