import Consent
import FHIR
import Primitives

extension Exchange {
  /// Ends a subscription, or says what is wrong with it.
  func move(_ fault: SubscriptionFault) async throws {
    try await moveSubscription(
      fault.id, version: fault.version, to: fault.status, error: fault.cause.rawValue)
  }

  /// Moves a Subscription from one status to the next, as a new version that the node itself stores.
  /// Where somebody else has changed it meanwhile, nothing happens: what they said counts.
  ///
  /// - Parameter version: the one that the decision was made about.
  func moveSubscription(
    _ id: String, version: Int64, to status: SubscriptionRequest.Status, error: String? = nil
  ) async throws {
    let caller = nodeOperator()
    let key = keys.recordKey("Subscription", id)
    do {
      try await pass { [self] snapshot -> Passage<Void> in
        let reading = Reading(self, snapshot, caller)
        guard let state: SubscriptionState = try item(.subscription, key.bytes, in: snapshot),
          state.version == version, state.status != status,
          let row = try snapshot.newestVersion(of: key), row.number == version, !row.isDeleted
        else { return Passage(outcome: .success(())) }
        let record = try reading.open(row)
        guard case .permit(let permits) = try reading.decide(record, action: .write) else {
          throw PeerChartError(.forbidden, "the node may not change this subscription")
        }
        let old = try record.resource(under: permits, for: .write)
        let writer = RecordWriter(reading, isOwnMove: true)
        let new = try Resource(
          parsing: Self.edited(old, status: status, error: error))
        let stored = try writer.put(new, id: id, expecting: .version(version))
        var passage = try writer.passage(())
        passage.also { [self] in
          try note(status, version: stored.resource.version, of: key, $0)
        }
        return passage
      }
    } catch let error as PeerChartError where error.code == .preconditionFailed {
      return
    }
    signalEvents()
  }

  private func note(
    _ status: SubscriptionRequest.Status, version: Int64, of key: RecordKey,
    _ transaction: any StoreTransaction
  ) throws {
    guard var state: SubscriptionState = try item(.subscription, key.bytes, in: transaction) else {
      throw PeerChartError(.staleDecision, "the subscription was deleted meanwhile")
    }
    let others = try subscriptions(in: transaction)
      .contains { $0.key != key && ($0.state.isAlive || $0.state.isListening) }
    if status == .active, !others, !state.isListening,
      let newest = try transaction.versions(before: .max, limit: 1).first
    {
      // Nobody has followed the changes of late. They are followed from here on.
      try put(FeedPosition(newest), transaction)
      state.isListening = true
    }
    state.version = version
    state.status = status
    state.claimedUntil = 0
    if status == .active {
      state.failures = 0
      state.failingSince = nil
      state.nextAttempt = 0
      state.lastSent = clock.now().millisecondsSinceEpoch
    }
    try put(state, key, transaction)
  }

  /// The Subscription with another status. The error of before goes where there is none now.
  private static func edited(
    _ resource: Resource, status: SubscriptionRequest.Status, error: String?
  ) throws -> [UInt8] {
    var operations: [JSONTree] = [
      ["op": "replace", "path": "/status", "value": .string(status.rawValue)]
    ]
    if let error {
      operations.append(["op": "add", "path": "/error", "value": .string(error)])
    } else if resource.root["error"] != nil {
      operations.append(["op": "remove", "path": "/error"])
    }
    return try JSONPatch(parsing: JSONTree.array(operations).serialized()).applied(to: resource)
  }
}
