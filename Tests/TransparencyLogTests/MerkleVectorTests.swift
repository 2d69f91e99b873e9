import Crypto
import Foundation
import Testing
import TransparencyLog

/// The proof vectors of transparency-dev/merkle, good and bad.
@Suite(.enabled(if: SharedVectors.areHere, Comment(rawValue: SharedVectors.absent)))
struct MerkleVectorTests {
  struct Inclusion: Decodable {
    let leafIdx: UInt64
    let treeSize: UInt64
    let root: String
    let leafHash: String
    let proof: [String]?
    let wantErr: Bool
  }

  struct Consistency: Decodable {
    let size1: UInt64
    let size2: UInt64
    let root1: String
    let root2: String
    let proof: [String]?
    let wantErr: Bool
  }

  struct SubtreeInclusion: Decodable {
    let leafIdx: UInt64
    let start: UInt64
    let end: UInt64
    let root: String
    let leafHash: String
    let proof: [String]?
    let wantErr: Bool
  }

  struct SubtreeConsistency: Decodable {
    let start: UInt64
    let end: UInt64
    let size: UInt64
    let root1: String
    let root2: String
    let proof: [String]?
    let wantErr: Bool
  }

  /// Some vectors put a short text where a hash belongs, to say that its value plays no part. Our
  /// hashes have 32 bytes by type, so another hash, the same for the same text, stands for it.
  /// Where nothing at all is given, root and leaf are not the same hash either.
  private func hash(_ base64: String, of part: String = "root") throws -> Hash {
    if let hash = Hash(base64: base64) { return hash }
    let name = base64.isEmpty ? "no \(part)" : base64
    let bytes = Array(SHA256.hash(data: Data(name.utf8)))
    return try #require(Hash(bytes: bytes))
  }

  private func hashes(_ proof: [String]?) throws -> [Hash] {
    try (proof ?? []).map { try hash($0) }
  }

  private func forEach<Vector: Decodable>(
    _ folder: String, atLeast count: Int, _ check: (Vector, Comment) throws -> Void
  ) throws {
    let files = SharedVectors.json(below: "merkle/testdata/\(folder)")
    #expect(files.count >= count)
    for file in files {
      let vector = try JSONDecoder().decode(Vector.self, from: Data(contentsOf: file))
      try check(vector, Comment(rawValue: "\(folder) … \(file.lastPathComponent)"))
    }
  }

  @Test func inclusion() throws {
    try forEach("inclusion", atLeast: 98) { (vector: Inclusion, name) in
      let proof = InclusionProof(
        index: vector.leafIdx, size: vector.treeSize, path: try hashes(vector.proof))
      let verifies = proof.verifies(
        leafHash: try hash(vector.leafHash, of: "leaf"), root: try hash(vector.root))
      #expect(verifies == !vector.wantErr, name)
    }
  }

  @Test func consistency() throws {
    try forEach("consistency", atLeast: 98) { (vector: Consistency, name) in
      let proof = ConsistencyProof(
        oldSize: vector.size1, newSize: vector.size2, path: try hashes(vector.proof))
      let verifies = proof.verifies(
        oldRoot: try hash(vector.root1), newRoot: try hash(vector.root2))
      #expect(verifies == !vector.wantErr, name)
    }
  }

  @Test func subtreeInclusion() throws {
    try forEach("subtreeinclusion", atLeast: 204) { (vector: SubtreeInclusion, name) in
      let subtree = Subtree(start: vector.start, end: vector.end)
      let verifies = try subtree?.includes(
        hash(vector.leafHash, of: "leaf"), at: vector.leafIdx, path: hashes(vector.proof),
        root: hash(vector.root))
      #expect((verifies ?? false) == !vector.wantErr, name)
    }
  }

  @Test func subtreeConsistency() throws {
    try forEach("subtreeconsistency", atLeast: 118) { (vector: SubtreeConsistency, name) in
      let subtree = Subtree(start: vector.start, end: vector.end)
      let verifies = try subtree?.isConsistent(
        root: hash(vector.root1), path: hashes(vector.proof), size: vector.size,
        treeRoot: hash(vector.root2))
      #expect((verifies ?? false) == !vector.wantErr, name)
    }
  }
}
