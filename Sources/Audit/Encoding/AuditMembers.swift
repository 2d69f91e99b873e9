import Primitives

/// Typed access to the members of an object.
struct AuditMembers {
  private let members: [String: AuditJSON]

  init(_ members: [String: AuditJSON]) { self.members = members }

  private func malformed(_ name: String) -> PeerChartError {
    PeerChartError(.malformed, "a member is missing or has the wrong type", place: name)
  }

  func string(_ name: String) throws(PeerChartError) -> String {
    guard let text = try text(name) else { throw malformed(name) }
    return text
  }

  func integer(_ name: String) throws(PeerChartError) -> Int {
    guard case .integer(let value) = members[name] else { throw malformed(name) }
    return value
  }

  func object(_ name: String) throws(PeerChartError) -> AuditMembers {
    guard let object = try optionalObject(name) else { throw malformed(name) }
    return object
  }

  /// A text that may be missing.
  func text(_ name: String) throws(PeerChartError) -> String? {
    switch members[name] {
    case nil: return nil
    case .string(let text): return text
    default: throw malformed(name)
    }
  }

  func optionalObject(_ name: String) throws(PeerChartError) -> AuditMembers? {
    switch members[name] {
    case nil: return nil
    case .object(let members): return AuditMembers(members)
    default: throw malformed(name)
    }
  }

  /// A list of texts, empty where it is missing.
  func strings(_ name: String) throws(PeerChartError) -> [String] {
    guard let value = members[name] else { return [] }
    guard case .array(let elements) = value else { throw malformed(name) }
    var texts: [String] = []
    for element in elements {
      guard case .string(let text) = element else { throw malformed(name) }
      texts.append(text)
    }
    return texts
  }

  /// Texts by name, empty where they are missing.
  func texts(_ name: String) throws(PeerChartError) -> [String: String] {
    guard let object = try optionalObject(name) else { return [:] }
    var texts: [String: String] = [:]
    for key in object.members.keys { texts[key] = try object.string(key) }
    return texts
  }

  /// Integers by name, empty where they are missing.
  func integers(_ name: String) throws(PeerChartError) -> [String: Int] {
    guard let object = try optionalObject(name) else { return [:] }
    var integers: [String: Int] = [:]
    for key in object.members.keys { integers[key] = try object.integer(key) }
    return integers
  }
}
