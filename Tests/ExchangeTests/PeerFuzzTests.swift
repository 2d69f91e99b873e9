import Audit
import Consent
import Crypto
import Exchange
import Foundation
import Identity
import Primitives
import SecDocument
import Testing

/// Whatever another node sends, the answer is an acknowledgement or an error: bounded fuzzing in
/// process, through the entries that the network reaches. `PEERCHART_FUZZ_ITERATIONS` makes it longer.
@Suite(.serialized) struct PeerFuzzTests {
  private static let iterations =
    ProcessInfo.processInfo.environment["PEERCHART_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 1200

  /// One real message of every kind, as the JSON inside it, with the name of its kind.
  private func samples(
    _ forge: PeerForge
  ) async throws -> [(kind: String, content: [UInt8])] {
    let (hospital, home) = (forge.sender, forge.receiver)
    try await hospital.store(Sample.patient("q"), Sample.observation("of-q", of: "q"))
    let out = LoopTransport(from: hospital, to: home)
    let back = LoopTransport(from: home, to: hospital)
    let access = AccessRequestDraft(
      patient: PatientHint(id: "p", name: "Rowan", birthDate: "1984-02-29"), types: .all,
      labels: .all, purpose: .treatment, seconds: 3600, reason: "Follow-up")
    _ = try await hospital.exchange.requestAccess(access, from: home.id, as: hospital.owner)
    for _ in 0..<2 {
      _ = try await home.exchange.requestAccess(access, from: hospital.id, as: home.owner)
    }
    _ = try await home.exchange.deliverDue(using: back)
    let asked = try await hospital.requests().filter { $0.direction == "incoming" }
    let (first, second) = (try #require(asked.first), try #require(asked.last))
    let grant = try await hospital.exchange.answer(
      first.id, .grant(patient: "q", types: nil, labels: nil, seconds: nil, maximumUses: nil),
      as: hospital.owner)
    _ = try await hospital.exchange.answer(
      second.id, .refuse(note: "Not now"), as: hospital.owner)
    try await hospital.exchange.revoke(try #require(grant?.id), as: hospital.owner)
    var document = SecBytesSink()
    _ = try await hospital.exchange.issue(
      SecBytesSource(Array("a letter".utf8)), to: &document,
      draft: SecDraft(
        mediaType: "text/plain", created: hospital.clock.now(), subject: "Patient/q"),
      recipients: [.node(home.id)], patient: "q", as: hospital.owner)
    try await hospital.exchange.deliver(
      document: document.bytes, title: "Letter", to: home.id, as: hospital.owner)
    _ = try await hospital.exchange.deliverDue(using: out)
    let contents = try out.messages.map(forge.content)
    let kinds = ["accessRequest", "accessAnswer", "revocation", "document"]
    let found = contents.map { content -> (String, [UInt8]) in
      let text = String(decoding: content, as: UTF8.self)
      return (kinds.first { text.contains("\"\($0)\":") } ?? "none", content)
    }
    // A refusal and a grant are both an answer.
    #expect(found.map(\.0).sorted() == (kinds + ["accessAnswer"]).sorted())
    return found
  }

  @Test func messagesNeverTrap() async throws {
    var random = SeededGenerator()
    let (home, hospital) = try await pairOfNodes()
    let forge = try PeerForge(hospital, to: home)
    let samples = try await samples(forge)
    var outcomes: [String: [String: Int]] = [:]
    func note(_ kind: String, _ outcome: String) {
      outcomes[kind, default: [:]][outcome, default: 0] += 1
      #expect(outcome != "foreign error" && outcome != "storage", "\(kind), seed \(random.seed)")
    }
    for (kind, content) in samples { note(kind, try await forge.deliver(forge.seal(content))) }
    for round in 0..<Self.iterations {
      let (kind, content) = samples[round % samples.count]
      // A request under the id of an earlier one is refused before anything else of it counts.
      var changed = kind == "accessRequest" ? Self.withFreshRequest(content) : content
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        if Bool.random(using: &random) {
          Self.mutate(&changed, using: &random)
        } else {
          Self.replaceValue(in: &changed, using: &random)
        }
      }
      note(kind, try await forge.deliver(forge.seal(changed)))
    }
    // Deeper than any message, and longer.
    for content in Self.monsters(to: home.id) {
      note("monster", try await forge.deliver(forge.seal(content)))
    }
    #expect(outcomes["monster"]?["ok"] == nil, "\(outcomes)")
    for (kind, results) in outcomes where kind != "monster" {
      #expect(results["ok", default: 0] > 1, "\(kind): \(results), seed \(random.seed)")
      #expect(results.count > 1, "\(kind): \(results), seed \(random.seed)")
    }
    try await use(home, random.seed)
  }

  /// What got through does no harm either when people look at it and answer it.
  private func use(_ node: TestNode, _ seed: UInt64) async throws {
    let requests = try await node.requests()
    #expect(
      requests.allSatisfy { $0.reason.utf8.count <= 4000 && ($0.note ?? "").utf8.count <= 4000 })
    for (index, request) in requests.filter({ $0.direction == "incoming" }).enumerated() {
      let answer: AccessAnswer =
        index.isMultiple(of: 2)
        ? .refuse(note: nil)
        : .grant(
          patient: request.patient ?? "p", types: nil, labels: nil, seconds: nil, maximumUses: nil)
      let result = await outcome {
        try await node.exchange.answer(request.id, answer, as: node.owner)
      }
      #expect(result != "foreign error", "seed \(seed)")
    }
    #expect(try await !node.notices().isEmpty)
    _ = try await node.exchange.receivedDocuments()
    _ = try await node.exchange.outbox()
    try await node.reopen()
    _ = try await node.grants()
    #expect(try await node.exchange.verifyAudit { _ in }.verified, "seed \(seed)")
  }

  @Test func randomAndDamagedBytesAreNoMessage() async throws {
    var random = SeededGenerator()
    let (home, hospital) = try await pairOfNodes()
    let forge = try PeerForge(hospital, to: home)
    let before = try await home.log().filter { $0.event.kind != .auditRead }.count
    let good = try forge.seal(Array("{}".utf8))
    for round in 0..<Self.iterations {
      var bytes = good
      if round.isMultiple(of: 2) {
        bytes = Self.noise(upTo: 4096, using: &random)
        if round.isMultiple(of: 4) { bytes = good.prefix(bytes.count % good.count) + bytes }
      } else {
        for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutate(&bytes, using: &random) }
      }
      let result = try await forge.deliver(bytes)
      #expect(result != "ok" && result != "foreign error", "\(result), seed \(random.seed)")
    }
    for _ in 0..<200 {
      let result = try await forge.deliver(forge.seal(Self.noise(upTo: 600, using: &random)))
      #expect(result == "malformed", "seed \(random.seed)")
    }
    #expect(try await home.log().filter { $0.event.kind != .auditRead }.count == before)
    #expect(try await home.requests().isEmpty)
  }

  @Test func pairingRequestsNeverTrap() async throws {
    var random = SeededGenerator()
    let clock = TestClock()
    let host = try await TestNode(clock: clock)
    let guest = try await TestNode(clock: clock)
    func invite() async throws -> (unsigned: [UInt8], secret: [UInt8]) {
      let invitation = try await host.exchange.invite(
        addresses: [try address()], lifetime: 600, as: host.owner)
      let unsigned = PairingForge.unsigned(
        step: 1, invitation: invitation, statement: guest.exchange.identityDocument(),
        addresses: ["127.0.0.1:4430", "[::1]:4430"], answers: [])
      return (unsigned, invitation.secret.exposed)
    }
    func pair(_ request: [UInt8]) async -> String {
      await outcome { try await host.exchange.pair(request, networkAddress: nil) }
    }
    var (unsigned, secret) = try await invite()
    var outcomes: [String: Int] = [:]
    for round in 0..<Self.iterations {
      var changed = unsigned
      for _ in 0..<Int.random(in: 1...2, using: &random) { Self.mutate(&changed, using: &random) }
      let isSigned = !round.isMultiple(of: 4)
      let result = await pair(
        isSigned
          ? PairingForge.authenticated(changed, secret)
          : changed + Self.noise(upTo: 64, using: &random))
      outcomes[result, default: 0] += 1
      #expect(result != "foreign error" && result != "storage", "seed \(random.seed)")
      #expect(isSigned || result != "ok", "seed \(random.seed)")
      if result == "ok" { (unsigned, secret) = try await invite() }
    }
    for _ in 0..<200 {
      #expect(await pair(Self.noise(upTo: 2000, using: &random)) == "malformed")
    }
    // Behind the MAC as well as in front of it, and no wrong one has spent the invitation.
    #expect(outcomes["malformed", default: 0] > 0 && outcomes["forbidden", default: 0] > 0)
    #expect(outcomes.count > 2, "\(outcomes), seed \(random.seed)")
    #expect(await pair(PairingForge.authenticated(unsigned, secret)) == "ok")
    #expect(await pair(PairingForge.authenticated(unsigned, secret)) == "forbidden")
    #expect(try await host.exchange.peers().map(\.node) == [guest.id.description])
  }

  @Test func pairingRepliesNeverTrap() async throws {
    var random = SeededGenerator()
    let clock = TestClock()
    let host = try await TestNode(clock: clock)
    let guest = try await TestNode(clock: clock)
    let invitation = try await host.exchange.invite(
      addresses: [try address()], lifetime: 600, as: host.owner)
    let (secret, statement) = (invitation.secret.exposed, host.exchange.identityDocument())
    func accept(_ change: @escaping @Sendable ([UInt8]) -> [UInt8]) async -> String {
      let line = ForgedAnswers { request in
        change(
          PairingForge.unsigned(
            step: 2, invitation: invitation, statement: statement, addresses: [],
            answers: Array(SHA256.hash(data: request))))
      }
      return await outcome {
        try await guest.exchange.accept(invitation, addresses: [], using: line, as: guest.owner)
      }
    }
    for round in 0..<Self.iterations / 2 {
      let part = random.next()
      let result = await accept { unsigned in
        var (bytes, random) = (unsigned, SeededGenerator(seed: part))
        for _ in 0..<Int.random(in: 1...2, using: &random) { Self.mutate(&bytes, using: &random) }
        if round.isMultiple(of: 4) { return Self.noise(upTo: 2000, using: &random) }
        return PairingForge.authenticated(bytes, secret)
      }
      // Everything but the addresses, which a reply need not have, is bound to something.
      #expect(
        ["malformed", "integrity", "too-large", "invalid", "unsupported-version", "ok"]
          .contains(result), "\(result), seed \(random.seed)")
    }
    #expect(await accept { $0 + [UInt8](repeating: 0, count: 32) } == "integrity")
    #expect(await accept { PairingForge.authenticated($0, secret) } == "ok")
    #expect(try await guest.exchange.peers().map(\.node) == [host.id.description])
  }
}

extension PeerFuzzTests {
  static func noise(upTo limit: Int, using random: inout SeededGenerator) -> [UInt8] {
    (0..<Int.random(in: 0...limit, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
  }

  static func mutate(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 1...24, using: &random))
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 4: bytes.removeLast(bytes.count - place)
    case 5: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    default: bytes.append(contentsOf: noise(upTo: 8, using: &random))
    }
  }

  static func withFreshRequest(_ content: [UInt8]) -> [UInt8] {
    let text = String(decoding: content, as: UTF8.self)
    guard let name = text.firstRange(of: "\"request\":\""),
      let end = text[name.upperBound...].firstIndex(of: "\"")
    else { return content }
    return Array(
      text.replacingCharacters(in: name.upperBound..<end, with: UUID().uuidString).utf8)
  }

  /// Puts something else in place of one value of the JSON.
  static func replaceValue(in bytes: inout [UInt8], using random: inout SeededGenerator) {
    let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
    guard let colon = colons.randomElement(using: &random),
      let value = values.randomElement(using: &random)
    else { return }
    var end = colon + 1
    var inString = false
    while end < bytes.count {
      if bytes[end] == UInt8(ascii: "\"") { inString.toggle() }
      if !inString, [UInt8(ascii: ","), UInt8(ascii: "}")].contains(bytes[end]) { break }
      end += 1
    }
    bytes.replaceSubrange(colon + 1..<end, with: value.utf8)
  }

  private static let values = [
    "null", "true", "0", "-1", "9223372036854775807", "-9223372036854775808", "1e400", "-0.5",
    "\"\"", "[]", "{}", "\"p\"", "\"_unfiled\"", "\"../../p\"", "\"\\u0000\"", "\"\\ud800\"",
    "\"\(String(repeating: "a", count: 70_000))\"", "\"\(String(repeating: "👩‍👩‍👧‍👦", count: 500))\"",
    "[\(Array(repeating: "\"x\"", count: 3000).joined(separator: ","))]", "\"AAAA\"", "\"=\"",
    "\"TREAT\"", "[\"allergies\",\"no-such-type\"]",
  ]

  /// Contents that no honest node sends.
  private static func monsters(to node: NodeID) -> [[UInt8]] {
    let deep = 100_000
    let frame = "{\"to\":\"\(node)\",\"body\":"
    return [
      Array(repeating: UInt8(ascii: "["), count: deep),
      Array(frame.utf8) + Array(repeating: UInt8(ascii: "["), count: deep)
        + Array(repeating: UInt8(ascii: "]"), count: deep) + [UInt8(ascii: "}")],
      Array(
        (frame + String(repeating: "{\"revocation\":", count: deep)
          + String(repeating: "}", count: deep) + "}").utf8),
      Array((frame + "{\"accessRequest\":{},\"revocation\":{}}}").utf8),
      Array(
        (frame
          + "{\"accessAnswer\":{\"_0\":{\"granted\":false,\"note\":\"\(String(repeating: "n", count: 4 << 20))\"}}}}")
          .utf8),
      Array((frame + "\(String(repeating: "1", count: 1 << 20))}").utf8), Array("{}".utf8), [],
    ]
  }
}
