import Foundation
import Identity
import Primitives

/// A trusted accreditor as kept, under its id.
struct AccreditorRecord: Codable, Sendable {
  /// As it was handed over.
  var json: [UInt8]
  /// How old the newest that is known of it may be, in seconds; nil for however old.
  var freshness: Int64?
  /// Whether only its word against entities is taken.
  var withdrawalsOnly: Bool?
}

/// A statement about this node as kept: it goes out with requests for access.
struct AccreditationRecord: Codable, Sendable {
  static let key = Array("own".utf8)
  var statement: String
}

/// What an accreditor has said about an entity: at the accreditor its register, under the node's id; elsewhere
/// what is known of it, under the node's id and the accreditor's.
struct EntityRecord: Codable, Sendable {
  /// Of one accreditor about one node.
  static let mostStatements = 256

  /// Verified, as they were signed.
  var statements: [String] = []
  /// When the accreditor was asked last, in milliseconds since 1970.
  var askedAt: Int64?

  static func key(_ node: NodeID, by accreditor: String) -> [UInt8] {
    node.bytes + Array(accreditor.utf8)
  }

  func history(of node: NodeID) throws -> EntityHistory {
    EntityHistory(of: node, try statements.map { try EntityStatement.unverified($0) })
  }

  /// Adds what is not there yet. Nothing is ever taken away for something that is said later; of too many, the
  /// oldest go that end nothing, and of that time nothing is known then.
  ///
  /// - Parameter new: verified, and about the record's node.
  /// - Returns: those that were not there.
  mutating func add(_ new: [String]) throws -> [EntityStatement] {
    var known = try statements.map { (text: $0, statement: try EntityStatement.unverified($0)) }
    var seen = Set(known.map(\.statement))
    var added: [EntityStatement] = []
    for text in new {
      let statement = try EntityStatement.unverified(text)
      guard seen.insert(statement).inserted else { continue }
      known.append((text, statement))
      added.append(statement)
    }
    known.sort { $0.statement.sequence < $1.statement.sequence }
    while known.count > Self.mostStatements,
      let oldest = known.firstIndex(where: { !$0.statement.isFinal })
    {
      known.remove(at: oldest)
    }
    statements = known.map(\.text)
    return added
  }
}

/// An accreditor whose word is taken, and how far.
struct TrustedAccreditor: Sendable {
  let accreditor: Accreditor
  let freshness: Int64?
  let withdrawalsOnly: Bool
  /// Whether it is this node, whose own register says what it has said.
  var isSelf = false
}
