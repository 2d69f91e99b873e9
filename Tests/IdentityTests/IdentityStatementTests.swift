import Crypto
import Foundation
import Identity
import Primitives
import Testing

@Suite("Identity statements")
struct IdentityStatementTests {
  @Test("come back as they were signed")
  func roundTrip() throws {
    let node = try TestNode(seed: 1, name: "Allgemeines Krankenhaus", kind: .organization)
    let read = try IdentityStatement(parsing: node.statement.bytes)
    #expect(read == node.statement)
    #expect(read.node == node.keys.node)
    #expect(read.name.text == "Allgemeines Krankenhaus")
    #expect(read.kind == .organization)
    #expect(read.issuedAt == TestNode.now)
    #expect(read.authority == node.authority)
    #expect(read.keys.sealingBytes == Array(node.keys.sealing.publicKey.rawRepresentation))
    #expect(read.bytes.count < 2200)
  }

  @Test("names beyond ASCII and of full length survive")
  func names() throws {
    for name in ["Ärztehaus Größe", "東京病院", String(repeating: "x", count: 64), "a,b=c+\"d\"#"] {
      let node = try TestNode(seed: 4, name: name)
      #expect(try IdentityStatement(parsing: node.statement.bytes).name.text == name)
    }
  }

  @Test("no changed, missing or additional byte is accepted")
  func strict() throws {
    let bytes = try TestNode(seed: 2).statement.bytes
    for (place, changed) in flips(of: bytes) {
      let code = errorCode { _ = try IdentityStatement(parsing: changed) }
      #expect(
        code == .integrity || code == .malformed || code == .unsupportedVersion
          || code == .tooLarge,
        "byte \(place): \(String(describing: code))")
    }
    for end in 0..<bytes.count {
      #expect(errorCode { _ = try IdentityStatement(parsing: Array(bytes[..<end])) } != nil)
    }
    #expect(errorCode { _ = try IdentityStatement(parsing: bytes + [0]) } == .malformed)
    let huge = bytes + [UInt8](repeating: 0, count: 10_000)
    #expect(errorCode { _ = try IdentityStatement(parsing: huge) } == .tooLarge)
  }

  @Test("a statement of one node with another's keys or certificate is not made and not read")
  func mixed() throws {
    let a = try TestNode(seed: 3)
    let b = try TestNode(seed: 4)
    #expect(
      errorCode {
        _ = try IdentityStatement(
          name: a.name, kind: .household, keys: a.keys, authority: b.authority,
          issuedAt: TestNode.now)
      } == .invalid)
    // By hand, each properly signed by a's key.
    func signed(
      node: [UInt8]? = nil, kind: UInt8 = 1, name: String? = nil, sealing: [UInt8]? = nil,
      certificate: [UInt8]? = nil, time: Int64 = 0
    ) throws -> [UInt8] {
      var writer = ByteWriter()
      writer.append(raw: "peerchart-identity-v1\n".utf8)
      writer.append(raw: node ?? a.keys.node.bytes)
      writer.append(kind)
      writer.append(prefixed: name ?? a.name.text)
      writer.append(raw: a.keys.publicKeys.signingBytes)
      writer.append(raw: sealing ?? a.keys.publicKeys.sealingBytes)
      writer.append(prefixed: certificate ?? a.authority.der)
      writer.append(time)
      return writer.bytes + (try a.keys.sign(writer.bytes))
    }
    func code(_ bytes: [UInt8]) -> PeerChartError.Code? {
      errorCode { _ = try IdentityStatement(parsing: bytes) }
    }
    #expect(try code(signed()) == nil)
    #expect(try code(signed(node: b.keys.node.bytes)) == .integrity)
    #expect(try code(signed(sealing: b.keys.publicKeys.sealingBytes)) == .integrity)
    #expect(try code(signed(certificate: b.authority.der)) == .integrity)
    #expect(try code(signed(certificate: a.leaf.der)) == .integrity)
    #expect(try code(signed(certificate: [])) == .malformed)
    #expect(try code(signed(certificate: Array(repeating: 0x30, count: 2049))) == .tooLarge)
    #expect(try code(signed(name: "Other")) == nil)
    #expect(try code(signed(name: "A\u{202E}B")) == .malformed)
    #expect(try code(signed(name: String(repeating: "x", count: 257))) == .tooLarge)
    #expect(try code(signed(kind: 3)) == .malformed)
    #expect(try code(signed(time: -1)) == .malformed)
    #expect(try code(signed(time: .max)) == .malformed)
  }

  @Test(
    "openssl agrees on the name, the signature and the key",
    .enabled(if: OpenSSL.path != nil, "there is no openssl"))
  func independent() throws {
    let node = try TestNode(seed: 5)
    let bytes = node.statement.bytes
    // The SubjectPublicKeyInfo of Ed25519 (RFC 8410): a fixed head and the raw key.
    let head = try #require(Hex.decode("302a300506032b6570032100"))
    let keys = node.keys.publicKeys
    try OpenSSL.withFiles([
      "key.der": head + keys.signingBytes, "signed": Array(bytes.dropLast(64)),
      "signature": Array(bytes.suffix(64)),
      "keys": Array("peerchart-node-v1\n".utf8) + keys.signingBytes + keys.sealingBytes,
    ]) { (folder: URL) throws in
      let verify = [
        "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in",
        "signed", "-sigfile", "signature",
      ]
      let result = try OpenSSL.run(verify, in: folder)
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("Signature Verified Successfully"))
      let digest = try OpenSSL.run(["dgst", "-sha256", "-r", "keys"], in: folder)
      #expect(digest.output.hasPrefix("\(node.keys.node) "))
      try Data(bytes.dropLast(65) + [0]).write(to: folder.appending(path: "signed"))
      #expect(try OpenSSL.run(verify, in: folder).status != 0)
    }
  }

  @Test("damage of any kind never traps", arguments: 0..<4)
  func fuzz(part: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    let node = try TestNode(seed: 6)
    let next = try TestNode(seed: 7)
    let rotation = try RotationStatement(
      from: node.keys, to: next.keys, successor: next.statement, rotatedAt: TestNode.now)
    for _ in 0..<1500 {
      let statement = damage(node.statement.bytes, using: &generator)
      if statement != node.statement.bytes {
        #expect(errorCode { _ = try IdentityStatement(parsing: statement) } != nil, "seed \(seed)")
      }
      let turn = damage(rotation.bytes, using: &generator)
      if turn != rotation.bytes {
        #expect(
          errorCode { _ = try RotationStatement(parsing: turn).apply(to: node.statement) } != nil,
          "seed \(seed)")
      }
    }
  }
}
