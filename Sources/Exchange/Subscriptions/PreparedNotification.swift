import Consent
import FHIR
import Primitives
import Synchronization

/// What is to be done for a subscription, after its subscriber's rights were asked about.
enum PreparedNotification: Sendable {
  /// Nothing, or it was done with the decision.
  case nothing
  case activate
  case fault(SubscriptionFault)
  /// `through` is the number of the last event in it.
  case call(OutgoingNotification, SubscriptionState.Task, through: Int64)
}

extension Exchange {
  /// How long an endpoint is left to whoever calls it, in seconds beyond the call's own time.
  private static var claimSlack: Int64 { 5 }

  /// Works out the next call to an endpoint and claims the endpoint, so that nobody else calls it at the
  /// same time. What the call will say is in the log before it is made.
  func prepareNotification(_ key: RecordKey) async throws -> (PreparedNotification, Int64) {
    try await pass { [self] snapshot -> Passage<(PreparedNotification, Int64)> in
      let before = try snapshot.item(.subscription, key: key.bytes)
      let now = clock.now().millisecondsSinceEpoch
      guard let before,
        case let state:SubscriptionState = try decode(before, .subscription, key.bytes),
        let next = state.next, next.at <= now, let row = try snapshot.newestVersion(of: key)
      else { return Passage(outcome: .success((.nothing, 0))) }
      func result(_ notification: PreparedNotification) -> Passage<(PreparedNotification, Int64)> {
        Passage(outcome: .success((notification, state.version)))
      }
      if next.task == .end { return result(.fault(SubscriptionFault(state, .off, .ended))) }
      guard let caller = try state.subscriber.caller(self, in: snapshot) else {
        return result(.fault(SubscriptionFault(state, .off, .noLongerKnown)))
      }
      if next.task == .activate { return result(.activate) }
      let request = try Reading(self, snapshot, nodeOperator()).open(row).subscriptionRequest()
      guard case .restHook(let endpoint) = request.channel else { return result(.nothing) }
      let reading = Reading(self, snapshot, caller)
      var found = FoundEvents(last: state.delivered)
      if next.task == .events {
        found = try events(
          of: key, after: state.delivered, limit: request.usesBundles ? request.largestCount : 1,
          reading)
      }
      var claimed = state
      let isTold = next.task != .events || !found.records.isEmpty
      if isTold {
        claimed.claimedUntil = now + (request.timeout + Self.claimSlack) * 1000
      } else {
        // What the subscriber may not see any more, it is not told.
        claimed.delivered = max(found.last, state.delivered)
      }
      var passage = result(.nothing)
      if isTold {
        let message = NotificationMessage(
          kind: next.task == .handshake ? .handshake : next.task == .events ? .event : .heartbeat,
          subscription: state.id, topic: request.topic?.url, status: state.status,
          count: state.events, content: request.content, baseURL: caller.baseURL,
          events: try found.messages())
        passage = result(
          .call(
            try outgoing(message, request, to: endpoint), next.task, through: found.last))
        try passage.disclose(
          found.records.map(\.record), under: found.records.map(\.permits), .search, reading,
          query: "Subscription/\(state.id)")
      }
      passage.also { [self, claimed] transaction in
        guard try transaction.item(.subscription, key: key.bytes) == before else {
          throw PeerChartError(.staleDecision, "the subscription has moved on")
        }
        try put(claimed, key, transaction)
      }
      return passage
    }
  }

  private func outgoing(
    _ message: NotificationMessage, _ request: SubscriptionRequest,
    to endpoint: NotificationEndpoint
  ) throws -> OutgoingNotification {
    var (method, suffix, body) = ("POST", "", [UInt8]())
    if request.usesBundles {
      body = message.bundle(at: clock.now(), newID: newID)
    } else if request.format != nil, let event = message.events.first {
      // R4 2.46.7: with a payload, the endpoint is updated as if it were a FHIR server.
      (method, suffix, body) = ("PUT", "/\(event.address)", event.json)
    }
    if request.format == .xml, !body.isEmpty {
      let limits = JSONLimits(maximumBytes: body.count)
      body = try FHIRXML.xml(
        from: JSONDocument(parsing: body, limits: limits).root, indented: false)
    }
    let isNamed = notificationHosts.withLock { $0 }.names(endpoint)
    return OutgoingNotification(
      method: method, endpoint: endpoint, pathSuffix: suffix, fields: Redacted(request.fields),
      contentType: body.isEmpty ? nil : request.format?.rawValue, body: Redacted(body),
      timeoutSeconds: request.timeout, isNamedHost: isNamed)
  }
}
