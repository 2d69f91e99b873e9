import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

/// The files of Tests/Vectors/sec.
struct SecVectors {
  struct Keys: Codable {
    struct Identity: Codable {
      let kind: String
      var secret: String?
      var text: String?
    }
    let about: String
    let identities: [String: Identity]
  }

  struct Good: Codable {
    let name: String
    let about: String
    let identity: String
    var needs: [String]?
    /// Only members that the document has are compared.
    let manifest: Expected
    let contentSHA256: String
    let file: String
  }

  struct Expected: Codable, Equatable {
    let documentID: String
    let issuer: String
    let signingKey: String
    let subject: String?
    let typeCode: String?
    let typeDisplay: String?
    let mediaType: String
    let created: Int64
    let contentLength: UInt64
    let contentDigest: String
    let predecessor: String?
    let documentDigest: String
    let proof: String?
  }

  struct Edit: Codable {
    let at: Int
    let remove: Int
    var insert: String?
    /// Start and end of the bytes of the base to insert.
    var copy: [Int]?
  }

  struct Bad: Codable {
    let name: String
    let about: String
    let identity: String
    let error: String
    var needs: [String]?
    var base: String?
    var edits: [Edit]?
    var file: String?
  }

  struct List<Vector: Codable>: Codable {
    let about: String
    let vectors: [Vector]
  }

  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Vectors/sec")

  let keys: Keys
  let good: [Good]
  let bad: [Bad]

  init() throws {
    func load<Value: Decodable>(_ name: String) throws -> Value {
      try JSONDecoder().decode(
        Value.self, from: Data(contentsOf: Self.folder.appending(path: name)))
    }
    keys = try load("keys.json")
    good = (try load("good.json") as List<Good>).vectors
    bad = (try load("bad.json") as List<Bad>).vectors
  }

  func identity(_ name: String) throws -> SecIdentity {
    let entry = try #require(keys.identities[name])
    let secret = try #require(Hex.decode(entry.secret ?? ""))
    switch entry.kind {
    case "xwing": return .xwing(try .init(seedRepresentation: secret, publicKey: nil))
    case "x25519": return .x25519(try .init(rawRepresentation: secret))
    default: return .passphrase(Redacted(Array(try #require(entry.text).utf8)))
    }
  }

  func bytes(of bad: Bad) throws -> [UInt8] {
    if let file = bad.file { return try #require(Base64.decode(file)) }
    let base = try #require(good.first { $0.name == bad.base })
    return try bad.edited(try #require(Base64.decode(base.file)))
  }
}

extension SecVectors.Bad {
  func edited(_ base: [UInt8]) throws -> [UInt8] {
    var bytes = base
    for edit in edits ?? [] {
      var insert = try #require(Hex.decode(edit.insert ?? ""))
      if let copy = edit.copy { insert = Array(base[copy[0]..<copy[1]]) }
      try #require(edit.at >= 0 && edit.remove >= 0 && edit.at + edit.remove <= bytes.count)
      bytes.replaceSubrange(edit.at..<edit.at + edit.remove, with: insert)
    }
    return bytes
  }
}

extension SecVectors.Expected {
  init(_ document: OpenedDocument) {
    let manifest = document.manifest
    self.init(
      documentID: Hex.encode(manifest.documentID), issuer: manifest.issuer.description,
      signingKey: Hex.encode(manifest.signingKey), subject: manifest.subject,
      typeCode: manifest.documentType?.code, typeDisplay: manifest.documentType?.display,
      mediaType: manifest.mediaType, created: manifest.created.millisecondsSinceEpoch,
      contentLength: manifest.contentLength, contentDigest: Hex.encode(manifest.contentDigest),
      predecessor: manifest.predecessor?.description, documentDigest: document.digest.description,
      proof: document.proof.map { String(decoding: $0, as: UTF8.self) })
  }
}
