import Identity
import Primitives
import Testing

@Suite("Rotation of a node's keys")
struct RotationTests {
  private func later(_ days: Int64) -> Instant { TestNode.now.adding(seconds: days * TestNode.day) }

  private func chain(_ count: Int) throws -> (nodes: [TestNode], chain: [RotationStatement]) {
    let nodes = try (0...count).map { try TestNode(seed: UInt64(100 + $0), at: later(Int64($0))) }
    let chain = try zip(nodes, nodes.dropFirst()).map { old, new in
      try RotationStatement(
        from: old.keys, to: new.keys, successor: new.statement,
        rotatedAt: new.statement.issuedAt)
    }
    return (nodes, chain)
  }

  @Test("a chain leads to the identity that holds now")
  func follow() throws {
    let (nodes, chain) = try chain(3)
    let read = try chain.map { try RotationStatement(parsing: $0.bytes) }
    #expect(try RotationStatement.follow(read, from: nodes[0].statement) == nodes[3].statement)
    #expect(try RotationStatement.follow([], from: nodes[0].statement) == nodes[0].statement)
    #expect(read[0].old == nodes[0].keys.node)
  }

  @Test("gaps, loops, other nodes and other orders are refused")
  func broken() throws {
    let (nodes, chain) = try chain(3)
    func code(_ chain: [RotationStatement], _ from: TestNode) -> PeerChartError.Code? {
      errorCode { _ = try RotationStatement.follow(chain, from: from.statement) }
    }
    #expect(code([chain[1]], nodes[0]) == .integrity)
    #expect(code([chain[0], chain[2]], nodes[0]) == .integrity)
    #expect(code([chain[1], chain[0]], nodes[0]) == .integrity)
    let back = try RotationStatement(
      from: nodes[1].keys, to: nodes[0].keys,
      successor: IdentityStatement(
        name: nodes[0].name, kind: .household, keys: nodes[0].keys, authority: nodes[0].authority,
        issuedAt: later(9)), rotatedAt: later(9))
    #expect(code([chain[0], back], nodes[0]) == .integrity)
    #expect(code(Array(repeating: chain[0], count: 65), nodes[0]) == .tooLarge)
  }

  @Test("going back in time or becoming another kind of node is refused")
  func downgrade() throws {
    let old = try TestNode(seed: 1, at: later(2))
    let earlier = try TestNode(seed: 2, at: later(1))
    let hospital = try TestNode(seed: 3, kind: .organization, at: later(3))
    for new in [earlier, hospital] {
      let rotation = try RotationStatement(
        from: old.keys, to: new.keys, successor: new.statement, rotatedAt: later(3))
      #expect(errorCode { _ = try rotation.apply(to: old.statement) } == .integrity)
    }
    #expect(
      errorCode {
        _ = try RotationStatement(
          from: old.keys, to: old.keys, successor: old.statement, rotatedAt: later(3))
      } == .invalid)
    #expect(
      errorCode {
        _ = try RotationStatement(
          from: old.keys, to: earlier.keys, successor: hospital.statement, rotatedAt: later(3))
      } == .invalid)
  }

  @Test("nobody becomes somebody who did not agree, and nobody speaks for the old key")
  func bothSign() throws {
    let victim = try TestNode(seed: 1)
    let attacker = try TestNode(seed: 2)
    var writer = ByteWriter()
    writer.append(raw: "peerchart-rotation-v1\n".utf8)
    writer.append(raw: attacker.keys.node.bytes)
    writer.append(TestNode.now.millisecondsSinceEpoch)
    writer.append(prefixed: victim.statement.bytes)
    let own = try attacker.keys.sign(writer.bytes)
    #expect(
      errorCode { _ = try RotationStatement(parsing: writer.bytes + own + own) } == .integrity)

    var stolen = ByteWriter()
    stolen.append(raw: "peerchart-rotation-v1\n".utf8)
    stolen.append(raw: victim.keys.node.bytes)
    stolen.append(TestNode.now.millisecondsSinceEpoch)
    stolen.append(prefixed: attacker.statement.bytes)
    let signature = try attacker.keys.sign(stolen.bytes)
    let rotation = try RotationStatement(parsing: stolen.bytes + signature + signature)
    #expect(errorCode { _ = try rotation.apply(to: victim.statement) } == .integrity)
  }

  @Test("no changed byte is accepted")
  func flipped() throws {
    let (nodes, chain) = try chain(1)
    for (place, bytes) in flips(of: chain[0].bytes) {
      #expect(
        errorCode {
          _ = try RotationStatement(parsing: bytes).apply(to: nodes[0].statement)
        } != nil, "byte \(place)")
    }
  }
}
