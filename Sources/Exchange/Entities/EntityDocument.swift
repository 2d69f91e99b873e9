import Foundation
import Primitives

/// Statements about an entity as they are handed on: `{"entity":NODE-ID,"statements":[JWS,…]}`.
struct EntityDocument: Codable, Sendable {
  /// Bytes of one.
  static let longest = 2 << 20

  /// The node's id.
  var entity: String?
  var statements: [String]

  /// Sorted, so that it has one form.
  var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self))
    }
  }

  init(entity: String?, statements: [String]) {
    self.entity = entity
    self.statements = statements
  }

  /// Reads the JSON, or statements one on each line.
  ///
  /// - Throws: `too-large`, `malformed`.
  init(parsing bytes: [UInt8]) throws {
    guard bytes.count <= Self.longest else {
      throw PeerChartError(.tooLarge, "these are more statements than one reads at once")
    }
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
        throw PeerChartError(.malformed, "these are no statements about an entity")
      }
    } else {
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      self.init(entity: nil, statements: lines.map(String.init))
    }
    guard (1...2 * EntityRecord.mostStatements).contains(statements.count) else {
      throw PeerChartError(
        .malformed, "statements are 1 to \(2 * EntityRecord.mostStatements) at once")
    }
  }
}
