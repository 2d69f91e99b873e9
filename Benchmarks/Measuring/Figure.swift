/// One measured value beside what it is to be compared with.
struct Figure: Encodable {
  /// What the value has to reach.
  struct Target: Encodable {
    enum Sense: String, Encodable {
      case atLeast = "at least"
      case atMost = "at most"
    }

    let sense: Sense
    let value: Double

    func isMet(by measured: Double) -> Bool {
      sense == .atLeast ? measured >= value : measured <= value
    }
  }

  /// The same work done by something else in the same run.
  struct Peer: Encodable {
    let name: String
    let value: Double
  }

  let name: String
  let value: Double
  let unit: String
  var target: Target?
  var peer: Peer?
  /// Conditions of the measurement that the number does not show.
  var note: String?

  static func atLeast(_ value: Double) -> Target { Target(sense: .atLeast, value: value) }
  static func atMost(_ value: Double) -> Target { Target(sense: .atMost, value: value) }

  var isMet: Bool? { target.map { $0.isMet(by: value) } }
  var ratio: Double? { peer.map { value / $0.value } }

  private enum Key: String, CodingKey {
    case name, value, unit, target, met, peer, ratio, note
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encodeIfPresent(target, forKey: .target)
    try container.encodeIfPresent(isMet, forKey: .met)
    try container.encodeIfPresent(peer, forKey: .peer)
    try container.encodeIfPresent(ratio, forKey: .ratio)
    try container.encodeIfPresent(note, forKey: .note)
  }
}
