package import Primitives

/// What is on the mind of the owner of a chart: what waits, who has access, what happened.
package struct HomePage: PageModel {
  package static let template = "home"

  /// Whose chart it is; empty for the visitor's own.
  package var chartName: String
  package var visitorName: String
  package var requests: [RequestCard]
  package var grants: [GrantCard]
  package var events: [LogEntryView]
  /// Who opened the chart in an emergency that nobody has reviewed.
  package var emergencies: [String]
  package var now: Instant

  package init(
    chartName: String, visitorName: String, requests: [RequestCard], grants: [GrantCard],
    events: [LogEntryView], emergencies: [String], now: Instant
  ) {
    self.chartName = chartName
    self.visitorName = visitorName
    self.requests = requests
    self.grants = grants
    self.events = events
    self.emergencies = emergencies
    self.now = now
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.home"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let pending = requests.filter { $0.status == .pending }
    let active = grants.filter { $0.isInForce(at: now) && !$0.isDenial }
    return [
      "greeting": .text(
        chartName.isEmpty
          ? strings("home.hello", ["name": visitorName])
          : strings("home.hello_for", ["name": chartName])),
      "lead": .text(
        pending.isEmpty ? strings["home.lead_none"] : strings.count("home.lead", pending.count)),
      "requests": .objects(pending.prefix(4).map { $0.content(strings) }),
      "hasRequests": .flag(!pending.isEmpty),
      "noRequests": EmptyState("check", "home.no_requests").content(strings),
      "grants": .objects(active.prefix(6).map { $0.content(strings) }),
      "hasGrants": .flag(!active.isEmpty),
      "events": .objects(events.prefix(5).map { $0.content(strings) }),
      "hasEvents": .flag(!events.isEmpty), "query": "",
      "alarms": .objects(
        emergencies.map { who in
          ["text": .text(strings("home.alarm", ["who": who])), "href": "/emergency"]
        }),
      "hasAlarms": .flag(!emergencies.isEmpty),
    ]
  }
}
