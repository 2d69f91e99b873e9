import Primitives
import Testing
import TransparencyLog

struct MerkleTests {
  private let log = MemoryLog(size: 2_000)

  @Test func hashesOfTheStandard() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(Hash.emptyTree.description == empty)
    #expect(Frontier().root == Hash.emptyTree)
    let leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    #expect(Hash.leaf([UInt8]()).description == leaf)
    let data = Hash.emptyTree
    #expect(Hash.leaf(data) == Hash.leaf(data.bytes))
    // A node is not the leaf of its children's bytes, nor the node of them swapped.
    let other = Hash.leaf([1])
    #expect(Hash.node(data, other) != Hash.leaf(data.bytes + other.bytes))
    #expect(Hash.node(data, other) != Hash.node(other, data))
    #expect(Hash(bytes: data.bytes.dropLast()) == nil)
    #expect(Hash(bytes: data.bytes + [0]) == nil)
    #expect(Hash(bytes: data.bytes) == data)
    #expect(Hash(base64: data.base64) == data)
  }

  @Test func frontierAgreesWithTheDefinition() throws {
    var frontier = Frontier()
    for size in 0..<600 {
      let leaves = log.leaves.prefix(size)
      #expect(frontier.root == MemoryLog.definedRoot(leaves), "size \(size)")
      #expect(try log.root(at: UInt64(size)) == frontier.root, "size \(size)")
      #expect(try Frontier.restore(from: log, size: UInt64(size)) == frontier, "size \(size)")
      #expect(try Frontier(size: frontier.size, edge: frontier.edge) == frontier)
      frontier.append(log.leaves[size])
    }
    #expect(log.frontier.root == MemoryLog.definedRoot(log.leaves[...]))
    #expect(try Frontier.restore(from: log) == log.frontier)
  }

  @Test func tileRootsComeOutWhenTilesAreFull() {
    var frontier = Frontier()
    let size = 70_000
    var roots: [TileRoot] = []
    for index in 0..<size {
      let before = roots.count
      frontier.append(log.leaves[index % log.leaves.count], completing: &roots)
      #expect(
        roots.count - before == ((index + 1) % 65_536 == 0 ? 2 : (index + 1) % 256 == 0 ? 1 : 0))
    }
    #expect(roots.filter { $0.level == 1 }.map(\.index) == Array(0..<273))
    #expect(roots.filter { $0.level == 2 }.map(\.index) == [0])
    #expect(UInt64(roots.count) == TileRoot.count(size: UInt64(size)))
    let first = roots.filter { $0.level == 1 }.prefix(256).map(\.hash)
    #expect(roots.first { $0.level == 2 }?.hash == MemoryLog.definedRoot(first[...]))
    #expect(roots.first?.hash == MemoryLog.definedRoot(log.leaves.prefix(256)))
  }

  @Test func impossibleFrontiersAreRefused() {
    #expect(throws: PeerChartError.self) { try Frontier(size: 3, edge: [Hash.emptyTree]) }
    #expect(throws: PeerChartError.self) { try Frontier(size: 0, edge: [Hash.emptyTree]) }
    let edge = [Hash](repeating: .emptyTree, count: 64)
    #expect(throws: PeerChartError.self) { try Frontier(size: .max, edge: edge) }
    #expect(throws: Never.self) {
      var largest = try Frontier(size: Frontier.maximumSize, edge: Array(edge.dropLast()))
      largest.append(.emptyTree)
      #expect(largest.edge.count == 1)
    }
  }

  @Test func proofsOfRandomSizesVerify() throws {
    var random = SeededGenerator()
    for _ in 0..<300 {
      let size = UInt64.random(in: 1...2_000, using: &random)
      let index = UInt64.random(in: 0..<size, using: &random)
      let old = UInt64.random(in: 1...size, using: &random)
      let name: Comment = "seed \(random.seed): \(index) in \(size), \(old) to \(size)"
      let root = try log.root(at: size)
      let inclusion = try log.inclusionProof(of: index, in: size)
      #expect(inclusion.verifies(leafHash: log.leaves[Int(index)], root: root), name)
      let consistency = try log.consistencyProof(from: old, to: size)
      #expect(consistency.verifies(oldRoot: try log.root(at: old), newRoot: root), name)
    }
  }

  @Test func everyProofUpTo70Verifies() throws {
    for size in UInt64(1)...70 {
      let root = try log.root(at: size)
      for index in 0..<size {
        let inclusion = try log.inclusionProof(of: index, in: size)
        #expect(inclusion.verifies(leafHash: log.leaves[Int(index)], root: root))
        let consistency = try log.consistencyProof(from: index + 1, to: size)
        #expect(consistency.verifies(oldRoot: try log.root(at: index + 1), newRoot: root))
      }
    }
  }

  @Test func oneFlippedBitAnywhereFails() throws {
    var random = SeededGenerator()
    for _ in 0..<40 {
      let size = UInt64.random(in: 2...2_000, using: &random)
      let index = UInt64.random(in: 0..<size, using: &random)
      let old = UInt64.random(in: 1..<size, using: &random)
      let name: Comment = "seed \(random.seed): \(index) in \(size), \(old) to \(size)"
      let leaf = log.leaves[Int(index)]
      let root = try log.root(at: size)
      let oldRoot = try log.root(at: old)
      let inclusion = try log.inclusionProof(of: index, in: size)
      let consistency = try log.consistencyProof(from: old, to: size)
      let bad = flipped(root, using: &random)
      #expect(!inclusion.verifies(leafHash: leaf, root: bad), name)
      #expect(!inclusion.verifies(leafHash: flipped(leaf, using: &random), root: root), name)
      #expect(!consistency.verifies(oldRoot: oldRoot, newRoot: bad), name)
      #expect(!consistency.verifies(oldRoot: flipped(oldRoot, using: &random), newRoot: root), name)
      for position in inclusion.path.indices {
        var path = inclusion.path
        path[position] = flipped(path[position], using: &random)
        let proof = InclusionProof(index: index, size: size, path: path)
        #expect(!proof.verifies(leafHash: leaf, root: root), name)
      }
      for position in consistency.path.indices {
        var path = consistency.path
        path[position] = flipped(path[position], using: &random)
        let proof = ConsistencyProof(oldSize: old, newSize: size, path: path)
        #expect(!proof.verifies(oldRoot: oldRoot, newRoot: root), name)
      }
      for bit in 0..<64 {
        let moved = InclusionProof(index: index ^ 1 << bit, size: size, path: inclusion.path)
        #expect(!moved.verifies(leafHash: leaf, root: root), name)
      }
    }
  }

  @Test func whatTheLogDoesNotReachIsRefused() {
    #expect(throws: PeerChartError.self) { try log.root(at: 2_001) }
    #expect(throws: PeerChartError.self) { try log.root(at: .max) }
    #expect(throws: PeerChartError.self) { try log.inclusionProof(of: 5, in: 5) }
    #expect(throws: PeerChartError.self) { try log.inclusionProof(of: .max, in: .max) }
    #expect(throws: PeerChartError.self) { try log.consistencyProof(from: 0, to: 5) }
    #expect(throws: PeerChartError.self) { try log.consistencyProof(from: 6, to: 5) }
    #expect(throws: PeerChartError.self) { try log.hashes(level: 1, 7..<8) }
    #expect(throws: PeerChartError.self) { try log.hashes(level: -1, 0..<1) }
  }

  /// Verification takes numbers from outside; none may trap or run long.
  @Test func hostileNumbersAreRefusedQuietly() {
    var random = SeededGenerator()
    let edges: [UInt64] = [0, 1, 2, 3, 255, 256, 1 << 62, 1 << 63, .max - 1, .max]
    let path = [Hash](repeating: .emptyTree, count: 70)
    for _ in 0..<20_000 {
      let a = Bool.random(using: &random) ? edges.randomElement(using: &random) ?? 0 : random.next()
      let b = Bool.random(using: &random) ? edges.randomElement(using: &random) ?? 0 : random.next()
      let c = edges.randomElement(using: &random) ?? 0
      let part = Array(path.prefix(Int.random(in: 0...70, using: &random)))
      let name: Comment = "seed \(random.seed)"
      let inclusion = InclusionProof(index: a, size: b, path: part)
      #expect(!inclusion.verifies(leafHash: .leaf([]), root: .leaf([1])), name)
      let consistency = ConsistencyProof(oldSize: a, newSize: b, path: part)
      #expect(!consistency.verifies(oldRoot: .leaf([]), newRoot: .leaf([1])), name)
      let subtree = Subtree(start: a, end: b)
      #expect(
        subtree?.isConsistent(root: .leaf([]), path: part, size: c, treeRoot: .leaf([1])) != true,
        name)
    }
  }

  private func flipped(_ hash: Hash, using random: inout SeededGenerator) -> Hash {
    var bytes = hash.bytes
    bytes[Int.random(in: 0..<32, using: &random)] ^= 1 << Int.random(in: 0..<8, using: &random)
    return Hash(bytes: bytes) ?? hash
  }
}
