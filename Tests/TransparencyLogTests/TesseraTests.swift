import Foundation
import Testing
import TransparencyLog

/// A log written by another implementation: its checkpoints, tiles and entries.
@Suite(.enabled(if: SharedVectors.areHere, Comment(rawValue: SharedVectors.absent)))
struct TesseraTests {
  /// The public test key of that project's sample log.
  static let key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

  private func file(_ path: String) throws -> [UInt8] {
    let folder = try #require(SharedVectors.folder)
    return Array(try Data(contentsOf: folder.appending(path: "tessera/testdata/log/\(path)")))
  }

  @Test func verifierKeyRoundTrips() throws {
    let key = try Ed25519NoteVerifier(verifierKey: Self.key)
    #expect(key.keyID == 0x33d7_b496)
    #expect(key.verifierKey == Self.key)
  }

  @Test func everyCheckpointTileAndEntryFits() throws {
    let key = try Ed25519NoteVerifier(verifierKey: Self.key)
    for size in UInt64(0)...15 {
      let bytes = try file("checkpoint.\(size)")
      let signed = try SignedCheckpoint(parsing: bytes)
      try signed.verify(by: key)
      try signed.verifyStrictly(by: key)
      #expect(signed.bytes == bytes)
      #expect(signed.checkpoint.size == size)
      let view = TiledLogView(size: size) { try file($0.path) }
      #expect(try view.root(at: size) == signed.checkpoint.root)
      if size > 0 {
        let leaves = try entries(ofBundle: file("tile/entries/000.p/\(size)"))
        #expect(try view.leafHashes(0..<size) == leaves.map { Hash.leaf($0) })
      }
    }
  }

  @Test func proofsBetweenAllItsCheckpointsVerify() throws {
    let roots = try (0...15).map {
      try SignedCheckpoint(parsing: file("checkpoint.\($0)")).checkpoint.root
    }
    let view = TiledLogView(size: 15) { try file($0.path) }
    let leaves = try view.leafHashes(0..<15)
    for new in UInt64(1)...15 {
      for old in 1...new {
        let proof = try view.consistencyProof(from: old, to: new)
        #expect(proof.verifies(oldRoot: roots[Int(old)], newRoot: roots[Int(new)]))
      }
      for index in 0..<new {
        let proof = try view.inclusionProof(of: index, in: new)
        #expect(proof.verifies(leafHash: leaves[Int(index)], root: roots[Int(new)]))
      }
    }
  }

  /// Entry bundles: each entry behind its length in two bytes.
  private func entries(ofBundle bundle: [UInt8]) throws -> [[UInt8]] {
    var rest = bundle[...]
    var entries: [[UInt8]] = []
    while !rest.isEmpty {
      try #require(rest.count >= 2)
      let length = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(2)
      try #require(rest.count >= length)
      entries.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return entries
  }
}
