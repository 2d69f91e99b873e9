import Identity
import Primitives
import Testing

@Suite("What an accreditor has said, over time")
struct EntityHistoryTests {
  private static let start = EntityBoard.now

  private static func at(_ days: Int64) -> Instant { start.adding(seconds: days * 86_400) }

  private func history(_ statements: [EntityStatement]) throws -> EntityHistory {
    EntityHistory(of: try EntityBoard.node(7), statements)
  }

  @Test func aSuspensionChangesWhatComesAfterAndNotWhatWasBefore() throws {
    let history = try history([
      EntityBoard.statement(1, .issued(EntityBoard.credential(until: Self.at(300)))),
      EntityBoard.statement(2, .suspended(.privilegeWithdrawn), at: Self.at(10)),
      EntityBoard.statement(3, .reinstated, at: Self.at(20)),
      EntityBoard.statement(4, .revoked(.keyCompromise), effective: Self.at(25), at: Self.at(30)),
    ])
    for (day, state, since) in [
      (Int64(-1), EntityStanding.State.unknown, Int64?.none), (0, .accredited, 0),
      (9, .accredited, 0), (10, .suspended, 10), (19, .suspended, 10), (20, .accredited, 20),
      (24, .accredited, 20), (25, .revoked, 25), (30, .revoked, 25), (400, .revoked, 25),
    ] {
      let standing = history.standing(at: Self.at(day))
      #expect(standing.state == state, "day \(day)")
      #expect(standing.since == since.map(Self.at), "day \(day)")
      #expect(standing.knownAt == Self.at(30))
    }
    #expect(history.standing(at: Self.at(12)).reason == .privilegeWithdrawn)
    #expect(history.standing(at: Self.at(21)).reason == nil)
    let revoked = history.standing(at: Self.at(30))
    #expect(revoked.reason == .keyCompromise && revoked.credential?.organization == "General")
    #expect(history.end?.sequence == 4)
  }

  @Test func anAccreditationRunsOutAndIsRenewed() throws {
    let first = try EntityBoard.statement(1, .issued(EntityBoard.credential(until: Self.at(10))))
    let renewed = try EntityBoard.statement(
      2, .issued(EntityBoard.credential(until: Self.at(30), of: "General and Sons")),
      at: Self.at(15))
    let history = try history([first, renewed])
    for (day, state) in [
      (Int64(9), EntityStanding.State.accredited), (11, .expired), (14, .expired),
      (15, .accredited), (29, .accredited), (31, .expired),
    ] { #expect(history.standing(at: Self.at(day)).state == state, "day \(day)") }
    #expect(history.standing(at: Self.at(5)).credential?.organization == "General")
    #expect(history.standing(at: Self.at(16)).credential?.organization == "General and Sons")
    #expect(history.standing(at: Self.at(11)).since == Self.at(10))
  }

  @Test func keysAreReplacedForGood() throws {
    let history = try history([
      EntityBoard.statement(1, .issued(EntityBoard.credential())),
      EntityBoard.statement(2, .rotated(to: EntityBoard.node(8)), at: Self.at(10)),
      // What nobody should say any more.
      EntityBoard.statement(3, .issued(EntityBoard.credential()), at: Self.at(11)),
      EntityBoard.statement(4, .reinstated, at: Self.at(12)),
      EntityBoard.statement(9, .suspended(.unspecified), about: 8, at: Self.at(12)),
    ])
    #expect(history.statements.count == 4)
    #expect(history.standing(at: Self.at(9)).state == .accredited)
    let replaced = history.standing(at: Self.at(13))
    #expect(replaced.state == .replaced && replaced.since == Self.at(10))
    #expect(try replaced.successor == EntityBoard.node(8))
    #expect(!replaced.isVerified)
  }

  /// An accreditor that was set back numbers anew: what withdraws is not forgotten for it.
  @Test func twoOfTheSameNumber() throws {
    let issued = try EntityBoard.statement(1, .issued(EntityBoard.credential()))
    let revoked = try EntityBoard.statement(2, .revoked(.unspecified), at: Self.at(1))
    let renewed = try EntityBoard.statement(
      2, .issued(EntityBoard.credential(of: "Other")), at: Self.at(2))
    let sets = [
      [issued, revoked, renewed], [renewed, revoked, issued], [revoked, issued, renewed],
    ]
    for set in sets {
      #expect(try history(set).standing(at: Self.at(3)).state == .revoked)
      #expect(try history(set).standing(at: Self.at(0)).state == .accredited)
    }
    let suspended = try EntityBoard.statement(2, .suspended(.unspecified), at: Self.at(2))
    #expect(try history([issued, renewed, suspended]).standing(at: Self.at(3)).state == .suspended)
  }

  @Test func onlyWhatWithdrawsIsTakenOfSome() throws {
    let issued = try EntityBoard.statement(1, .issued(EntityBoard.credential()))
    let suspended = try EntityBoard.statement(2, .suspended(.unspecified), at: Self.at(1))
    let history = try history([issued, suspended])
    #expect(history.standing(at: Self.at(0), withdrawalsOnly: true) == .unknown)
    #expect(history.standing(at: Self.at(2), withdrawalsOnly: true).state == .suspended)
  }

  @Test func whatWithdrawsCountsMoreThanWhatAccredits() throws {
    var accredited = EntityStanding(.accredited)
    accredited.accreditor = "A"
    accredited.credential = try EntityBoard.credential()
    var stale = accredited
    stale.isFresh = false
    stale.accreditor = "B"
    var suspended = EntityStanding(.suspended)
    suspended.accreditor = "C"
    suspended.since = Self.at(1)
    var revoked = EntityStanding(.revoked)
    revoked.accreditor = "D"
    revoked.since = Self.at(2)
    func combined(_ standings: EntityStanding...) -> [EntityStanding] {
      [EntityStanding.combined(standings), EntityStanding.combined(standings.reversed())]
    }
    #expect(EntityStanding.combined([]) == .unknown)
    for result in combined(accredited, stale) { #expect(result.accreditor == "A") }
    for result in combined(stale, EntityStanding(.expired)) {
      #expect(result.state == .accredited && !result.isVerified)
    }
    for result in combined(accredited, suspended) {
      #expect(result.state == .suspended && result.accreditor == "C")
      // Who warns has not said who it is.
      #expect(result.credential?.organization == "General")
    }
    for result in combined(accredited, suspended, revoked) { #expect(result.state == .revoked) }
  }

  // MARK: Properties

  /// A history as no accreditor would keep to the rules: any word may follow any other.
  private func made(_ random: inout SeededGenerator, backdated: Bool) throws -> [EntityStatement] {
    var statements: [EntityStatement] = []
    var day: Int64 = 0
    for sequence in 1...Int64.random(in: 1...9, using: &random) {
      day += Int64.random(in: 0...5, using: &random)
      let effective =
        backdated && Bool.random(using: &random)
        ? Self.at(max(0, day - Int64.random(in: 0...8, using: &random))) : nil
      let kind = Int.random(in: 0...11, using: &random)
      let reason = EntityReason.allCases.randomElement(using: &random) ?? .unspecified
      let until = Self.at(day + Int64.random(in: 1...30, using: &random))
      let word: EntityStatement.Word =
        switch kind {
        case 0...4: .issued(try EntityBoard.credential(until: until))
        case 5...7: .suspended(reason)
        case 8...9: .reinstated
        case 10: .revoked(reason)
        default: .rotated(to: try EntityBoard.node(8))
        }
      let mayBackdate = kind >= 5 && kind != 8 && kind != 9
      statements.append(
        try EntityBoard.statement(
          sequence, word, effective: mayBackdate ? effective : nil, at: Self.at(day)))
    }
    return statements
  }

  /// The rules of docs/format/accreditation.md once more, from the newest word backwards.
  private func oracle(_ statements: [EntityStatement], at time: Instant) -> EntityStanding.State {
    func counts(_ statement: EntityStatement) -> Bool {
      switch statement.word.status {
      case .issued, .reinstated: statement.effective <= time.adding(seconds: 60)
      case .suspended, .revoked, .rotated: statement.effective <= time
      }
    }
    let counting = statements.filter(counts).sorted { $0.sequence > $1.sequence }
    if counting.contains(where: { $0.word.status == .revoked }) { return .revoked }
    if counting.contains(where: { $0.word.status == .rotated }) { return .replaced }
    let pause = counting.first {
      $0.word.status == .suspended || $0.word.status == .reinstated
    }
    if pause?.word.status == .suspended { return .suspended }
    for statement in counting {
      guard case .issued(let credential) = statement.word else { continue }
      return time < credential.expires.adding(seconds: 60) ? .accredited : .expired
    }
    return .unknown
  }

  @Test func theStateIsThatOfTheRulesWhateverTheOrder() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let statements = try made(&random, backdated: true)
      let twice = (statements + statements.prefix(3)).shuffled(using: &random)
      let (inOrder, shuffled) = (try history(statements), try history(twice))
      for day in Int64(-1)...60 {
        let standing = inOrder.standing(at: Self.at(day))
        #expect(standing.state == oracle(statements, at: Self.at(day)), "seed \(seed), day \(day)")
        #expect(shuffled.standing(at: Self.at(day)) == standing, "seed \(seed), day \(day)")
      }
    }
  }

  @Test func aRevocationOnceHeardIsNeverUnheard() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    var found = 0
    for _ in 0..<400 {
      let all = try made(&random, backdated: true).shuffled(using: &random)
      for count in 1...all.count {
        let before = try history(Array(all.prefix(count)))
        let after = try history(all)
        for day in stride(from: Int64(0), through: 60, by: 7) {
          let known = before.standing(at: Self.at(day))
          guard known.state == .revoked else { continue }
          found += 1
          let later = after.standing(at: Self.at(day))
          #expect(later.state == .revoked, "seed \(seed)")
          #expect(later.since ?? Self.at(99) <= known.since ?? Self.at(0), "seed \(seed)")
        }
      }
    }
    #expect(found > 0)
  }

  /// What is said today about today changes nothing of yesterday.
  @Test func thePastStays() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let all = try made(&random, backdated: false)
      for day in Int64(0)...40 {
        let known = all.filter { $0.issued <= Self.at(day) }
        #expect(
          try history(known).standing(at: Self.at(day)).state
            == history(all).standing(at: Self.at(day)).state, "seed \(seed), day \(day)")
      }
    }
  }
}
