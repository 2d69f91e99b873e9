public import Primitives

/// The text form (C2SP tlog-policy): one definition a line.
extension WitnessPolicy {
  /// The longest text that we read, in bytes.
  public static let maximumLength = 256 << 10

  /// The policy as a text, one form of the many that mean the same.
  public var text: String {
    func line(_ words: String?...) -> String {
      words.compactMap { $0 }.joined(separator: " ") + "\n"
    }
    return logs.map { line("log", $0.key.verifierKey, $0.url) }.joined()
      + witnesses.map { line("witness", $0.name, $0.key.verifierKey, $0.url) }.joined()
      + groups.map { group in
        let threshold = group.threshold == group.members.count ? "all" : String(group.threshold)
        return line("group", group.name, threshold, group.members.joined(separator: " "))
      }.joined() + line("quorum", quorum)
  }

  /// Reads a policy. Names and comments have to be UTF-8.
  ///
  /// - Throws: `too-large`; `malformed` with the line at fault; `invalid` as `init` does.
  public init(parsing input: some Collection<UInt8>) throws(PeerChartError) {
    guard input.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a policy is longer than \(Self.maximumLength) bytes")
    }
    guard let text = String(validating: input, as: UTF8.self) else {
      throw PeerChartError(.malformed, "a policy is not UTF-8")
    }
    var parts = Parts()
    var number = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      guard line.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
        throw PeerChartError(
          .malformed, "a policy has no control characters", place: "line \(number)")
      }
      let words = line.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }
      guard let first = words.first, first.utf8.first != UInt8(ascii: "#") else { continue }
      do {
        try parts.add(first, Array(words.dropFirst()))
      } catch {
        throw PeerChartError(error.code, error.reason, place: "line \(number)")
      }
    }
    guard let quorum = parts.quorum else {
      throw PeerChartError(.malformed, "a policy has a line that says the quorum")
    }
    try self.init(
      logs: parts.logs, witnesses: parts.witnesses, groups: parts.groups, quorum: quorum)
  }

  /// What the lines so far have defined.
  private struct Parts {
    var logs: [Log] = []
    var witnesses: [Witness] = []
    var groups: [Group] = []
    var quorum: String?
    private var names: Set<[UInt8]> = []

    mutating func add(_ keyword: String, _ words: [String]) throws(PeerChartError) {
      switch (keyword, words.count) {
      case ("log", 1...2):
        logs.append(
          Log(key: try Ed25519NoteVerifier(verifierKey: words[0]), url: words.dropFirst().first))
      case ("witness", 2...3):
        witnesses.append(
          Witness(
            name: words[0], key: try CosignatureVerifier(verifierKey: words[1]),
            url: words.dropFirst(2).first))
        names.insert(Array(words[0].utf8))
      case ("group", 3...):
        let members = Array(words.dropFirst(2))
        // Only what stands on earlier lines can be named.
        guard members.allSatisfy({ names.contains(Array($0.utf8)) }) else {
          throw PeerChartError(.invalid, "a group names what no line before it defines")
        }
        guard let threshold = Self.threshold(words[1], of: members.count) else {
          throw PeerChartError(.malformed, "a group asks for any, all or a number of its members")
        }
        groups.append(Group(name: words[0], threshold: threshold, members: members))
        names.insert(Array(words[0].utf8))
      case ("quorum", 1):
        guard quorum == nil, words[0] == WitnessPolicy.none || names.contains(Array(words[0].utf8))
        else {
          throw PeerChartError(.invalid, "the quorum is said once, and names what stands before it")
        }
        quorum = words[0]
      default: throw PeerChartError(.malformed, "this line is not one of a policy")
      }
      guard max(logs.count, witnesses.count, groups.count) <= WitnessPolicy.maximumCount else {
        throw PeerChartError(.tooLarge, "a policy has too many lines of one kind")
      }
    }

    private static func threshold(_ word: String, of count: Int) -> Int? {
      switch word {
      case "any": 1
      case "all": count
      default: Decimal.parse(word.utf8).flatMap { Int(exactly: $0) }
      }
    }
  }
}
