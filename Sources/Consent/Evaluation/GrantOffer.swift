import FHIR
import Primitives

/// A chain of grants that covers action, purpose and time, folded into what it gives of records.
struct GrantOffer: Sendable {
  let types: RecordTypeSet
  let labels: LabelSet
  let records: TimeWindow
  let denials: [BindingDenial]
  /// Whether a row of the role table must fit as well.
  let needsRow: Bool
  let basis: Permit.Basis

  init(_ chain: GrantChain, grants: [Grant], denials: [BindingDenial], needsRow: Bool) {
    var types = RecordTypeSet.all
    var labels = LabelSet.all
    var records = TimeWindow.always
    var ids: [GrantID] = []
    ids.reserveCapacity(chain.members.count)
    for member in chain.members {
      ids.append(grants[member].terms.id)
      guard let reach = grants[member].terms.reach else { continue }
      types.formIntersection(reach.types)
      labels.formIntersection(reach.labels)
      records = records.intersection(reach.records)
    }
    self.types = types
    self.labels = labels
    self.records = records
    self.denials = denials
    self.needsRow = needsRow
    basis = Permit.Basis(.grant, grants: ids)
  }

  func covers(_ type: RecordType, _ recordLabels: LabelSet, _ date: Instant?) -> Bool {
    types.contains(type) && labels.isSuperset(of: recordLabels) && records.permits(date)
      && !denials.match(type, recordLabels, date)
  }
}

/// Whether a grant opens anything to the requester whom it names (step 3).
enum GrantStanding { case alone, withRow, never }

extension PreparedAccess {
  func standing(of terms: GrantTerms) -> GrantStanding {
    if terms.grantee?.grantee.isPerson == true { return .alone }
    switch context.requester.role {
    case .patient, .proxy: return .never
    case .system: return .alone
    default:
      return profile == .organization && context.requester.isOwnNode ? .withRow : .alone
    }
  }
}
