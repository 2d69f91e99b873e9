import Crypto
import Primitives
import Vault

/// Cursors say where a search or a history goes on. They are sealed, and good only for the same caller
/// and query.
extension Exchange {
  func sealCursor(
    _ position: IndexEntryPosition, _ type: String, _ query: [(String, String)], _ caller: Caller
  ) throws -> String {
    var writer = ByteWriter()
    writer.append(position.slot)
    writer.append(position.row)
    return Base64URL.encode(
      try keys.seal(writer.bytes, .node, key: Self.cursorKey(type, query, caller)))
  }

  func openCursor(
    _ cursor: String, _ type: String, _ query: [(String, String)], _ caller: Caller
  ) throws -> IndexEntryPosition {
    guard cursor.utf8.count < 200, let sealed = Base64URL.decode(cursor),
      let bytes = try? keys.open(sealed, .node, key: Self.cursorKey(type, query, caller))
    else {
      throw PeerChartError(
        .invalid, "this cursor is not of this search; start again without it", place: "_cursor")
    }
    var reader = ByteReader(bytes)
    return IndexEntryPosition(slot: try reader.read(), row: try reader.read())
  }

  private static func cursorKey(
    _ type: String, _ query: [(String, String)], _ caller: Caller
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(prefixed: "cursor")
    writer.append(prefixed: type)
    writer.append(prefixed: "\(caller.identity)")
    for (name, value) in query where name != "_cursor" && name != "_count" {
      writer.append(prefixed: name)
      writer.append(prefixed: value)
    }
    return Array(SHA256.hash(data: writer.bytes))
  }
}
