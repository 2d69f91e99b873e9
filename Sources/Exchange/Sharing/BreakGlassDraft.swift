import Audit
import Consent
import FHIR
import Primitives

/// Emergency access as asked for.
public struct BreakGlassDraft: Codable, Sendable {
  /// One thing more than the minimum, with the reason for this very thing.
  public struct Addition: Codable, Sendable {
    /// A record type, or a sensitivity label; exactly one of the two.
    public var recordType: String?
    public var label: String?
    public var justification: String
  }

  public var patient: String
  /// One of the coded emergencies.
  public var reason: String
  public var text: String
  /// Why other record types than allergies, medications and problems are needed.
  public var justification: String?
  /// In place of allergies, medications and problems.
  public var recordTypes: [String]?
  /// Further record types, and labelled records, each with its own justification.
  public var additional: [Addition]?
  /// Who on the staff gets to see the records; needed for records about substance use.
  public var personnel: String?
  public var hours: Double?

  /// The minimum: allergies, medications and problems.
  public init(patient: String, reason: String, text: String, hours: Double? = nil) {
    self.patient = patient
    self.reason = reason
    self.text = text
    self.hours = hours
  }
}

extension BreakGlassDraft {
  /// The longest justification and name (bytes): what the log keeps whole.
  private static let longestText = 1000
  private static let longestName = 200

  var emergency: BreakGlassSession.Emergency {
    get throws {
      guard let emergency = BreakGlassSession.Emergency(rawValue: reason) else {
        throw PeerChartError(
          .invalid,
          "the reason must be one of "
            + BreakGlassSession.Emergency.allCases.map(\.rawValue).joined(separator: ", "),
          place: "reason")
      }
      return emergency
    }
  }

  var seconds: Int64 {
    get throws {
      let hours = hours ?? Double(BreakGlassSession.defaultSeconds) / 3600
      guard hours.isFinite, hours > 0, hours <= 24 else {
        throw PeerChartError(
          .invalid, "a break-glass session lasts 24 hours at most", place: "hours")
      }
      return Int64(hours * 3600)
    }
  }

  /// What it is to open: the minimum, or the record types named in its place, and what is added.
  ///
  /// - Parameters:
  ///   - affiliation: for whom the personnel works.
  ///   - discloser: who discloses.
  ///   - bearer: the name of the person behind the request, if it is one.
  /// - Throws: `invalid` with the place, for whatever is unknown or not justified.
  func justifiedScope(
    affiliation: String, discloser: String, bearer: String?
  ) throws -> JustifiedScope {
    var scope = JustifiedScope(types: try baseTypes(), labels: .ordinary)
    if !scope.types.isSubset(of: .emergency) {
      scope.justifications["record-types"] = try Self.checked(justification, at: "justification")
    }
    for (index, addition) in (additional ?? []).enumerated() {
      try scope.add(addition, at: "additional[\(index)]") { try Self.checked($0, at: $1) }
    }
    if scope.labels.contains(.substanceUse) {
      let name = personnel ?? bearer ?? ""
      guard !name.allSatisfy(\.isWhitespace), name.utf8.count <= Self.longestName else {
        throw PeerChartError(
          .invalid,
          "records about substance use are opened to a person by name (42 CFR 2.51): who sees them?",
          place: "personnel")
      }
      scope.disclosure = BreakGlassSession.EmergencyDisclosure(
        recipient: name, affiliation: affiliation, discloser: discloser,
        natureOfEmergency:
          "\(reason): \(AuditLimits.clipped(text, to: Self.longestText) ?? reason)")
    }
    return scope
  }

  private func baseTypes() throws -> RecordTypeSet {
    guard let recordTypes else { return .emergency }
    return RecordTypeSet(
      try recordTypes.enumerated().map { index, name in
        try Self.known(RecordType(rawValue: name), at: "recordTypes[\(index)]")
      })
  }

  private static func known(_ type: RecordType?, at place: String) throws -> RecordType {
    guard let type else {
      throw PeerChartError(.invalid, "there is no record type of that name", place: place)
    }
    return type
  }

  private static func checked(_ text: String?, at place: String) throws -> String {
    guard let text, !text.allSatisfy(\.isWhitespace), text.utf8.count <= longestText else {
      throw PeerChartError(
        .invalid,
        "more than allergies, medications and problems needs a justification, of \(longestText) bytes at most",
        place: place)
    }
    return text
  }
}

/// What a session opens, and why each part of it.
struct JustifiedScope {
  var types: RecordTypeSet
  var labels: LabelSet
  /// By record type or label; under `record-types` for those in place of the minimum.
  var justifications: [String: String] = [:]
  /// What 42 CFR 2.51(c) wants recorded.
  var disclosure: BreakGlassSession.EmergencyDisclosure?

  fileprivate mutating func add(
    _ addition: BreakGlassDraft.Addition, at place: String,
    checked: (String?, _ place: String) throws -> String
  ) throws {
    let name: String
    switch (addition.recordType, addition.label) {
    case (let type?, nil):
      guard let type = RecordType(rawValue: type) else {
        throw PeerChartError(
          .invalid, "there is no record type of that name", place: "\(place).recordType")
      }
      types.formUnion(RecordTypeSet(type))
      name = type.rawValue
    case (nil, let label?):
      guard let label = SensitivityLabel(rawValue: label) else {
        throw PeerChartError(
          .invalid, "there is no sensitivity label of that name", place: "\(place).label")
      }
      labels.formUnion(LabelSet(label))
      name = label.rawValue
    default:
      throw PeerChartError(
        .invalid, "an addition names one record type or one label", place: place)
    }
    guard justifications[name] == nil else {
      throw PeerChartError(.invalid, "this was added before", place: place)
    }
    justifications[name] = try checked(addition.justification, "\(place).justification")
  }

  /// All justifications in one text, for those who review the session.
  var justification: String? {
    justifications.isEmpty
      ? nil
      : justifications.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: "; ")
  }
}
