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
