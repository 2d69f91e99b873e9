import Crypto
import FHIR
import Primitives
import Vault

/// Where a search or a history goes on. Cursors are sealed, and good only for the same caller and query.
struct SearchCursor {
  var position: SearchPosition
  /// The number of all matches, where the first page has found it out.
  var total: Int?

  fileprivate var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(UInt32(truncatingIfNeeded: position.query))
    writer.append(position.entry.slot)
    writer.append(position.entry.row)
    writer.append(Int64(total ?? -1))
    writer.append(UInt32(truncatingIfNeeded: position.values.count))
    for value in position.values { writer.append(prefixed: value?.encoded ?? "") }
    return writer.bytes
  }

  fileprivate init(decoding bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    let query = Int(try reader.read(UInt32.self))
    let entry = IndexEntryPosition(slot: try reader.read(), row: try reader.read())
    let total = try reader.read(Int64.self)
    let count = Int(try reader.read(UInt32.self))
    guard count <= SearchLimits.sortKeys else {
      throw PeerChartError(.malformed, "a cursor has too many values")
    }
    var values: [SearchSortValue?] = []
    for _ in 0..<count {
      let text = try reader.readPrefixedText(limit: 1024)
      values.append(text.isEmpty ? nil : SearchSortValue(encoded: text))
    }
    position = SearchPosition(values: values, query: query, entry: entry)
    self.total = total < 0 ? nil : Int(total)
  }

  init(_ position: SearchPosition, total: Int? = nil) {
    self.position = position
    self.total = total
  }
}

extension Exchange {
  /// - Parameter name: what the cursor is of: a resource type, a compartment, a history.
  func sealCursor(
    _ cursor: SearchCursor, _ name: String, _ query: [(String, String)], _ caller: Caller
  ) throws -> String {
    Base64URL.encode(
      try keys.seal(cursor.encoded, .node, key: Self.cursorKey(name, query, caller)))
  }

  func openCursor(
    _ cursor: String, _ name: String, _ query: [(String, String)], _ caller: Caller
  ) throws -> SearchCursor {
    guard cursor.utf8.count <= SearchLimits.cursorBytes, let sealed = Base64URL.decode(cursor),
      let bytes = try? keys.open(sealed, .node, key: Self.cursorKey(name, query, caller)),
      let opened = try? SearchCursor(decoding: bytes)
    else {
      throw PeerChartError(
        .invalid, "this cursor is not of this search; start again without it", place: "_cursor")
    }
    return opened
  }

  private static func cursorKey(
    _ name: String, _ query: [(String, String)], _ caller: Caller
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(prefixed: "cursor")
    writer.append(prefixed: name)
    writer.append(prefixed: "\(caller.identity)")
    for (name, value) in query where name != "_cursor" && name != "_count" {
      writer.append(prefixed: name)
      writer.append(prefixed: value)
    }
    return Array(SHA256.hash(data: writer.bytes))
  }
}
