package import Primitives

/// Whose chart a page about records shows.
package struct ChartView: Sendable {
  /// A chart of another node, as far as its patient has opened it.
  package struct Shared: Sendable {
    /// The patient, as the request named them.
    package var patient: String?
    package var node: String
    /// HL7 v3 PurposeOfUse.
    package var purpose: String
    package var until: Instant?

    package init(patient: String?, node: String, purpose: String, until: Instant?) {
      self.patient = patient
      self.node = node
      self.purpose = purpose
      self.until = until
    }
  }

  /// The path below which its pages lie.
  package let base: String
  package let shared: Shared?

  /// The chart of this node that the visitor has turned to.
  package static let own = ChartView(base: "/record", shared: nil)

  package static func shared(_ request: String, _ shared: Shared) -> ChartView {
    ChartView(base: "/shared/\(request)", shared: shared)
  }

  func heading(_ strings: PortalStrings) -> String {
    guard let shared else { return strings["nav.record"] }
    return shared.patient ?? strings["shared.unnamed"]
  }

  /// What the templates about records have in common.
  func content(_ strings: PortalStrings) -> PageObject {
    [
      "base": .text(base), "heading": .text(heading(strings)), "isShared": .flag(shared != nil),
      "lead": .text(lead(strings)),
      "storedWord": .text(strings[shared == nil ? "record.stored" : "shared.stored"]),
    ]
  }

  private func lead(_ strings: PortalStrings) -> String {
    guard let shared else { return strings["record.lead"] }
    let until = shared.until.map {
      strings("shared.until", ["date": Wording.day($0.description, strings)])
    }
    return [
      strings(
        "shared.lead",
        ["node": shared.node, "purpose": strings.code("purpose", shared.purpose)]),
      until, strings["shared.live"],
    ].compactMap { $0 }.joined(separator: " ")
  }
}

/// Why a chart of another node cannot be shown.
package struct SharedClosedPage: PageModel {
  package static let template = "shared-closed"

  package enum Cause: String, Sendable {
    /// The patient has ended it, its time is over, or it never was.
    case ended
    /// The other node does not answer.
    case offline
  }

  package var cause: Cause
  /// The page to try once more.
  package var again: String

  package init(_ cause: Cause, again: String) {
    self.cause = cause
    self.again = again
  }

  package func title(_ strings: PortalStrings) -> String { strings["shared.\(cause.rawValue)"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "text": .text(strings["shared.\(cause.rawValue)_text"]),
      "again": cause == .offline ? .text(again) : false,
    ]
  }
}
