import Crypto
import FHIR
import Identity
import Primitives
import Vault

extension Exchange {
  /// A cursor of a GraphQL connection stands for the whole search, parameters included (R4 graphql.html).
  /// It is sealed, and good for the same caller and type only.
  ///
  /// - Parameter position: behind which match the page begins; nil for the first page.
  func sealConnectionCursor(
    _ parameters: [(name: String, value: String)], after position: SearchPosition?, _ type: String,
    _ caller: Caller
  ) throws -> String {
    var writer = ByteWriter()
    writer.append(UInt32(truncatingIfNeeded: parameters.count))
    for (name, value) in parameters {
      writer.append(prefixed: name)
      writer.append(prefixed: value)
    }
    writer.append(UInt32(position == nil ? 0 : 1))
    if let position {
      writer.append(position.entry.slot)
      writer.append(position.entry.row)
      writer.append(UInt32(truncatingIfNeeded: position.values.count))
      for value in position.values { writer.append(prefixed: value?.encoded ?? "") }
    }
    return Base64URL.encode(
      try keys.seal(writer.bytes, .node, key: Self.connectionKey(type, caller)))
  }

  /// - Throws: `invalid` for a cursor of another search, type or caller.
  func openConnectionCursor(
    _ cursor: String, _ type: String, _ caller: Caller
  ) throws -> (parameters: [(name: String, value: String)], position: SearchPosition?) {
    guard cursor.utf8.count <= 64 << 10, let sealed = Base64URL.decode(cursor),
      let bytes = try? keys.open(sealed, .node, key: Self.connectionKey(type, caller)),
      let read = try? Self.readCursor(bytes)
    else {
      throw PeerChartError(.invalid, "this cursor is not of this connection; start without it")
    }
    return read
  }

  private static func readCursor(
    _ bytes: [UInt8]
  ) throws -> (parameters: [(name: String, value: String)], position: SearchPosition?) {
    var reader = ByteReader(bytes)
    var parameters: [(name: String, value: String)] = []
    for _ in 0..<Int(try reader.read(UInt32.self)) {
      parameters.append(
        (
          try reader.readPrefixedText(limit: 256),
          try reader.readPrefixedText(limit: SearchLimits.alternatives * SearchLimits.valueBytes)
        ))
    }
    guard try reader.read(UInt32.self) == 1 else { return (parameters, nil) }
    let entry = IndexEntryPosition(slot: try reader.read(), row: try reader.read())
    var values: [SearchSortValue?] = []
    for _ in 0..<Int(try reader.read(UInt32.self)) {
      let text = try reader.readPrefixedText(limit: 1024)
      values.append(text.isEmpty ? nil : SearchSortValue(encoded: text))
    }
    return (parameters, SearchPosition(values: values, entry: entry))
  }

  private static func connectionKey(_ type: String, _ caller: Caller) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(prefixed: "connection-cursor")
    writer.append(prefixed: type)
    writer.append(prefixed: "\(caller.identity)")
    return Array(SHA256.hash(data: writer.bytes))
  }
}
