import Crypto
public import Primitives

/// Which logs and witnesses count, and how many cosignatures a checkpoint needs (C2SP tlog-policy).
public struct WitnessPolicy: Sendable {
  /// A log whose checkpoints are taken. Its key's name is the origin.
  public struct Log: Sendable {
    public let key: Ed25519NoteVerifier
    public let url: String?

    public init(key: Ed25519NoteVerifier, url: String? = nil) {
      self.key = key
      self.url = url
    }
  }

  /// A witness, under a name of the policy's own.
  public struct Witness: Sendable {
    public let name: String
    public let key: CosignatureVerifier
    public let url: String?

    public init(name: String, key: CosignatureVerifier, url: String? = nil) {
      self.name = name
      self.key = key
      self.url = url
    }
  }

  /// Some witnesses or groups, of which `threshold` have to agree.
  public struct Group: Hashable, Sendable {
    public let name: String
    public let threshold: Int
    public let members: [String]

    public init(name: String, threshold: Int, members: [String]) {
      self.name = name
      self.threshold = threshold
      self.members = members
    }
  }

  /// The most logs, witnesses and groups that a policy may have, of each.
  public static let maximumCount = 64
  /// The quorum that asks for no cosignature.
  public static let none = "none"

  public let logs: [Log]
  public let witnesses: [Witness]
  /// Each group names witnesses, and groups that stand before it.
  public let groups: [Group]
  /// A witness, a group, or `none`.
  public let quorum: String

  /// - Throws: `invalid` for a name that is used twice, is not known, or cannot be written; a key that is there
  ///   twice; a member of two groups; a threshold beyond the members; too many of anything.
  public init(
    logs: [Log], witnesses: [Witness], groups: [Group] = [], quorum: String
  ) throws(PeerChartError) {
    self.logs = logs
    self.witnesses = witnesses
    self.groups = groups
    self.quorum = quorum
    try check()
  }

  /// A policy under which `need` of the witnesses have to cosign; 0 for none at all.
  ///
  /// - Throws: as above.
  public init(logs: [Log], witnesses: [Witness], need: Int) throws(PeerChartError) {
    guard need > 0 else {
      try self.init(logs: logs, witnesses: witnesses, quorum: Self.none)
      return
    }
    let name = "quorum-of-witnesses"
    let group = Group(name: name, threshold: need, members: witnesses.map(\.name))
    try self.init(logs: logs, witnesses: witnesses, groups: [group], quorum: name)
  }

  private func check() throws(PeerChartError) {
    func fault(_ reason: String) -> PeerChartError { PeerChartError(.invalid, reason) }
    for count in [logs.count, witnesses.count, groups.count] where count > Self.maximumCount {
      throw fault("a policy has at most \(Self.maximumCount) logs, witnesses and groups each")
    }
    guard Set(logs.map { Array($0.key.publicKey.rawRepresentation) }).count == logs.count,
      Set(witnesses.map { Array($0.key.publicKey.rawRepresentation) }).count == witnesses.count
    else { throw fault("a key is in the policy twice") }
    guard logs.allSatisfy({ $0.url.map(Self.isWord) ?? true }),
      witnesses.allSatisfy({ $0.url.map(Self.isWord) ?? true })
    else { throw fault("an address in the policy has spaces or control characters") }
    // Names are compared by their bytes: two that look alike are two.
    var known: Set<[UInt8]> = []
    var members: Set<[UInt8]> = []
    func define(_ name: String) throws(PeerChartError) {
      guard Self.isWord(name), !name.utf8.elementsEqual(Self.none.utf8),
        known.insert(Array(name.utf8)).inserted
      else { throw fault("a name of the policy is used twice, or cannot be one") }
    }
    for witness in witnesses { try define(witness.name) }
    for group in groups {
      guard (1...max(1, group.members.count)).contains(group.threshold), !group.members.isEmpty
      else { throw fault("a group asks for more members than it has, or for none") }
      for member in group.members {
        guard known.contains(Array(member.utf8)), members.insert(Array(member.utf8)).inserted else {
          throw fault("a group has a member that is not known, or is in a group already")
        }
      }
      try define(group.name)
    }
    guard quorum.utf8.elementsEqual(Self.none.utf8) || known.contains(Array(quorum.utf8)) else {
      throw fault("the quorum is none of the policy's witnesses and groups")
    }
  }

  static func isWord(_ text: String) -> Bool {
    (1...1024).contains(text.utf8.count)
      && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } && !text.hasPrefix("#")
  }

  /// Whether these witnesses, by their names here, are enough.
  public func isSatisfied(by names: some Sequence<String>) -> Bool {
    if quorum.utf8.elementsEqual(Self.none.utf8) { return true }
    var agreed = Set(names.map { Array($0.utf8) })
    for group in groups
    where group.members.count(where: { agreed.contains(Array($0.utf8)) }) >= group.threshold {
      agreed.insert(Array(group.name.utf8))
    }
    return agreed.contains(Array(quorum.utf8))
  }
}
