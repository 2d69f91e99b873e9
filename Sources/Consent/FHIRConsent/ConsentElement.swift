import FHIR
import Primitives

/// Strict access to the elements of a Consent: whatever is not asked for is refused, because an
/// element that nobody understood may have narrowed what was granted.
struct ConsentElement {
  let value: JSONValue

  /// An object with no other members than `names`. Throws `malformed` if it is none, `not-supported`
  /// for another member.
  init(_ value: JSONValue, allowing names: Set<String>) throws(PeerChartError) {
    guard value.kind == .object else {
      throw PeerChartError(.malformed, "an object was expected", place: value.pointer)
    }
    for member in value.members where !names.contains(member.name) {
      throw PeerChartError(
        .notSupported, "this element of a Consent is not understood", place: member.value.pointer)
    }
    self.value = value
  }

  func has(_ name: String) -> Bool { value[name] != nil }

  func required(_ name: String) throws(PeerChartError) -> JSONValue {
    guard let member = value[name] else {
      throw PeerChartError(.malformed, "the element \(name) is missing", place: value.pointer)
    }
    return member
  }

  func text(_ name: String) throws(PeerChartError) -> String {
    let member = try required(name)
    guard let text = member.string, !text.isEmpty else {
      throw PeerChartError(.malformed, "a text was expected", place: member.pointer)
    }
    return text
  }

  /// The elements of an array that is there and not empty; nil when it is absent.
  func list(_ name: String) throws(PeerChartError) -> [JSONValue]? {
    guard let member = value[name] else { return nil }
    guard member.kind == .array, member.count > 0 else {
      throw PeerChartError(
        .malformed, "a list with something in it was expected", place: member.pointer)
    }
    guard member.count <= 1000 else {
      throw PeerChartError(.tooLarge, "more than 1000 elements", place: member.pointer)
    }
    return Array(member.elements)
  }

  func requiredList(_ name: String) throws(PeerChartError) -> [JSONValue] {
    guard let list = try list(name) else {
      throw PeerChartError(.malformed, "the element \(name) is missing", place: value.pointer)
    }
    return list
  }

  func instant(_ name: String) throws(PeerChartError) -> Instant {
    let text = try text(name)
    guard let instant = Instant(text) else {
      throw PeerChartError(
        .notSupported, "a time needs seconds and a zone here", place: value[name]?.pointer)
    }
    return instant
  }

  /// A Period with full times; open where a bound or the whole element is absent.
  func window(_ name: String) throws(PeerChartError) -> TimeWindow {
    guard let member = value[name] else { return .always }
    let period = try ConsentElement(member, allowing: ["start", "end"])
    let window = TimeWindow(
      start: period.has("start") ? try period.instant("start") : nil,
      end: period.has("end") ? try period.instant("end") : nil)
    guard window.isBounded, !window.isEmpty else {
      throw PeerChartError(.malformed, "a period that holds no time", place: member.pointer)
    }
    return window
  }

  static func notUnderstood(_ value: JSONValue) -> PeerChartError {
    PeerChartError(.notSupported, "this code of a Consent is not understood", place: value.pointer)
  }
}

/// A code with its system.
struct ConsentCoding {
  let system: String
  let code: String
  let value: JSONValue

  init(_ value: JSONValue) throws(PeerChartError) {
    let element = try ConsentElement(value, allowing: ["system", "code", "display"])
    system = try element.text("system")
    code = try element.text("code")
    self.value = value
  }

  /// The codings of a CodeableConcept; its text is for people.
  static func concept(_ value: JSONValue) throws(PeerChartError) -> [ConsentCoding] {
    var result: [ConsentCoding] = []
    for coding in try ConsentElement(value, allowing: ["coding", "text"]).requiredList("coding") {
      result.append(try ConsentCoding(coding))
    }
    return result
  }

  /// Demands that a CodeableConcept holds this code.
  static func expect(_ value: JSONValue, _ system: String, _ code: String) throws(PeerChartError) {
    guard try concept(value).contains(where: { $0.system == system && $0.code == code }) else {
      throw ConsentElement.notUnderstood(value)
    }
  }
}
