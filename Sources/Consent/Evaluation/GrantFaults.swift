/// What keeps a grant from fitting a request: a set of reason codes without an allocation, because
/// each grant of a refused requester is examined and only the nearest are told.
struct GrantFaults: OptionSet {
  let rawValue: UInt16

  static let revoked = GrantFaults(rawValue: 1 << 0)
  static let notYetValid = GrantFaults(rawValue: 1 << 1)
  static let expired = GrantFaults(rawValue: 1 << 2)
  static let purposeMismatch = GrantFaults(rawValue: 1 << 3)
  static let actionNotGranted = GrantFaults(rawValue: 1 << 4)
  static let typeNotGranted = GrantFaults(rawValue: 1 << 5)
  static let labelNotGranted = GrantFaults(rawValue: 1 << 6)
  static let dateNotGranted = GrantFaults(rawValue: 1 << 7)
  static let usesExhausted = GrantFaults(rawValue: 1 << 8)
  static let delegationInvalid = GrantFaults(rawValue: 1 << 9)
  static let deniedByPatient = GrantFaults(rawValue: 1 << 10)
  static let grantNeedsRole = GrantFaults(rawValue: 1 << 11)

  var number: Int { rawValue.nonzeroBitCount }

  mutating func note(_ fault: GrantFaults, _ isSo: Bool) {
    if isSo { insert(fault) }
  }

  var codes: [Reason.Code] { Self.table.filter { contains($0.fault) }.map(\.code) }

  private static let table: [(fault: GrantFaults, code: Reason.Code)] = [
    (.revoked, .revoked), (.notYetValid, .notYetValid), (.expired, .expired),
    (.purposeMismatch, .purposeMismatch), (.actionNotGranted, .actionNotGranted),
    (.typeNotGranted, .typeNotGranted), (.labelNotGranted, .labelNotGranted),
    (.dateNotGranted, .dateNotGranted), (.usesExhausted, .usesExhausted),
    (.delegationInvalid, .delegationInvalid), (.deniedByPatient, .deniedByPatient),
    (.grantNeedsRole, .grantNeedsRole),
  ]
}
