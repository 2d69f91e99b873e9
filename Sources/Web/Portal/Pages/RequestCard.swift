/// A request for access, as the person sees it whose records it is about, or the one who asked.
package struct RequestCard: Sendable {
  /// How far it is known who asks.
  package enum Verification: Sendable, Equatable {
    /// A node that was paired: its keys are known.
    case paired
    /// An organization that was paired, and of which nobody whose word is taken here says anything.
    case unaccredited
    /// An organization whose credentials an accreditor has signed.
    case accredited(organization: String, npi: String, by: String)
    /// An organization whose accreditation does not hold: suspended, revoked, run out, of another node now, or
    /// `stale`, not known to hold lately enough; with whose word it is, and since when.
    case withdrawn(state: String, by: String, since: String)
    case unknown

    var isVerified: Bool {
      switch self {
      case .paired, .accredited: true
      case .unaccredited, .unknown, .withdrawn: false
      }
    }

    func text(_ strings: PortalStrings) -> String {
      switch self {
      case .paired: strings["verified.paired"]
      case .unaccredited: strings["verified.unaccredited"]
      case .accredited(let organization, let npi, let by):
        strings("verified.accredited", ["organization": organization, "npi": npi, "by": by])
      case .withdrawn(let state, let by, let since):
        strings("verified.\(state)", ["by": by, "since": Wording.day(since, strings)])
      case .unknown: strings["verified.unknown"]
      }
    }
  }

  package enum Status: String, Sendable { case pending, granted, refused, revoked }

  package var id: String
  package var who: String
  package var verification: Verification
  /// Of the node that asks, for two people to compare.
  package var fingerprint: String?
  package var status: Status
  /// Whether this node asked another.
  package var isOutgoing: Bool
  /// Codes of record types, labels and actions, and the purpose of use.
  package var types: [String]
  package var labels: [String]
  package var actions: [String]
  package var purpose: String
  package var hours: Double
  package var reason: String
  package var patientName: String?
  package var patientBirthDate: String?
  /// ISO 8601.
  package var at: String
  package var note: String?

  package init(
    id: String, who: String, verification: Verification, fingerprint: String?, status: Status,
    isOutgoing: Bool = false, types: [String], labels: [String], actions: [String], purpose: String,
    hours: Double, reason: String, patientName: String?, patientBirthDate: String?, at: String,
    note: String?
  ) {
    self.id = id
    self.who = who
    self.verification = verification
    self.fingerprint = fingerprint
    self.status = status
    self.isOutgoing = isOutgoing
    self.types = types
    self.labels = labels
    self.actions = actions
    self.purpose = purpose
    self.hours = hours
    self.reason = reason
    self.patientName = patientName
    self.patientBirthDate = patientBirthDate
    self.at = at
    self.note = note
  }
}

extension RequestCard {
  /// The address of the chart that was opened to this node; nil where none is.
  var chart: String? { isOutgoing && status == .granted ? "/shared/\(id)" : nil }

  func content(_ strings: PortalStrings) -> PageObject {
    let types = Wording.codes("type", types, strings)
    let labels = Wording.codes("label", labels, strings)
    return [
      "id": .text(id), "who": .text(who), "initial": .text(Wording.initial(who)),
      "isVerified": .flag(verification.isVerified),
      "verification": .text(verification.text(strings)),
      "fingerprint": .maybe(fingerprint), "isPending": .flag(status == .pending && !isOutgoing),
      "statusText": .text(
        strings["status.\(status == .pending && isOutgoing ? "sent" : status.rawValue)"]),
      "tabKind": .text(tab.kind), "tabIcon": .text(tab.icon),
      "headline": .text(
        strings(isOutgoing ? "requests.asked_of" : "requests.headline", ["who": who])),
      "chart": .maybe(chart),
      "summary": .text(
        strings(
          "requests.summary",
          [
            "types": Wording.capitalized(
              Wording.shortList(types.map { $0.lowercased() }, strings)),
            "purpose": strings.code("purpose", purpose),
            "time": Wording.duration(hours: hours, strings),
          ])),
      "purposeText": .text(Wording.capitalized(strings.code("purpose", purpose))),
      "reason": .maybe(reason), "about": .text(about(strings)), "aboutText": .text(about(strings)),
      "types": .texts(types), "labels": .texts(labels),
      "actionsText": .text(
        Wording.capitalized(strings.list(Wording.codes("action", actions, strings)))),
      "durationText": .text(Wording.capitalized(Wording.duration(hours: hours, strings))),
      "asked": Wording.time(at, strings), "note": .maybe(note),
    ]
  }

  private var tab: (kind: String, icon: String) {
    switch status {
    case .pending: ("waiting", "clock")
    case .granted: ("good", "check")
    case .refused, .revoked: ("over", "no")
    }
  }

  private func about(_ strings: PortalStrings) -> String {
    let born = patientBirthDate.map {
      strings("requests.born", ["date": Wording.day($0, strings)])
    }
    let parts = [patientName, born].compactMap { $0 }
    return parts.isEmpty ? strings["requests.any_patient"] : parts.joined(separator: ", ")
  }
}
