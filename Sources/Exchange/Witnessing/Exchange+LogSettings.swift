import Audit
import Consent
import Primitives
public import TransparencyLog

extension Exchange {
  /// The policy by which others can check this node's log: its key, its witnesses and how many of them are
  /// asked for (C2SP tlog-policy).
  public func witnessPolicy() async throws -> WitnessPolicy {
    try await store.read { [self] in try logPolicy(in: $0) }
  }

  /// Says how many cosignatures a checkpoint needs before it is served.
  ///
  /// - Parameter count: nil for one, where there is a witness at all.
  /// - Throws: `forbidden`; `invalid` for more than there are witnesses.
  public func needCosignatures(_ count: Int?, as caller: Caller) async throws {
    try await changeSettings(caller, "cosignatures \(count.map { String($0) } ?? "automatic")") {
      settings, witnesses in
      guard (0...witnesses.count).contains(count ?? 0) else {
        throw PeerChartError(.invalid, "this node's log has \(witnesses.count) witnesses")
      }
      settings.need = count
    }
  }

  /// Adds a witness that is no paired node.
  ///
  /// - Parameters:
  ///   - name: for this node's policy; one word.
  ///   - verifierKey: `name+id+key` of type 0x04.
  ///   - url: its submission prefix: `add-checkpoint` is below it.
  /// - Throws: `forbidden`; `conflict` for a name or key that is there already; `invalid`, `malformed`.
  public func addLogWitness(
    _ name: String, verifierKey: String, url: String, as caller: Caller
  ) async throws {
    let key = try CosignatureVerifier(verifierKey: verifierKey)
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    guard url.hasPrefix("https://") || url.hasPrefix("http://127.0.0.1:") else {
      throw PeerChartError(.invalid, "a witness's address begins with https://")
    }
    let other = LogWitnessesRecord.Other(
      name: name, verifierKey: key.verifierKey, url: url)
    // What a policy refuses is no witness.
    _ = try WitnessPolicy(
      logs: [], witnesses: [.init(name: name, key: key, url: url)], need: 1)
    try await changeSettings(caller, "added \(key.verifierKey)") { settings, witnesses in
      // One key counts once, under whatever name.
      guard !name.hasPrefix("node-"), !witnesses.contains(where: { $0.name == name || $0.has(key) })
      else { throw PeerChartError(.conflict, "there is a witness of that name or key already") }
      guard settings.others.count < WitnessPolicy.maximumCount / 2 else {
        throw PeerChartError(.tooLarge, "these are more witnesses than a log has")
      }
      settings.others.append(other)
    }
  }

  /// - Throws: `forbidden`; `not-found`; `invalid` where the others would be too few.
  public func removeLogWitness(_ name: String, as caller: Caller) async throws {
    try await changeSettings(caller, "removed \(name)") { settings, witnesses in
      guard let index = settings.others.firstIndex(where: { $0.name == name }) else {
        throw PeerChartError(
          .notFound, "there is no witness of that name; paired nodes are witnesses by themselves")
      }
      guard settings.need ?? 0 < witnesses.count else {
        throw PeerChartError(.invalid, "the policy asks for the cosignatures of all witnesses")
      }
      settings.others.remove(at: index)
    }
  }

  /// - Parameter change: gets the witnesses that there are.
  private func changeSettings(
    _ caller: Caller, _ detail: String,
    _ change: @escaping @Sendable (inout LogWitnessesRecord, [LogWitness]) throws -> Void
  ) async throws {
    try await pass { [self] snapshot in
      try require(.managePeers, caller)
      var settings = try logSettings(in: snapshot)
      try change(&settings, try logWitnesses(in: snapshot))
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["log-witnesses": detail]
      var passage = Passage(outcome: .success(()))
      passage.change(
        try keeping(.logWitnesses, LogWitnessesRecord.key, settings, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }
}
