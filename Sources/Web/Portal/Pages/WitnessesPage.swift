/// How the node's log stands with its witnesses, the logs that it follows, and its anchors outside.
package struct WitnessesPage: PageModel {
  package static let template = "witnesses"

  /// A witness, a log that is followed, or an anchor.
  package struct Row: Sendable {
    package var name: String
    package var state: String
    package var size: UInt64
    /// ISO 8601.
    package var at: String?
    /// The id of evidence against a log.
    package var evidence: String?
    /// Of an anchor.
    package var place: String?
    package var depth: UInt64?
    package var reason: String?

    package init(_ name: String, state: String, size: UInt64, at: String?) {
      self.name = name
      self.state = state
      self.size = size
      self.at = at
    }
  }

  package var key: String
  package var size: UInt64
  /// Nil where no checkpoint has its cosignatures yet.
  package var publishedSize: UInt64?
  /// ISO 8601.
  package var publishedAt: String?
  /// How many cosignatures the policy asks for.
  package var needed: Int
  package var witnesses: [Row] = []
  package var followed: [Row] = []
  package var anchors: [Row] = []

  package init(
    key: String, size: UInt64, publishedSize: UInt64?, publishedAt: String?, needed: Int
  ) {
    self.key = key
    self.size = size
    self.publishedSize = publishedSize
    self.publishedAt = publishedAt
    self.needed = needed
  }

  package func title(_ strings: PortalStrings) -> String { strings["nav.witnesses"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    let alarms = alarms(strings)
    return [
      "alarms": .texts(alarms), "isGood": .flag(alarms.isEmpty), "key": .text(key),
      "size": .number(size),
      "published": .text(
        publishedSize.map { strings("witnesses.published_text", ["size": String($0)]) }
          ?? strings["witnesses.nothing"]),
      "publishedAt": Wording.time(publishedAt, strings),
      "policy": .text(
        strings(
          "witnesses.policy_text",
          ["needed": String(needed), "count": String(witnesses.count)])),
      "witnesses": .objects(witnesses.map { row($0, "witness_state", strings) }),
      "hasWitnesses": .flag(!witnesses.isEmpty),
      "followed": .objects(followed.map { row($0, "log_state", strings) }),
      "hasFollowed": .flag(!followed.isEmpty),
      "anchors": .objects(anchors.map { row($0, "anchor_state", strings) }),
      "hasAnchors": .flag(!anchors.isEmpty),
    ]
  }

  private func alarms(_ strings: PortalStrings) -> [String] {
    let logs = followed.filter { $0.state == "forked" || $0.state == "silent" }
    let refusals = witnesses.filter { $0.state == "refused" }
    return (refusals + logs).map { strings("witnesses.alarm_\($0.state)", ["name": $0.name]) }
  }

  private func row(_ row: Row, _ vocabulary: String, _ strings: PortalStrings) -> PageObject {
    [
      "name": .text(row.name), "state": .text(strings.code(vocabulary, row.state)),
      "size": .number(row.size), "at": Wording.time(row.at, strings),
      "evidence": .maybe(row.evidence.map { strings("witnesses.evidence", ["id": $0]) }),
      "place": .maybe(row.place),
      "depth": .maybe(row.depth.map { strings("witnesses.depth", ["count": String($0)]) }),
      "reason": .maybe(row.reason),
    ]
  }
}
