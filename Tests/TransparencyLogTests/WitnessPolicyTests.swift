import Primitives
import Testing
import TransparencyLog

struct WitnessPolicyTests {
  let log = TestKey(seed: 7, name: "hospital.example/log")

  private func witness(_ seed: UInt8) -> TestKey { TestKey(seed: seed, name: "w\(seed).example") }

  private func key(_ seed: UInt8) throws -> CosignatureVerifier {
    try CosignatureVerifier(name: witness(seed).name, publicKey: witness(seed).publicKey)
  }

  private func cosigned(_ seeds: UInt8..., at time: UInt64 = 1000) throws -> SignedCheckpoint {
    let signed = try SignedCheckpoint(
      Checkpoint(origin: log.name, size: 3, root: .leaf([1])), signedBy: [log.signer])
    return signed.adding(
      try seeds.map { seed in
        try NoteSigner(
          witness: witness(seed).name, privateKey: witness(seed).privateKey, at: time
        ).signature(for: Array(signed.note.text.utf8))
      })
  }

  /// The example of the specification, with keys.
  private var example: String {
    get throws {
      """
      # two organizations
      log \(try log.verifier.verifierKey) https://hospital.example/log

      witness X1 \(try key(11).verifierKey)
      witness X2\t\(try key(12).verifierKey)
        witness X3 \(try key(13).verifierKey) https://x3.example
      group X-witnesses 2 X1 X2 X3

      witness Y1 \(try key(21).verifierKey)
      witness Y2 \(try key(22).verifierKey)
      group Y-witnesses any Y1 Y2

      group X-and-Y all X-witnesses Y-witnesses
      quorum X-and-Y
      """
    }
  }

  @Test func groupsOfGroupsCount() throws {
    let policy = try WitnessPolicy(parsing: Array(try example.utf8))
    #expect(try policy.report(on: cosigned(11, 12, 22)).isSatisfied)
    #expect(try policy.report(on: cosigned(11, 13, 21)).isSatisfied)
    for signed in [
      try cosigned(11, 12), try cosigned(11, 22, 21), try cosigned(), try cosigned(31, 32, 33),
      // One witness twice is one witness.
      try cosigned(11, 11, 21),
    ] {
      #expect(try !policy.report(on: signed).isSatisfied)
      #expect(throws: PeerChartError.self) { try policy.verify(signed) }
    }
    let report = try policy.report(on: cosigned(22, 11, 12))
    #expect(report.vouchers.map(\.witness) == ["X1", "X2", "Y2"])
    #expect(report.log.name == log.name)
  }

  @Test func theTextReadsBack() throws {
    let policy = try WitnessPolicy(parsing: Array(try example.utf8))
    let text = policy.text
    #expect(try WitnessPolicy(parsing: Array(text.utf8)).text == text)
    #expect(text.contains("group X-witnesses 2 X1 X2 X3\n"))
    #expect(text.contains("group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"))
    let simple = try WitnessPolicy(
      logs: [.init(key: log.verifier)],
      witnesses: [.init(name: "a", key: key(1)), .init(name: "b", key: key(2))], need: 1)
    #expect(try WitnessPolicy(parsing: Array(simple.text.utf8)).text == simple.text)
    #expect(try simple.verify(cosigned(2)).vouchers.map(\.witness) == ["b"])
    let none = try WitnessPolicy(logs: [.init(key: log.verifier)], witnesses: [], need: 0)
    #expect(none.text.hasSuffix("quorum none\n"))
    #expect(try none.verify(cosigned()).vouchers.isEmpty)
  }

  @Test func whatTheLogHasNotSignedIsRefused() throws {
    let policy = try WitnessPolicy(logs: [.init(key: log.verifier)], witnesses: [], need: 0)
    for key in [witness(1), TestKey(seed: 1, name: log.name)] {
      let signed = try SignedCheckpoint(
        Checkpoint(origin: log.name, size: 3, root: .leaf([1])), signedBy: [key.signer])
      #expect(throws: PeerChartError.self) { try policy.report(on: signed) }
    }
  }

  /// A clock that goes ahead does not count; one that is a little off does.
  @Test func cosignaturesFromTheFutureDoNotCount() throws {
    let policy = try WitnessPolicy(
      logs: [.init(key: log.verifier)], witnesses: [.init(name: "a", key: key(1))], need: 1)
    let now = Instant(millisecondsSinceEpoch: 1_000_000)
    #expect(try policy.report(on: cosigned(1, at: 1600), now: now).isSatisfied)
    #expect(try !policy.report(on: cosigned(1, at: 1601), now: now).isSatisfied)
    #expect(try policy.report(on: cosigned(1, at: UInt64(Int64.max))).isSatisfied)
  }

  @Test(arguments: [
    "", "quorum", "quorum x", "quorum none\nquorum none", "log L", "witness a L", "witness a",
    "witness none W\nquorum none", "witness a W\nwitness a V\nquorum a",
    "witness a W\nwitness b W\nquorum a", "log L\nlog L\nquorum none",
    "quorum a\nwitness a W", "group g any a\nwitness a W\nquorum g",
    "witness a W\ngroup g any a a\nquorum g", "witness a W\ngroup g 2 a\nquorum g",
    "witness a W\ngroup g 0 a\nquorum g", "witness a W\ngroup g 01 a\nquorum g",
    "witness a W\ngroup g some a\nquorum g", "witness a W\ngroup g any\nquorum g",
    "witness a W\ngroup a any a\nquorum a",
    "witness a W\nwitness b V\ngroup g any a b\ngroup h any a\nquorum h",
    "witness a W\ngroup g any g\nquorum g", "witness a W extra more\nquorum a",
    "witness a W\nquorum a b", "nonsense\nquorum none", "quorum none\r\n", "quorum none\u{0}",
    "witness e\u{301} W\nquorum \u{e9}", "witness a \u{212A}\nquorum a",
  ])
  func malformedPoliciesAreRefused(template: String) throws {
    let text = template.replacing("L", with: try log.verifier.verifierKey)
      .replacing("W", with: try key(1).verifierKey).replacing("V", with: try key(2).verifierKey)
    #expect(throws: PeerChartError.self) { try WitnessPolicy(parsing: Array(text.utf8)) }
  }

  @Test func boundsHold() throws {
    var text = ""
    for seed in 1...65 as ClosedRange<UInt8> {
      text += "witness w\(seed) \(try key(seed).verifierKey)\n"
    }
    #expect(throws: PeerChartError.self) {
      try WitnessPolicy(parsing: Array((text + "quorum w1\n").utf8))
    }
    let fewer = text.split(separator: "\n").dropLast().joined(separator: "\n") + "\nquorum w1\n"
    #expect(try WitnessPolicy(parsing: Array(fewer.utf8)).witnesses.count == 64)
    let long = [UInt8](repeating: 0x0A, count: WitnessPolicy.maximumLength + 1)
    #expect(throws: PeerChartError.self) { try WitnessPolicy(parsing: long) }
    #expect(throws: PeerChartError.self) { try WitnessPolicy(parsing: [0xFF, 0x0A]) }
  }

  /// More cosignatures never make a checkpoint worse.
  @Test func moreWitnessesNeverHurt() throws {
    var random = SeededGenerator()
    let names = (0..<8).map { "w\($0)" }
    let witnesses = try names.enumerated().map { index, name in
      WitnessPolicy.Witness(name: name, key: try key(UInt8(index + 1)))
    }
    for _ in 0..<300 {
      var left = names.shuffled(using: &random)
      var groups: [WitnessPolicy.Group] = []
      while left.count > 1, groups.count < 6 {
        let count = Int.random(in: 1...left.count, using: &random)
        let members = Array(left.prefix(count))
        left.removeFirst(count)
        let group = WitnessPolicy.Group(
          name: "g\(groups.count)", threshold: .random(in: 1...count, using: &random),
          members: members)
        groups.append(group)
        left.append(group.name)
      }
      let policy = try WitnessPolicy(
        logs: [], witnesses: witnesses, groups: groups, quorum: groups.last?.name ?? "w0")
      var agreed: Set<String> = []
      var was = false
      for name in names.shuffled(using: &random) {
        agreed.insert(name)
        let isNow = policy.isSatisfied(by: agreed)
        #expect(isNow || !was, "seed \(random.seed)")
        was = isNow
      }
      #expect(was && !policy.isSatisfied(by: []), "seed \(random.seed)")
    }
  }
}
