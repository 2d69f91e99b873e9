import Primitives

/// One operation of a FHIRPath patch (FHIR R4 fhirpatch.html).
struct FHIRPathPatchOperation: Sendable {
  enum Kind: Sendable {
    case add(name: String, PatchValueSource)
    case insert(index: Int, PatchValueSource)
    case delete
    case replace(PatchValueSource)
    case move(source: Int, destination: Int)
  }

  let kind: Kind
  let path: FHIRPath
  /// Where the operation stands: `Parameters.parameter[2]`.
  let place: String

  /// Reads a parameter `operation`.
  ///
  /// - Throws: `malformed` for parts that are missing, unknown or there twice, and what `FHIRPath`
  ///   throws.
  init(_ parameter: JSONValue) throws(PeerChartError) {
    let place = parameter.pointer
    func fault(_ reason: String) -> PeerChartError {
      PeerChartError(.malformed, reason, place: place)
    }
    guard parameter["name"]?.isString("operation") ?? false, let list = parameter["part"],
      list.kind == .array
    else { throw fault("a patch consists of parameters named operation, with parts") }
    var parts: [String: JSONValue] = [:]
    for part in list.elements {
      guard let name = part["name"]?.string, Self.partNames.contains(name) else {
        throw PeerChartError(
          .malformed, "a part of an operation has another name", place: part.pointer)
      }
      guard parts.updateValue(part, forKey: name) == nil else {
        throw PeerChartError(
          .malformed, "a part of an operation stands twice", place: part.pointer)
      }
    }
    func text(_ name: String) throws(PeerChartError) -> String {
      let part = parts[name]
      guard let text = (part?["valueString"] ?? part?["valueCode"])?.string else {
        throw fault("the part \(name) is missing or no string")
      }
      return text
    }
    func number(_ name: String) throws(PeerChartError) -> Int {
      let part = parts[name]
      let value = part?["valueInteger"] ?? part?["valueUnsignedInt"] ?? part?["valuePositiveInt"]
      guard let number = value?.numberLiteral.flatMap({ Int32($0) }), number >= 0 else {
        throw fault("the part \(name) is missing or no index")
      }
      return Int(number)
    }
    func value() throws(PeerChartError) -> PatchValueSource {
      guard let part = parts["value"] else { throw fault("the part value is missing") }
      return try PatchValueSource(part)
    }
    switch try text("type") {
    case "add": kind = try .add(name: text("name"), value())
    case "insert": kind = try .insert(index: number("index"), value())
    case "delete": kind = .delete
    case "replace": kind = try .replace(value())
    case "move": kind = try .move(source: number("source"), destination: number("destination"))
    default: throw fault("type is add, insert, delete, replace or move")
    }
    do throws(PeerChartError) {
      path = try FHIRPath(text("path"))
    } catch {
      throw PeerChartError(
        error.code, error.reason,
        place: "\(parts["path"]?.pointer ?? place), \(error.place ?? "path")")
    }
    self.place = place
  }

  private static let partNames: Set<String> = [
    "type", "path", "name", "value", "index", "source", "destination",
  ]
}
