import Crypto
import Primitives

/// A small sealed thing that is put or taken away.
///
/// The audit entry of the same transaction names it by `note`, so that the log says what the table of
/// items must hold: an old copy of a row that somebody put back does not pass for the newest.
struct ItemChange: Sendable {
  let kind: ItemKind
  let key: [UInt8]
  /// Nil where it is taken away.
  let sealed: [UInt8]?
  var before = Before.anything

  /// What must be there when it is applied; if it is not, the decision is made again.
  enum Before: Sendable {
    case anything
    /// This row, or none.
    case exactly([UInt8]?)
  }

  func apply(_ transaction: any StoreTransaction) throws {
    if case .exactly(let row) = before, try transaction.item(kind, key: key) != row {
      throw PeerChartError(.staleDecision, "somebody else changed this meanwhile")
    }
    if let sealed {
      try transaction.putItem(kind, key: key, sealed: sealed)
    } else {
      try transaction.deleteItem(kind, key: key)
    }
  }

  /// `NAME=DIGEST`, or `NAME=-` for what is taken away (docs/format/log.md, "Items").
  var note: String {
    "\(Self.name(kind, key))=\(sealed.map { Self.digest($0) } ?? "-")"
  }

  /// The kind, and a hash of kind and key: some keys are ids that people chose.
  static func name(_ kind: ItemKind, _ key: [UInt8]) -> String {
    let hash = SHA256.hash(data: Array(kind.rawValue.utf8) + [0] + key)
    return "\(kind.rawValue):\(Hex.encode(Array(hash.prefix(16))))"
  }

  static func digest(_ sealed: [UInt8]) -> String {
    Hex.encode(Array(SHA256.hash(data: sealed)))
  }
}

extension Exchange {
  /// The change that keeps a value.
  func keeping(
    _ kind: ItemKind, _ key: [UInt8], _ value: some Encodable
  ) throws -> ItemChange {
    ItemChange(kind: kind, key: key, sealed: try sealedItem(kind, key, value))
  }

  /// As above, where the value was made from the one in the snapshot: of two who change the same thing at
  /// once, the second decides anew.
  func keeping(
    _ kind: ItemKind, _ key: [UInt8], _ value: some Encodable, after snapshot: any StoreSnapshot
  ) throws -> ItemChange {
    var change = try keeping(kind, key, value)
    change.before = .exactly(try snapshot.item(kind, key: key))
    return change
  }
}

extension Passage {
  /// Adds a change of an item, and what the entry says about it.
  mutating func change(_ item: ItemChange, _ event: inout EventDraft) {
    event.items.append(item.note)
    also { try item.apply($0) }
  }
}

extension EventDraft {
  private static let notesInOneDetail = 17
  private static let details = 8

  /// The notes as members of `detail`: `items`, `items-2`, ….
  ///
  /// - Throws: `tooLarge` for more changes than one entry can name.
  var itemDetail: [String: String] {
    get throws {
      guard items.count <= Self.notesInOneDetail * Self.details else {
        throw PeerChartError(.tooLarge, "this changes more than one entry of the log can name")
      }
      var detail: [String: String] = [:]
      for start in stride(from: 0, to: items.count, by: Self.notesInOneDetail) {
        let number = start / Self.notesInOneDetail + 1
        detail[number == 1 ? "items" : "items-\(number)"] =
          items[start..<min(start + Self.notesInOneDetail, items.count)].joined(separator: " ")
      }
      return detail
    }
  }
}
