public import Primitives

/// A FHIR identifier of a person or an organization, such as an NPI.
public struct PartyIdentifier: Hashable, Sendable {
  /// The namespace, a URI: `http://hl7.org/fhir/sid/us-npi`.
  public let system: String
  public let value: String

  public init(system: String, value: String) {
    self.system = system
    self.value = value
  }
}

/// To whom a grant or a denial applies.
public enum Grantee: Hashable, Sendable {
  /// Everybody at a node.
  case node(NodeID)
  /// The workforce of an organization, at whatever node.
  case organization(PartyIdentifier)
  /// One person.
  case person(PartyIdentifier)

  var isPerson: Bool {
    if case .person = self { true } else { false }
  }
}
