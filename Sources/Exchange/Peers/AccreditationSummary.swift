import Identity
import Primitives

/// What an accreditor whose word is taken here says of a paired node.
public struct AccreditationSummary: Sendable, Encodable {
  public let organization: String
  /// National Provider Identifier.
  public let npi: String
  /// The accreditor's name.
  public let by: String
  public let until: String

  init(_ statement: AccreditationStatement, by accreditor: Accreditor) {
    organization = statement.organization
    npi = statement.npi.description
    by = accreditor.name
    until = statement.expires.description
  }
}

/// An accreditor whose word is taken here.
public struct AccreditorSummary: Sendable, Encodable {
  /// The thumbprint of its key.
  public let id: String
  public let name: String
}

/// A trusted accreditor as kept, under its id.
struct AccreditorRecord: Codable, Sendable {
  /// As it was handed over.
  var json: [UInt8]
}

/// A statement about this node as kept.
struct AccreditationRecord: Codable, Sendable {
  var statement: String
}
