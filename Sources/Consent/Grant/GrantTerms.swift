import Primitives

/// What was signed, shared by all copies of a grant, with the permission laid out for evaluation.
///
/// Copying an enumeration with a permission in it costs a dozen reference counts, and a decision looks
/// at twenty of them: through one reference it takes none.
final class GrantTerms: Hashable, Sendable {
  let id: GrantID
  let patient: String
  let issued: Instant
  let grantorKey: String
  let delegation: Grant.Delegation?
  let content: Grant.Content
  let maximumUses: Int?
  let isDelegable: Bool

  /// The permission without its grantee; nil for a pure denial.
  let reach: Reach?
  /// Whom it permits; of a pure denial nobody.
  let grantee: MarkedGrantee?
  let denials: [Denial]

  /// A permission's dimensions, none of which counts references.
  struct Reach {
    let types: RecordTypeSet
    let labels: LabelSet
    let purposes: PurposeSet
    let actions: ActionSet
    let period: TimeWindow
    let records: TimeWindow
  }

  init(
    id: GrantID, patient: String, issued: Instant, grantorKey: String,
    delegation: Grant.Delegation?, content: Grant.Content, maximumUses: Int?, isDelegable: Bool
  ) {
    self.id = id
    self.patient = patient
    self.issued = issued
    self.grantorKey = grantorKey
    self.delegation = delegation
    self.content = content
    self.maximumUses = maximumUses
    self.isDelegable = isDelegable
    switch content {
    case .permission(let permission, let denials):
      reach = Reach(
        types: permission.types, labels: permission.labels, purposes: permission.purposes,
        actions: permission.actions, period: permission.period, records: permission.records)
      grantee = MarkedGrantee(permission.grantee)
      self.denials = denials
    case .denial(let denial):
      reach = nil
      grantee = nil
      denials = [denial]
    }
  }

  /// The rest follows from these.
  static func == (a: GrantTerms, b: GrantTerms) -> Bool {
    a === b
      || a.id == b.id && a.patient == b.patient && a.issued == b.issued
        && a.grantorKey == b.grantorKey && a.delegation == b.delegation && a.content == b.content
        && a.maximumUses == b.maximumUses && a.isDelegable == b.isDelegable
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(patient)
    hasher.combine(content)
  }
}

/// A grantee with its hash: most of a chart's grants are to others, which one comparison tells.
struct MarkedGrantee: Hashable, Sendable {
  let grantee: Grantee
  let mark: Int

  init(_ grantee: Grantee) {
    self.grantee = grantee
    mark = grantee.hashValue
  }
}

/// Under which grantees a requester goes.
struct RequesterNames {
  private let names: [MarkedGrantee]

  init(_ requester: Requester) {
    var names = [MarkedGrantee(.node(requester.node))]
    if let id = requester.organization { names.append(MarkedGrantee(.organization(id))) }
    if let id = requester.person { names.append(MarkedGrantee(.person(id))) }
    self.names = names
  }

  /// Whether the requester is the grantee of these terms.
  func match(_ terms: GrantTerms) -> Bool {
    guard let mark = terms.grantee?.mark else { return false }
    for index in names.indices where names[index].mark == mark {
      if names[index].grantee == terms.grantee?.grantee { return true }
    }
    return false
  }
}
