import Foundation
import Primitives

/// Small things a node keeps, each sealed for its place and read back as a value.
extension Exchange {
  func item<Value: Decodable>(
    _ kind: ItemKind, _ key: [UInt8], as type: Value.Type = Value.self,
    in snapshot: any StoreSnapshot
  ) throws -> Value? {
    try snapshot.item(kind, key: key).map { try decode($0, kind, key) }
  }

  func items<Value: Decodable>(
    _ kind: ItemKind, as type: Value.Type = Value.self, in snapshot: any StoreSnapshot
  ) throws -> [(key: [UInt8], value: Value)] {
    try snapshot.items(kind).map { ($0.key, try decode($0.sealed, kind, $0.key)) }
  }

  /// As `items`, of a kind that is listed for most pages: what was opened before is not opened again. The rows
  /// themselves are read each time.
  func rememberedItems<Value: Decodable & Sendable>(
    _ kind: ItemKind, as type: Value.Type, in snapshot: any StoreSnapshot
  ) throws -> [(key: [UInt8], value: Value)] {
    let rows = try snapshot.items(kind)
    let known = openedItems.of(kind)
    var isNew = known.count != rows.count
    let opened = try rows.map { key, sealed in
      if let (same, value) = known[key], same == sealed, let value = value as? Value {
        return (key: key, sealed: sealed, value: value)
      }
      isNew = true
      return (key: key, sealed: sealed, value: try decode(sealed, kind, key) as Value)
    }
    if isNew { openedItems.keep(kind, opened.map { ($0.key, ($0.sealed, $0.value)) }) }
    return opened.map { ($0.key, $0.value) }
  }

  func sealedItem(_ kind: ItemKind, _ key: [UInt8], _ value: some Encodable) throws -> [UInt8] {
    try keys.seal(Array(try JSONEncoder().encode(value)), kind, key: key)
  }

  func decode<Value: Decodable>(
    _ sealed: [UInt8], _ kind: ItemKind, _ key: [UInt8]
  ) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(keys.open(sealed, kind, key: key)))
    } catch let error as DecodingError {
      throw PeerChartError(.unsupportedVersion, "a stored item cannot be read", cause: error)
    }
  }
}
